"""Staff must log in by two factors (D-74), and change a first password before anything else (§7.4)."""

import pytest
from flask import Flask
from sqlalchemy import delete, update

from config.database import db
from idp.accounts.credentials import TotpCredential
from idp.accounts.models import Account
from scopes.permissions import SECOND_FACTOR_ROLES, Role
from tests.pages import Browser
from tests.security.steps import PASSWORD, enrol_totp, is_in
from tests.support.office import Staff


def without_factor(app: Flask) -> None:
    """Take all generators away, as for staff who were just appointed."""
    with app.app_context(), db.session.begin():
        db.session.execute(delete(TotpCredential))


@pytest.mark.rule("D-74")
def test_the_roles() -> None:
    """D-74 names them: idp_admin, reviewer, regional_approver, auditor."""
    assert {Role.IDP_ADMIN, Role.REVIEWER, Role.REGIONAL_APPROVER, Role.AUDITOR} == SECOND_FACTOR_ROLES


@pytest.mark.rule("D-74")
@pytest.mark.parametrize("account", ["natadm01", "nataud01", "rcsouth01"])
def test_without_a_factor_only_the_enrolment_is_open(account: str, app: Flask, staff: Staff) -> None:
    """The password leads to the enrolment and nowhere else; afterwards everything is open."""
    without_factor(app)
    browser, person = Browser(app), staff(account)
    browser.log_in(account, person["password"])
    for path in ("/account", "/admin/accounts", "/account/sessions", "/account/profile"):
        assert browser.get(path).has("factor-due")
    enrol_totp(browser)
    assert browser.get("/account").url == "/account"
    browser.get("/account/security")
    assert browser.submit("totp-remove").status == 403
    assert browser.get("/account/security").has("totp-on")


@pytest.mark.rule("D-74")
def test_with_a_factor_the_password_opens_nothing(app: Flask, staff: Staff) -> None:
    """natadm01 needs the code; with it she is in."""
    browser, person = Browser(app), staff("natadm01")
    assert browser.log_in("natadm01", person["password"]).has("otp-submit")
    assert not is_in(browser)
    assert Browser(app).log_in(**person).url == "/account"


@pytest.mark.rule("D-74")
@pytest.mark.parametrize("account", ["sch994501", "wsedu001"])
def test_others_may_do_without(account: str, app: Flask, staff: Staff) -> None:
    """D-74 does not name schools and authorities; the password is enough."""
    assert Browser(app).log_in(**staff(account)).url == "/account"


def test_a_first_password_is_changed_first(app: Flask, staff: Staff) -> None:
    """§7.4: whatever page is opened, the form for a new password comes, until there is one."""
    with app.app_context(), db.session.begin():
        db.session.execute(update(Account).where(Account.login_name == "sch994501").values(must_change_password=True))
    browser = Browser(app)
    browser.log_in(**staff("sch994501"))
    for path in ("/account", "/account/sessions", "/account/security", "/account/security/totp"):
        assert browser.get(path).has("password-title")
    browser.submit("password-submit", password=PASSWORD, repeated=PASSWORD)
    assert browser.get("/account").url == "/account"
