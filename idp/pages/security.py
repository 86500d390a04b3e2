"""How a person proves who she is: password, one-time codes, passkeys, recovery codes (DOMAIN §7.4, D-11, D-74).

Every change asks for a log-in of a moment ago and is told to the person. A lock under Article 5 blocks none of it, but
for the password where a setting says so (D-11).
"""

from datetime import UTC, datetime

from flask import Blueprint, after_this_request, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from config import seal
from config.database import db
from config.guard import Principal, require, require_principal
from idp import ceremonies
from idp.accounts import totp
from idp.accounts.factors import enrol_totp, factors_of, remove_passkey, remove_totp, renew_recovery_codes
from idp.accounts.models import Account
from idp.accounts.passkeys import NAME_MAX, Made, PasskeyRefused, enrol, passkeys_of, registration_options
from idp.http import with_script
from idp.logins import strengthen_session
from idp.pages.links import local_path
from idp.pages.recent import ask_again
from scopes.permissions import SECOND_FACTOR_ROLES, Permission

blueprint = Blueprint("security", __name__)
blueprint.before_request(require(Permission.OWN_ACCOUNT))
_SECRET_TTL = 900


@blueprint.before_request
def _recently() -> Response | None:
    """All but the overview asks for a log-in of a moment ago."""
    return None if request.endpoint == "security.home" else ask_again(require_principal())


@blueprint.get("/account/security")
def home() -> str:
    """Show what the account has."""
    return _home(require_principal())


@blueprint.get("/account/security/totp")
def totp_form() -> str:
    """Offer a new generator: the QR code, and the secret as text beside it."""
    return _totp_page(require_principal(), totp.new_secret())


@blueprint.post("/account/security/totp")
def totp_enrol() -> str | Response | tuple[str, int]:
    """Add the generator once a code of it proves that the app has it."""
    person = require_principal()
    try:
        kept = seal.open_("totp-enrolment", request.form.get("secret", ""), _SECRET_TTL)
    except seal.SealBroken:
        return redirect(url_for("security.totp_form", next=_next()), 303)
    if kept["a"] != person.account_id:
        return redirect(url_for("security.totp_form"), 303)
    codes = enrol_totp(person.account_id, kept["s"], request.form.get("otp", ""), now=datetime.now(UTC))
    if codes is None:
        return _totp_page(person, kept["s"], gettext("驗證碼不正確。請確認手機的時間正確，再輸入一次。")), 400
    strengthen_session(person.session_id, ["otp", "mfa"])
    return _done(codes, gettext("已加上驗證碼產生器。"))


@blueprint.post("/account/security/totp/remove")
def totp_remove() -> str | Response | tuple[str, int]:
    """Take the generator away, unless a role must have a factor and this is the last."""
    person = require_principal()
    if _is_last(person, is_totp=True):
        return _home(person, gettext("您的身分必須使用兩步驟驗證，不能移除最後一種方式。")), 403
    remove_totp(person.account_id, now=datetime.now(UTC))
    return redirect(url_for("security.home"), 303)


@blueprint.get("/account/security/passkey")
def passkey_form() -> tuple[str, int]:
    """Offer to make a passkey."""
    return _passkey_page(require_principal())


@blueprint.post("/account/security/passkey")
def passkey_enrol() -> str | tuple[str, int]:
    """Store the passkey that the browser made."""
    person = require_principal()
    name = request.form.get("name", "").strip()[:NAME_MAX] or gettext("通行金鑰")
    try:
        site, options = ceremonies.take(request.form.get("options", ""))
        made = Made(request.form.get("credential", ""), options, name)
        codes = enrol(site, person.account_id, made, now=datetime.now(UTC))
    except PasskeyRefused:
        return _passkey_page(person, gettext("沒有加上通行金鑰。請再試一次。"))
    strengthen_session(person.session_id, ["pop", "mfa"])
    return _done(codes, gettext("已加上通行金鑰。"))


@blueprint.post("/account/security/passkeys/<int:passkey_id>/remove")
def passkey_remove(passkey_id: int) -> str | Response | tuple[str, int]:
    """Take a passkey away."""
    person = require_principal()
    if _is_last(person, is_totp=False):
        return _home(person, gettext("您的身分必須使用兩步驟驗證，不能移除最後一種方式。")), 403
    remove_passkey(person.account_id, passkey_id, now=datetime.now(UTC))
    return redirect(url_for("security.home"), 303)


@blueprint.post("/account/security/recovery")
def recovery() -> str | Response:
    """Make ten new recovery codes and show them once."""
    person = require_principal()
    with db.session.begin():
        has_factor = factors_of(person.account_id).any
    if not has_factor:
        return redirect(url_for("security.home"), 303)
    return _done(renew_recovery_codes(person.account_id, now=datetime.now(UTC)), gettext("已產生新的備用碼。"))


def _home(person: Principal, error: str | None = None) -> str:
    with db.session.begin():
        factors, keys = factors_of(person.account_id), passkeys_of(person.account_id)
        account = db.session.get_one(Account, person.account_id)
    is_due = person.role in SECOND_FACTOR_ROLES and not person.is_strong
    return render_template(
        "security.html",
        factors=factors,
        passkeys=keys,
        account=account,
        can_passkey=ceremonies.site() is not None,
        must=person.role in SECOND_FACTOR_ROLES,
        is_due=is_due,
        error=error,
        next=_next(),
    )


def _totp_page(person: Principal, secret: str, error: str | None = None) -> str:
    kept = seal.seal("totp-enrolment", {"a": person.account_id, "s": secret})
    picture = totp.qr_picture(totp.uri(secret, person.login_name))
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template("totp.html", kept=kept, picture=picture, secret=grouped, error=error, next=_next())


def _passkey_page(person: Principal, error: str | None = None) -> tuple[str, int]:
    site = ceremonies.site()
    if site is None:
        return _home(person, gettext("這個網址不能使用通行金鑰。")), 404
    with db.session.begin():
        account = db.session.get_one(Account, person.account_id)
        options = registration_options(site, account, ceremonies.new_challenge())
    after_this_request(with_script)
    kept = ceremonies.keep(options)
    page = render_template("passkey.html", options=options, kept=kept, error=error, next=_next())
    return page, 400 if error else 200


def _is_last(person: Principal, *, is_totp: bool) -> bool:
    """Whether a role that must have a second factor would be left without one."""
    with db.session.begin():
        found = factors_of(person.account_id)
    left = (0 if is_totp else found.has_totp) + found.passkeys - (0 if is_totp else 1)
    return person.role in SECOND_FACTOR_ROLES and left <= 0


def _next() -> str:
    return local_path(request.values.get("next"), "")


def _done(codes: list[str], text: str) -> str:
    """Show recovery codes, which nobody sees a second time, and the way on."""
    return render_template("factor_done.html", codes=codes, text=text, next=_next() or url_for("security.home"))
