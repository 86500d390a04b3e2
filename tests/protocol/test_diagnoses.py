"""What the protocol keeps for the partner's engineer: every refusal, by real requests."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from clients.client_secrets import rotate_secret
from config.database import hot
from tests.pages import Browser
from tests.protocol.wire import is_error_page, later, leave, synced
from tests.rp import RelyingParty
from tests.spec.support import Keys, client
from tests.support.diagnoses import codes, kept
from tests.support.office import Desk

AUTHORIZE: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("REQ-16", {"redirect_uri": "https://evil.test/cb?state=s3"}),
    ("REQ-16", {"redirect_uri": None}),
    ("REQ-03", {"response_type": None}),
    ("REQ-04", {"response_type": "token"}),
    ("REQ-05", {"response_mode": "pigeon"}),
    ("REQ-06", {"prompt": "often"}),
    ("REQ-07", {"prompt": "none login"}),
    ("REQ-08", {"max_age": "soon"}),
    ("REQ-09", {"id_token_hint": "none"}),
    ("REQ-15", {"registration": "{}"}),
    ("REQ-02", {"state": "x" * 5000}),
    ("SCOPE-01", {"scope": "profile"}),
    ("SCOPE-02", {"scope": "openid inservice_title_code"}),
    ("CLAIM-01", {"claims": "["}),
    ("PKCE-01", {"code_challenge": None, "code_challenge_method": None}),
    ("PKCE-02", {"code_challenge": "short"}),
    ("PKCE-03", {"code_challenge_method": "plain"}),
    ("PAR-02", {"request_uri": "urn:ietf:params:oauth:request_uri:none"}),
    ("PAR-03", {"request_uri": "https://x.test/1"}),
    ("JAR-02", {"request": "x.y.z"}),
    ("RES-01", {"resource": "https://x.test/"}),
)
CALLS: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("REQ-11", {"grant_type": None}),
    ("REQ-12", {"grant_type": "password"}),
    ("REQ-13", {"grant_type": "client_credentials"}),
    ("REQ-14", {"code": ""}),
    ("CODE-01", {"code": "none"}),
    ("CODE-02", {"redirect_uri": "https://other.test/cb"}),
    ("PKCE-04", {"code_verifier": "v" * 43}),
    ("PKCE-05", {"code_verifier": None}),
    ("PKCE-07", {"code_verifier": "short"}),
    ("AUTH-01", {"client_id": "dream-n", "client_secret": "x"}),
    ("AUTH-02", {"client_id": "county-study"}),
)


@pytest.mark.parametrize(("fault", "changes"), AUTHORIZE, ids=lambda value: str(value)[:50])
def test_the_authorization_endpoint(
    app: Flask, dream_n: RelyingParty, browser: Browser, fault: str, changes: dict[str, str | None]
) -> None:
    """Whatever is refused is kept, on a page of ours or sent back; once."""
    browser.get(dream_n.request(**changes).url)
    (row,) = kept(app)
    assert (row.client_id, row.code, row.kind, row.count) == ("dream-n", fault, "refused", 1)
    assert row.detail["endpoint"] == "authorize"


def test_what_came_and_what_is_registered(app: Flask, dream_n: RelyingParty, browser: Browser) -> None:
    """The engineer sees both addresses, and the items that were not approved."""
    browser.get(dream_n.request(redirect_uri="https://site.test/cb/?state=s3").url)
    browser.get(dream_n.request(scope="openid inservice_title_code").url)
    wrong, over = kept(app)
    assert wrong.detail["received"] == "https://site.test/cb/?state=…"
    assert dream_n.redirect_uri in wrong.detail["expected"].split()
    assert over.detail["received"] == "inservice_title_code"


@pytest.mark.parametrize(("fault", "changes"), CALLS, ids=lambda value: str(value)[:50])
def test_the_token_endpoint(
    app: Flask, dream_n: RelyingParty, code: tuple[str, Any], fault: str, changes: dict[str, str | None]
) -> None:
    """The same where the partner's server calls, also before it has proved who it is."""
    body = dict(changes)
    dream_n.exchange(body.pop("code", code[0]) or "", code[1], **body)
    rows = [one for one in kept(app) if one.client_id != "dream-n" or one.code == fault]
    assert [(one.code, one.detail["endpoint"]) for one in rows] == [(fault, "token")]


