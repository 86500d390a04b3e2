"""FAPI 2.0 Message Signing (Final): signed requests (§5.3), signed answers (§5.4), signed introspection (§5.5)."""

from typing import Any

import pytest
import time_machine
from flask import Flask

from clients.partners import PartnerRefused
from tests.pages import Browser
from tests.protocol.wire import People
from tests.rp import Request
from tests.spec.support import Client, Keys, error_of, fapi_client, now, request_object

PROFILE = "FAPI 2.0 Message Signing"


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client of the profile."""
    return fapi_client(app, "fapi2-signed")


def pushed_error(rp: Client, token: str | None, **beside: str) -> str:
    """Push an object, and return the error."""
    return error_of(rp.call("/oidc/par", {"client_id": rp.client_id, "request": token, **beside}))


@pytest.mark.spec(PROFILE, "5.3", "5.3.1", "5.4")
@pytest.mark.parametrize("alg", ["PS256", "ES256", "EdDSA"])
def test_it_signs_in(app: Flask, browser: Browser, people: People, alg: str) -> None:
    """The request is pushed as a signed object, the answer comes as a JWT of the registered algorithm."""
    rp = fapi_client(app, "fapi2-signed", alg, id_token_signed_response_alg=alg, authorization_signed_response_alg=alg)
    request = rp.request(response_mode="jwt")
    page = rp.lead(browser, people["T01"], rp.pushed(request))
    assert list(page.answer) == ["response"]
    _, said = rp.opened(page.answer["response"], alg)
    assert (said["iss"], said["aud"], said["state"]) == (rp.issuer, rp.client_id, request.state)
    token = rp.exchange(said["code"], request).get_json()
    assert rp.verify(token["id_token"], request, token["access_token"])["name"] == "王曉晴"


@pytest.mark.spec(PROFILE, "5.3.1")
def test_unsigned_requests_are_refused(rp: Client) -> None:
    """Plain parameters are invalid_request, an object with alg none is no request object."""
    request = rp.request()
    assert error_of(rp.call("/oidc/par", request.parameters)) == "invalid_request"
    unsigned = request_object(request.parameters, rp.issuer, rp.keys, alg="none")
    assert pushed_error(rp, unsigned) == "invalid_request_object"
    assert pushed_error(rp, None, **request.parameters) == "invalid_request"


WRONG: tuple[dict[str, Any], ...] = (
    {"aud": None},
    {"aud": "https://other.example"},
    {"aud": []},
    {"iss": None},
    {"iss": "dream-n"},
    {"nbf": None},
    {"exp": None},
    {"nbf": -3601},
    {"nbf": 61},
    {"exp": -61},
    {"exp": 3601},
    {"client_id": None},
    {"client_id": "dream-n"},
)


@pytest.mark.spec(PROFILE, "5.3.1")
@pytest.mark.parametrize("claims", WRONG, ids=str)
def test_every_claim_is_needed(rp: Client, claims: dict[str, Any]) -> None:
    """The issuer as aud; nbf and exp, at most an hour apart and not further back; iss and client_id of its own."""
    changes = {name: now() + value if name in {"nbf", "exp"} and value else value for name, value in claims.items()}
    assert pushed_error(rp, rp.signed(rp.request(), **changes)) == "invalid_request_object"


@pytest.mark.spec(PROFILE, "5.3.1")
def test_the_limits_are_inclusive(rp: Client) -> None:
    """An hour back, an hour long, ten seconds ahead, the issuer in a list: accepted."""
    with time_machine.travel(now(), tick=False):
        times = ({"nbf": now() - 3600, "exp": now() + 0}, {"nbf": now(), "exp": now() + 3600}, {"nbf": now() + 10})
        for changes in (*times, {"aud": [rp.issuer, "https://x.example"]}):
            token = rp.signed(rp.request(), **changes)
            answer = rp.call("/oidc/par", {"client_id": rp.client_id, "request": token})
            assert answer.status_code == 201, (changes, answer.get_data(as_text=True))


@pytest.mark.spec(PROFILE, "5.3.1")
@pytest.mark.spec("FAPI 2.0 Security Profile", "5.4")
def test_rs256_signs_no_request(app: Flask) -> None:
    """The profile's algorithms hold for request objects too; the same key with PS256 works."""
    keys = Keys.generate("PS256")
    rp = fapi_client(app, "fapi2-signed", "PS256", jwks={"keys": [{**keys.bare, "kid": keys.kid}]})
    assert pushed_error(rp, rp.signed(rp.request(), alg="RS256")) == "invalid_request_object"
    assert rp.push(rp.request()).status_code == 201


