"""Tables of cooperation cases and clients. Changes go through the commands of this package, never by hand."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clients.lifecycle import CaseState, ClientEnvironment, CooperationItem
from config.database import Model, UTCDateTime
from scopes.items import DataItem


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Make the CHECK of an enum stored as text."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Case(Model):
    """A cooperation case: Appendix 1 sections 1 and 2, and its state.

    ``answers``: the form as it is being typed; the columns hold what was submitted. ``amends_id``: the running case that
    a supplementary one adds to (D-40).
    """

    __tablename__ = "cooperation_case"
    __table_args__ = (one_of("state", CaseState),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[str] = mapped_column(String(32))
    applicant_unit: Mapped[str] = mapped_column(String(100))
    operating_unit: Mapped[str] = mapped_column(String(100))
    unit_head_name: Mapped[str] = mapped_column(String(50), default="")
    unit_head_phone: Mapped[str] = mapped_column(String(30), default="")
    unit_head_email: Mapped[str] = mapped_column(String(254), default="")
    officer_name: Mapped[str] = mapped_column(String(50), default="")
    officer_phone: Mapped[str] = mapped_column(String(30), default="")
    officer_email: Mapped[str] = mapped_column(String(254), default="")
    site_name: Mapped[str] = mapped_column(String(100))
    site_url: Mapped[str] = mapped_column(String(500))
    test_url: Mapped[str | None] = mapped_column(String(500))
    audience: Mapped[str] = mapped_column(String(500), default="")
    member_count: Mapped[int] = mapped_column(Integer, default=0)
    site_purpose: Mapped[str] = mapped_column(Text, default="")
    maintenance: Mapped[str] = mapped_column(String(16), default="in_house")
    privacy_policy: Mapped[str] = mapped_column(Text, default="")
    support_contact: Mapped[str] = mapped_column(String(300), default="")
    filled_on: Mapped[date | None] = mapped_column(Date)
    scan_date: Mapped[date | None] = mapped_column(Date)
    scan_target: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    letter_wanted: Mapped[bool] = mapped_column(Boolean, default=False)
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("cooperation_case.id"))

    items: Mapped[list["CaseItem"]] = relationship(order_by="CaseItem.id", cascade="all, delete-orphan")
    data_items: Mapped[list["CaseDataItem"]] = relationship(order_by="CaseDataItem.id", cascade="all, delete-orphan")

    @property
    def held(self) -> list["CaseDataItem"]:
        """The data items that the partner has now: approved and not dropped (R-CLM-5)."""
        return [row for row in self.data_items if row.approved_at is not None and row.dropped_at is None]


class CaseItem(Model):
    """A cooperation item of a case; each is tested and goes live on its own (D-36)."""

    __tablename__ = "case_item"
    __table_args__ = (UniqueConstraint("case_id", "item"), one_of("item", CooperationItem))
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"))
    item: Mapped[str] = mapped_column(String(16))
    go_live_on: Mapped[date | None] = mapped_column(Date)


class CaseDataItem(Model):
    """A data item that was applied for, with its purpose; approved and later perhaps dropped, never un-dropped."""

    __tablename__ = "case_data_item"
    __table_args__ = (UniqueConstraint("case_id", "item"), one_of("item", DataItem))
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"))
    item: Mapped[str] = mapped_column(String(16))
    purpose: Mapped[str] = mapped_column(String(500))
    purpose_version: Mapped[int] = mapped_column(Integer, default=1)
    essential: Mapped[bool] = mapped_column(Boolean, default=False)
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CaseEvent(Model):
    """What happened to a case, with its evidence; append-only."""

    __tablename__ = "case_event"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str | None] = mapped_column(String(32))
    to_state: Mapped[str] = mapped_column(String(32))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)


class Letter(Model):
    """An official letter (公文) that belongs to a case; append-only."""

    __tablename__ = "letter"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    sender: Mapped[str] = mapped_column(String(100))
    addressee: Mapped[str] = mapped_column(String(100))
    letter_no: Mapped[str] = mapped_column(String(50))
    letter_date: Mapped[date] = mapped_column(Date)


class Confirmation(Model):
    """A periodic confirmation (A1-§5(2), D-43) of the items and the contact that the letter named."""

    __tablename__ = "confirmation"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    letter_no: Mapped[str] = mapped_column(String(50))
    letter_sent_on: Mapped[date] = mapped_column(Date)
    reply_due_on: Mapped[date] = mapped_column(Date)
    reply_letter_no: Mapped[str | None] = mapped_column(String(50))
    replied_on: Mapped[date | None] = mapped_column(Date)
    items: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    contact: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


class Client(Model):
    """A relying party of a case. It owns no data items.

    ``meta``: its metadata as `clients.client_metadata.ClientMetadata` validated it, under the names of RFC 7591.
    """

    __tablename__ = "client"
    __table_args__ = (UniqueConstraint("case_id", "environment"), one_of("environment", ClientEnvironment))
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    client_id: Mapped[str] = mapped_column(String(100), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"))
    environment: Mapped[str] = mapped_column(String(16))
    sector: Mapped[str] = mapped_column(String(32), unique=True)
    meta: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    registration_token_digest: Mapped[str | None] = mapped_column(String(64))
    claims_in_id_token: Mapped[bool] = mapped_column(Boolean, default=True)
    pkce_waived_until: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    case: Mapped[Case] = relationship()
    secrets: Mapped[list["ClientSecret"]] = relationship(order_by="ClientSecret.id", cascade="all, delete-orphan")


class ClientSecret(Model):
    """The SHA-256 digest of a client secret; at most two are live, so that one can be rotated.

    ``sealed`` holds the secret itself for ``client_secret_jwt`` alone, whose HMAC cannot be checked by a digest.
    """

    __tablename__ = "client_secret"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    client_pk: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_on: Mapped[date | None] = mapped_column(Date)


class InitialAccessToken(Model):
    """A token that lets the partner of an approved case register its client (RFC 7591 §3), once.

    One without a case is for development: each registration opens a case of its own.
    """

    __tablename__ = "initial_access_token"
    __table_args__ = (one_of("environment", ClientEnvironment),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cooperation_case.id"))
    environment: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
