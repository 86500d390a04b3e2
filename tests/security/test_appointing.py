"""``idp accounts appoint``: how a new installation gets its first administrator (§7.4, D-74)."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from idp.accounts.accounts import AccountRefused
from idp.accounts.staffing import appoint
from scopes.permissions import Role
from tests.pages import Browser
from tests.security.steps import PASSWORD, enrol_totp


def test_the_first_administrator(app: Flask) -> None:
    """Agreement, then a password of her own, then the second factor; only then the pages of her role."""
    with app.app_context():
        initial = appoint("first001", "第一人", "全國推廣中心", Role.IDP_ADMIN, now=datetime.now(UTC))
    browser = Browser(app)
    assert browser.log_in("first001", initial).has("agreement-accept")
    assert browser.submit("agreement-accept").has("password-title")
    assert browser.get("/admin/accounts").has("password-initial")
    assert browser.submit("password-submit", password="short", repeated="short").has("password-initial")
    browser.submit("password-submit", password=PASSWORD, repeated=PASSWORD)
    assert browser.get("/admin/accounts").has("factor-due")
    assert not browser.get("/account/security/password").has("password-initial")
    enrol_totp(browser)
    assert browser.get("/admin/accounts").has("accounts-title")
    assert Browser(app).log_in("first001", initial).has("login-error")


@pytest.mark.rule("D-05", "D-06")
@pytest.mark.parametrize("name", ["natadm01", "short", "toolongname123", "wang0101"])
def test_names_that_will_not_do(name: str, app: Flask) -> None:
    """Taken or ill-formed: nothing is made."""
    with app.app_context(), pytest.raises(AccountRefused):
        appoint(name, "x", "y", Role.AUDITOR, now=datetime.now(UTC))
