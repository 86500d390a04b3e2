"""Passkeys (WebAuthn, D-74): made by who is signed in, enough to log in, and every forgery refused."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from config.database import db
from idp.accounts.accounts import close_account
from idp.accounts.credentials import Passkey
from idp.accounts.models import BusinessDetail
from idp.accounts.passkeys import PASSKEYS_MAX
from tests.pages import Browser, Page
from tests.rp import RelyingParty
from tests.security.steps import is_in, password_step
from tests.support.authenticator import PRESENT, Authenticator
from tests.support.office import MakeApp, Office, People, Staff
from tests.support.office import change as by_school

ISSUER, HOST = "http://localhost:8000", "localhost"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The application under a name: WebAuthn knows no addresses."""
    return make_app(issuer=ISSUER)


@pytest.fixture
def authenticator() -> Authenticator:
    """A device of T01."""
    return Authenticator(ISSUER, HOST)


def options_of(page: Page) -> str:
    """Return the options that the page gives its script."""
    found = re.search(r'data-options="([^"]+)"', page.html)
    assert found, page.html
    return html.unescape(found[1])


def enrol(browser: Browser, device: Authenticator, name: str = "筆電") -> Page:
    """Make a passkey for who is logged in."""
    browser.get("/account/security/passkey")
    return browser.submit("passkey-create", credential=device.create(options_of(browser.page)), name=name)


def log_in(browser: Browser, device: Authenticator, path: str = "/login") -> Page:
    """Log in with a passkey."""
    browser.get(path)
    return browser.submit("passkey-submit", credential=device.get(options_of(browser.page)))


def with_passkey(app: Flask, person: dict[str, Any], device: Authenticator) -> Browser:
    """Log a person in by password and make a passkey."""
    browser = Browser(app)
    browser.log_in(person["account"], person["password"])
    assert enrol(browser, device).has("factor-done"), browser.page.html
    return browser


@pytest.mark.rule("D-74")
def test_log_in_without_a_password(app: Flask, people: People, authenticator: Authenticator, office: Office) -> None:
    """The passkey alone opens the account; it is two factors, and she was told when it was added."""
    with_passkey(app, people["T01"], authenticator)
    browser = Browser(app)
    assert log_in(browser, authenticator).url == "/account"
    assert office.events("login.succeeded", people["T01"])[-1].detail == {"amr": ["pop", "user", "mfa"]}
    assert [message.code for message in office.messages(people["T01"])] == ["SEC-PASSKEY-ADDED"]
    page = browser.get("/account/security")
    assert "筆電" in page.html
    assert "上次使用於" in page.html


def test_the_password_alone_is_no_longer_enough(app: Flask, people: People, authenticator: Authenticator) -> None:
    """With a passkey the password leads to the second step; a recovery code helps out there."""
    browser = Browser(app)
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    shown = enrol(browser, authenticator).html
    codes = re.findall(r"<code>([0-9a-z-]{14})</code>", shown)
    other = Browser(app)
    assert password_step(other, people["T01"]).has("otp-submit")
    assert other.submit("otp-submit", otp=codes[3]).url == "/account"


def test_the_way_to_a_partner(app: Flask, people: People, authenticator: Authenticator, template: Any) -> None:
    """The sign-in that led to the log-in page goes on, with what the log-in was."""
    with_passkey(app, people["T02"], authenticator)
    partner = RelyingParty(app, template.clients["dream-n"])
    browser, request = Browser(app), partner.request()
    page = log_in(browser, authenticator, request.url)
    claims = partner.finish(page, request).claims
    assert (claims["acr"], claims["amr"]) == ("urn:inservice:acr:mfa", ["pop", "user", "mfa"])


def _wrong_origin(device: Authenticator) -> None:
    device.origin = "http://localhost.evil.example:8000"


def _wrong_site(device: Authenticator) -> None:
    device.rp_id = "evil.example"


def _not_verified(device: Authenticator) -> None:
    device.flags = PRESENT


def _another_key(device: Authenticator) -> None:
    device.key = Authenticator(ISSUER, HOST).key


def _unknown(device: Authenticator) -> None:
    device.credential_id = b"x" * 32


def _handle(device: Authenticator) -> None:
    device.user_handle = "c29tZWJvZHkgZWxzZQ"


def _copied(device: Authenticator) -> None:
    device.count = 0


