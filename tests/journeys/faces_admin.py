"""Faces of the national centre's administration of accounts."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from scopes.roc import taipei_day
from tests.journeys.faces import Visitor, face
from tests.journeys.secrets_of import account_id, with_generator, without_factors
from tests.journeys.steps import press

REASON = "Seen with her identity card"


def number_of(visitor: Visitor, account: str) -> int:
    """Return the number in the address of an account's page."""
    with visitor.demo.database():
        return account_id(account)


def look(visitor: Visitor, account: str, query: str = "") -> None:
    """Open an account's page as the national centre."""
    visitor.sign_in_staff("natadm01")
    visitor.open(f"/admin/accounts/{number_of(visitor, account)}{query}")


def troubled(visitor: Visitor) -> None:
    """T06 logs in, adds a generator, and somebody else guesses at her password."""
    without_factors(visitor.demo, "liu0606")
    visitor.log_in("T06")
    visitor.page.context.clear_cookies()
    with_generator(visitor.demo, "liu0606")
    visitor.open("/login")
    for _ in range(5):
        visitor.page.fill("#username", "liu0606")
        visitor.page.fill("#password", "guessed")
        press(visitor.page, "#login-submit")


@face()
def admin_accounts(visitor: Visitor) -> None:
    """A search with a result."""
    visitor.sign_in_staff("natadm01")
    visitor.open("/admin/accounts?q=rtest")
    expect(visitor.page.locator("#account-rtest001")).to_be_visible()


@face()
def admin_accounts_nothing_found(visitor: Visitor) -> None:
    """And without."""
    visitor.sign_in_staff("natadm01")
    visitor.open("/admin/accounts?q=nobody")


@face()
def admin_account(visitor: Visitor) -> None:
    """A locked teacher with everything that an administrator can help her with."""
    troubled(visitor)
    look(visitor, "liu0606")
    for button in ("#let-in", "#end-all", "#reset-ask"):
        expect(visitor.page.locator(button)).to_be_visible()


@face()
def admin_account_reset_waits(visitor: Visitor) -> None:
    """A reset was asked for; a second administrator decides."""
    troubled(visitor)
    look(visitor, "liu0606")
    visitor.page.fill("#reason", REASON)
    press(visitor.page, "#reset-ask")
    expect(visitor.page.locator("#reset-waits")).to_be_visible()


@face(403)
def admin_account_refused(visitor: Visitor) -> None:
    """A reset without a reason."""
    troubled(visitor)
    look(visitor, "liu0606")
    visitor.page.evaluate("() => document.querySelectorAll('main form').forEach(form => form.noValidate = true)")
    press(visitor.page, "#reset-ask")
    expect(visitor.page.locator("#admin-error")).to_be_visible()


@face()
def admin_account_past_day(visitor: Visitor) -> None:
    """Why was she locked? Then nothing was known of her; the entries came later."""
    day = taipei_day(datetime.now(UTC)) - timedelta(days=100)
    look(visitor, "liu0606", f"?day={day}")
    expect(visitor.page.locator("#why-state")).to_be_visible()


@face()
def admin_account_wrong_day(visitor: Visitor) -> None:
    """A day that is none."""
    look(visitor, "wang0101", "?day=yesterday")
    expect(visitor.page.locator("#day-error")).to_be_visible()


@face()
def admin_account_business(visitor: Visitor) -> None:
    """A business account."""
    look(visitor, "rcsouth01")
