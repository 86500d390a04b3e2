"""Opening and ending the browser's session, with its cookie, its trace in the audit log and word to the partners.

Each is one transaction of ``db.session``: a session does not end without the rows that tell the partners (D-27).
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from werkzeug.wrappers import Response

from config.audit import record
from config.database import db, locking
from config.guard import Principal
from idp.logout import fan_out
from idp.sessions import (
    BrowserSession,
    clear_cookie,
    cookie_digest,
    end_session,
    is_alive,
    open_session,
    renew_session,
    set_cookie,
)

PASSWORD = ("pwd",)
PASSWORD_AND_CODE = ("pwd", "otp", "mfa")
PASSKEY = ("pop", "user", "mfa")
"""How somebody logged in (RFC 8176 §2); a passkey verifies its user itself, so it is two factors."""


def begin_session(response: Response, account_id: int, amr: Sequence[str], *, now: datetime) -> None:
    """Log a person in under a new session secret, whatever the browser had before (session fixation).

    Who logs in again keeps her session, so that partners' ``sid`` stays; another person's session ends, and partners
    are told. Her own that died of idleness ends quietly: partners' sessions go by their own time.
    """
    with db.session.begin():
        old, connection = _locked(BrowserSession.digest == cookie_digest()), db.session.connection()
        is_hers = old is not None and old.account_id == account_id
        if old is not None and is_hers and is_alive(seen_at=old.seen_at, expires_at=old.expires_at, now=now):
            secret = renew_session(connection, old.id, amr=[*amr], now=now)
        else:
            if old is not None:
                _end(old.id, now, is_told=not is_hers)
            secret = open_session(connection, account_id, amr=[*amr], now=now)
        actor = f"account:{account_id}"
        record("login.succeeded", actor=actor, subject=actor, detail={"amr": [*amr]})
    set_cookie(response, "session", secret)


def finish_session(response: Response, person: Principal, *, now: datetime) -> None:
    """End the session on the server, queue word to its partners and take the cookie away."""
    with db.session.begin():
        if _locked(BrowserSession.id == person.session_id) is not None:
            _end(person.session_id, now, is_told=True)
        record("session.ended", actor=person.actor, subject=person.actor)
    clear_cookie(response, "session")


def strengthen_session(session_id: int, amr: Sequence[str]) -> None:
    """Note that the person of a running session has proved a second factor, by enrolling it."""
    with db.session.begin():
        row = _locked(BrowserSession.id == session_id)
        if row is not None:
            row.amr = list(dict.fromkeys([*row.amr, *amr]))


def end_sessions(
    account_id: int, *, now: datetime, but: Collection[int] = (), only: int | None = None, by: str | None = None
) -> int:
    """End sessions of an account, in the caller's transaction, and tell the partners; return how many.

    ``but``: sessions that stay; ``only``: this one; ``by``: the actor, the person herself if none is named.
    """
    which = [BrowserSession.account_id == account_id, BrowserSession.id.not_in(but)]
    if only is not None:
        which.append(BrowserSession.id == only)
    query = select(BrowserSession.id).where(*which, BrowserSession.ended_at.is_(None))
    found = db.session.scalars(locking(query)).all()
    for session_id in found:
        _end(session_id, now, is_told=True)
        subject = f"account:{account_id}"
        record("session.ended", actor=by or subject, subject=subject, detail={"session": session_id})
    return len(found)


def _locked(which: ColumnElement[bool]) -> BrowserSession | None:
    """Return the session unless it has ended, locked until the transaction ends: of two log-outs one tells."""
    return db.session.scalars(
        locking(select(BrowserSession).where(which, BrowserSession.ended_at.is_(None)))
    ).one_or_none()


def _end(session_id: int, now: datetime, *, is_told: bool) -> None:
    end_session(db.session.connection(), session_id, now)
    if is_told:
        fan_out.session_over(session_id, now=now)
