"""Faces of log-in security: factors, password, sessions, address, and the ways back in by mail."""

import json
import secrets

from playwright.sync_api import expect
from sqlalchemy import update

from config.database import db
from idp.accounts.credentials import LinkPurpose
from idp.accounts.factors import remove_all
from idp.accounts.models import Account
from tests.journeys.faces import Visitor, face
from tests.journeys.secrets_of import (
    account_id,
    an_hour_ago,
    mailed_link,
    with_generator,
    with_passkey,
    without_factors,
)
from tests.journeys.steps import press
from tests.pages import codes

MFA = json.dumps({"id_token": {"acr": {"essential": True, "value": "urn:inservice:acr:mfa"}}})


def log_in_anew(visitor: Visitor, key: str = "T19") -> str:
    """Log in as a teacher who has no second factor, whatever faces before this one did; return her account."""
    account = str(visitor.demo.teacher(key)["account"])
    without_factors(visitor.demo, account)
    visitor.log_in(key)
    return account


def half_way(visitor: Visitor) -> None:
    """Send the password of somebody with a generator."""
    without_factors(visitor.demo, "chou1919")
    with_generator(visitor.demo, "chou1919")
    visitor.open("/login")
    visitor.type_in("T19")


def link(visitor: Visitor, path: str, purpose: LinkPurpose) -> None:
    """Open a link of a mail to an account whose password no other test of this demo types in."""
    visitor.open(f"{path}?t={mailed_link(visitor.demo, 'fdn00001a', purpose)}")


def enrol(visitor: Visitor, code: str | None = None) -> None:
    """Add a generator."""
    log_in_anew(visitor)
    visitor.open("/account/security/totp")
    secret = visitor.page.locator("#totp-secret").inner_text().replace(" ", "")
    visitor.page.fill("#otp", code or next(codes(secret)))
    press(visitor.page, "#totp-submit")


@face()
def security(visitor: Visitor) -> None:
    """Nothing but a password."""
    log_in_anew(visitor)
    visitor.open("/account/security")


@face()
def security_with_factors(visitor: Visitor) -> None:
    """A generator, two passkeys, recovery codes."""
    account = log_in_anew(visitor)
    with_generator(visitor.demo, account)
    for name in ("Office computer", "A very long name of a telephone that somebody typed in"):
        with_passkey(visitor.demo, account, name)
    visitor.open("/account/security")


@face()
def security_due(visitor: Visitor) -> None:
    """An auditor without a second factor is led here before anything else."""
    without_factors(visitor.demo, "nataud01")
    visitor.log_in("nataud01")
    expect(visitor.page.locator("#factor-due")).to_be_visible()


@face()
def totp(visitor: Visitor) -> None:
    """The QR code, and the secret as text."""
    log_in_anew(visitor)
    visitor.open("/account/security/totp")


@face(400)
def totp_wrong_code(visitor: Visitor) -> None:
    """The code was mistyped."""
    enrol(visitor, "abcdef")


@face()
def recovery_codes(visitor: Visitor) -> None:
    """Shown once."""
    enrol(visitor)


@face()
def second_factor(visitor: Visitor) -> None:
    """The second step of a log-in."""
    half_way(visitor)


@face(403)
def second_factor_wrong_code(visitor: Visitor) -> None:
    """Wrong, or used before."""
    half_way(visitor)
    visitor.page.fill("#otp", "abcdef")
    press(visitor.page, "#otp-submit")


@face()
def login_again(visitor: Visitor) -> None:
    """An open browser is not enough to change a password."""
    an_hour_ago(visitor.demo, log_in_anew(visitor))
    visitor.open("/account/security/password")
    expect(visitor.page.locator("#login-again")).to_be_visible()


@face()
def sessions(visitor: Visitor) -> None:
    """Two browsers."""
    log_in_anew(visitor)
    visitor.page.context.clear_cookies()
    visitor.log_in("T19")
    visitor.open("/account/sessions")
    expect(visitor.page.locator("#end-others")).to_be_visible()


@face()
def password(visitor: Visitor) -> None:
    """A new password."""
    log_in_anew(visitor)
    visitor.open("/account/security/password")


@face(400)
def password_with_errors(visitor: Visitor) -> None:
    """Too short."""
    password(visitor)
    for field in ("password", "repeated"):
        visitor.page.fill(f"#{field}", "short")
    press(visitor.page, "#password-submit")


@face()
def password_initial(visitor: Visitor) -> None:
    """The first password was somebody else's choice: she is led here and told why."""
    with visitor.demo.database():
        one = update(Account).where(Account.id == account_id("yeh2020"))
        db.session.execute(one.values(must_change_password=True))
    visitor.log_in("T20")
    expect(visitor.page.locator("#password-initial")).to_be_visible()


@face()
def profile(visitor: Visitor) -> None:
    """Her address."""
    visitor.log_in("T15")
    visitor.open("/account/profile")


@face()
def profile_sent(visitor: Visitor) -> None:
    """A link is on its way to the new address."""
    profile(visitor)
    visitor.page.fill("#email", "a.new.address@school.example")
    press(visitor.page, "#profile-submit")
    expect(visitor.page.locator("#profile-sent")).to_be_visible()


@face()
def forgot(visitor: Visitor) -> None:
    """Who forgot her password says her account name."""
    visitor.open("/login/forgot")


@face()
def forgot_sent(visitor: Visitor) -> None:
    """The same for names that nobody has."""
    visitor.open("/login/forgot")
    visitor.page.fill("#username", f"nobody{secrets.randbelow(10**6)}")
    press(visitor.page, "#forgot-submit")


@face()
def reset(visitor: Visitor) -> None:
    """A link to set a new password."""
    link(visitor, "/login/reset", LinkPurpose.RESET_PASSWORD)


@face()
def reset_done(visitor: Visitor) -> None:
    """It was set."""
    reset(visitor)
    chosen = f"blue tiger {secrets.token_hex(8)}"
    for field in ("password", "repeated"):
        visitor.page.fill(f"#{field}", chosen)
    press(visitor.page, "#reset-submit")


@face(410)
def link_gone(visitor: Visitor) -> None:
    """Used or out of date."""
    visitor.open("/login/reset?t=gone")


@face()
def verify(visitor: Visitor) -> None:
    """A link to confirm an address."""
    link(visitor, "/account/verify", LinkPurpose.VERIFY_EMAIL)


@face()
def verify_done(visitor: Visitor) -> None:
    """It was confirmed."""
    verify(visitor)
    press(visitor.page, "#verify-submit")


@face()
def stronger_without_factor(visitor: Visitor) -> None:
    """A partner demands two factors of somebody who has one."""
    log_in_anew(visitor, "T15")
    visitor.request("dream-n", claims=MFA)
    expect(visitor.page.locator("#stronger-go")).to_be_visible()


@face()
def stronger(visitor: Visitor) -> None:
    """She has two, but logged in by one."""
    account = log_in_anew(visitor, "T15")
    with_generator(visitor.demo, account)
    visitor.request("dream-n", claims=MFA)
    expect(visitor.page.locator("#stronger-go")).to_be_visible()
    with visitor.demo.database():
        remove_all(account_id(account))