@pytest.mark.spec(PROFILE, "5.3.1")
@pytest.mark.spec("RFC 9101", "6.3")
def test_only_what_is_signed_counts(rp: Client, browser: Browser, people: People) -> None:
    """What is pushed beside the object is ignored."""
    request = rp.request(scope="openid")
    beside = {"scope": "openid profile", "state": "evil", "redirect_uri": "https://evil.example/", "prompt": "none"}
    answer = rp.push(request, **beside)
    assert answer.status_code == 201
    pushed = rp.carrying(request, answer.get_json()["request_uri"])
    assert set(rp.finish(rp.lead(browser, people["T01"], pushed), request).userinfo) == {"sub"}


@pytest.mark.spec(PROFILE, "5.3.1")
def test_the_browser_carries_the_reference_only(rp: Client, browser: Browser) -> None:
    """A signed object that was not pushed is refused."""
    request: Request = rp.request()
    page = browser.get(rp.by_value(request, redirect_uri=rp.redirect_uri).url)
    assert page.answer["error"] == "invalid_request"


@pytest.mark.spec(PROFILE, "5.4.1")
def test_errors_come_signed_too(rp: Client, browser: Browser) -> None:
    """A silent refusal is told in a JWT."""
    request = rp.request(response_mode="jwt", prompt="none")
    page = browser.get(rp.pushed(request).url)
    assert list(page.answer) == ["response"]
    said = rp.opened(page.answer["response"])[1]
    assert (said["error"], said["state"], said["iss"]) == ("login_required", request.state, rp.issuer)


@pytest.mark.spec(PROFILE, "5.5", "5.5.1")
@pytest.mark.spec("RFC 9701", "5")
def test_introspection_comes_signed(rp: Client, browser: Browser, people: People) -> None:
    """The answer is a JWT of the profile's algorithms for this client, with the token's facts and its key inside."""
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], rp.pushed(request)), request)
    token = rp.exchange(code, request).get_json()["access_token"]
    _, body = rp.authentication()
    mime = "application/token-introspection+jwt"
    answer = rp.back_channel.post(
        "/oidc/introspect", data={**body, "token": token}, headers={"Accept": mime}, base_url=rp.issuer
    )
    assert (answer.status_code, answer.mimetype) == (200, mime)
    header, claims = rp.opened(answer.get_data(as_text=True))
    assert (header["typ"], header["alg"]) == ("token-introspection+jwt", "PS256")
    assert (claims["iss"], claims["aud"]) == (rp.issuer, rp.client_id)
    facts = claims["token_introspection"]
    assert facts["active"] is True
    assert rp.dpop is not None
    assert facts["cnf"] == {"jkt": rp.dpop.thumbprint}


@pytest.mark.spec(PROFILE, "5.3.1")
def test_a_client_without_keys_cannot_sign(app: Flask) -> None:
    """A client that cannot sign its requests is not registered, whatever proves it otherwise."""
    change: dict[str, Any] = {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "rp.test"}
    change |= {"dpop_bound_access_tokens": False, "tls_client_certificate_bound_access_tokens": True}
    with pytest.raises(PartnerRefused, match="signed requests"):
        fapi_client(app, "fapi2-signed", jwks=None, **change)
