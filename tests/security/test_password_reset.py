"""A new password by mail (§7.4): single use, in time, told to nobody else, no way around the second factor."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from config.database import db
from idp.accounts.credentials import MailedLink
from idp.accounts.models import Account
from idp.accounts.outbox import Mail
from idp.mail.deliver import run_once
from tests.pages import Browser, Page
from tests.security.steps import ANOTHER, enrol_totp, is_in, later_code
from tests.support.mail import Mailbox, link_in, text_of
from tests.support.office import Office, People

Login = Callable[[str], dict[str, str]]


def ask(app: Flask, account: str) -> Page:
    """Ask for a link."""
    browser = Browser(app)
    browser.get("/login")
    browser.follow("forgot-link")
    return browser.submit("forgot-submit", username=account)


def link(app: Flask, mailbox: Mailbox, account: str) -> str:
    """Ask for a link and return it as it came by mail."""
    ask(app, account)
    run_once(app)
    return link_in(mailbox.to(f"{account}@mail.example")[-1], "http://127.0.0.1:8000")


def set_new(app: Flask, path: str, password: str = ANOTHER) -> Page:
    """Open a link in a browser of its own and set a password."""
    browser = Browser(app)
    browser.get(path)
    if not browser.page.has("reset-submit"):
        return browser.page
    return browser.submit("reset-submit", password=password, repeated=password)


def test_the_whole_way(mailing: Flask, mailbox: Mailbox, people: People) -> None:
    """The old password is void, every session ended, the new one works; she is told, in both languages."""
    before = Browser(mailing)
    before.log_in(people["T01"]["account"], people["T01"]["password"])
    path = link(mailing, mailbox, "wang0101")
    assert set_new(mailing, path).has("reset-done")
    assert not is_in(before)
    assert Browser(mailing).log_in("wang0101", people["T01"]["password"]).has("login-error")
    assert Browser(mailing).log_in("wang0101", ANOTHER).url == "/account"
    run_once(mailing)
    last = text_of(mailbox.to("wang0101@mail.example")[-1])
    assert "您的登入密碼已經變更。" in last
    assert "Your password has been changed." in last


def test_a_link_counts_once(mailing: Flask, mailbox: Mailbox) -> None:
    """Looking at it does not use it up, setting a password does, and voids the others."""
    first, second = link(mailing, mailbox, "wang0101"), link(mailing, mailbox, "wang0101")
    assert first != second
    for _ in range(3):
        assert Browser(mailing).get(first).has("reset-submit")
    assert set_new(mailing, first).has("reset-done")
    for path in (first, second):
        page = set_new(mailing, path, "yet another pass 七七八八")
        assert (page.status, page.has("link-gone")) == (410, True)


def test_a_link_does_not_last(mailing: Flask, mailbox: Mailbox, people: People) -> None:
    """Thirty minutes; afterwards it is gone and the password is what it was."""
    path = link(mailing, mailbox, "wang0101")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=30, seconds=1)):
        assert set_new(mailing, path).status == 410
    assert Browser(mailing).log_in("wang0101", people["T01"]["password"]).url == "/account"


def test_a_bad_password_leaves_the_link_good(mailing: Flask, mailbox: Mailbox, people: People) -> None:
    """Weak, common, unlike, or used before: the field says why, and nothing has changed."""
    path = link(mailing, mailbox, "wang0101")
    for bad in ("short", "leavemealone", "wang0101 wang0101", people["T01"]["password"]):
        page = set_new(mailing, path, bad)
        assert (page.status, page.has("password-error")) == (400, True)
    browser = Browser(mailing)
    browser.get(path)
    assert browser.submit("reset-submit", password=ANOTHER, repeated=ANOTHER + "x").has("repeated-error")
    assert set_new(mailing, path).has("reset-done")


def test_it_is_no_way_around_the_second_factor(mailing: Flask, mailbox: Mailbox, people: People) -> None:
    """With a generator enrolled, the new password leads to the code, and not in."""
    browser = Browser(mailing)
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    secret, _ = enrol_totp(browser)
    set_new(mailing, link(mailing, mailbox, "wang0101"))
    after = Browser(mailing)
    assert after.log_in("wang0101", ANOTHER).has("otp-submit")
    assert not is_in(after)
    after.log_in("wang0101", ANOTHER)
    after.submit("otp-submit", otp=later_code(secret))
    assert is_in(after)


@pytest.mark.parametrize("account", ["nobody99", "sub99math", "", "x" * 300, "wang0101' OR 1=1"])
def test_the_answer_is_the_same(account: str, mailing: Flask, mailbox: Mailbox) -> None:
    """Known or unknown, able to get mail or not: one answer (an empty field is told so)."""
    known, unknown = ask(mailing, "lin0202"), ask(mailing, account)
    if account:
        assert _without_tokens(known.html) == _without_tokens(unknown.html)
        assert known.status == unknown.status == 200
    else:
        assert unknown.status == 400
    run_once(mailing)
    assert {mail["To"] for mail in mailbox.mails} <= {"lin0202@mail.example", "sub99math@mail.example"}


def _without_tokens(html: str) -> list[str]:
    return [line for line in html.splitlines() if "form_token" not in line and "language/" not in line]


def test_an_unverified_address_gets_nothing(mailing: Flask, mailbox: Mailbox, people: People, office: Office) -> None:
    """It may be a stranger's: a typing error must not give an account away."""
    with mailing.app_context(), db.session.begin():
        db.session.execute(update(Account).where(Account.login_name == "wang0101").values(email_verified_at=None))
    assert ask(mailing, "wang0101").has("forgot-sent")
    run_once(mailing)
    assert mailbox.mails == []
    assert len(office.events("password.reset_asked", people["T01"])) == 1


def test_not_too_many(mailing: Flask, mailbox: Mailbox) -> None:
    """Three links are open at most, whoever asks."""
    for _ in range(8):
        ask(mailing, "wang0101")
    run_once(mailing)
    assert len(mailbox.to("wang0101@mail.example")) == 3


def test_no_secret_at_rest(mailing: Flask, mailbox: Mailbox) -> None:
    """The link is a digest in one table, sealed in the queue until it is sent, and then gone from there."""
    ask(mailing, "wang0101")
    with mailing.app_context(), db.session.begin():
        waiting = db.session.scalars(select(Mail)).one()
        assert waiting.sealed is not None
        sealed = waiting.sealed
    run_once(mailing)
    token = link_in(mailbox.mails[0], "http://127.0.0.1:8000").partition("t=")[2]
    with mailing.app_context(), db.session.begin():
        sent = db.session.scalars(select(Mail)).one()
        kept = db.session.scalars(select(MailedLink)).one()
    assert token not in sealed
    assert sent.sealed is None
    assert sent.sent_at is not None
    assert token not in kept.digest
