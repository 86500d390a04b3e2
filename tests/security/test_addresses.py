"""E-mail addresses: verified by a link, changed with a recent log-in, suspended by a lock (§1.4, D-11)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from config.database import db
from idp.accounts.addresses import address_of
from idp.accounts.models import Account
from idp.mail.deliver import run_once
from tests.pages import Browser
from tests.scim.support import Scim, op
from tests.support.feed import Feeder, feed
from tests.support.mail import Mailbox, link_in, text_of
from tests.support.office import Office, People

ISSUER = "http://127.0.0.1:8000"


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a@b.example", "a@b.example"),
        (" teacher@SCHOOL.Example ", "teacher@school.example"),
        ("老師@學校.example", "老師@學校.example"),
        ("a@b", None),
        ("a b@c.example", None),
        ("a@b.example, c@d.example", None),
        ("a@b.example\nBcc: c@d.example", None),
        ("x" * 250 + "@b.example", None),
        ("", None),
    ],
)
def test_addresses(typed: str, stored: str | None) -> None:
    """One well-formed address, as it is stored; no header can be smuggled in."""
    assert address_of(typed) == stored


def stored(app: Flask, account: str) -> tuple[str | None, bool]:
    """Return the address of an account, and whether it was verified."""
    with app.app_context(), db.session.begin():
        row = db.session.scalars(select(Account).where(Account.login_name == account)).one()
        return row.email, row.email_verified_at is not None


def test_a_change_takes_effect_by_the_link(mailing: Flask, mailbox: Mailbox, people: People) -> None:
    """The old address stays until the new one is proved; then it is told of the change."""
    browser = Browser(mailing)
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    browser.get("/account/functions/edit_profile")
    assert browser.submit("profile-submit", email="new@home.example").has("profile-sent")
    assert "wang0101@mail.example" in browser.page.text("email-now")
    assert stored(mailing, "wang0101") == ("wang0101@mail.example", True)
    run_once(mailing)
    path = link_in(mailbox.to("new@home.example")[0], ISSUER)
    other = Browser(mailing)
    other.get(path)
    assert stored(mailing, "wang0101") == ("wang0101@mail.example", True)
    assert other.submit("verify-submit").has("verify-done")
    assert stored(mailing, "wang0101") == ("new@home.example", True)
    assert other.get(path).status == 410
    assert other.page.link("link-again") == "/account/profile"
    run_once(mailing)
    assert len(mailbox.to("wang0101@mail.example")) == 1


def test_a_bad_address(browser: Browser, people: People) -> None:
    """Refused beside the field, with what was typed kept."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    browser.get("/account/profile")
    page = browser.submit("profile-submit", email="nonsense")
    assert (page.status, page.has("email-error")) == (400, True)
    assert 'value="nonsense"' in page.html


@pytest.mark.rule("AC-29", "D-11")
def test_a_lock_suspends_it(browser: Browser, people: People, office: Office) -> None:
    """§1.4: edit_profile is suspended while locked, by whatever address it is opened or sent."""
    browser.log_in(people["T04"]["account"], people["T04"]["password"])
    assert browser.get("/account/profile").status == 403
    browser.get("/account/security")
    token = dict(browser.page.forms[0].fields)["form_token"]
    assert browser.post("/account/profile", {"form_token": token, "email": "x@y.example"}).status == 403
    assert len(office.events("function.refused", people["T04"])) == 2


def test_an_application_asks_to_verify(mailing: Flask, mailbox: Mailbox) -> None:
    """A new account's address gets a link, and nothing else until it was opened."""
    from tests.acceptance.test_application import send

    assert send(Browser(mailing)).url == "/account"
    run_once(mailing)
    (mail,) = mailbox.to("lin.test@school.example")
    assert stored(mailing, "lintest01") == ("lin.test@school.example", False)
    browser = Browser(mailing)
    browser.get(link_in(mail, ISSUER))
    browser.submit("verify-submit")
    assert stored(mailing, "lintest01") == ("lin.test@school.example", True)


def test_it_asks_for_a_recent_log_in(browser: Browser, people: People) -> None:
    """Ten minutes after the log-in the page asks again, and leads back."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10, seconds=1)):
        assert browser.get("/account/profile").has("login-again")
        page = browser.submit("login-submit", username=people["T01"]["account"], password=people["T01"]["password"])
        assert page.has("profile-submit")


def by_feed(app: Flask, address: str) -> None:
    """A file names another address."""
    assert Feeder(app).take(feed({"account": "wang0101", "name": "王曉晴", "email": address})).outcomes == ["changed"]


def by_scim(app: Flask, address: str) -> None:
    """A system of a county names another address."""
    scim = Scim(app)
    scim.patch(scim.find("wang0101")["id"], op("replace", "emails", [{"value": address}]))


@pytest.mark.parametrize("change", [by_feed, by_scim])
def test_a_change_by_an_office(
    mailing: Flask, mailbox: Mailbox, people: People, change: Callable[[Flask, str], None]
) -> None:
    """The verified address before is told, and a link that went there sets no password any more."""
    browser = Browser(mailing)
    browser.get("/login/forgot")
    browser.submit("forgot-submit", username="wang0101")
    run_once(mailing)
    path = link_in(mailbox.to("wang0101@mail.example")[-1], ISSUER)
    assert browser.get(path).has("reset-submit")
    change(mailing, "new@school.example")
    assert stored(mailing, "wang0101") == ("new@school.example", True)
    run_once(mailing)
    assert "您的電子信箱已經變更" in text_of(mailbox.to("wang0101@mail.example")[-1])
    assert mailbox.to("new@school.example") == []
    assert (
        browser.submit("reset-submit", password="purple-otter 七 hums", repeated="purple-otter 七 hums").status == 410
    )
    assert browser.log_in("wang0101", people["T01"]["password"]).url == "/account"
