"""Revocation (RFC 7009): a client ends its own tokens, and nobody else's."""

from typing import Any

import pytest
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import People
from tests.spec.support import Client, client, error_of
from tests.spec.tokens import Answer, fault, granted, introspect, is_dead, refreshing, revoke


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client with refresh tokens and machine tokens."""
    grants = ["authorization_code", "refresh_token", "client_credentials"]
    return refreshing(app, grant_types=grants, resources=["scim"])


@pytest.fixture
def first(rp: Client, browser: Browser, people: People) -> Answer:
    """The token answer of a sign-in of T01."""
    return granted(rp, browser, people["T01"])


@pytest.mark.spec("RFC 7009", "2.1")
@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "unknown"])
def test_either_token_ends_the_authorization(rp: Client, first: Answer, which: str, hint: str | None) -> None:
    """Whatever the hint says, both tokens of the sign-in are dead afterwards."""
    assert not is_dead(rp, first["access_token"])
    revoke(rp, first[which], token_type_hint=hint)
    assert is_dead(rp, first["access_token"])
    assert fault(rp.refresh(first["refresh_token"]))[0] == "invalid_grant"


@pytest.mark.spec("RFC 7009", "2.1")
def test_others_of_the_same_teacher_live_on(rp: Client, first: Answer, browser: Browser, people: People) -> None:
    """A second sign-in has a family of its own; the session at the provider stays."""
    second = granted(rp, browser, people["T01"])
    revoke(rp, first["refresh_token"])
    assert not is_dead(rp, second["access_token"])
    assert rp.refresh(second["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC 7009", "2.1")
@pytest.mark.spec("RFC 7009", "2.2")
def test_others_tokens_are_nothing_to_a_client(app: Flask, rp: Client, first: Answer) -> None:
    """200, and they live on."""
    other = client(app, client_id="other")
    machine = rp.call("/oidc/token", {"grant_type": "client_credentials"}).get_json()["access_token"]
    for token in (first["access_token"], first["refresh_token"], machine):
        revoke(other, token)
    assert not is_dead(rp, first["access_token"])
    assert introspect(rp, machine)["active"] is True
    assert rp.refresh(first["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC 7009", "2.2")
def test_what_is_unknown_is_revoked_already(rp: Client, first: Answer) -> None:
    """Garbage, an ID token and a token that was revoked get 200, and nothing happens."""
    for garbage in ("x", "a.b.c", "e30.e30.e30", "王曉晴", first["id_token"], "x" * 3000):
        revoke(rp, garbage)
    assert not is_dead(rp, first["access_token"])
    for _ in range(2):
        revoke(rp, first["access_token"])


@pytest.mark.spec("RFC 7009", "2.1")
def test_a_machine_token_ends_alone(rp: Client, first: Answer) -> None:
    """Its jti is noted; the next one, and the teacher's tokens, are not touched."""
    one, two = (rp.call("/oidc/token", {"grant_type": "client_credentials"}).get_json()["access_token"] for _ in "12")
    revoke(rp, one, token_type_hint="refresh_token")
    assert [introspect(rp, token)["active"] for token in (one, two)] == [False, True]
    assert not is_dead(rp, first["access_token"])


@pytest.mark.spec("RFC 7009", "2.1")
@pytest.mark.spec("RFC 7009", "2.2.1")
def test_it_is_authenticated(app: Flask, rp: Client, first: Answer, browser: Browser, people: People) -> None:
    """Unauthenticated: 401 and nothing happens. A public client may revoke its own by its client_id."""
    token = {"token": first["access_token"]}
    for body in (token, token | {"client_id": rp.client_id}, token | {"client_id": "nobody"}):
        answer = rp.back_channel.post("/oidc/revoke", data=body, base_url=rp.issuer)
        assert error_of(answer, 401) == "invalid_client"
    assert fault(rp.call("/oidc/revoke", {})) == ("invalid_request", "TOK-01")
    assert rp.back_channel.get("/oidc/revoke", base_url=rp.issuer).status_code == 405
    assert not is_dead(rp, first["access_token"])
    public: dict[str, Any] = {"token_endpoint_auth_method": "none", "client_secret": None}
    spa = client(app, client_id="spa", **public)
    mine = granted(spa, browser, people["T01"])["access_token"]
    revoke(spa, mine)
    assert is_dead(spa, mine)
