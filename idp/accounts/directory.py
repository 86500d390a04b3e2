"""Look-ups: the snapshot of schools and titles, and assignments as the pure rules want them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from config.snapshot import snapshots
from idp.accounts import models
from scopes.items import DataItem
from scopes.service import Assignment, AssignmentKind, EndReason, School, Title

SNAPSHOT = "directory"


@dataclass(frozen=True, slots=True)
class Directory:
    """Schools and titles by code."""

    schools: Mapping[str, School]
    titles: Mapping[str, Title]


def load(connection: Connection) -> Directory:
    """Read the school register and the title list."""
    with Session(connection) as session:
        return Directory(
            schools={
                row.code: School(row.code, row.name, row.opened_on, row.closed_on)
                for row in session.scalars(select(models.School))
            },
            titles={
                row.code: Title(row.code, row.name, row.name_en, row.counts_as_in_service)
                for row in session.scalars(select(models.Title))
            },
        )


def directory() -> Directory:
    """Return the current snapshot."""
    found: Directory = snapshots().get(SNAPSHOT)
    return found


def as_assignment(row: models.ServiceAssignment) -> Assignment:
    """Return a stored assignment as the value that the rules take."""
    return Assignment(
        id=row.id,
        school_code=row.school_code,
        title_code=row.title_code,
        kind=AssignmentKind(row.kind),
        start_date=row.start_date,
        end_date=row.end_date,
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
        suspended_from=row.suspended_from,
        suspended_until=row.suspended_until,
        confirmed=row.confirmed_at is not None,
        refused=row.refused_at is not None,
    )


def service_values(assignment: Assignment | None) -> dict[DataItem, str]:
    """R-CLM-7: school code and name, title code and name of one and the same assignment; what lacks is left out."""
    if assignment is None:
        return {}
    known = directory()
    values: dict[DataItem, str] = {}
    if assignment.school_code:
        values[DataItem.SCHOOL_CODE] = assignment.school_code
        if school := known.schools.get(assignment.school_code):
            values[DataItem.SCHOOL_NAME] = school.name
    if assignment.title_code:
        values[DataItem.TITLE_CODE] = assignment.title_code
        if title := known.titles.get(assignment.title_code):
            values[DataItem.TITLE_NAME] = title.name
    return values
