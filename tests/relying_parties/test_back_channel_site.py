"""The demo site judges logout tokens as Back-Channel Logout 1.0 §2.6 asks; only the provider ends a member's session."""

import time
from typing import Any

import pytest
from flask import Flask, session
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from examples.dream_n.app import create_app, members
from examples.dream_n.members import Member

pytestmark = pytest.mark.no_database
ISSUER, EVENT = "https://provider.example", "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture(scope="module")
def key() -> RSAKey:
    """The provider's key."""
    return RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})


@pytest.fixture
def site(key: RSAKey, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The site, which knows the provider's metadata and keys already, and has members."""
    app = create_app({"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": "dream-n", "OIDC_CLIENT_SECRET": "a secret"})
    client = app.extensions["sign_in"].client
    metadata = {"issuer": ISSUER, "id_token_signing_alg_values_supported": ["RS256"]}
    monkeypatch.setattr(client, "load_server_metadata", lambda: metadata)
    monkeypatch.setattr(client, "fetch_jwk_set", lambda *, force=False: {"keys": [key.as_dict(private=False)]})  # noqa: ARG005  # as Authlib calls it
    return app


def enter(site: Flask, sid: str, sub: str) -> Any:
    """Sign a member in; return a browser with her session."""
    browser = site.test_client()
    with site.test_request_context():
        members().enter(Member("token", {"sub": sub, "sid": sid, "name": "王曉晴"}, {"sub": sub}))
        kept = dict(session)
    with browser.session_transaction() as cookie:
        cookie.update(kept)
    return browser


def send(site: Flask, key: RSAKey, header: dict[str, Any] | None = None, **changes: Any) -> TestResponse:
    """Post a logout token, good but for the changes; what is changed to None lacks."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "dream-n", "iat": now, "exp": now + 120, "jti": f"{now}", "events": {EVENT: {}}}
    claims = {
        name: value for name, value in (claims | {"sid": "s1", "sub": "u1"} | changes).items() if value is not None
    }
    token = jwt.encode({"alg": "RS256", "typ": "logout+jwt", "kid": "1", **(header or {})}, claims, key)
    return site.test_client().post("/backchannel-logout", data={"logout_token": token})


@pytest.mark.rule("D-27")
def test_the_session_of_the_sid_is_over(site: Flask, key: RSAKey) -> None:
    """Hers in that browser; her other one and everybody else's go on. The next page says 已登出, once."""
    hers, elsewhere, other = enter(site, "s1", "u1"), enter(site, "s2", "u1"), enter(site, "s3", "u2")
    answer = send(site, key)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    page = hers.get("/").get_data(as_text=True)
    assert 'id="ended"' in page
    assert "已登出" in page
    assert 'id="login-button"' in hers.get("/").get_data(as_text=True)
    for one in (elsewhere, other):
        assert 'id="signed-in"' in one.get("/").get_data(as_text=True)


def test_without_a_sid_all_hers_are_over(site: Flask, key: RSAKey) -> None:
    """A token may name the person alone."""
    browsers = [enter(site, "s1", "u1"), enter(site, "s2", "u1"), enter(site, "s3", "u2")]
    assert send(site, key, sid=None).status_code == 200
    assert ['id="ended"' in one.get("/").get_data(as_text=True) for one in browsers] == [True, True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "county-study"},
        {"exp": 1},
        {"iat": None},
        {"jti": None},
        {"exp": None},
        {"events": None},
        {"events": {}},
        {"events": {EVENT: "x"}},
        {"events": [EVENT]},
        {"nonce": "n"},
        {"sid": None, "sub": None},
    ],
)
def test_wrong_claims_are_refused(changes: dict[str, Any], site: Flask, key: RSAKey) -> None:
    """400, and she stays signed in."""
    browser = enter(site, "s1", "u1")
    answer = send(site, key, **changes)
    assert (answer.status_code, answer.get_json()) == (400, {"error": "invalid_request"})
    assert 'id="signed-in"' in browser.get("/").get_data(as_text=True)


def test_strange_tokens_are_refused(site: Flask, key: RSAKey) -> None:
    """Another key, an ID token, no token at all, and the same token twice."""
    browser = enter(site, "s1", "u1")
    assert send(site, RSAKey.generate_key(2048, {"kid": "1"})).status_code == 400
    assert send(site, RSAKey.generate_key(2048, {"kid": "2"}), {"kid": "2"}).status_code == 400
    assert send(site, key, {"typ": "JWT"}).status_code == 400
    assert site.test_client().post("/backchannel-logout").status_code == 400
    assert site.test_client().post("/backchannel-logout", data={"logout_token": "a.b.c"}).status_code == 400
    assert site.test_client().get("/backchannel-logout").status_code == 405
    assert 'id="signed-in"' in browser.get("/").get_data(as_text=True)
    assert send(site, key, jti="once", sid="s9").status_code == 200
    assert send(site, key, jti="once").status_code == 400
    assert 'id="signed-in"' in browser.get("/").get_data(as_text=True)
