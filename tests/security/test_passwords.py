"""Changing a password (§7.4, D-11): strong, not one of the last three, recent log-in, other sessions end, it is told."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from config.database import db
from idp.accounts.credentials import PasswordHistory
from tests.pages import Browser, Page
from tests.security.steps import ANOTHER, PASSWORD, is_in
from tests.support.office import MakeApp, Office, People

THIRD, FOURTH = "seven slow rivers 流啊流", "nine quiet mountains 靜靜的"


def change(browser: Browser, password: str) -> Page:
    """Change the password of whoever is logged in."""
    browser.get("/account/functions/change_password")
    return browser.submit("password-submit", password=password, repeated=password)


def test_a_change(browser: Browser, people: People, app: Flask, office: Office) -> None:
    """The new one counts, the old one does not; this session stays, all others end; she is told once."""
    person, other = people["T01"], Browser(app)
    other.log_in(person["account"], person["password"])
    browser.log_in(person["account"], person["password"])
    assert change(browser, PASSWORD).has("password-changed")
    assert is_in(browser)
    assert not is_in(other)
    assert Browser(app).log_in(person["account"], person["password"]).has("login-error")
    assert Browser(app).log_in(person["account"], PASSWORD).url == "/account"
    assert [message.code for message in office.messages(person)] == ["SEC-PASSWORD-CHANGED"]
    assert len(office.events("password.changed", person)) == 1


def test_none_of_the_last_three(browser: Browser, people: People, app: Flask) -> None:
    """The current one and the two before are refused, the fourth back is free again; no more hashes are kept."""
    person = people["T01"]
    browser.log_in(person["account"], person["password"])
    assert change(browser, person["password"]).has("password-error")
    for new in (PASSWORD, ANOTHER, THIRD):
        assert change(browser, new).has("password-changed")
    for old in (PASSWORD, ANOTHER, THIRD):
        page = change(browser, old)
        assert (page.status, page.has("password-error")) == (400, True)
    assert change(browser, person["password"]).has("password-changed")
    with app.app_context(), db.session.begin():
        assert db.session.scalar(select(func.count()).select_from(PasswordHistory)) == 2


@pytest.mark.parametrize(
    "bad", ["short", "leavemealone", "aaaaaaaaaaaaaaa", "wang0101-wang0101", "王曉晴王曉晴王曉晴王曉晴"]
)
def test_a_poor_one(bad: str, browser: Browser, people: People, app: Flask) -> None:
    """Refused beside the field; the old one still counts."""
    person = people["T01"]
    browser.log_in(person["account"], person["password"])
    page = change(browser, bad)
    assert (page.status, page.has("password-error")) == (400, True)
    assert Browser(app).log_in(person["account"], person["password"]).url == "/account"


def test_two_that_differ(browser: Browser, people: People) -> None:
    """Typed twice, unlike: nothing changes."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    browser.get("/account/security/password")
    page = browser.submit("password-submit", password=PASSWORD, repeated=PASSWORD + "x")
    assert (page.status, page.has("repeated-error")) == (400, True)


@pytest.mark.parametrize(
    "path", ["/account/security/password", "/account/security/totp", "/account/security/passkey", "/account/profile"]
)
def test_an_open_browser_is_not_enough(path: str, browser: Browser, people: People) -> None:
    """Ten minutes after the log-in each of these asks for another one, for reading and for sending."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    browser.get("/account/security")
    token = dict(browser.page.forms[0].fields)["form_token"]
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10, seconds=1)):
        assert browser.get(path).has("login-again")
        page = browser.post(
            path, {"form_token": token, "password": PASSWORD, "repeated": PASSWORD, "email": "a@b.example"}
        )
        assert page.has("login-again")


@pytest.mark.rule("D-11")
@pytest.mark.parametrize("allowed", [True, False])
def test_while_locked(allowed: bool, make_app: MakeApp, people: People) -> None:  # noqa: FBT001  # a parameter of the test
    """D-11: a compromised password may be changed while locked, unless the setting says no, also by the page's address."""
    app = make_app(locked_allows_password_change=allowed)
    browser = Browser(app)
    browser.log_in(people["T04"]["account"], people["T04"]["password"])
    browser.get("/account/security")
    token = dict(browser.page.forms[0].fields)["form_token"]
    page = browser.post("/account/security/password", {"form_token": token, "password": PASSWORD, "repeated": PASSWORD})
    assert page.status == (200 if allowed else 403)
    assert Browser(app).log_in(people["T04"]["account"], PASSWORD).has("login-error") is not allowed