FORGERIES: tuple[Callable[[Authenticator], None], ...] = (
    *(_wrong_origin, _wrong_site, _not_verified, _another_key, _unknown, _handle, _copied),
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_forgeries(
    forge: Callable[[Authenticator], None], app: Flask, people: People, authenticator: Authenticator, office: Office
) -> None:
    """Another origin or site, no PIN or finger, another key, an unknown or copied one: nobody is logged in."""
    with_passkey(app, people["T01"], authenticator)
    for _ in range(2):
        assert log_in(Browser(app), authenticator).url == "/account"
    forge(authenticator)
    browser = Browser(app)
    assert log_in(browser, authenticator).status == 403
    assert not is_in(browser)
    assert len(office.events("login.passkey_failed")) == 1


@pytest.mark.parametrize("forge", [_wrong_origin, _wrong_site, _not_verified], ids=lambda forge: forge.__name__)
def test_forged_enrolments(
    forge: Callable[[Authenticator], None], app: Flask, people: People, authenticator: Authenticator
) -> None:
    """What was made for another site, or without its user, is not stored."""
    forge(authenticator)
    browser = Browser(app)
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert enrol(browser, authenticator).status == 400
    with app.app_context(), db.session.begin():
        assert db.session.scalars(select(Passkey)).all() == []


def test_a_ceremony_counts_once(app: Flask, people: People, authenticator: Authenticator) -> None:
    """The same answer twice, or in another browser, logs nobody in."""
    with_passkey(app, people["T01"], authenticator)
    browser = Browser(app)
    browser.get("/login")
    form = browser.page.form_with("passkey-submit")
    answer = authenticator.get(options_of(browser.page))
    sent = dict(form.fields) | {"credential": answer}
    thief = Browser(app)
    thief.get("/login")
    own = dict(thief.page.form_with("passkey-submit").fields)
    assert thief.post(form.action, sent | {"form_token": own["form_token"]}).status == 403
    browser.get("/login")
    again = dict(browser.page.form_with("passkey-submit").fields)["options"]
    assert browser.post(form.action, sent | {"options": again}).status == 403
    assert not is_in(browser)
    assert not is_in(thief)


def test_an_answer_is_never_taken_again(app: Flask, people: People, authenticator: Authenticator) -> None:
    """Synced passkeys do not count their uses, so the ceremony itself must: a recorded answer logs nobody in."""
    with_passkey(app, people["T01"], authenticator)
    browser = Browser(app)
    browser.get("/login")
    form, authenticator.count = browser.page.form_with("passkey-submit"), -1
    sent = dict(form.fields) | {"credential": authenticator.get(options_of(browser.page))}
    assert browser.post(form.action, sent).url == "/account"
    browser.submit("logout")
    browser.get("/login")
    token = dict(browser.page.form_with("passkey-submit").fields)["form_token"]
    assert browser.post(form.action, sent | {"form_token": token}).status == 403
    assert not is_in(browser)


@pytest.mark.parametrize("credential", ["", "x", "[]", "{}", '{"id": 1}', '{"response": 1}', "[" * 5_000, "{" * 20_000])
def test_nonsense(credential: str, app: Flask) -> None:
    """No 500, nobody logged in."""
    browser = Browser(app)
    browser.get("/login")
    assert browser.submit("passkey-submit", credential=credential).status == 403


def test_a_closed_account(app: Flask, people: People, authenticator: Authenticator, office: Office) -> None:
    """D-05: closed is closed, also for a passkey."""
    with_passkey(app, people["T01"], authenticator)
    with app.app_context():
        close_account(office.id_of(people["T01"]), actor="tests", now=by_school().now)
    browser = Browser(app)
    assert log_in(browser, authenticator).status == 403
    assert not is_in(browser)


@pytest.mark.rule("AC-05")
def test_a_business_account_that_is_disabled(app: Flask, staff: Staff, authenticator: Authenticator) -> None:
    """Art.4: any state but active keeps a business account out, whatever the log-in."""
    with_passkey(app, staff("sch994501"), authenticator)
    with app.app_context(), db.session.begin():
        db.session.execute(update(BusinessDetail).values(state="disabled"))
    assert log_in(Browser(app), authenticator).status == 403


def test_removal(app: Flask, people: People, authenticator: Authenticator) -> None:
    """A passkey that was removed opens nothing; somebody else's cannot be removed."""
    owner = with_passkey(app, people["T01"], authenticator)
    with app.app_context(), db.session.begin():
        ident = db.session.scalars(select(Passkey.id)).one()
    stranger = Browser(app)
    stranger.log_in(people["T03"]["account"], people["T03"]["password"])
    token = dict(stranger.get("/account/security").forms[0].fields)["form_token"]
    stranger.post(f"/account/security/passkeys/{ident}/remove", {"form_token": token})
    assert log_in(Browser(app), authenticator).url == "/account"
    owner.get("/account/security")
    owner.submit(f"passkey-remove-{ident}")
    assert log_in(Browser(app), authenticator).status == 403


def test_under_an_address(make_app: MakeApp, people: People) -> None:
    """WebAuthn knows no IP addresses: there is no button, and the page says why."""
    browser = Browser(make_app())
    assert not browser.get("/login").has("passkey-submit")
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert browser.get("/account/security/passkey").status == 404


def test_twenty(app: Flask, people: People, authenticator: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account has at most 20 passkeys, and one that is known, to her or to somebody else, is not made again."""
    browser = with_passkey(app, people["T01"], authenticator)
    other = Browser(app)
    other.log_in(people["T02"]["account"], people["T02"]["password"])
    assert [enrol(who, authenticator).status for who in (browser, other)] == [400, 400]
    assert PASSKEYS_MAX == 20
    monkeypatch.setattr("idp.accounts.passkeys.PASSKEYS_MAX", 2)
    assert [enrol(browser, Authenticator(ISSUER, HOST)).status for _ in range(2)] == [200, 400]


def test_a_ceremony_ends(app: Flask, people: People, authenticator: Authenticator) -> None:
    """What was begun more than five minutes ago logs nobody in."""
    with_passkey(app, people["T01"], authenticator)
    browser = Browser(app)
    browser.get("/login")
    sent = dict(browser.page.form_with("passkey-submit").fields) | {
        "credential": authenticator.get(options_of(browser.page))
    }
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=310)):
        assert browser.post("/login/passkey", sent).status == 403
