"""What people do on the security pages, step by step."""

import re
from typing import Any

from tests.pages import Browser, Page, codes

PASSWORD = "blue-tiger eats 七 noodles"
ANOTHER = "forty green windmills 轉啊轉"


def enrol_totp(browser: Browser) -> tuple[str, list[str]]:
    """Add a generator as the person who is logged in; return its secret and the recovery codes that were shown."""
    browser.get("/account/security/totp")
    secret = browser.page.text("totp-secret").replace(" ", "")
    browser.submit("totp-submit", otp=next(codes(secret)))
    assert browser.page.has("factor-done"), browser.page.html
    return secret, recovery_codes(browser.page)


def recovery_codes(page: Page) -> list[str]:
    """Return the recovery codes of a page."""
    return re.findall(r"<code>([0-9a-z-]{14})</code>", page.html)


def later_code(secret: str) -> str:
    """Return the code of the next step: the one before was used at the enrolment."""
    return list(codes(secret))[1]


def is_in(browser: Browser) -> bool:
    """Whether the browser is logged in."""
    return browser.get("/account/sessions").has("sessions-title")


def password_step(browser: Browser, person: dict[str, Any]) -> Page:
    """Send account and password, and stop there."""
    browser.get("/login")
    return browser.submit("login-submit", username=person["account"], password=person["password"])
