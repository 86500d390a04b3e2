"""Tables of accounts, schools, titles, service assignments and messages."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime
from scopes.permissions import Role
from scopes.service import AssignmentKind, EndReason


class AccountType(StrEnum):
    """Art.3; never changes after application (Art.4, D-04)."""

    TEACHER = "teacher_personal"
    BUSINESS = "business"


class BusinessState(StrEnum):
    """Where the application of a business account stands (Art.4, D-07). Only ``active`` may log in."""

    PENDING_FAX = "pending_fax"
    PENDING_REVIEW = "pending_review"
    ACTIVE = "active"
    REJECTED = "rejected"
    DISABLED = "disabled"


class BusinessKind(StrEnum):
    """Kinds of business accounts (Art.3); the list ends with 等, so it is open."""

    REGIONAL_CENTRE = "regional_centre"
    SCHOOL = "school"
    LEGAL_PERSON = "social_education_or_legal_person"
    SUBJECT_CENTRE = "subject_centre"
    OTHER = "other"


class AssignmentSource(StrEnum):
    """Who stated an assignment first."""

    SELF_DECLARED = "self_declared"
    SCHOOL = "school"
    AUTHORITY = "authority"
    IMPORT = "import"


class CorrectionOutcome(StrEnum):
    """How a correction request was answered."""

    DONE = "done"
    DECLINED = "declined"


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Make the CHECK of an enum stored as text."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class School(Model):
    """The school register; codes are opaque text with leading zeros."""

    __tablename__ = "school"
    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    county: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(40))
    opened_on: Mapped[date | None] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)


class Title(Model):
    """The title list; some titles do not count as in service (D-35)."""

    __tablename__ = "title"
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    name_en: Mapped[str] = mapped_column(String(80))
    counts_as_in_service: Mapped[bool] = mapped_column(Boolean)


class Account(Model):
    """A person's account. ``login_name`` is stored in lower case, unique for ever, also after closure (D-05).

    ``lock_generation`` counts the recorded changes of state: a code issued under an older one is void (D-25).
    ``service_state``, ``service_reason`` and ``service_since`` are the state that was last announced (events, mail);
    what may be done is always computed anew from the assignments. ``password_hash`` is empty while nobody has set one.
    """

    __tablename__ = "account"
    __table_args__ = (
        one_of("type", AccountType),
        CheckConstraint("login_name = lower(login_name)", name="login_name_folded"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    login_name: Mapped[str] = mapped_column(String(32), unique=True)
    type: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(50))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_test_account: Mapped[bool] = mapped_column(Boolean, default=False)
    agreement_version: Mapped[int] = mapped_column(Integer, default=0)
    lock_generation: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    email: Mapped[str | None] = mapped_column(String(254), index=True)
    email_verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    service_state: Mapped[str | None] = mapped_column(String(24))
    service_reason: Mapped[str | None] = mapped_column(String(24))
    service_since: Mapped[date | None] = mapped_column(Date)


class BusinessDetail(Model):
    """What a business account has beside: its kind, unit, role and regional centre (Art.3, Art.4, D-08).

    ``county`` is where the unit is; ``counties`` is the area of a regional centre or an education authority.
    """

    __tablename__ = "business_detail"
    __table_args__ = (one_of("state", BusinessState), one_of("role", Role), one_of("kind", BusinessKind))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(32))
    school_code: Mapped[str | None] = mapped_column(ForeignKey("school.code"))
    county: Mapped[str | None] = mapped_column(String(20))
    counties: Mapped[list[str]] = mapped_column(JSON)
    regional_centre_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    fax_received_on: Mapped[date | None] = mapped_column(Date)
    fax_note: Mapped[str | None] = mapped_column(String(200))
    fax_scan_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decision_reason: Mapped[str | None] = mapped_column(String(500))


class ServiceAssignment(Model):
    """A teacher at a school for a period (DOMAIN §2.2). Both ends of every period are inclusive."""

    __tablename__ = "service_assignment"
    __table_args__ = (
        one_of("kind", AssignmentKind),
        one_of("source", AssignmentSource),
        one_of("end_reason", EndReason),
        CheckConstraint("(end_date IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("end_date IS NULL OR start_date IS NULL OR start_date <= end_date", name="period_in_order"),
        Index(
            "uq_service_assignment_open_primary",
            "account_id",
            unique=True,
            sqlite_where=text("kind = 'primary' AND end_date IS NULL AND refused_at IS NULL"),
            postgresql_where=text("kind = 'primary' AND end_date IS NULL AND refused_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    school_code: Mapped[str | None] = mapped_column(ForeignKey("school.code"), index=True)
    title_code: Mapped[str | None] = mapped_column(ForeignKey("title.code"))
    kind: Mapped[str] = mapped_column(String(16))
    start_date: Mapped[date | None] = mapped_column(Date)
    end_date: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str | None] = mapped_column(String(16))
    suspended_from: Mapped[date | None] = mapped_column(Date)
    suspended_until: Mapped[date | None] = mapped_column(Date)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(64))
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    source: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(String(200))


class AgreementAcceptance(Model):
    """When which version of the account-use agreement was accepted; append-only (R-ACC-1)."""

    __tablename__ = "agreement_acceptance"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    accepted_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Message(Model):
    """A message in the account's own box: a code and what fills it in; the text is made when shown (DOMAIN §2.7).

    ``once_key`` makes a message that must come only once, however often and wherever a job runs.
    """

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code: Mapped[str] = mapped_column(String(32))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    once_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CorrectionRequest(Model):
    """A teacher asks her school or its authority to correct service data (D-11, D-31). ``decided_at``: it was answered."""

    __tablename__ = "correction_request"
    __table_args__ = (one_of("outcome", CorrectionOutcome),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("service_assignment.id"))
    school_code: Mapped[str] = mapped_column(ForeignKey("school.code"), index=True)
    wish: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(String(16))
    answer: Mapped[str | None] = mapped_column(String(500))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class ImportRun(Model):
    """How far the import of a feed has come, by the digest of the file: a run that was broken off goes on there."""

    __tablename__ = "import_run"
    file_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    rows_done: Mapped[int] = mapped_column(Integer)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LoginThrottle(Model):
    """Failed log-ins of one bucket (see ``throttle``); the bucket is a keyed hash, so the table names nobody."""

    __tablename__ = "login_throttle"
    bucket: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str | None] = mapped_column(String(64), index=True)
    failures: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
