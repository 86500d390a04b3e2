"""Introspection (RFC 7662) of the client's own tokens, as JSON or as a signed JWT (RFC 9701)."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from config.database import db
from idp.accounts.models import Account
from tests.pages import Browser
from tests.protocol.wire import People, later
from tests.spec.support import Client, client, error_of
from tests.spec.tokens import Answer, fault, granted, introspect, lock, log_out, refreshing, revoke, unlock, withdraw

JWT = "application/token-introspection+jwt"
DEAD = {"active": False}


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client with refresh tokens and machine tokens."""
    grants = ["authorization_code", "refresh_token", "client_credentials"]
    return refreshing(app, grant_types=grants, resources=["scim"])


@pytest.fixture
def first(rp: Client, browser: Browser, people: People) -> Answer:
    """The token answer of a sign-in of T01."""
    return granted(rp, browser, people["T01"])


def machine_token(rp: Client) -> str:
    """Return a token of the client itself."""
    answer: Answer = rp.call("/oidc/token", {"grant_type": "client_credentials"}).get_json()
    return str(answer["access_token"])


def ask(rp: Client, body: dict[str, str], **headers: str) -> TestResponse:
    """Call the endpoint with headers of one's own."""
    own, fields = rp.authentication()
    return rp.back_channel.post("/oidc/introspect", data=body | fields, headers=own | headers, base_url=rp.issuer)


@pytest.mark.spec("RFC 7662", "2.2")
def test_a_live_token_is_described(rp: Client, first: Answer) -> None:
    """Who, for whom, what for, until when; and no data of the teacher."""
    sub = rp.opened(first["id_token"])[1]["sub"]
    common = {"active", "client_id", "sub", "scope", "iat", "exp", "iss", "token_type"}
    access, refresh = (introspect(rp, first[name]) for name in ("access_token", "refresh_token"))
    for facts in (access, refresh):
        assert set(facts) == common
        assert (facts["active"], facts["client_id"], facts["sub"]) == (True, rp.client_id, sub)
        assert (facts["iss"], facts["scope"], facts["token_type"]) == (rp.issuer, first["scope"], "Bearer")
    assert access["exp"] - access["iat"] == first["expires_in"] == 600
    assert refresh["exp"] - refresh["iat"] == 8 * 3600


@pytest.mark.spec("RFC 7662", "2.2")
def test_a_machine_token_is_described(rp: Client) -> None:
    """The claims of the JWT, nothing added."""
    token = machine_token(rp)
    claims = rp.opened(token, "RS256")[1]
    assert introspect(rp, token) == {"active": True, "token_type": "Bearer", **claims}


@pytest.mark.spec("RFC 7662", "2.1")
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "x", ""])
def test_a_wrong_hint_still_works(rp: Client, first: Answer, hint: str) -> None:
    """The hint is a hint."""
    for token in (first["access_token"], first["refresh_token"], machine_token(rp)):
        assert introspect(rp, token, token_type_hint=hint)["active"] is True


@pytest.mark.spec("RFC 7662", "2.1")
@pytest.mark.spec("RFC 7662", "4")
def test_only_the_owner_learns_anything(app: Flask, rp: Client, first: Answer) -> None:
    """For everybody else, and for garbage, a token is not active, and nothing more is said."""
    other = client(app, client_id="other")
    for token in (first["access_token"], first["refresh_token"], machine_token(rp), first["id_token"]):
        assert introspect(other, token) == DEAD
    for garbage in ("x", "a.b.c", "e30.e30.e30", "王曉晴", first["access_token"][:-1], first["id_token"], "x" * 3000):
        assert introspect(rp, garbage) == DEAD


