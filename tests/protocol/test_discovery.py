"""Discovery and JWKS: what is announced is what is served, under one issuer (OIDC Discovery §3, §4; RFC 7517)."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.routing import RequestRedirect

from clients.client_metadata import GRANT_TYPES
from clients.profiles import AUTH_METHODS
from idp.languages import LANGUAGES
from scopes.items import DataItem
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, ask, refused, sign_on
from tests.rp import RelyingParty

CONFIGURATION = "/.well-known/openid-configuration"
ENDPOINTS = {
    "authorization_endpoint": {"GET", "POST"},
    "token_endpoint": {"POST"},
    "userinfo_endpoint": {"GET", "POST"},
    "jwks_uri": {"GET"},
    "end_session_endpoint": {"GET", "POST"},
    "pushed_authorization_request_endpoint": {"POST"},
    "introspection_endpoint": {"POST"},
    "revocation_endpoint": {"POST"},
    "registration_endpoint": {"POST"},
    "device_authorization_endpoint": {"POST"},
}
FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example;proto=https",
    "X-Original-URL": "/evil",
}


def _metadata(app: Flask, **options: Any) -> dict[str, Any]:  # of Werkzeug's client
    found: dict[str, Any] = app.test_client().get(CONFIGURATION, **options).get_json()
    return found


@pytest.mark.spec("RFC 8414", "3")
def test_oauths_name_gives_the_same_document(app: Flask) -> None:
    """Software that knows OAuth only finds the same metadata, with the same ETag."""
    one, two = (app.test_client().get(path) for path in (CONFIGURATION, "/.well-known/oauth-authorization-server"))
    assert one.get_data() == two.get_data()
    assert one.headers["ETag"] == two.headers["ETag"]


@pytest.mark.spec("OIDC Discovery", "3")
def test_the_required_members_are_there(app: Flask) -> None:
    """Every REQUIRED member, and those that our partners' software looks for."""
    data = _metadata(app)
    assert data["issuer"] == "http://127.0.0.1:8000"
    assert data["response_types_supported"] == ["code"]
    assert set(data["response_modes_supported"]) == {"query", "form_post", "jwt", "query.jwt", "form_post.jwt"}
    assert set(data["grant_types_supported"]) == set(GRANT_TYPES)
    assert data["subject_types_supported"] == ["pairwise", "ephemeral"]
    assert data["id_token_signing_alg_values_supported"] == ["RS256", "PS256", "ES256", "EdDSA"]
    assert set(data["token_endpoint_auth_methods_supported"]) == AUTH_METHODS
    assert set(data["introspection_endpoint_auth_methods_supported"]) == AUTH_METHODS - {"none"}
    assert data["code_challenge_methods_supported"] == ["S256"]
    assert set(data["prompt_values_supported"]) == {"none", "login", "consent", "select_account", "create"}
    assert data["authorization_response_iss_parameter_supported"] is True
    assert data["ui_locales_supported"] == list(LANGUAGES) == ["zh-TW", "en"]
    assert set(data["scopes_supported"]) == {item.scope for item in DataItem}
    assert {item.claim for item in DataItem} <= set(data["claims_supported"])
    supported = {name: data[f"{name}_parameter_supported"] for name in ("request", "request_uri", "claims")}
    assert supported == {"request": True, "request_uri": False, "claims": True}
    assert "none" not in data["request_object_signing_alg_values_supported"]


REGISTERED = {
    *("issuer", "scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported"),
    *("subject_types_supported", "id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported"),
    *("claim_types_supported", "claims_supported", "code_challenge_methods_supported", "prompt_values_supported"),
    *("ui_locales_supported", "claims_parameter_supported", "request_parameter_supported"),
    *("request_uri_parameter_supported", "require_request_uri_registration", "acr_values_supported"),
    *("authorization_response_iss_parameter_supported", "service_documentation", "op_policy_uri", "op_tos_uri"),
    *("display_values_supported", "require_pushed_authorization_requests", "require_signed_request_object"),
    *("request_object_signing_alg_values_supported", "tls_client_certificate_bound_access_tokens"),
    *("mtls_endpoint_aliases", "dpop_signing_alg_values_supported"),
    *(
        f"{channel}channel_logout_{part}"
        for channel in ("back", "front")
        for part in ("supported", "session_supported")
    ),
    *(
        f"{endpoint}_endpoint_auth_{part}_supported"
        for endpoint in ("token", "introspection", "revocation")
        for part in ("methods", "signing_alg_values")
    ),
    *(f"{kind}_signing_alg_values_supported" for kind in ("userinfo", "authorization", "introspection")),
    *(f"{kind}_encryption_{part}_values_supported" for kind in ("id_token", "userinfo") for part in ("alg", "enc")),
}


