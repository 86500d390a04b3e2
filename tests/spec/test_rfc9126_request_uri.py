"""Pushed authorization requests: what a request_uri is good for (RFC 9126 §4)."""

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from config.database import hot
from idp.oidc import pushed_requests
from tests.pages import Browser
from tests.protocol.wire import People, ask, is_error_page, later
from tests.rp import Request
from tests.spec.support import Client, client, now

URN = "urn:ietf:params:oauth:request_uri:"


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client that pushes of its own accord, by a secret."""
    return client(app, token_endpoint_auth_method="client_secret_basic")


def is_stale(browser: Browser, request: Request) -> bool:
    """Whether the request_uri is refused, by a page: there is no redirect_uri that could be believed."""
    return is_error_page(browser.get(request.url), "invalid_request")


@pytest.mark.spec("RFC 9126", "2.2")
def test_a_request_uri_expires(rp: Client, browser: Browser) -> None:
    """It works for 120 seconds and not longer; then there is a page."""
    with time_machine.travel(now(), tick=False) as clock:
        pushed = rp.pushed(rp.request())
        clock.shift(119)
        assert browser.get(pushed.url).has("login-submit")
        clock.shift(1)
        assert is_stale(browser, pushed)


def test_a_slow_log_in_does_not_lose_the_request(app: Flask, rp: Client, browser: Browser, people: People) -> None:
    """Only the arrival must be in time: who needs ten minutes for the password signs in, though a sweep was made."""
    request = rp.request()
    pushed = rp.pushed(request)
    browser.get(pushed.url)
    with later(seconds=600):
        with app.app_context(), hot() as connection:
            pushed_requests.sweep(connection, datetime.now(UTC))
        browser.log_in(people["T01"]["account"], people["T01"]["password"])
        page = browser.submit("consent-approve")
        assert rp.finish(page, request).claims["name"] == "王曉晴"


@pytest.mark.spec("RFC 9126", "4")
def test_a_request_uri_is_used_up_by_its_code(rp: Client, browser: Browser, people: People) -> None:
    """Opening it again while the person is being asked works (reload); once a code was given it is over."""
    request = rp.request()
    pushed = rp.pushed(request)
    for _ in range(2):
        assert browser.get(pushed.url).has("login-submit")
    page = rp.lead(browser, people["T01"], pushed)
    assert is_stale(browser, pushed)
    assert rp.finish(page, request).claims["name"] == "王曉晴"


@pytest.mark.spec("RFC 9126", "7.3")
def test_two_tabs_of_one_request_give_one_code(rp: Client, browser: Browser, people: People) -> None:
    """A request that was opened twice before the log-in ends in one code, and one error in the partner's hands."""
    pushed = rp.pushed(rp.request())
    blobs = [dict(browser.get(pushed.url).form_with("login-submit").fields)["i"] for _ in range(2)]
    page = rp.lead(browser, people["T01"], pushed)
    assert "code" in page.answer
    for blob in blobs:
        page = browser.get(f"/oidc/authorize/resume?i={blob}")
        assert page.answer["error"] == "invalid_request_uri"
        assert page.answer["iss"] == rp.issuer


@pytest.mark.spec("RFC 9126", "4")
def test_a_request_uri_belongs_to_its_client(app: Flask, rp: Client, browser: Browser) -> None:
    """Under another client_id, though of the same site, or under none, it is unknown; the owner can still use it."""
    client(app, client_id="sibling", redirect_uris=[rp.redirect_uri])
    pushed = rp.pushed(rp.request())
    for client_id in ("sibling", "nobody", ""):
        stolen = rp.carrying(pushed, pushed.parameters["request_uri"], client_id=client_id)
        page = browser.get(stolen.url)
        assert page.has("error-message")
        assert page.location is None
    assert browser.get(pushed.url).has("login-submit")


@pytest.mark.spec("RFC 9126", "4")
@pytest.mark.spec("RFC 9101", "6.3")
def test_what_stands_beside_a_request_uri_is_ignored(rp: Client, browser: Browser, people: People) -> None:
    """The pushed parameters alone count."""
    request = rp.request(scope="openid")
    beside = {"scope": "openid profile", "state": "evil", "nonce": "evil", "redirect_uri": "https://evil.example/"}
    pushed = rp.pushed(request, **beside, prompt="none", response_type="token", code_challenge_method="plain")
    signed_in = rp.finish(rp.lead(browser, people["T01"], pushed), request)
    assert signed_in.scope == "openid"
    assert set(signed_in.userinfo) == {"sub"}


@pytest.mark.spec("RFC 9126", "4")
@pytest.mark.parametrize("uri", [URN, URN + "x", URN + "x" * 43, URN.upper() + "x", URN + "%00", "urn:x:y"])
def test_a_made_up_request_uri_is_refused(rp: Client, browser: Browser, uri: str) -> None:
    """What we did not give out leads nowhere; with a registered redirect_uri beside it the partner is told."""
    request = rp.request()
    assert is_stale(browser, rp.carrying(request, uri))
    known = uri.startswith(URN)
    page = ask(browser, rp.carrying(request, uri, redirect_uri=rp.redirect_uri, state="s"))
    assert page.answer["error"] == ("invalid_request_uri" if known else "request_uri_not_supported")
    assert (page.answer["state"], page.answer["iss"]) == ("s", rp.issuer)
