"""What a teacher does in her browser, step by step."""

import re
from collections.abc import Collection

from playwright.sync_api import Page, expect

from tests.pages import codes
from tests.support.chromium import screenshot
from tests.support.demo import Demo, Person

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def press(page: Page, button: str) -> None:
    """Press what leads to another page, and wait until that is there."""
    with page.expect_navigation():
        page.click(button)


def start_at_site(page: Page, demo: Demo) -> None:
    """Open the partner site and ask to sign in."""
    page.goto(demo.site)
    press(page, "#login-button")


def log_in(page: Page, person: Person) -> None:
    """Fill the log-in page in and send it."""
    page.fill("#username", person["account"])
    page.fill("#password", person["password"])
    press(page, "#login-submit")


def open_log_in(page: Page, demo: Demo, person: Person) -> None:
    """Open the log-in page and send account and password."""
    page.goto(f"{demo.issuer}/login")
    log_in(page, person)


def log_out(page: Page) -> None:
    """Press 登出系統."""
    press(page, "#logout")
    expect(page.locator("#logged-out")).to_be_visible()


def prove(page: Page, code: str) -> None:
    """Send the second step of a log-in."""
    page.fill("#otp", code)
    press(page, "#otp-submit")


def sign_in_staff(page: Page, account: Person) -> None:
    """Log in with a business account at the log-in page that is open; what its role demands beside comes here.

    A code counts once: `Demo.renew_codes` before it, since tests log in more often than half minutes pass.
    """
    log_in(page, account)
    if account.get("totp_secret"):
        page.fill("#otp", next(codes(account["totp_secret"])))
        press(page, "#otp-submit")
    expect(page.locator("#logout")).to_be_visible()


def approve(page: Page, declined: Collection[str] = ()) -> None:
    """Tick every box of the consent page but the declined ones, whatever they were before, and approve."""
    for box in page.locator("input[type=checkbox][name=items]").all():
        box.set_checked(box.get_attribute("value") not in declined)
    press(page, "#consent-approve")


def sign_in_at_site(page: Page, demo: Demo, person: Person) -> None:
    """Sign in at the partner site with all that this takes today."""
    start_at_site(page, demo)
    if page.locator("#login-submit").count():
        log_in(page, person)
    if page.locator("#consent-approve").count():
        approve(page)
    if page.locator("#changed-continue").count():
        press(page, "#changed-continue")
    expect(page.locator("#signed-in")).to_be_visible()


def claims_at_site(page: Page) -> dict[str, str]:
    """Return what the partner site shows of the teacher, by claim."""
    expect(page.locator("#signed-in")).to_be_visible()
    shown = page.locator("[id^=claim-]").all()
    return {(one.get_attribute("id") or "").removeprefix("claim-"): one.inner_text().strip() for one in shown}


def withdraw(page: Page, demo: Demo, client_id: str) -> None:
    """Withdraw her consent in 「我的授權」, if she has one; she is logged in already."""
    page.goto(f"{demo.issuer}/account/consents")
    row = page.locator(f"#consent-{client_id}")
    if row.locator("summary").count():
        row.locator("summary").click()
        row.locator("details button").click()
        expect(page.locator("#done")).to_be_visible()


def forget_consent(page: Page, demo: Demo, person: Person, client_id: str = "dream-n") -> None:
    """Let her be asked again, whatever earlier tests did; this browser is logged out afterwards."""
    page.goto(f"{demo.issuer}/login")
    log_in(page, person)
    withdraw(page, demo, client_id)
    press(page, "#logout")
    expect(page.locator("#logged-out")).to_be_visible()


class Album:
    """Numbered pictures of a journey."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name, self.taken = page, name, 0

    def keep(self, what: str) -> None:
        """Keep a picture of this step."""
        self.taken += 1
        screenshot(self.page, f"journey-{self.name}-{self.taken}-{what}")
