"""Ways back in by mail: a single-use link to set a new password, and one to verify an address (DOMAIN §7.4).

What is answered never tells whether an account exists. A new password does not stand in for the second factor.
"""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from config.database import hot
from idp.accounts import throttle
from idp.accounts.accounts import fold
from idp.accounts.credentials import LinkPurpose
from idp.accounts.login import NAME_MAX
from idp.accounts.mailed_links import ask_to_reset, confirm_address, peek
from idp.pages.links import external
from idp.pages.password_texts import PASSWORD_TEXTS, repeated_fault
from idp.passwords import reset_password

blueprint = Blueprint("recovery", __name__)


@blueprint.get("/login/forgot")
def forgot() -> str:
    """Ask for the account name."""
    return render_template("forgot.html")


@blueprint.post("/login/forgot")
def ask() -> str | tuple[str, int]:
    """Send the link, if there is somebody to send it to; the answer is always the same."""
    name, now = fold(request.form.get("username", ""))[:NAME_MAX], datetime.now(UTC)
    if not name:
        return render_template("forgot.html", error=gettext("請填帳號。")), 400
    with hot() as connection:
        is_admitted = throttle.admit(connection, throttle.reset_buckets(name, request.remote_addr or ""), now)
    if is_admitted:
        ask_to_reset(name, lambda token: external("recovery.reset", t=token), now=now)
    return render_template("forgot_sent.html")


@blueprint.get("/login/reset")
def reset() -> str | tuple[str, int]:
    """Show the form for the new password while the link is good; looking does not use it up."""
    found = peek(request.args.get("t", ""), LinkPurpose.RESET_PASSWORD, now=datetime.now(UTC))
    if found is None:
        return _gone(LinkPurpose.RESET_PASSWORD)
    return render_template("reset.html", t=request.args["t"], login_name=found.login_name, errors={})


@blueprint.post("/login/reset")
def set_password() -> str | Response | tuple[str, int]:
    """Set the new password; every session ends, and the person logs in anew, with her second factor."""
    token, now = request.form.get("t", ""), datetime.now(UTC)
    found = peek(token, LinkPurpose.RESET_PASSWORD, now=now)
    if found is None:
        return _gone(LinkPurpose.RESET_PASSWORD)
    typed = request.form.get("password", "")
    errors = repeated_fault(typed, request.form.get("repeated", ""))
    if not errors and (fault := reset_password(token, typed, now=now)) is not None:
        errors = {"password": PASSWORD_TEXTS[fault]}
    if errors:
        return render_template("reset.html", t=token, login_name=found.login_name, errors=errors), 400
    return render_template("reset_done.html")


@blueprint.get("/account/verify")
def verify() -> str | tuple[str, int]:
    """Ask to confirm: programs that look at mail open links too, and must not use them up."""
    found = peek(request.args.get("t", ""), LinkPurpose.VERIFY_EMAIL, now=datetime.now(UTC))
    if found is None:
        return _gone(LinkPurpose.VERIFY_EMAIL)
    return render_template("verify.html", t=request.args["t"], found=found)


@blueprint.post("/account/verify")
def confirm() -> str | tuple[str, int]:
    """Make the address the account's verified one."""
    if not confirm_address(request.form.get("t", ""), now=datetime.now(UTC)):
        return _gone(LinkPurpose.VERIFY_EMAIL)
    return render_template("verify.html", found=None)


def _gone(purpose: LinkPurpose) -> tuple[str, int]:
    """Say that a link is good no more, and lead to where the next one is asked for."""
    again = "recovery.forgot" if purpose is LinkPurpose.RESET_PASSWORD else "profile.form"
    return render_template("link_gone.html", again=url_for(again)), 410
