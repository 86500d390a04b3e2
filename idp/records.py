"""A teacher's study records (研習紀錄), to be read by herself, locked or not (Art.5(1), D-10).

The records come from elsewhere; what recording them demands belongs to reporting (資訊傳報).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Integer, Numeric, String, select
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, db
from idp.accounts.models import one_of


class RecordSource(StrEnum):
    """Where a record was kept first."""

    NETWORK = "network"
    CIVIL_SERVICE = "civil_service"


class StudyRecord(Model):
    """A course that a teacher attended, with the hours credited."""

    __tablename__ = "study_record"
    __table_args__ = (one_of("source", RecordSource),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    source: Mapped[str] = mapped_column(String(16))
    course: Mapped[str] = mapped_column(String(200))
    organiser: Mapped[str] = mapped_column(String(100))
    held_on: Mapped[date] = mapped_column(Date)
    hours: Mapped[float] = mapped_column(Numeric(5, 1, asdecimal=False))


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as its owner sees it."""

    course: str
    organiser: str
    held_on: date
    hours: float


def of(account_id: int, source: RecordSource) -> list[Shown]:
    """Return the records of a person from one source, newest first."""
    query = select(StudyRecord).where(StudyRecord.account_id == account_id, StudyRecord.source == source)
    with db.session.begin():
        rows = db.session.scalars(query.order_by(StudyRecord.held_on.desc(), StudyRecord.id)).all()
        return [Shown(row.course, row.organiser, row.held_on, row.hours) for row in rows]
