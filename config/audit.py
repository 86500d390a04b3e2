"""The audit log: who did what to whom, when and from where (DOMAIN §7.4). No claim values, no secrets.

Rows are appended by the transaction that does the deed. The hash chain is computed behind the writers, in batches
(`chain`), because a chain head taken per event would serialise all of them; `verify` recomputes it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import has_request_context, request
from sqlalchemy import JSON, BigInteger, Integer, String, func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime, db

GENESIS = "0" * 64


class AuditEvent(Model):
    """One event; append-only. ``chain_position`` and ``chain_hash`` are filled in later, once."""

    __tablename__ = "audit_event"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    action: Mapped[str] = mapped_column(String(64), index=True)
    actor: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(64), index=True)
    client_id: Mapped[str | None] = mapped_column(String(100))
    ip: Mapped[str | None] = mapped_column(String(45))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    chain_position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    chain_hash: Mapped[str | None] = mapped_column(String(64))


_INSERT = insert(AuditEvent)


def record(  # an audit event has these facts; each is named at the call
    action: str,
    *,
    actor: str,
    subject: str | None = None,
    client_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
    on: Connection | None = None,
) -> None:
    """Append one event, in ``db.session``'s transaction or on the AUTOCOMMIT connection ``on``."""
    values = {
        "at": datetime.now(UTC),
        "action": action,
        "actor": actor,
        "subject": subject,
        "client_id": client_id,
        "ip": request.remote_addr if has_request_context() else None,
        "detail": dict(detail or {}),
    }
    if on is None:
        db.session.execute(_INSERT, values)
    else:
        on.execute(_INSERT, values)


@dataclass(frozen=True, slots=True)
class Event:
    """One of many events of a command that works on sets."""

    action: str
    subject: str
    detail: Mapping[str, Any]


def record_all(events: Iterable[Event], *, actor: str) -> None:
    """Append many events in ``db.session``'s transaction, by one statement."""
    address = request.remote_addr if has_request_context() else None
    common = {"at": datetime.now(UTC), "actor": actor, "client_id": None, "ip": address}
    rows = [common | {"action": one.action, "subject": one.subject, "detail": dict(one.detail)} for one in events]
    if rows:
        db.session.connection().execute(_INSERT, rows)


def chain(batch: int = 1000) -> int:
    """Chain the next unchained events and return how many; safe to run twice, the position is unique."""
    with db.session.begin():
        head = db.session.execute(
            select(AuditEvent.chain_position, AuditEvent.chain_hash)
            .where(AuditEvent.chain_position.is_not(None))
            .order_by(AuditEvent.chain_position.desc())
            .limit(1)
        ).first()
        position, previous = (head.chain_position or 0, head.chain_hash or GENESIS) if head else (0, GENESIS)
        unchained = select(AuditEvent).where(AuditEvent.chain_position.is_(None)).order_by(AuditEvent.id).limit(batch)
        rows = db.session.scalars(unchained).all()
        for row in rows:
            position += 1
            previous = _hash(previous, row)
            chained = update(AuditEvent).where(AuditEvent.id == row.id, AuditEvent.chain_position.is_(None))
            db.session.execute(chained.values(chain_position=position, chain_hash=previous))
    return len(rows)


def verify() -> tuple[int, int | None]:
    """Recompute the chain; return (events that hold, id of the first that does not or None)."""
    previous, count, expected = GENESIS, 0, 1
    rows = db.session.scalars(
        select(AuditEvent).where(AuditEvent.chain_position.is_not(None)).order_by(AuditEvent.chain_position)
    ).yield_per(1000)
    for row in rows:
        previous = _hash(previous, row)
        if row.chain_hash != previous or row.chain_position != expected:
            return count, row.id
        count, expected = count + 1, expected + 1
    return count, None


def unchained_count() -> int:
    """How many events wait for `chain`."""
    return db.session.execute(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.chain_position.is_(None))
    ).scalar_one()


def _hash(previous: str, row: AuditEvent) -> str:
    facts = [previous, row.id, row.at.astimezone(UTC).isoformat(), row.action, row.actor, row.subject]
    facts += [row.client_id, row.ip, row.detail]
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
