"""Tables of the duties: contacts with their history, what was reminded of."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime


class CaseContact(Model):
    """Whom we write to about a case; one that follows another takes its place from its day on (append-only).

    ``verified_at``: when somebody opened the link that was mailed to the address; until then the one before counts.
    """

    __tablename__ = "case_contact"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    name: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str] = mapped_column(String(30))
    email: Mapped[str] = mapped_column(String(254))
    effective_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(String(64))
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Reminder(Model):
    """A reminder that was sent: once for each thing, day on which it ends, and number of days before."""

    __tablename__ = "case_reminder"
    __table_args__ = (UniqueConstraint("case_id", "subject", "ends_on", "days"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    subject: Mapped[str] = mapped_column(String(120))
    ends_on: Mapped[date] = mapped_column(Date)
    days: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
