"""Where one is logged in: every session with device, address and time, to be ended one by one or all (D-11, §7.4)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from config.database import db
from config.guard import require, require_principal
from idp.logins import end_sessions
from idp.sessions import BrowserSession, is_alive
from scopes.permissions import Permission

blueprint = Blueprint("sessions", __name__)
blueprint.before_request(require(Permission.OWN_ACCOUNT))


@dataclass(frozen=True, slots=True)
class Shown:
    """A session as its owner sees it."""

    id: int
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


@blueprint.get("/account/sessions")
def home() -> str:
    """List the sessions that live."""
    person = require_principal()
    return render_template("sessions.html", sessions=sessions_of(person.account_id, person.session_id))


@blueprint.post("/account/sessions/end")
def end() -> Response:
    """End one session, or all others; partners are told (D-27)."""
    person, which = require_principal(), request.form.get("session", "")
    one = int(which) if which.isascii() and which.isdigit() and len(which) < 19 else None
    if one is not None or which == "others":
        with db.session.begin():
            end_sessions(person.account_id, now=datetime.now(UTC), but=[person.session_id], only=one)
    return redirect(url_for("sessions.home"), 303)


def sessions_of(account_id: int, current: int | None) -> list[Shown]:
    """Return an account's sessions that live, the one in use first, then the latest."""
    now = datetime.now(UTC)
    query = select(BrowserSession).where(BrowserSession.account_id == account_id, BrowserSession.ended_at.is_(None))
    with db.session.begin():
        rows = db.session.scalars(query.order_by(BrowserSession.seen_at.desc())).all()
    found = [
        Shown(row.id, device_name(row.user_agent), row.ip or "", row.auth_time, row.seen_at, row.id == current)
        for row in rows
        if is_alive(seen_at=row.seen_at, expires_at=row.expires_at, now=now)
    ]
    return sorted(found, key=lambda session: not session.is_this)


def device_name(user_agent: str | None) -> str:
    """Return browser and system in words, as far as they can be told."""
    from ua_parser import parse  # its tables are read only where sessions are shown

    found = parse(user_agent or "")
    parts = [part.family for part in (found.user_agent, found.os) if part]
    return " · ".join(parts) or str(gettext("不明的裝置"))
