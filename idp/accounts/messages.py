"""Messages to a person: into the account's own box, and by mail to the verified address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from config.audit import Event, record_all
from config.database import db, upsert
from idp.accounts import outbox
from idp.accounts.models import Message


def of(account_id: int, limit: int = 20) -> list[Message]:
    """Return the latest messages of an account, newest first."""
    query = (
        select(Message).where(Message.account_id == account_id).order_by(Message.created_at.desc(), Message.id.desc())
    )
    with db.session.begin():
        return list(db.session.scalars(query.limit(limit)))


def leave(  # a message has these facts; each is named at the call
    account_id: int,
    code: str,
    parameters: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    once_key: str | None = None,
) -> bool:
    """Leave a message in the caller's transaction; return whether it was new (``once_key`` comes but once)."""
    values = {"account_id": account_id, "code": code, "parameters": dict(parameters), "created_at": now}
    add = upsert(Message).values(**values, once_key=once_key).on_conflict_do_nothing(index_elements=["once_key"])
    if db.session.execute(add.returning(Message.id)).first() is None:
        return False
    is_mailed = outbox.post(account_id, code, parameters, now=now)
    record_all([_sent(account_id, code, is_mailed=is_mailed)], actor=actor)
    return True


@dataclass(frozen=True, slots=True)
class Note:
    """One of many messages: to whom, which, and what fills it in."""

    account_id: int
    code: str
    parameters: Mapping[str, Any]


def leave_all(notes: Sequence[Note], *, actor: str, now: datetime) -> None:
    """Leave many messages as `leave` leaves one, by one statement per table."""
    if not notes:
        return
    rows = [
        {"account_id": note.account_id, "code": note.code, "parameters": dict(note.parameters), "created_at": now}
        for note in notes
    ]
    db.session.connection().execute(insert(Message), rows)
    mailed = outbox.post_all([(note.account_id, note.code, note.parameters) for note in notes], now=now)
    events = (_sent(note.account_id, note.code, is_mailed=note.account_id in mailed) for note in notes)
    record_all(events, actor=actor)


def _sent(account_id: int, code: str, *, is_mailed: bool) -> Event:
    return Event(
        "message.sent", f"account:{account_id}", {"code": code, "by": ["box", "mail"] if is_mailed else ["box"]}
    )
