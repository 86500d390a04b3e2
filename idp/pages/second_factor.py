"""The second step of a log-in: a one-time code, a recovery code, or a passkey (D-74)."""

from datetime import UTC, datetime
from typing import Any, NoReturn

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from clients import registry
from config import seal
from config.audit import record
from config.database import db, hot
from config.guard import require_principal
from idp.accounts import throttle, totp
from idp.accounts.factors import factors_of, use_recovery_code
from idp.browsers import browser_mark
from idp.devices import device
from idp.errors import ErrorPage
from idp.interactions import cancel_url, resume_url
from idp.logins import PASSWORD_AND_CODE
from idp.pages.arrivals import PENDING, PENDING_TTL, interaction_of, welcome

blueprint = Blueprint("second_factor", __name__)
CODE_MAX = 40


@blueprint.get("/login/second-factor")
def form() -> str:
    """Ask for the code."""
    return _page(_pending())


@blueprint.post("/login/second-factor")
def submit() -> Response | tuple[str, int]:
    """Judge the code; five wrong ones and the account waits fifteen minutes, like for passwords (§7.4)."""
    pending, now = _pending(), datetime.now(UTC)
    counters = throttle.factor_buckets(str(pending["a"]), request.remote_addr or "")
    with hot() as connection:
        is_admitted = throttle.admit(connection, counters, now)
    if not is_admitted:
        return _page(pending, gettext("驗證失敗次數過多，為保護帳號，15 分鐘內無法登入。請稍後再試。")), 429
    if not _is_right(pending["a"], request.form.get("otp", "")[:CODE_MAX], now):
        return _page(pending, gettext("驗證碼不正確或已經用過。請等下一組驗證碼，再試一次。")), 403
    with hot() as connection:
        throttle.forgive(connection, counters)
    return welcome(pending["a"], PASSWORD_AND_CODE, pending["i"], pending["n"], device())


@blueprint.get("/login/stronger")
def needed() -> str:
    """Say that a partner demands a log-in by two factors, and how to get there."""
    person, blob = require_principal(), request.args.get("i", "")
    interaction = interaction_of(blob) or _lost()
    with db.session.begin():
        has_factor = factors_of(person.account_id).any
    onward = url_for("login.form", i=blob) if has_factor else url_for("security.home", next=resume_url(blob))
    client = registry.find(interaction.client_id)
    return render_template(
        "stronger.html", client=client, has_factor=has_factor, onward=onward, cancel=cancel_url(blob)
    )


def _is_right(account_id: int, typed: str, now: datetime) -> bool:
    with db.session.begin():
        if totp.check(account_id, typed, now=now) or use_recovery_code(account_id, typed, now=now):
            return True
        record("login.second_factor_failed", actor="anonymous", subject=f"account:{account_id}")
    return False


def _pending() -> dict[str, Any]:
    """Return the log-in half-way; it works only in the browser in which the password was typed."""
    try:
        pending = seal.open_(PENDING, request.values.get("s", ""), PENDING_TTL)
    except seal.SealBroken as error:
        raise ErrorPage("invalid_request", "lost") from error
    if pending["b"] != browser_mark():
        _lost()
    if pending["i"]:
        interaction_of(pending["i"])
    return pending


def _lost() -> NoReturn:
    raise ErrorPage("invalid_request", "lost")


def _page(pending: dict[str, Any], error: str | None = None) -> str:
    with db.session.begin():
        factors = factors_of(pending["a"])
    cancel = cancel_url(pending["i"]) if pending["i"] else url_for("login.form")
    return render_template(
        "second_factor.html", s=request.values["s"], factors=factors, error=error, cancel=cancel, i=pending["i"]
    )
