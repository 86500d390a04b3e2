"""FAPI 2.0 Security Profile (Final): what a client of the profile meets at our endpoints (§5.3.2, §5.4)."""

from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from tests.pages import Browser
from tests.protocol.wire import People, ask, refused, sign_on, token_error
from tests.spec.support import (
    Client,
    Keys,
    client,
    error_of,
    fapi_client,
    now,
)

PROFILE = "FAPI 2.0 Security Profile"


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client of the profile: private_key_jwt, PAR, PKCE, DPoP."""
    return fapi_client(app)


@pytest.mark.spec(PROFILE, "5.3.2.2")
@pytest.mark.parametrize("alg", ["PS256", "ES256", "EdDSA"])
def test_it_signs_in(app: Flask, browser: Browser, people: People, alg: str) -> None:
    """With each algorithm: pushed, by assertion, with PKCE; the tokens belong to the DPoP key."""
    rp = fapi_client(app, alg=alg, id_token_signed_response_alg=alg)
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], rp.pushed(request)), request)
    answer = rp.exchange(code, request)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["token_type"] == "DPoP"
    claims = rp.verify(answer.get_json()["id_token"], request, answer.get_json()["access_token"])
    assert claims["name"] == "王曉晴"
    assert rp.userinfo(answer.get_json()["access_token"]).get_json()["sub"] == claims["sub"]


@pytest.mark.spec(PROFILE, "5.3.2.2")
def test_requests_that_were_not_pushed_are_refused(rp: Client, browser: Browser) -> None:
    """Plain or signed by value, the authorization endpoint takes neither."""
    request = rp.request()
    assert refused(ask(browser, request), request, rp)["error"] == "invalid_request"
    by_value = rp.by_value(request, redirect_uri=rp.redirect_uri, state=request.state)
    assert refused(ask(browser, by_value), request, rp)["error"] == "invalid_request"


@pytest.mark.spec(PROFILE, "5.3.2.2")
def test_a_push_needs_authentication_redirect_uri_and_pkce(rp: Client) -> None:
    """Without client authentication, without redirect_uri, without S256: refused at once."""
    bare = rp.back_channel.post("/oidc/par", data=rp.request().parameters, base_url=rp.issuer)
    assert error_of(bare, 401) == "invalid_client"
    for fault in (
        {"redirect_uri": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
    ):
        assert error_of(rp.push(rp.request(), **fault)) == "invalid_request"
    for response_type in ("token", "code id_token", "id_token"):
        assert error_of(rp.push(rp.request(), response_type=response_type)) == "unsupported_response_type"


@pytest.mark.spec(PROFILE, "5.3.2.2")
def test_the_request_uri_is_short_lived(rp: Client) -> None:
    """expires_in is below 600 seconds."""
    assert 5 <= rp.push(rp.request()).get_json()["expires_in"] < 600


@pytest.mark.spec(PROFILE, "5.3.2.1")
def test_tokens_are_bound_to_the_key(rp: Client, browser: Browser, people: People) -> None:
    """No token without a proof; the token works with its key only, and never as a bearer token."""
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], rp.pushed(request)), request)
    keys, rp.dpop = rp.dpop, None
    assert token_error(rp.exchange(code, request)) == "invalid_dpop_proof"
    rp.dpop = keys
    token = rp.exchange(code, request).get_json()["access_token"]
    bearer = rp.back_channel.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}, base_url=rp.issuer)
    assert (bearer.status_code, bearer.get_json()["error"]) == (401, "invalid_token")
    rp.dpop = Keys.generate("ES256", 8)
    assert rp.userinfo(token).status_code == 401
    rp.dpop = keys
    assert rp.userinfo(token).status_code == 200


@pytest.mark.spec(PROFILE, "5.3.2.1")
@pytest.mark.spec("RFC 9449", "10")
def test_a_code_is_bound_to_dpop_jkt(rp: Client, browser: Browser, people: People) -> None:
    """dpop_jkt in the pushed request: the code gives nothing under another key."""
    keys, stranger = rp.dpop, Keys.generate("ES256", 8)
    assert keys is not None
    request = rp.request(dpop_jkt=keys.thumbprint)
    code = rp.code_of(rp.lead(browser, people["T01"], rp.pushed(request)), request)
    rp.dpop = stranger
    assert token_error(rp.exchange(code, request)) == "invalid_grant"
    rp.dpop = keys
    assert rp.exchange(code, request).status_code == 200


@pytest.mark.spec(PROFILE, "5.3.2.1")
@pytest.mark.spec("RFC 9700", "4.14")
def test_refresh_tokens_do_not_rotate(app: Flask, browser: Browser, people: People) -> None:
    """The refresh token comes back unchanged and works again, also after an answer that was lost."""
    rp = fapi_client(app, grant_types=["authorization_code", "refresh_token"])
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], rp.pushed(request)), request)
    first = rp.exchange(code, request).get_json()
    for _ in range(3):
        answer = rp.refresh(first["refresh_token"])
        assert answer.status_code == 200
        assert answer.get_json().get("refresh_token", first["refresh_token"]) == first["refresh_token"]
        assert rp.userinfo(answer.get_json()["access_token"]).status_code == 200


@pytest.mark.spec(PROFILE, "5.3.2.1", "5.3.2.2")
def test_a_code_lives_sixty_seconds_and_once(rp: Client, browser: Browser, people: People) -> None:
    """After a minute it is void, and so is one that was used."""
    with time_machine.travel(now(), tick=False) as clock:
        requests = [rp.request() for _ in range(2)]
        codes = [rp.code_of(rp.lead(browser, people["T01"], rp.pushed(one)), one) for one in requests]
        clock.shift(59)
        assert rp.exchange(codes[0], requests[0]).status_code == 200
        assert token_error(rp.exchange(codes[0], requests[0])) == "invalid_grant"
        clock.shift(1)
        assert token_error(rp.exchange(codes[1], requests[1])) == "invalid_grant"


@pytest.mark.spec(PROFILE, "5.3.2.2")
def test_redirects_are_303(rp: Client, browser: Browser, people: People) -> None:
    """From the request to the code, no redirect repeats a posted form: what carries credentials is answered with 303."""
    seen: list[int] = []
    plain = browser.http.open

    def noting(*arguments: Any, **options: Any) -> TestResponse:
        answer = plain(*arguments, **options)
        seen.append(answer.status_code)
        return answer

    browser.http.open = noting  # type: ignore[method-assign]  # only to listen
    request = rp.request()
    rp.code_of(rp.lead(browser, people["T01"], rp.pushed(request)), request)
    assert {status for status in seen if 300 <= status < 400} == {303}
    assert len(seen) >= 6


@pytest.mark.spec(PROFILE, "5.3.2.2")
@pytest.mark.spec("RFC 9207", "2")
def test_answers_name_their_issuer_and_the_nonce_may_be_long(rp: Client, browser: Browser, people: People) -> None:
    """The iss is in success and error, and 64 characters of nonce come back."""
    request = rp.request(nonce="n" * 64)
    page = rp.lead(browser, people["T01"], rp.pushed(request))
    assert page.answer["iss"] == rp.issuer
    assert rp.finish(page, request).claims["nonce"] == "n" * 64
    request = rp.request(prompt="login")
    browser.get(rp.pushed(request).url)
    assert refused(browser.follow("login-cancel"), request, rp)["iss"] == rp.issuer


@pytest.mark.spec(PROFILE, "5.3.2.1")
def test_other_profiles_stay_as_they_are(app: Flask, browser: Browser, people: People) -> None:
    """A client of the default profile beside it needs none of this."""
    fapi_client(app)
    rp = client(app, token_endpoint_auth_method="client_secret_basic")
    code, request = sign_on(rp, browser, people["T01"])
    assert rp.exchange(code, request).get_json()["token_type"] == "Bearer"