def test_a_code_that_comes_twice(app: Flask, dream_n: RelyingParty, code: tuple[str, Any]) -> None:
    """A replay is kept; the good redemption before it is not."""
    assert dream_n.exchange(*code).status_code == 200
    assert codes(app) == []
    dream_n.exchange(*code)
    assert codes(app) == ["CODE-03"]


def test_client_authentication(app: Flask, dream_n: RelyingParty, code: tuple[str, Any]) -> None:
    """A wrong secret, a secret that has ended, a method that is not the registered one: told apart, never shown."""
    old = dream_n.secret
    with app.app_context():
        rotate_secret("dream-n", overlap=timedelta(hours=1), actor="test", now=datetime.now(UTC))
    with later(hours=2):
        synced(app, dream_n)
        dream_n.exchange(*code)
    dream_n.secret = "wrong"
    dream_n.exchange(*code)
    dream_n.auth_method = "client_secret_post"
    dream_n.exchange(*code)
    ended, wrong, method = kept(app)
    assert {ended.code, wrong.code, method.code} == {"AUTH-03"}
    assert (ended.detail["received"], wrong.detail["received"]) == ("a secret that has ended", "a wrong secret")
    assert datetime.fromisoformat(ended.detail["expected"]).tzinfo is not None
    assert (method.detail["received"], method.detail["expected"]) == ("client_secret_post", "client_secret_basic")
    assert old not in json.dumps([one.detail for one in kept(app)])


def test_an_unknown_key(app: Flask) -> None:
    """private_key_jwt: the kid that came, and those that are registered."""
    rp = client(app, Keys.generate("ES256"))
    known = rp.keys.jwks()["keys"][0]["kid"]
    rp.keys = Keys.generate("ES256", 2)
    rp.exchange("none", rp.request())
    (row,) = kept(app)
    assert (row.client_id, row.code) == ("keyed", "AUTH-04")
    assert rp.keys.jwks()["keys"][0]["kid"] in row.detail["received"]
    assert row.detail["expected"] == f"kid {known}"


def test_pushed_requests(app: Flask) -> None:
    """PAR: as at the authorization endpoint, and its own."""
    rp = client(app)
    rp.push(rp.request(redirect_uri="https://evil.test/"))
    rp.push(rp.request(), request_uri="urn:x")
    rp.push(rp.request(scope="openid inservice_title_name"))
    rows = kept(app, "keyed")
    assert [one.code for one in rows] == ["PAR-05", "PAR-04", "SCOPE-02"]
    assert {one.detail["endpoint"] for one in rows} == {"pushed_authorization_request"}


def test_a_closed_partner(app: Flask, dream_n: RelyingParty, browser: Browser, desk: Desk) -> None:
    """Row 2 of DOMAIN §4.8: the state of the partner's own case is told."""
    desk.set_case("dream-n", state="suspended")
    browser.get(dream_n.request().url)
    (row,) = kept(app)
    assert (row.code, row.detail["expected"].split()[0]) == ("OPEN-01", "suspended")


def test_logout(app: Flask, browser: Browser) -> None:
    """Where the browser may not be sent back to, hints that are none, and a parameter that comes twice."""
    answer = leave(browser, client_id="dream-n", post_logout_redirect_uri="https://evil.test/bye?state=s3")
    assert is_error_page(answer, "invalid_request")
    leave(browser, client_id="dream-n", id_token_hint="none")
    leave(browser, client_id="nobody", id_token_hint="none")
    browser.get("/oidc/logout?client_id=dream-n&state=a&state=b")
    uri, hint, twice = kept(app)
    assert (twice.code, twice.detail["endpoint"]) == ("REQ-01", "logout")
    assert (uri.code, uri.detail["received"]) == ("OUT-01", "https://evil.test/bye?state=…")
    assert (hint.code, hint.client_id, hint.detail) == ("OUT-02", "dream-n", {"endpoint": "logout"})


def test_a_broken_log_breaks_no_refusal(
    app: Flask, dream_n: RelyingParty, browser: Browser, code: tuple[str, Any]
) -> None:
    """Without its table every refusal is as it was: never a 500."""
    with app.app_context(), hot() as connection:
        connection.execute(text("DROP TABLE client_diagnosis"))
    assert is_error_page(browser.get(dream_n.request(redirect_uri="https://evil.test/").url), "invalid_request")
    assert browser.get(dream_n.request(prompt="none login").url).answer["error"] == "invalid_request"
    assert dream_n.exchange("none", code[1]).status_code == 400
    assert "code" in browser.get(dream_n.request(nonce=None).url).answer