@pytest.mark.spec("RFC 7662", "2.1")
@pytest.mark.spec("RFC 7662", "2.3")
def test_it_is_authenticated(app: Flask, rp: Client, first: Answer) -> None:
    """No authentication, a wrong one, or a public client: 401; no token: 400; GET does not exist."""
    token = {"token": first["access_token"]}
    bare = rp.back_channel.post("/oidc/introspect", data=token, base_url=rp.issuer)
    assert error_of(bare, 401) == "invalid_client"
    named = rp.back_channel.post("/oidc/introspect", data=token | {"client_id": rp.client_id}, base_url=rp.issuer)
    assert error_of(named, 401) == "invalid_client"
    public: dict[str, Any] = {"token_endpoint_auth_method": "none", "client_secret": None}
    assert error_of(client(app, client_id="public", **public).call("/oidc/introspect", token), 401) == "invalid_client"
    assert fault(rp.call("/oidc/introspect", {})) == ("invalid_request", "TOK-01")
    assert rp.back_channel.get("/oidc/introspect", base_url=rp.issuer).status_code == 405
    bearer = {"Authorization": f"Bearer {first['access_token']}"}
    answer = rp.back_channel.post("/oidc/introspect", data=token, headers=bearer, base_url=rp.issuer)
    assert error_of(answer, 401) == "invalid_client"


@pytest.mark.rule("Art.5(2)")
@pytest.mark.spec("RFC 7662", "2.2")
@pytest.mark.parametrize("end", ["lock", "log out", "withdraw", "revoke", "time"])
def test_it_says_what_userinfo_would_say(
    app: Flask, rp: Client, first: Answer, browser: Browser, people: People, end: str
) -> None:
    """Whatever ends a sign-in ends its tokens here too, at once."""
    tokens = [first["access_token"], first["refresh_token"]]
    assert all(introspect(rp, token)["active"] for token in tokens)
    if end == "lock":
        lock(app, people["T01"])
    elif end == "log out":
        log_out(browser)
    elif end == "withdraw":
        withdraw(browser, rp)
    elif end == "revoke":
        revoke(rp, tokens[1])
    else:
        with later(seconds=601):
            assert [introspect(rp, token)["active"] for token in tokens] == [False, True]
        with later(hours=8, seconds=1):
            assert introspect(rp, tokens[1]) == DEAD
        return
    assert [introspect(rp, token) for token in tokens] == [DEAD, DEAD]
    if end == "lock":
        unlock(app, people["T01"])
        assert [introspect(rp, token) for token in tokens] == [DEAD, DEAD]


@pytest.mark.rule("D-25")
@pytest.mark.spec("RFC 7662", "2.2")
def test_a_refresh_token_from_before_a_lock_is_void(app: Flask, rp: Client, first: Answer, people: People) -> None:
    """Also one that a lock could not see, because its sign-in was being written at that moment."""
    with app.app_context(), db.session.begin():
        mine = Account.login_name == people["T01"]["account"]
        db.session.execute(update(Account).where(mine).values(lock_generation=Account.lock_generation + 1))
    assert introspect(rp, first["refresh_token"]) == DEAD
    assert fault(rp.refresh(first["refresh_token"])) == ("invalid_grant", "REF-01")


@pytest.mark.spec("RFC 7662", "2.2")
def test_a_rotated_refresh_token_is_spent(rp: Client, first: Answer) -> None:
    """Asking about it is no use of it: the family lives on."""
    renewed = rp.refresh(first["refresh_token"]).get_json()
    assert introspect(rp, first["refresh_token"]) == DEAD
    assert introspect(rp, renewed["refresh_token"])["active"] is True
    assert rp.refresh(renewed["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC 9701", "4")
@pytest.mark.spec("RFC 9701", "5")
@pytest.mark.parametrize("alg", [None, "ES256"])
def test_it_comes_signed_on_request(app: Flask, browser: Browser, people: People, alg: str | None) -> None:
    """A JWT of its own type for this client, active or not; without the Accept header it stays JSON."""
    rp = refreshing(app, introspection_signed_response_alg=alg)
    token = granted(rp, browser, people["T01"])["access_token"]
    for one, active in ((token, True), ("x", False)):
        answer = ask(rp, {"token": one}, Accept=JWT)
        assert (answer.status_code, answer.mimetype) == (200, JWT)
        assert answer.headers["Cache-Control"] == "no-store"
        header, claims = rp.opened(answer.get_data(as_text=True), alg or "RS256")
        assert header["typ"] == "token-introspection+jwt"
        assert set(claims) == {"iss", "aud", "iat", "token_introspection"}
        assert (claims["iss"], claims["aud"]) == (rp.issuer, rp.client_id)
        assert claims["token_introspection"]["active"] is active
    assert claims["token_introspection"] == DEAD
    assert ask(rp, {"token": token}, Accept="application/json").mimetype == "application/json"
