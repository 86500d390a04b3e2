"""What prompt and max_age demand, and what prompt=none may never do (OIDC Core §3.1.2.1, D-53)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, ask, later, refused
from tests.rp import RelyingParty


def _log_in(browser: Browser, people: People, key: str) -> None:
    browser.log_in(people[key]["account"], people[key]["password"])
    assert browser.page.url == "/account"


def test_none_without_a_session_is_login_required(dream_n: RelyingParty, browser: Browser) -> None:
    """Nobody is signed in: nothing is shown."""
    request = dream_n.request(prompt="none")
    assert refused(ask(browser, request), request, dream_n)["error"] == "login_required"


@pytest.mark.rule("D-53")
def test_none_without_consent_is_consent_required(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-53: a session alone releases nothing."""
    _log_in(browser, people, "T01")
    request = dream_n.request(prompt="none")
    assert refused(ask(browser, request), request, dream_n)["error"] == "consent_required"


@pytest.mark.rule("D-53")
def test_none_never_stretches_a_consent(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A consent to one item is none to two; asking silently does not change what is stored."""
    dream_n.sign_in(browser, people["T01"], scope="openid profile")
    for _ in range(2):
        wider = dream_n.request(prompt="none", scope="openid profile inservice_school_code")
        assert refused(ask(browser, wider), wider, dream_n)["error"] == "consent_required"
    same = dream_n.request(prompt="none", scope="openid profile")
    assert set(dream_n.finish(ask(browser, same), same).userinfo) == {"sub", "name"}


@pytest.mark.rule("D-51", "D-53")
def test_none_gives_no_item_that_was_declined(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A refusal of an item counts silently too."""
    dream_n.sign_in(browser, people["T01"], untick=("item-name",))
    request = dream_n.request(prompt="none")
    signed_in = dream_n.finish(ask(browser, request), request)
    assert "name" not in signed_in.claims
    assert "profile" not in signed_in.scope.split()


def test_none_with_session_and_consent_gives_a_code(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Nothing is left to ask: the code comes at once."""
    _log_in(browser, people, "T02")
    request = dream_n.request(prompt="none")
    assert dream_n.finish(ask(browser, request), request).claims["name"] == "林予安"


def test_none_after_logout_is_login_required(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A session that ended is none, and neither is one whose idle time has passed."""
    _log_in(browser, people, "T02")
    with later(minutes=31):
        request = dream_n.request(prompt="none")
        assert refused(ask(browser, request), request, dream_n)["error"] == "login_required"
    browser.get("/account")
    browser.submit("logout")
    request = dream_n.request(prompt="none")
    assert refused(ask(browser, request), request, dream_n)["error"] == "login_required"


@pytest.mark.rule("AC-51")
def test_none_at_a_test_client_admits_test_accounts_only(partner: PartnerOf, browser: Browser, people: People) -> None:
    """AC-51, P1-R3: T01 is no test account."""
    _log_in(browser, people, "T01")
    rp = partner("sped-learn")
    request = rp.request(prompt="none")
    assert refused(ask(browser, request), request, rp)["error"] == "unauthorized_client"


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent", "login select_account"])
def test_login_forces_a_new_log_in(dream_n: RelyingParty, browser: Browser, people: People, prompt: str) -> None:
    """The page comes though a session is there; the code comes only after the password."""
    _log_in(browser, people, "T02")
    request = dream_n.request(prompt=prompt)
    page = browser.get(request.url)
    assert page.has("login-submit")
    blob = dict(page.form_with("login-submit").fields)["i"]
    assert browser.get(f"/oidc/authorize/resume?i={blob}").has("login-submit")
    page = browser.log_in(people["T02"]["account"], people["T02"]["password"])
    if "consent" in prompt:
        page = browser.submit("consent-approve")
    assert dream_n.finish(page, request).claims["name"] == "林予安"


def test_another_person_may_log_in(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """select_account lets the person be another; her session replaces the first."""
    _log_in(browser, people, "T02")
    signed_in = dream_n.sign_in(browser, people["T01"])
    assert signed_in.claims["name"] == "林予安"
    request = dream_n.request(prompt="select_account")
    browser.get(request.url)
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert dream_n.finish(browser.submit("consent-approve"), request).claims["name"] == "王曉晴"


@pytest.mark.spec("OIDC Core", "2")
def test_auth_time_is_that_of_the_log_in(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """auth_time stays while the session does and moves with a new log-in; the same person keeps her sid."""
    start = datetime.now(UTC).replace(microsecond=0)
    with time_machine.travel(start, tick=False):
        first = dream_n.sign_in(browser, people["T02"])
    with time_machine.travel(start + timedelta(minutes=10), tick=False):
        second = dream_n.sign_in(browser, people["T02"])
        third = dream_n.sign_in(browser, people["T02"], prompt="login")
    at = int(start.timestamp())
    assert [one.claims["auth_time"] for one in (first, second, third)] == [at, at, at + 600]
    assert second.claims["iat"] == at + 600
    assert first.claims["sid"] == second.claims["sid"] == third.claims["sid"]


def test_max_age_is_kept(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A log-in that is older than max_age does not do; silently it is login_required."""
    start = datetime.now(UTC).replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        _log_in(browser, people, "T02")
        clock.move_to(start + timedelta(seconds=300))
        request = dream_n.request(max_age="300", prompt="none")
        assert "code" in ask(browser, request).answer
        clock.move_to(start + timedelta(seconds=301))
        assert refused(ask(browser, request), request, dream_n)["error"] == "login_required"
        request = dream_n.request(max_age="300")
        assert browser.get(request.url).has("login-submit")
        page = browser.log_in(people["T02"]["account"], people["T02"]["password"])
        assert dream_n.finish(page, request).claims["auth_time"] == int(start.timestamp()) + 301


def test_max_age_zero_is_a_new_log_in(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """max_age=0 asks for a log-in now; the one that it brings about satisfies it, however slow the answers are."""
    _log_in(browser, people, "T01")
    with later(seconds=2):
        request = dream_n.request(max_age="0", prompt="none")
        assert refused(ask(browser, request), request, dream_n)["error"] == "login_required"
        request = dream_n.request(max_age="0")
        assert browser.get(request.url).has("login-submit")
        browser.log_in(people["T01"]["account"], people["T01"]["password"])
    with later(seconds=60):
        assert dream_n.finish(browser.submit("consent-approve"), request).claims["name"] == "王曉晴"


@pytest.mark.rule("D-53")
def test_consent_always_shows_the_page(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-53: with prompt=consent the stored decision is not enough, and a new one replaces it."""
    _log_in(browser, people, "T02")
    request = dream_n.request(prompt="consent")
    assert browser.get(request.url).has("consent-approve")
    page = browser.submit("consent-approve", untick=("item-school_name",))
    assert "inservice_school_name" not in dream_n.finish(page, request).claims
    assert "inservice_school_name" not in dream_n.sign_in(browser, people["T02"]).claims


def test_refusing_under_prompt_consent_is_access_denied(
    app: Flask, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """Who says no is not signed in, and what she gave before stays as it was."""
    _log_in(browser, people, "T02")
    request = dream_n.request(prompt="consent")
    browser.get(request.url)
    assert refused(browser.submit("consent-deny"), request, dream_n)["error"] == "access_denied"
    assert dream_n.sign_in(Browser(app), people["T02"]).claims["name"] == "林予安"
