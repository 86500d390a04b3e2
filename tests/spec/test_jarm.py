"""Answers as signed JWTs (JWT Secured Authorization Response Mode, JARM)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask

from tests.pages import Browser, Page
from tests.protocol.wire import People, ask
from tests.rp import Request
from tests.spec.support import ALGS, Client, client, now, tampered

MODES = ("jwt", "query.jwt", "form_post.jwt")


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client that wants its answers signed with ES256."""
    return client(app, authorization_signed_response_alg="ES256")


def said(rp: Client, page: Page, alg: str = "ES256") -> dict[str, Any]:
    """Check that an answer is one signed JWT for this client and nothing else, and return what it says."""
    assert list(page.answer) == ["response"]
    _, claims = rp.opened(page.answer["response"], alg)
    assert (claims.pop("iss"), claims.pop("aud")) == (rp.issuer, rp.client_id)
    assert now() < claims.pop("exp") <= now() + 600
    return claims


def is_in_mode(rp: Client, page: Page, mode: str) -> bool:
    """Whether the answer came as the mode says: in the query of a redirect, or in a form."""
    if mode == "form_post.jwt":
        return page.status == 200 and page.form_with("answer").action == rp.redirect_uri
    location = page.location or ""
    return page.status == 303 and location.startswith(f"{rp.redirect_uri}?") and not urlsplit(location).fragment


@pytest.mark.spec("JARM", "2.1", "2.3")
@pytest.mark.parametrize("mode", MODES)
def test_a_code_comes_signed(rp: Client, browser: Browser, people: People, mode: str) -> None:
    """Code, state, iss, aud and exp are inside a JWT, nothing is beside it; the code works."""
    request = rp.request(response_mode=mode)
    page = rp.lead(browser, people["T01"], request)
    assert is_in_mode(rp, page, mode)
    claims = said(rp, page)
    assert set(claims) == {"code", "state"}
    assert claims["state"] == request.state
    assert rp.exchange(claims["code"], request).status_code == 200


FAULTS = {
    "invalid_scope": {"scope": "profile"},
    "login_required": {"prompt": "none"},
    "invalid_request": {"prompt": "x"},
}


@pytest.mark.spec("JARM", "2.1", "2.3")
@pytest.mark.spec("RFC 9207", "2")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("error", FAULTS)
def test_an_error_comes_signed(rp: Client, browser: Browser, mode: str, error: str) -> None:
    """Errors are signed too, in the same mode, with state as it came."""
    request = rp.request(response_mode=mode, state="狀 &=%", **FAULTS[error])
    page = ask(browser, request)
    assert is_in_mode(rp, page, mode)
    claims = said(rp, page)
    assert claims.pop("error_description", "-").isascii()
    assert claims == {"error": error, "state": "狀 &=%"}


@pytest.mark.spec("JARM", "2.1")
def test_giving_up_comes_signed(rp: Client, browser: Browser, people: People) -> None:
    """Cancelling the log-in and refusing the consent are told in a JWT; without a state there is none inside."""
    request = rp.request(response_mode="jwt", state=None)
    browser.get(request.url)
    assert said(rp, browser.follow("login-cancel"))["error"] == "access_denied"
    browser.get(request.url)
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    claims = said(rp, browser.submit("consent-deny"))
    assert claims["error"] == "access_denied"
    assert "state" not in claims


@pytest.mark.spec("JARM", "3")
@pytest.mark.parametrize("alg", ALGS)
def test_the_registered_algorithm_signs(app: Flask, browser: Browser, alg: str) -> None:
    """authorization_signed_response_alg decides, and is announced; without it the algorithm of the ID token."""
    for number, member in enumerate(("authorization_signed_response_alg", "id_token_signed_response_alg")):
        rp = client(app, None, None, client_id=f"rp-{number}", **{member: alg})
        page = ask(browser, rp.request(response_mode="jwt", prompt="none"))
        assert said(rp, page, alg)["error"] == "login_required"
    announced = rp.back_channel.get("/.well-known/openid-configuration").get_json()
    assert alg in announced["authorization_signing_alg_values_supported"]
    assert set(MODES) <= set(announced["response_modes_supported"])


@pytest.mark.spec("JARM", "2.1")
def test_an_answer_does_not_live_long(rp: Client, browser: Browser) -> None:
    """The JWT expires after ten minutes, counted from the answer."""
    at = now()
    with time_machine.travel(at, tick=False):
        page = ask(browser, rp.request(response_mode="jwt", prompt="none"))
        _, claims = rp.opened(page.answer["response"], "ES256")
    assert claims["exp"] == at + 600


@pytest.mark.spec("JARM", "2.4")
def test_a_changed_answer_is_noticed(rp: Client, browser: Browser) -> None:
    """The signature covers everything."""
    page = ask(browser, rp.request(response_mode="jwt", prompt="none"))
    for changes in ({"state": "x"}, {"iss": "https://evil.example"}, {"aud": "dream-n"}, {"code": "x"}):
        with pytest.raises(Exception, match="bad_signature"):
            rp.opened(tampered(page.answer["response"], **changes), "ES256")


@pytest.mark.spec("JARM", "2.3.1")
def test_the_query_of_a_redirect_uri_is_kept(app: Flask, browser: Browser) -> None:
    """The JWT is added to the query that is registered."""
    uri = "https://rp.test/cb?site=1"
    rp = client(app, redirect_uris=[uri], authorization_signed_response_alg="ES256")
    page = ask(browser, rp.request(response_mode="query.jwt", prompt="none"))
    assert page.location is not None
    assert page.location.startswith(f"{uri}&response=")
    assert list(parse_qs(urlsplit(page.location).query)) == ["site", "response"]


@pytest.mark.spec("JARM", "2.3.2")
@pytest.mark.parametrize("mode", ["fragment.jwt", "fragment", "web_message", "JWT", "jwt query"])
def test_other_modes_are_refused(rp: Client, browser: Browser, mode: str) -> None:
    """A code never travels in a fragment; a mode that is not announced is invalid_request, told in the plain query."""
    request: Request = rp.request(response_mode=mode)
    answer = ask(browser, request).answer
    assert (answer["error"], answer["state"], answer["iss"]) == ("invalid_request", request.state, rp.issuer)
