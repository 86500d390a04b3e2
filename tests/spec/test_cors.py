"""Programs in browsers call the machine endpoints from their own origin; no cookie plays a part (Fetch, CORS)."""

import pytest
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import People
from tests.spec.support import client

ORIGIN = {"Origin": "https://spa.test"}
MACHINES = ("token", "userinfo", "revoke", "introspect", "par", "device_authorization")


@pytest.mark.parametrize("name", MACHINES)
def test_scripts_may_call(app: Flask, name: str) -> None:
    """Preflights are answered, for our headers; errors can be read by the script; credentials are never allowed."""
    browser = app.test_client()
    asked = ORIGIN | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, dpop"}
    preflight = browser.options(f"/oidc/{name}", headers=asked)
    assert preflight.status_code == 200
    assert {"Authorization", "DPoP"} <= set(preflight.headers["Access-Control-Allow-Headers"].split(", "))
    for answer in (preflight, browser.post(f"/oidc/{name}", headers=ORIGIN)):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "DPoP-Nonce" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Access-Control-Allow-Origin" not in browser.post(f"/oidc/{name}").headers


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/oidc/jwks"])
def test_documents_may_be_read(app: Flask, path: str) -> None:
    """Discovery and keys are open to every page."""
    assert app.test_client().get(path, headers=ORIGIN).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/oidc/authorize", "/login", "/account", "/device", "/oidc/logout"])
def test_pages_of_people_may_not(app: Flask, path: str) -> None:
    """What a browser does for a person is closed to scripts of other sites."""
    for answer in (app.test_client().get(path, headers=ORIGIN), app.test_client().options(path, headers=ORIGIN)):
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.spec("RFC 9700", "4.4")
def test_a_public_client_signs_in(app: Flask, browser: Browser, people: People) -> None:
    """No secret, PKCE alone, from the browser; the answer is readable there."""
    rp = client(app, client_id="spa", token_endpoint_auth_method="none", client_secret=None)
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], request), request)
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": rp.redirect_uri, "client_id": "spa"}
    body |= {"code_verifier": request.verifier}
    answer = rp.back_channel.post("/oidc/token", data=body, headers=ORIGIN, base_url=rp.issuer)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "refresh_token" not in answer.get_json()
