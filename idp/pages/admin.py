"""Accounts as the national centre sees them: search, state and why, log-in, sessions, second factors. All is audited."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from config.audit import AuditEvent, record
from config.database import db, hot
from config.guard import Principal, require, require_principal
from idp import factor_resets
from idp.accounts import throttle
from idp.accounts.directory import directory
from idp.accounts.effects import announced
from idp.accounts.explain import explain
from idp.accounts.factors import factors_of
from idp.accounts.models import Account, AccountType, BusinessDetail
from idp.accounts.search import PAGE, search
from idp.logins import end_sessions
from idp.pages.event_words import Line, lines
from idp.pages.service.texts import RULES
from idp.pages.sessions import sessions_of
from scopes.permissions import PERMISSIONS, Permission
from scopes.roc import parse_day, taipei_day

blueprint = Blueprint("admin", __name__)
blueprint.before_request(require(Permission.ACCOUNTS_READ))
EVENTS_SHOWN = 50


@blueprint.get("/admin/accounts")
def accounts() -> str:
    """Search."""
    text, after = request.args.get("q", ""), request.args.get("after", "0")
    found = search(text, int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0)
    more = found[-1].id if len(found) == PAGE else None
    return render_template("admin_accounts.html", q=text, found=found, more=more)


@blueprint.get("/admin/accounts/<int:account_id>")
def account(account_id: int) -> str:
    """Show one account, with the answer to "why is she locked?" for today or a past day."""
    return _page(account_id)


@blueprint.post("/admin/accounts/<int:account_id>/let-in")
def let_in(account_id: int) -> Response:
    """Lift a log-in lock-out; it has nothing to do with the service state (D-33)."""
    person, row = _manager(), _account(account_id)
    with hot() as connection:
        throttle.let_in(connection, (row.login_name, str(row.id)))
        record("login.let_in", actor=person.actor, subject=f"account:{row.id}", on=connection)
    return _back(account_id)


@blueprint.post("/admin/accounts/<int:account_id>/end-sessions")
def end_all_sessions(account_id: int) -> Response:
    """End every session of the account; partners are told."""
    person, row = _manager(), _account(account_id)
    with db.session.begin():
        end_sessions(row.id, now=datetime.now(UTC), by=person.actor)
    return _back(account_id)


@blueprint.post("/admin/accounts/<int:account_id>/reset-factors")
def ask_reset(account_id: int) -> Response | tuple[str, int]:
    """Ask for a reset of the second factors; somebody else decides."""
    person, row, reason = _manager(), _account(account_id), request.form.get("reason", "")
    return _try(account_id, lambda: factor_resets.ask(row.id, reason, person, now=datetime.now(UTC)))


@blueprint.post("/admin/accounts/<int:account_id>/resets/<int:reset_id>")
def decide_reset(account_id: int, reset_id: int) -> Response | tuple[str, int]:
    """Approve or decline a reset that somebody else asked for."""
    person, is_approved = _manager(), request.form.get("decision") == "approve"
    now = datetime.now(UTC)
    return _try(account_id, lambda: factor_resets.decide(reset_id, person, is_approved=is_approved, now=now))


def _try(account_id: int, command: Callable[[], None]) -> Response | tuple[str, int]:
    try:
        command()
    except factor_resets.ResetRefused:
        text = gettext("沒有辦理：需要理由，而且提出與核准必須是兩位不同的管理人員，也不能是本人。")
        return _page(account_id, text), 403
    return _back(account_id)


def _manager() -> Principal:
    """Return the person if she may change accounts; auditors only read."""
    person = require_principal()
    if Permission.ACCOUNTS_MANAGE not in PERMISSIONS[person.role]:
        abort(403)
    return person


def _account(account_id: int) -> Account:
    with db.session.begin():
        return db.session.get(Account, account_id) or abort(404)


def _back(account_id: int) -> Response:
    return redirect(url_for("admin.account", account_id=account_id), 303)


def _page(account_id: int, error: str | None = None) -> str:
    person, row, now = require_principal(), _account(account_id), datetime.now(UTC)
    day, wrong_day = _day(now)
    with db.session.begin():
        is_teacher = row.type == AccountType.TEACHER
        explanation = explain(row.id, day) if is_teacher else None
        told = announced(row.id) if is_teacher else None
        factors, reset = factors_of(row.id), factor_resets.pending(row.id)
        business = db.session.get(BusinessDetail, row.id)
        events = _events(row.id)
        record("account.viewed", actor=person.actor, subject=f"account:{row.id}")
    with hot() as connection:
        is_locked_out = throttle.is_locked_out(connection, (row.login_name, str(row.id)), now)
    return render_template(
        "admin_account.html",
        account=row,
        explanation=explanation,
        told=told,
        rules=RULES,
        known=directory(),
        factors=factors,
        reset=reset,
        business=business,
        events=events,
        sessions=sessions_of(row.id, None),
        is_locked_out=is_locked_out,
        may_manage=Permission.ACCOUNTS_MANAGE in PERMISSIONS[person.role],
        me=person.account_id,
        wrong_day=wrong_day,
        error=error,
    )


def _day(now: datetime) -> tuple[date, str | None]:
    """Return the day asked about, today without one; and what was typed if it is no day."""
    typed = request.args.get("day", "").strip()
    try:
        return (parse_day(typed) if typed else taipei_day(now)), None
    except ValueError:
        return taipei_day(now), typed


def _events(account_id: int) -> list[Line]:
    query = select(AuditEvent).where(AuditEvent.subject == f"account:{account_id}").order_by(AuditEvent.id.desc())
    return lines(db.session.scalars(query.limit(EVENTS_SHOWN)).all())
