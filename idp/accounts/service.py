"""Commands on service assignments (DOMAIN §2.2, D-31). What follows from them is in ``effects``.

Every command is one transaction: it writes the assignment, logs old and new value, and settles what follows. Future
dates bite by themselves; nothing here needs a job. When a command is possible is in ``transitions``, corrections of
entries are in ``service_corrections``. Who may give it is in ``areas``: whoever calls a command asks there first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from config.audit import record
from config.database import db, locking
from idp.accounts.directory import as_assignment
from idp.accounts.effects import Change, assignments_of, by_calendar, service_state, settle
from idp.accounts.logged import LOGGED, logged
from idp.accounts.models import Account, ServiceAssignment
from idp.accounts.transitions import NEEDS_REASON, Action, Refusal, ServiceRefused, end_fault, suspension_fault, why_not
from scopes.primaries import primaries_overlap
from scopes.service import EndReason

__all__ = ["Change", "ServiceRefused", "assignments_of", "service_state"]

_EVENTS = {Action.CONFIRM: "confirmed", Action.END: "ended"}
"""The names of events that are not ``changed`` (DOMAIN §2.8)."""
_OPEN_PRIMARY = ("uq_service_assignment_open_primary", "service_assignment.account_id")
"""How PostgreSQL and SQLite name the index that allows one open primary service."""


def create(assignment: ServiceAssignment, change: Change) -> ServiceAssignment:
    """Add an assignment."""
    with _change(assignment.account_id, change):
        add(assignment, change)
    return assignment


def add(assignment: ServiceAssignment, change: Change) -> None:
    """Add the first assignment of an account in the transaction that makes it: nothing is locked or revoked by it."""
    db.session.add(assignment)
    db.session.flush()
    _log("created", assignment, change, {"new": _facts(assignment)})


def confirm(assignment_id: int, change: Change) -> None:
    """Mark as correct: by the school, its authority or the national centre."""
    with changed(Action.CONFIRM, assignment_id, change) as row:
        put_confirmation(row, change)


def refuse(assignment_id: int, change: Change) -> None:
    """The school says that a self-declared assignment is not true: it counts as not existing (DOMAIN §2.4)."""
    with changed(Action.REFUSE, assignment_id, change) as row:
        put_refusal(row, change)


def end(assignment_id: int, last_day: date, reason: EndReason, change: Change) -> None:
    """Record the last day in service (inclusive) and why; past and future days are both possible (D-29, D-30)."""
    with changed(Action.END, assignment_id, change, late_since=last_day + timedelta(days=1)) as row:
        put_end(row, last_day, reason)


def suspend(assignment_id: int, first_day: date, last_day: date | None, change: Change) -> None:
    """Record a suspension (停職); both days inclusive, an open end is possible."""
    with changed(Action.SUSPEND, assignment_id, change, late_since=first_day) as row:
        put_suspension(row, first_day, last_day)


def put_confirmation(row: ServiceAssignment, change: Change) -> None:
    """Confirm within `editing`."""
    row.confirmed_at, row.confirmed_by = change.now, change.actor


def put_refusal(row: ServiceAssignment, change: Change) -> None:
    """Refuse within `editing`."""
    row.refused_at = change.now


def put_end(row: ServiceAssignment, last_day: date | None, reason: EndReason | None) -> None:
    """Set the last day within `editing`; None takes back an end that was recorded in error."""
    if last_day is not None and (fault := end_fault(as_assignment(row), last_day)):
        raise ServiceRefused(fault)
    row.end_date, row.end_reason = last_day, reason


def put_suspension(row: ServiceAssignment, first_day: date | None, last_day: date | None) -> None:
    """Set the suspension within `editing`; None takes it back."""
    if first_day is not None and (fault := suspension_fault(as_assignment(row), first_day, last_day)):
        raise ServiceRefused(fault)
    row.suspended_from, row.suspended_until = first_day, last_day


@contextmanager
def changed(
    action: Action, assignment_id: int, change: Change, late_since: date | None = None
) -> Iterator[ServiceAssignment]:
    """Run a change of one assignment, if the rules have it, with old and new value logged."""
    if action in NEEDS_REASON and not change.reason.strip():
        raise ServiceRefused(Refusal.REASON)
    owner = select(ServiceAssignment.account_id).where(ServiceAssignment.id == assignment_id)
    with db.session.begin():
        account_id = db.session.execute(owner).scalar_one()
    with _change(account_id, change, late_since):
        row = db.session.get_one(ServiceAssignment, assignment_id)
        with editing(row, change, action):
            yield row


@contextmanager
def editing(row: ServiceAssignment, change: Change, action: Action) -> Iterator[None]:
    """Run one edit within `changing`, if the rules have it, with old and new value logged."""
    if refusal := why_not(action, as_assignment(row), change.day):
        raise ServiceRefused(refusal)
    before = _facts(row)
    yield
    if _facts(row) == before:
        raise ServiceRefused(Refusal.NOTHING)
    db.session.flush()
    _log(_EVENTS.get(action, "changed"), row, change, {"action": action, "old": before, "new": _facts(row)})


@contextmanager
def _change(account_id: int, change: Change, late_since: date | None = None) -> Iterator[None]:
    """Run a change of one teacher's service data, in one transaction with all that follows from it."""
    with db.session.begin(), changing(account_id, change, late_since):
        yield


@contextmanager
def changing(account_id: int, change: Change, late_since: date | None = None) -> Iterator[None]:
    """Run a change in the caller's transaction.

    The account's row is locked, so that two changes of one teacher are judged one after the other. What the calendar
    brought before is settled first, so that it is not taken for this change's doing.
    """
    db.session.execute(locking(select(Account.id).where(Account.id == account_id)))
    settle(account_id, by_calendar(change.now))
    overlapped = _overlap(account_id)
    with _one_open_primary():
        yield
        db.session.flush()
    # Data that came in overlapping must not keep a school from ending a service: a lock always goes through.
    if _overlap(account_id) and not overlapped:
        raise ServiceRefused(Refusal.OVERLAP)
    db.session.execute(update(Account).where(Account.id == account_id).values(changed_at=change.now))
    settle(account_id, change, late_since)


@contextmanager
def opening(account_id: int, change: Change) -> Iterator[None]:
    """Run the first assignments of an account in the transaction that makes it: nobody is told what she begins with."""
    yield
    db.session.flush()
    if _overlap(account_id):
        raise ServiceRefused("two primary services share a day")
    settle(account_id, change)


@contextmanager
def _one_open_primary() -> Iterator[None]:
    """The database itself keeps a second primary service without an end away; say so in the words of the rule."""
    try:
        yield
    except IntegrityError as error:
        if any(name in str(error.orig) for name in _OPEN_PRIMARY):
            raise ServiceRefused(Refusal.OVERLAP) from error
        raise


def _overlap(account_id: int) -> bool:
    return primaries_overlap(as_assignment(row) for row in assignments_of(account_id))


def _log(action: str, row: ServiceAssignment, change: Change, detail: dict[str, object]) -> None:
    detail = {"assignment": row.id, "reason": change.reason, **detail}
    record(f"service.assignment.{action}", actor=change.actor, subject=f"account:{row.account_id}", detail=detail)


def _facts(row: ServiceAssignment) -> dict[str, str]:
    return logged({name: getattr(row, name) for name in LOGGED})
