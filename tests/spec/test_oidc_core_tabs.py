"""Several tabs, the back button and stale pages: no sign-in is in another's way (OIDC Core §3.1.2.3, §3.1.2.4)."""

import pytest
from flask import Flask

from tests.pages import Browser, Page
from tests.protocol.wire import PartnerOf, People, is_error_page, later, refused
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core", "3.1.2.3")


def post_log_in(browser: Browser, tab: Page, person: dict[str, str]) -> Page:
    """Fill the log-in form of a tab in, whatever happened in other tabs since it was opened."""
    browser.page = tab
    return browser.submit("login-submit", username=person["account"], password=person["password"])


def press(browser: Browser, tab: Page, button: str) -> Page:
    """Press a button of a tab."""
    browser.page = tab
    return browser.submit(button)


@pytest.mark.parametrize("order", ["first", "last"])
def test_two_sign_ins_finish_in_any_order(
    dream_n: RelyingParty, partner: PartnerOf, browser: Browser, people: People, order: str
) -> None:
    """Both log-in pages are open; she logs in in one, then in the other; both partners get their own code."""
    parties = (dream_n, partner("county-study"))
    requests = [rp.request() for rp in parties]
    tabs = [browser.get(request.url) for request in requests]
    for number in (0, 1) if order == "first" else (1, 0):
        page = post_log_in(browser, tabs[number], people["T01"])
        page = press(browser, page, "consent-approve")
        assert parties[number].finish(page, requests[number]).claims["name"] == "王曉晴"


def test_a_log_in_page_left_open_goes_on_without_a_password(
    dream_n: RelyingParty, partner: PartnerOf, browser: Browser, people: People
) -> None:
    """After the log-in in one tab, reloading the other leads on: nothing is asked twice."""
    other = partner("county-study")
    request = dream_n.request()
    other.sign_in(browser, people["T01"])
    browser.get(other.request().url)
    page = press(browser, browser.get(request.url), "consent-approve")
    assert dream_n.finish(page, request).claims["name"] == "王曉晴"


def test_two_questions_are_answered_in_any_order(
    dream_n: RelyingParty, partner: PartnerOf, browser: Browser, people: People
) -> None:
    """Two consent pages are open; each answer belongs to its partner."""
    parties = (dream_n, partner("county-study"))
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    requests = [rp.request() for rp in parties]
    tabs = [browser.get(request.url) for request in requests]
    for number in (1, 0):
        page = press(browser, tabs[number], "consent-approve")
        assert parties[number].finish(page, requests[number]).claims["name"] == "王曉晴"


def test_the_same_partner_twice(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Two tabs of one partner: two codes with two nonces, neither is in the other's way."""
    requests = [dream_n.request() for _ in range(2)]
    tabs = [browser.get(request.url) for request in requests]
    page = press(browser, post_log_in(browser, tabs[1], people["T01"]), "consent-approve")
    assert dream_n.finish(page, requests[1]).claims["nonce"] == requests[1].nonce
    page = post_log_in(browser, tabs[0], people["T01"])
    assert dream_n.finish(page, requests[0]).claims["nonce"] == requests[0].nonce


def test_a_question_of_another_person_is_asked_anew(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """She left a consent page open, somebody else logged in: the old answer gives nothing, the link asks the new person."""
    page, request = dream_n.start(browser, people["T03"])
    browser.get("/login")
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert is_error_page(press(browser, page, "consent-approve"), "invalid_request", 403)
    page = browser.follow("error-continue")
    assert dream_n.finish(press(browser, page, "consent-approve"), request).claims["name"] == "王曉晴"


@pytest.mark.spec("OIDC Core", "3.1.2.4")
def test_back_after_an_answer(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Back from the partner to the consent page, and again yes: another code, the first one works as well."""
    page, request = dream_n.start(browser, people["T01"])
    first = press(browser, page, "consent-approve")
    second = press(browser, page, "consent-approve")
    assert dream_n.finish(first, request).claims["name"] == "王曉晴"
    assert dream_n.finish(second, request).claims["name"] == "王曉晴"


@pytest.mark.spec("OIDC Core", "3.1.2.4")
def test_back_after_a_refusal(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Who said no by mistake goes back and says yes."""
    page, request = dream_n.start(browser, people["T01"])
    assert refused(press(browser, page, "consent-deny"), request, dream_n)["error"] == "access_denied"
    page = press(browser, page, "consent-approve")
    assert dream_n.finish(page, request).claims["name"] == "王曉晴"


def test_a_stale_form_of_a_sign_in_leads_on(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A form whose token is no longer good is refused, but the page has a link with which the sign-in goes on."""
    request = dream_n.request()
    tab = browser.get(request.url)
    fields = {name: value for name, value in tab.form_with("login-submit").fields if name != "form_token"}
    fields |= {"username": people["T01"]["account"], "password": people["T01"]["password"], "form_token": "x"}
    page = browser.post("/login", fields)
    assert is_error_page(page, "invalid_request", 403)
    assert browser.follow("error-continue").has("login-submit")
    page = press(browser, post_log_in(browser, browser.page, people["T01"]), "consent-approve")
    assert dream_n.finish(page, request).claims["name"] == "王曉晴"


def test_a_sign_in_that_is_too_old_leads_back_to_the_partner(dream_n: RelyingParty, browser: Browser) -> None:
    """After an hour there is nothing to go on with: the link leads to the partner's own site, no code is involved."""
    blob = dict(browser.get(dream_n.request().url).form_with("login-submit").fields)["i"]
    with later(seconds=3700):
        page = browser.get(f"/oidc/authorize/resume?i={blob}")
        assert is_error_page(page, "invalid_request")
        assert page.link("error-continue") == "https://dream-n.example"


def test_a_page_of_another_browser_leads_back_to_the_partner(
    app: Flask, dream_n: RelyingParty, browser: Browser
) -> None:
    """A copied address is of no use to another browser, but tells it where to start."""
    blob = dict(browser.get(dream_n.request().url).form_with("login-submit").fields)["i"]
    page = Browser(app).get(f"/login?i={blob}")
    assert is_error_page(page, "invalid_request")
    assert page.link("error-continue") == "https://dream-n.example"


def test_a_made_up_page_leads_nowhere(browser: Browser) -> None:
    """What we did not seal names no partner."""
    page = browser.get("/oidc/authorize/resume?i=made-up")
    assert is_error_page(page, "invalid_request")
    assert not page.has("error-continue")
