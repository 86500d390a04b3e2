"""Who must be told that a session is over, written into the queue by the transaction that ends it (D-27)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from clients import registry
from config.audit import record
from config.database import UTCDateTime, db, upsert
from idp.logout.models import LogoutDelivery
from idp.sessions import BrowserSession, sid_for
from idp.sign_ins import SignIn

REMEMBERED = timedelta(days=30)
"""How old a partner's session may be that a lock or a withdrawal still ends; partners owe us 8 hours (D-27 c)."""
_INSTANT = UTCDateTime()
NO_ADDRESS = "no backchannel_logout_uri"


class Reason(StrEnum):
    """Why a partner's session ends."""

    SESSION_ENDED = "session_ended"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Told:
    """A client that has a session of hers: there has been a sign-in there, whether its tokens still live or not."""

    client_id: str
    account_id: int
    sid: str
    subject: str | None
    signed_in_at: datetime


def session_over(session_id: int, *, now: datetime) -> None:
    """A session ended: every client that she signed in at from it must hear of it."""
    _queue(_clients(SignIn.session_id == session_id), Reason.SESSION_ENDED, now)


def teacher_locked(account_id: int, *, now: datetime) -> None:
    """D-27: her sessions at all partners end."""
    _queue(_clients(*_recent(account_id, now)), Reason.LOCKED, now)


def consent_over(account_id: int, client_id: str, *, now: datetime) -> None:
    """D-54: her sessions at this partner end."""
    _queue(_clients(*_recent(account_id, now), SignIn.client_id == client_id), Reason.CONSENT_WITHDRAWN, now)


def _recent(account_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return SignIn.account_id == account_id, SignIn.issued_at > now - REMEMBERED


def _clients(*which: ColumnElement[bool]) -> list[Told]:
    """Return the links of sessions and clients; ``sub`` only where it is pairwise, an ephemeral one tells nothing."""
    pairwise = case((SignIn.subject_type == "pairwise", SignIn.subject))
    last = func.max(SignIn.issued_at, type_=_INSTANT)
    query = (
        select(SignIn.client_id, SignIn.account_id, BrowserSession.sid_key, func.max(pairwise), last)
        .join(BrowserSession, BrowserSession.id == SignIn.session_id)
        .where(*which)
        .group_by(SignIn.client_id, SignIn.account_id, BrowserSession.sid_key)
        .order_by(SignIn.client_id)
    )
    return [
        Told(client_id, account_id, sid_for(key, client_id), subject, at)
        for client_id, account_id, key, subject, at in db.session.execute(query)
    ]


def _not_yet_told(found: list[Told]) -> list[Told]:
    """Leave out who was told, or is about to be, and has had no sign-in since."""
    people = {one.account_id for one in found}
    query = select(LogoutDelivery.client_id, LogoutDelivery.sid, func.max(LogoutDelivery.queued_at, type_=_INSTANT))
    query = query.where(LogoutDelivery.account_id.in_(people), LogoutDelivery.given_up_at.is_(None))
    query = query.group_by(LogoutDelivery.client_id, LogoutDelivery.sid)
    told = {(client_id, sid): at for client_id, sid, at in db.session.execute(query)}
    return [one for one in found if told.get((one.client_id, one.sid), one.signed_in_at) <= one.signed_in_at]


def _queue(found: list[Told], reason: Reason, now: datetime) -> None:
    """Write the rows; what is there for the same reason starts anew. Who has no address is noted as not told."""
    rows = [_row(one, reason, now) for one in _not_yet_told(found)]
    if not rows:
        return
    add = upsert(LogoutDelivery)
    renewed = {name: add.excluded[name] for name in rows[0] if name not in {"client_id", "sid", "reason"}}
    db.session.execute(
        add.values(rows).on_conflict_do_update(index_elements=["client_id", "sid", "reason"], set_=renewed)
    )
    for row in rows:
        if row["given_up_at"] is not None:
            record_failure(row["account_id"], row["client_id"], {"reason": reason, "error": NO_ADDRESS})


def _row(one: Told, reason: Reason, now: datetime) -> dict[str, Any]:
    client = registry.find(one.client_id)
    has_address = client is not None and client.meta.backchannel_logout_uri is not None
    return {
        "client_id": one.client_id,
        "account_id": one.account_id,
        "sid": one.sid,
        "subject": one.subject,
        "reason": reason,
        "queued_at": now,
        "due_at": now if has_address else None,
        "attempts": 0,
        "last_error": None if has_address else NO_ADDRESS,
        "delivered_at": None,
        "given_up_at": None if has_address else now,
    }


def record_failure(account_id: int, client_id: str, detail: dict[str, Any]) -> None:
    """Log that a partner could not be told (D-27)."""
    subject = f"account:{account_id}"
    record("logout.backchannel.failed", actor="system", subject=subject, client_id=client_id, detail=detail)
