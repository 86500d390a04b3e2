"""Tables of consent. ``account_id`` points to ``account`` by table name: this package needs no account code."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime


class Consent(Model):
    """The current decisions of a teacher at a client.

    ``decisions``: item -> {"given": bool, "purpose": version, "notice": version, "at": POSIX seconds}. ``generation``
    grows when she consents again after a withdrawal: a code issued under an older one is void. ``shown`` remembers by a
    keyed hash per item, without the values, what she last saw (D-56).
    """

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("account_id", "client_id"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    decisions: Mapped[dict[str, Any]] = mapped_column(JSON)
    assignment_choice: Mapped[int | None] = mapped_column(Integer)
    shown: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    generation: Mapped[int] = mapped_column(Integer, default=1)
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ConsentEvent(Model):
    """What changed in a consent; append-only, item names and versions, never values."""

    __tablename__ = "consent_event"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    event: Mapped[str] = mapped_column(String(16))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class Subject(Model):
    """The pairwise ``sub`` of a teacher in a sector; random, kept for ever, never given to another (D-05, D-49)."""

    __tablename__ = "subject"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sector: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(36), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
