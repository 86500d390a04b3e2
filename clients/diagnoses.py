"""The errors and weak points of a client, kept for its partner's engineer: what came, what is registered, how often.

One row per client, code, detail and hour. It is the partner's own traffic: never a secret, a token, a value of a claim,
nor who the teacher was or why she was refused (D-18).
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from clients import registry
from clients.diagnosis_facts import bounded
from clients.diagnosis_ledger import Key, Ledger
from clients.models import one_of
from config.database import Model, UTCDateTime, hot, upsert
from config.settings import settings

log = logging.getLogger(__name__)
ROWS_MAX = 200
"""Rows of one client and day (UTC) that tell details; what comes beyond is counted per code and hour."""
SPACING, HOUR = timedelta(seconds=1), timedelta(hours=1)
MORE = {"more": "1"}


class Kind(StrEnum):
    """What a diagnosis is about: a request that was refused, one that worked but is weak, a call of ours to the partner."""

    REFUSED = "refused"
    ADVICE = "advice"
    CALL = "call"


class Advice(StrEnum):
    """Weak points of requests that worked."""

    NONCE = "ADV-01"
    STATE = "ADV-02"
    DROPPED = "ADV-03"
    UNKNOWN_SCOPE = "ADV-04"
    PKCE_WAIVED = "ADV-05"
    NO_KID = "ADV-06"
    OLD_SECRET = "ADV-07"  # noqa: S105  # a code, no secret
    CLAIMS = "ADV-08"


class Call(StrEnum):
    """What went wrong when we called the partner."""

    LOGOUT = "CALL-01"
    JWKS = "CALL-02"


OTHER = "OTHER"
"""The code of a refusal that has none of its own."""


class ClientDiagnosis(Model):
    """One kind of fault of a client within one hour; ``count`` grows. ``detail``: see `clients.diagnosis_facts`."""

    __tablename__ = "client_diagnosis"
    __table_args__ = (
        UniqueConstraint("client_id", "hour", "code", "detail_hash"),
        Index("ix_client_diagnosis_client_id_last_at", "client_id", "last_at"),
        one_of("kind", Kind),
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    hour: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    code: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(8))
    detail: Mapped[dict[str, str]] = mapped_column(JSON)
    detail_hash: Mapped[str] = mapped_column(String(32))
    first_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
    count: Mapped[int] = mapped_column(Integer)


_D = ClientDiagnosis


def note(client_id: str, code: str, kind: Kind, facts: Mapping[str, object], now: datetime) -> None:
    """Keep what happened to a registered client, by a statement of its own; what cannot be written stops nobody.

    Not within a transaction of ``db.session``. Advice is written at most once an hour and process, so that a request
    with a weak point costs hardly more than one without.
    """
    if client_id not in registry.everyone():
        return
    ledger: Ledger = current_app.extensions.setdefault("diagnoses", Ledger())
    hour = now.replace(minute=0, second=0, microsecond=0)
    is_full = ledger.is_full(client_id, hour.date())
    is_advice = kind is Kind.ADVICE
    detail = MORE if is_full else {} if is_advice else bounded(facts)  # advice is looked at once an hour only
    count = ledger.due(Key(client_id, hour, code, _hash(detail)), now, HOUR if is_advice else SPACING)
    if not count:
        return
    detail = detail or bounded(facts)
    row = {"client_id": client_id, "hour": hour, "code": code, "detail_hash": _hash(detail)}
    row |= {"kind": kind.value, "detail": detail, "first_at": now, "last_at": now, "count": count}
    try:
        with hot() as connection:
            was_kept = _write(connection, row, None if is_full else ROWS_MAX)
    except SQLAlchemyError:
        log.exception("a diagnosis was not kept")
        return
    if not was_kept:
        ledger.fill(client_id, hour.date())
        note(client_id, code, kind, facts, now)


def _hash(detail: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(detail, sort_keys=True).encode()).hexdigest()[:32]


def _write(connection: Connection, row: Mapping[str, Any], rows_max: int | None) -> bool:
    """Make the row or add to it, by one statement; return whether the client's day had room for it."""
    is_mine = _D.client_id == row["client_id"]
    is_there = exists().where(is_mine, *(getattr(_D, name) == row[name] for name in ("hour", "code", "detail_hash")))
    used = select(func.count()).where(is_mine, _D.hour >= row["hour"].replace(hour=0)).scalar_subquery()
    has_room = literal(0) == 0 if rows_max is None else used < rows_max
    values = select(*(literal(value, getattr(_D, name).type) for name, value in row.items()))
    adding = upsert(_D).from_select(list(row), values.where(or_(has_room, is_there)))
    grown = {"count": _D.count + adding.excluded["count"], "last_at": adding.excluded.last_at}
    adding = adding.on_conflict_do_update(index_elements=["client_id", "hour", "code", "detail_hash"], set_=grown)
    return connection.execute(adding.returning(_D.id)).first() is not None


def sweep(connection: Connection, now: datetime) -> int:
    """Forget what is older than technical logs are kept (D-73); return how many rows."""
    kept = timedelta(days=settings().technical_log_days)
    return connection.execute(delete(_D).where(_D.hour < now - kept)).rowcount
