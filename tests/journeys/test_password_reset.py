"""A teacher forgot her password: mail, link, new password, in a real browser without script (DOMAIN §7.4)."""

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.looks import assert_whole
from tests.journeys.secrets_of import borrowed, with_generator
from tests.journeys.steps import Album, open_log_in, press, prove
from tests.pages import codes
from tests.support.demo import Demo, Person

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("demo")]


@pytest.fixture
def teacher(demo: Demo) -> Iterator[Person]:
    """T03, with her password and without a second factor."""
    with borrowed(demo, "T03") as person:
        yield person


def mails(page: Page, demo: Demo, account: str) -> Locator:
    """Open the demo's mailbox and return her mails about a reset, the newest first."""
    page.goto(demo.facts["mailbox"])
    return page.locator(".mail", has_text="設定新密碼").filter(has_text=f"{account}@mail.example")


def ask(page: Page, demo: Demo, account: str) -> None:
    """Ask for a link."""
    page.goto(f"{demo.issuer}/login")
    press(page, "#forgot-link")
    page.fill("#username", account)
    press(page, "#forgot-submit")
    expect(page.locator("#forgot-sent")).to_be_visible()


def ask_and_open(page: Page, demo: Demo, account: str) -> str:
    """Ask for a link, open the mailbox until the mail is there, click its link, and return where it leads."""
    before = mails(page, demo, account).count()
    ask(page, demo, account)
    for _ in range(60):
        if mails(page, demo, account).count() > before:
            break
        page.wait_for_timeout(250)
    link = mails(page, demo, account).first.get_by_role("link").first
    address = str(link.get_attribute("href"))
    with page.expect_navigation():
        link.click()
    expect(page.locator("#reset-title")).to_be_visible()
    return address


def set_new(page: Page) -> str:
    """Set a new password at the form that is open, and return it."""
    chosen = f"green tiger {secrets.token_hex(8)}"
    for field in ("password", "repeated"):
        page.fill(f"#{field}", chosen)
    press(page, "#reset-submit")
    expect(page.locator("#reset-done")).to_be_visible()
    return chosen


def test_from_forgot_to_log_in(demo: Demo, page: Page, new_page: NewPage, teacher: Person) -> None:
    """The new password opens the account, the old one does not; the link works once; other browsers are logged out."""
    album, elsewhere = Album(page, "reset"), new_page()
    open_log_in(elsewhere, demo, teacher)
    link = ask_and_open(page, demo, teacher["account"])
    album.keep("form")
    chosen = set_new(page)
    press(page, "#reset-login")
    page.fill("#username", teacher["account"])
    page.fill("#password", chosen)
    press(page, "#login-submit")
    expect(page.locator("#logout")).to_be_visible()
    elsewhere.goto(f"{demo.issuer}/account")
    expect(elsewhere.locator("#login-title")).to_be_visible()
    open_log_in(elsewhere, demo, teacher)
    expect(elsewhere.locator("#login-error")).to_be_visible()
    elsewhere.goto(link)
    expect(elsewhere.locator("#link-gone")).to_be_visible()
    press(elsewhere, "#link-again")
    expect(elsewhere.locator("#forgot-title")).to_be_visible()


@pytest.mark.rule("D-74")
def test_a_reset_does_not_skip_the_second_factor(demo: Demo, page: Page, teacher: Person) -> None:
    """Who can read her mail has half of what a log-in takes."""
    secret = with_generator(demo, teacher["account"])
    ask_and_open(page, demo, teacher["account"])
    chosen = set_new(page)
    open_log_in(page, demo, teacher | {"password": chosen})
    expect(page.locator("#second-factor-title")).to_be_visible()
    page.goto(f"{demo.issuer}/account")
    expect(page.locator("#login-title")).to_be_visible()
    open_log_in(page, demo, teacher | {"password": chosen})
    prove(page, next(codes(secret)))
    expect(page.locator("#logout")).to_be_visible()


def test_a_name_that_nobody_has(demo: Demo, page: Page, teacher: Person) -> None:
    """The answer is the same, word for word."""
    ask(page, demo, teacher["account"])
    known = page.locator("main").inner_text()
    ask(page, demo, "nobody-has-this")
    assert page.locator("main").inner_text() == known


def test_the_mailbox(demo: Demo, new_page: NewPage, teacher: Person) -> None:
    """The demo's mailbox is a page for everybody too: accessible, and whole on a phone."""
    page = new_page(script=True)
    ask_and_open(page, demo, teacher["account"])
    page.goto(demo.facts["mailbox"])
    Album(page, "mailbox").keep("mails")
    assert_whole(page)
