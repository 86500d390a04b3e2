"""A partner that demands a log-in by two factors: essential ``acr`` (OIDC Core §5.5.1.1)."""

import json

import pytest
from flask import Flask

from tests.pages import Browser, codes
from tests.rp import RelyingParty
from tests.security.steps import enrol_totp, later_code
from tests.support.office import People

MFA = "urn:inservice:acr:mfa"
ESSENTIAL = json.dumps({"id_token": {"acr": {"essential": True, "value": MFA}}})


def test_who_has_no_factor_adds_one_on_the_way(browser: Browser, people: People, dream_n: RelyingParty) -> None:
    """She is told what is demanded, enrols, and comes to the partner with a token that says so."""
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    request = dream_n.request(claims=ESSENTIAL)
    assert browser.get(request.url).has("stronger-go")
    browser.follow("stronger-go")
    browser.follow("totp-add")
    secret = browser.page.text("totp-secret").replace(" ", "")
    browser.submit("totp-submit", otp=next(codes(secret)))
    page = browser.follow("factor-on")
    claims = dream_n.finish(page, request).claims
    assert claims["acr"] == MFA
    assert set(claims["amr"]) == {"pwd", "otp", "mfa"}


def test_who_has_a_factor_logs_in_with_it(browser: Browser, people: People, dream_n: RelyingParty, app: Flask) -> None:
    """A session from before the enrolment is not enough; a new log-in is."""
    older = Browser(app)
    older.log_in(people["T02"]["account"], people["T02"]["password"])
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    secret, _ = enrol_totp(browser)
    request = dream_n.request(claims=ESSENTIAL)
    older.get(request.url)
    older.follow("stronger-go")
    older.submit("login-submit", username=people["T02"]["account"], password=people["T02"]["password"])
    page = older.submit("otp-submit", otp=later_code(secret))
    assert dream_n.finish(page, request).claims["acr"] == MFA


@pytest.mark.parametrize("prompt", [None, "none"])
def test_giving_up(prompt: str | None, browser: Browser, people: People, dream_n: RelyingParty) -> None:
    """The partner gets ``unmet_authentication_requirements``, at once with ``prompt=none``."""
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    page = browser.get(dream_n.request(claims=ESSENTIAL, prompt=prompt).url)
    if prompt is None:
        page = browser.follow("stronger-cancel")
    assert page.answer["error"] == "unmet_authentication_requirements"


@pytest.mark.rule("AC-12")
def test_a_lock_comes_first(browser: Browser, people: People, dream_n: RelyingParty) -> None:
    """A locked teacher is not sent to add a factor for nothing: she is refused."""
    browser.log_in(people["T04"]["account"], people["T04"]["password"])
    assert browser.get(dream_n.request(claims=ESSENTIAL).url).has("refusal-title")


def test_a_password_is_enough_for_who_asks_for_one(browser: Browser, people: People, dream_n: RelyingParty) -> None:
    """Two factors satisfy a partner that demands a password log-in."""
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    enrol_totp(browser)
    wanted = json.dumps({"id_token": {"acr": {"essential": True, "value": "urn:inservice:acr:pwd"}}})
    request = dream_n.request(claims=wanted)
    assert dream_n.finish(browser.get(request.url), request).claims["acr"] == MFA