def test_only_registered_members_are_used(app: Flask) -> None:
    """Nothing of ours is added to the standard document."""
    assert set(_metadata(app)) <= REGISTERED | set(ENDPOINTS)


def test_every_endpoint_is_a_route(app: Flask) -> None:
    """The announced URLs are below the issuer and take the methods that they must."""
    data = _metadata(app)
    for name, methods in ENDPOINTS.items():
        url = urlsplit(data[name])
        assert data[name].startswith(f"{data['issuer']}/")
        for method in methods:
            try:
                app.url_map.bind(url.netloc).match(url.path, method=method)
            except RequestRedirect as moved:
                pytest.fail(f"{name} is moved to {moved.new_url}")
    assert {name for name in data if name.endswith(("_endpoint", "_uri"))} == set(ENDPOINTS)


@pytest.mark.parametrize("path", [CONFIGURATION, "/oidc/jwks"])
def test_both_documents_can_be_kept(app: Flask, path: str) -> None:
    """JSON with ETag; whoever has it gets 304 without a body; scripts of other sites may read it; HEAD works."""
    client = app.test_client()
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in answer.headers
    for known in (answer.headers["ETag"], f"W/{answer.headers['ETag']}", '"other", ' + answer.headers["ETag"], "*"):
        kept = client.get(path, headers={"If-None-Match": known})
        assert (kept.status_code, kept.get_data()) == (304, b"")
        assert kept.headers["ETag"] == answer.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).get_data() == answer.get_data()
    head = client.head(path)
    assert (head.status_code, head.get_data()) == (200, b"")
    assert client.post(path).status_code == 405


@pytest.mark.spec("RFC 7517", "4")
def test_the_key_set_is_public(app: Flask) -> None:
    """RSA keys first, each with kid, use and alg, and nothing of the private half."""
    keys = app.test_client().get("/oidc/jwks").get_json()["keys"]
    assert keys
    for key in keys:
        members = {"RSA": {"n", "e"}, "EC": {"crv", "x", "y"}, "OKP": {"crv", "x"}}[key["kty"]]
        assert set(key) == {"kty", "kid", "use", "alg"} | members
        assert key["use"] == "sig"
    assert [key["alg"] for key in keys] == ["RS256", "PS256", "ES256", "EdDSA"]
    assert [key["kty"] for key in keys] == sorted((key["kty"] for key in keys), key=lambda kind: kind != "RSA")
    assert len({key["kid"] for key in keys}) == len(keys)


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8000", "https://idp.test"])
def test_the_issuer_is_a_setting(make_app: MakeApp, issuer: str, proxies: int) -> None:
    """Whatever Host or X-Forwarded-* say, behind a trusted proxy too, the document is the same."""
    app = make_app(issuer=issuer, trusted_proxies=proxies)
    plain = _metadata(app)
    assert plain["issuer"] == issuer
    assert all(plain[name].startswith(f"{issuer}/oidc/") for name in ENDPOINTS)
    for base in ("http://evil.example", "https://evil.example:444", issuer):
        assert _metadata(app, base_url=base, headers=FORGED) == plain


def test_forged_hosts_do_not_reach_answers(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Redirects stay relative, and iss is the issuer in errors, codes and ID tokens."""
    request = dream_n.request()
    headers = FORGED | {"Host": "evil.example"}
    answer = app.test_client().get(request.url, headers=headers)
    assert answer.headers["Location"].startswith("/login?")
    silent = dream_n.request(prompt="none")
    moved = app.test_client().get(silent.url, headers=headers).headers["Location"]
    assert "iss=http%3A%2F%2F127.0.0.1%3A8000" in moved
    assert refused(ask(browser, silent), silent, dream_n)["error"] == "login_required"
    code, request = sign_on(dream_n, browser, people["T02"])
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": dream_n.redirect_uri}
    auth = (dream_n.client_id, dream_n.secret)
    body["code_verifier"] = request.verifier
    token = app.test_client().post("/oidc/token", data=body, auth=auth, headers=headers).get_json()
    assert dream_n.verify(token["id_token"], request)["iss"] == "http://127.0.0.1:8000"
    page = app.test_client().get("/login", headers=headers).get_data(as_text=True)
    assert "evil.example" not in page
