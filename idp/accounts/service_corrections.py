"""Commands that put an entry right: facts, a last day or a suspension recorded wrongly (D-31, DOMAIN §2.2).

Each says why, is logged with old and new value, and settles what follows, like the commands of ``service``.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from config.database import db
from idp.accounts.directory import directory
from idp.accounts.effects import Change
from idp.accounts.models import ServiceAssignment
from idp.accounts.service import changed
from idp.accounts.transitions import Action, Refusal, ServiceRefused
from scopes.service import AssignmentKind


@dataclass(frozen=True, slots=True)
class Facts:
    """What an entry states beside school and periods; the school never changes, that would be another assignment."""

    title_code: str
    kind: AssignmentKind
    start_date: date
    note: str | None


def correct(assignment_id: int, facts: Facts, change: Change) -> None:
    """Put title, kind, first day and note right."""
    if facts.title_code not in directory().titles:
        raise ServiceRefused(Refusal.NO_TITLE)
    with changed(Action.CORRECT, assignment_id, change, late_since=_wrong_since(assignment_id, facts)) as row:
        if row.end_date is not None and row.end_date < facts.start_date:
            raise ServiceRefused(Refusal.BACK_TO_FRONT)
        if row.suspended_from is not None and row.suspended_from < facts.start_date:
            raise ServiceRefused(Refusal.OUTSIDE)
        row.title_code, row.kind = facts.title_code, facts.kind
        row.start_date, row.note = facts.start_date, facts.note


def reopen(assignment_id: int, change: Change) -> None:
    """Take back a last day that was recorded wrongly: the service goes on."""
    with changed(Action.REOPEN, assignment_id, change) as row:
        row.end_date = row.end_reason = None


def lift(assignment_id: int, last_day: date, change: Change) -> None:
    """End a suspension: its last day, inclusive; she is in service again from the day after."""
    with changed(Action.LIFT, assignment_id, change) as row:
        if _first_day(row) > last_day:
            raise ServiceRefused(Refusal.BACK_TO_FRONT)
        row.suspended_until = last_day


def unsuspend(assignment_id: int, change: Change) -> None:
    """Take back a suspension that was recorded wrongly: it never was."""
    with changed(Action.UNSUSPEND, assignment_id, change) as row:
        row.suspended_from = row.suspended_until = None


def _wrong_since(assignment_id: int, facts: Facts) -> date:
    """What a correction says was so from the first day on, so earlier sign-ins may have been too many (D-29)."""
    query = select(ServiceAssignment.start_date).where(ServiceAssignment.id == assignment_id)
    with db.session.begin():
        recorded = db.session.scalar(query)
    return min(facts.start_date, recorded or facts.start_date)


def _first_day(row: ServiceAssignment) -> date:
    return row.suspended_from or date.min
