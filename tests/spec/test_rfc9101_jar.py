"""Request objects by value (RFC 9101, OIDC Core §6.1): only signed ones, only of the client's own keys."""

from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import People, ask, is_error_page, refused
from tests.spec.request_objects import BAD_OBJECT, error, is_good, send
from tests.spec.support import ALGS, Client, Keys, assertion, client, fapi_client, now, request_object, sign, tampered


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client with a key, which may sign its requests."""
    return client(app)


@pytest.mark.spec("RFC 9101", "5", "6.1")
@pytest.mark.parametrize("alg", ALGS)
def test_every_announced_algorithm_is_accepted(app: Flask, browser: Browser, alg: str) -> None:
    """RS256, PS256, ES256 and EdDSA, under either type, with or without kid; and they are announced."""
    rp = client(app, Keys.generate(alg))
    announced = rp.back_channel.get("/.well-known/openid-configuration").get_json()
    assert alg in announced["request_object_signing_alg_values_supported"]
    assert announced["request_parameter_supported"] is True
    for header in ({}, {"typ": "JWT"}, {"typ": None, "kid": None}):
        assert is_good(rp, browser, rp.signed(rp.request(), header=header))


@pytest.mark.spec("RFC 9101", "6.3")
@pytest.mark.spec("OIDC Core", "6.1")
def test_a_signed_request_signs_in(rp: Client, browser: Browser, people: People) -> None:
    """All parameters are inside; state, nonce and PKCE are taken from there, numbers and JSON too."""
    claims = {"userinfo": {"name": None}}
    request = rp.request(scope="openid")
    token = rp.signed(request, max_age=3600, claims=claims)
    by_value = rp.by_value(request)
    by_value.parameters["request"] = token
    signed_in = rp.finish(rp.lead(browser, people["T01"], by_value), request)
    assert signed_in.userinfo["name"] == "王曉晴"
    assert "name" not in signed_in.claims


@pytest.mark.spec("RFC 9101", "6.3")
def test_what_stands_beside_is_ignored(rp: Client, browser: Browser, people: People) -> None:
    """Neither scope nor state, nonce, PKCE, prompt or redirect_uri from outside counts, nor fills a gap inside."""
    request = rp.request(scope="openid", state=None, nonce=None)
    beside = {"scope": "openid profile", "state": "evil", "nonce": "evil", "redirect_uri": "https://evil.example/"}
    beside |= {"prompt": "none", "code_challenge": "x" * 43, "response_mode": "form_post", "claims": "{"}
    page = rp.lead(browser, people["T01"], rp.by_value(request, **beside))
    assert "state" not in page.answer
    signed_in = rp.finish(page, request)
    assert "nonce" not in signed_in.claims
    assert set(signed_in.userinfo) == {"sub"}


@pytest.mark.spec("RFC 9101", "6.3")
@pytest.mark.parametrize("missing", ["redirect_uri", "code_challenge", "scope", "response_type"])
def test_what_is_missing_inside_is_missing(rp: Client, browser: Browser, missing: str) -> None:
    """A parameter that stands outside only is none."""
    request = rp.request()
    value = request.parameters.pop(missing)
    page = send(rp, browser, request, rp.signed(request), **{missing: value})
    if missing == "redirect_uri":
        assert is_error_page(page, "invalid_request")
    else:
        assert page.answer["error"] == ("invalid_scope" if missing == "scope" else "invalid_request")


WRONG: tuple[dict[str, Any], ...] = (
    {"iss": "dream-n"},
    {"iss": 1},
    {"client_id": "dream-n"},
    {"client_id": None},
    {"aud": None},
    {"aud": "https://other.example"},
    {"aud": ["https://other.example"]},
    {"aud": [{}]},
    {"aud": {}},
    {"exp": 1},
    {"exp": "soon"},
    {"exp": True},
    {"exp": 1e400},
    {"nbf": 2**60},
    {"nbf": "now"},
    {"request": "x.y.z"},
    {"request_uri": "urn:x"},
)


@pytest.mark.spec("RFC 9101", "4")
@pytest.mark.spec("RFC 9101", "6.1")
@pytest.mark.parametrize("claims", WRONG, ids=str)
def test_a_wrong_claim_is_refused(rp: Client, browser: Browser, claims: dict[str, Any]) -> None:
    """Of another client, for another provider, at another time, or with a request inside the request."""
    request = rp.request()
    changes = {name: value for name, value in claims.items() if name != "aud"}
    token = request_object({**request.parameters, **changes}, claims.get("aud", rp.issuer), rp.keys, **changes)
    assert error(rp, browser, request, token) == BAD_OBJECT


@pytest.mark.spec("RFC 9101", "6.1")
def test_the_audience_may_be_a_list(rp: Client, browser: Browser) -> None:
    """One of several audiences is the issuer."""
    request = rp.request()
    assert is_good(rp, browser, request_object(request.parameters, ["https://x.example", rp.issuer], rp.keys))


@pytest.mark.spec("RFC 9101", "4")
def test_times_are_kept_to_the_second(rp: Client, browser: Browser) -> None:
    """Expired and not yet valid objects are refused; a clock may be ten seconds off; an hour is the longest life."""
    at = now()
    with time_machine.travel(at, tick=False):
        good = [(at - 9, at - 60), (at + 60, at + 10), (at + 3600, at), (at, at - 3600), (at + 60, None)]
        bad = [(at - 10, at - 60), (at + 60, at + 11), (at + 3601, at), (at + 1, at - 3601), (at + 3601, None)]
        for exp, nbf in good:
            assert is_good(rp, browser, rp.signed(rp.request(), exp=exp, nbf=nbf)), (exp - at, nbf)
        for exp, nbf in bad:
            request = rp.request()
            assert error(rp, browser, request, rp.signed(request, exp=exp, nbf=nbf)) == BAD_OBJECT, (exp - at, nbf)


@pytest.mark.spec("RFC 9101", "5")
def test_request_and_request_uri_exclude_each_other(rp: Client, browser: Browser) -> None:
    """Both at once is invalid_request, though either alone is good."""
    request = rp.request()
    pushed = rp.pushed(request)
    page = send(rp, browser, request, rp.signed(request), request_uri=pushed.parameters["request_uri"])
    assert refused(page, request, rp)["error"] == "invalid_request"


@pytest.mark.spec("RFC 9101", "5.2")
@pytest.mark.spec("OIDC Core", "6.2")
def test_a_request_uri_is_never_fetched(rp: Client, browser: Browser) -> None:
    """A URL as request_uri is request_uri_not_supported, as discovery says."""
    assert (
        rp.back_channel.get("/.well-known/openid-configuration").get_json()["request_uri_parameter_supported"] is False
    )
    request = rp.request(request_uri="https://rp.test/request.jwt")
    assert refused(ask(browser, request), request, rp)["error"] == "request_uri_not_supported"


@pytest.mark.spec("RFC 9101", "10.5")
@pytest.mark.parametrize("mode", ["require_signed_request_object", "fapi2-signed"])
def test_a_client_may_be_held_to_signing(app: Flask, browser: Browser, mode: str) -> None:
    """Unsigned requests of such a client are refused, plain and pushed; signed ones work."""
    rp = fapi_client(app, "fapi2-signed") if mode == "fapi2-signed" else client(app, require_signed_request_object=True)
    request = rp.request()
    assert refused(ask(browser, request), request, rp)["error"] == "invalid_request"
    answer = rp.call("/oidc/par", request.parameters)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    pushed = rp.push(request, **dict.fromkeys(request.parameters), request=rp.signed(request))
    assert pushed.status_code == 201


@pytest.mark.spec("RFC 9101", "10.8")
@pytest.mark.spec("RFC 8725", "3.12")
def test_a_jwt_of_another_kind_is_no_request_object(rp: Client, browser: Browser) -> None:
    """Neither a client assertion nor an ID token will do, and a request object is no assertion."""
    request = rp.request()
    other = assertion(rp.client_id, rp.issuer, rp.keys)
    assert error(rp, browser, request, other) == BAD_OBJECT
    answer = rp.push(request, client_assertion=rp.signed(request), client_id=None)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    with_jti = sign({**request.parameters, "iss": rp.client_id, "aud": rp.issuer, "jti": "1", "exp": 2e9}, rp.keys)
    assert rp.push(request, client_assertion=with_jti, client_id=None).status_code == 401


@pytest.mark.spec("RFC 9101", "7")
def test_without_a_redirect_uri_beside_it_a_bad_object_gives_a_page(rp: Client, browser: Browser) -> None:
    """Nothing of an object that was not verified is believed, least of all where to send the browser."""
    request = rp.request()
    token = tampered(rp.signed(request), state="x")
    by_value = rp.by_value(request)
    by_value.parameters["request"] = token
    assert is_error_page(browser.get(by_value.url), "invalid_request")
    by_value.parameters["redirect_uri"] = "https://evil.example/"
    assert is_error_page(browser.get(by_value.url), "invalid_request")
