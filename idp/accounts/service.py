"""Commands on service assignments and what follows from them: lock and restoration (DOMAIN §2.6, D-25, D-31).

Every command is one transaction: it writes the assignment, compares the state of the day before and after, and on a
change revokes, logs and leaves the message. Future dates bite by themselves; nothing here needs a job.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from config.audit import record
from config.database import db, locking
from config.settings import settings
from idp.accounts.directory import as_assignment, directory
from idp.accounts.models import Account, Message, ServiceAssignment
from idp.accounts.signals import service_locked, service_state_changed
from scopes.primaries import primaries_overlap
from scopes.roc import taipei_day
from scopes.service import EndReason, Reason, ServiceState, State, effective_state, evaluate_service_state


class ServiceRefused(Exception):
    """The change is against the rules; the text says which."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes service data, when and why; every change is logged with it (D-31)."""

    actor: str
    now: datetime
    reason: str = ""

    @property
    def day(self) -> date:
        """The day in Taipei."""
        return taipei_day(self.now)


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
    with _changed(assignment_id, change, "confirmed") as row:
        if row.refused_at is not None:
            message = "a refused assignment cannot be confirmed"
            raise ServiceRefused(message)
        row.confirmed_at, row.confirmed_by = change.now, change.actor


def refuse(assignment_id: int, change: Change) -> None:
    """The school says that a self-declared assignment is not true: it counts as not existing (DOMAIN §2.4)."""
    with _changed(assignment_id, change, "changed") as row:
        if row.confirmed_at is not None:
            message = "a confirmed assignment is ended, not refused"
            raise ServiceRefused(message)
        row.refused_at = change.now


def end(assignment_id: int, last_day: date, reason: EndReason, change: Change) -> None:
    """Record the last day in service (inclusive) and why; past and future days are both possible (D-29, D-30)."""
    with _changed(assignment_id, change, "ended", late_since=last_day + timedelta(days=1)) as row:
        if row.start_date is not None and last_day < row.start_date:
            message = "the last day lies before the first"
            raise ServiceRefused(message)
        row.end_date, row.end_reason = last_day, reason


def suspend(assignment_id: int, first_day: date, last_day: date | None, change: Change) -> None:
    """Record a suspension (停職); both days inclusive, an open end is possible."""
    with _changed(assignment_id, change, "changed", late_since=first_day) as row:
        if last_day is not None and last_day < first_day:
            message = "the last day lies before the first"
            raise ServiceRefused(message)
        row.suspended_from, row.suspended_until = first_day, last_day


def assignments_of(account_id: int) -> list[ServiceAssignment]:
    """Return all her assignments, oldest first."""
    query = select(ServiceAssignment).where(ServiceAssignment.account_id == account_id)
    return list(db.session.scalars(query.order_by(ServiceAssignment.start_date, ServiceAssignment.id)))


def service_state(account_id: int, day: date) -> ServiceState:
    """Return the state of the day as it takes effect (D-01, D-17)."""
    known = directory()
    rows = [as_assignment(row) for row in assignments_of(account_id)]
    evaluated = evaluate_service_state(rows, known.schools, known.titles, day)
    rules = settings()
    in_force, confirmed = rules.art5_in_force(day), rules.requires_confirmed_service
    return effective_state(evaluated, in_force=in_force, requires_confirmed=confirmed)


@contextmanager
def _changed(
    assignment_id: int, change: Change, action: str, late_since: date | None = None
) -> Iterator[ServiceAssignment]:
    """Run a change of one assignment with old and new value logged."""
    owner = select(ServiceAssignment.account_id).where(ServiceAssignment.id == assignment_id)
    with db.session.begin():
        account_id = db.session.execute(owner).scalar_one()
    with _change(account_id, change, late_since):
        row = db.session.get_one(ServiceAssignment, assignment_id)
        before = _facts(row)
        yield row
        db.session.flush()
        _log(action, row, change, {"old": before, "new": _facts(row)})


@contextmanager
def _change(account_id: int, change: Change, late_since: date | None = None) -> Iterator[None]:
    """Lock the account's row, so that two changes of one teacher are judged one after the other; then compare."""
    with db.session.begin():
        db.session.execute(locking(select(Account.id).where(Account.id == account_id)))
        before, overlapped = service_state(account_id, change.day), _overlap(account_id)
        yield
        db.session.flush()
        # Data that came in overlapping must not keep a school from ending a service: a lock always goes through.
        if _overlap(account_id) and not overlapped:
            message = "she has a primary service in this period already; it must end first"
            raise ServiceRefused(message)
        _effects(account_id, before, service_state(account_id, change.day), change, late_since)


def _overlap(account_id: int) -> bool:
    return primaries_overlap(as_assignment(row) for row in assignments_of(account_id))


def _effects(
    account_id: int, before: ServiceState, after: ServiceState, change: Change, late_since: date | None
) -> None:
    was_locked, is_locked = before.state is State.LOCKED, after.state is State.LOCKED
    if before.state is not after.state:
        db.session.execute(
            update(Account).where(Account.id == account_id).values(lock_generation=Account.lock_generation + 1)
        )
        service_state_changed.send(account_id, now=change.now)
    if is_locked and not was_locked:
        _event("service.lock.begin", account_id, before, after, change)
        _message(account_id, "MSG-LOCK-MAIL", after.reason, change)
        service_locked.send(account_id, since=min(late_since or change.day, change.day), now=change.now)
    elif was_locked and after.state is State.UNLOCKED:
        _event("service.lock.end", account_id, before, after, change)
        _message(account_id, "MSG-RESTORE-MAIL", None, change)


def _event(action: str, account_id: int, before: ServiceState, after: ServiceState, change: Change) -> None:
    detail = {"old": _state(before), "new": _state(after), "reason": change.reason}
    record(action, actor=change.actor, subject=f"account:{account_id}", detail=detail)


def _state(state: ServiceState) -> dict[str, object]:
    return {"state": state.state, "reason": state.reason, "rule": state.rule}


def _message(account_id: int, code: str, reason: Reason | None, change: Change) -> None:
    parameters = {"date": change.day.isoformat(), "reason": reason, "school": _last_school(account_id)}
    db.session.add(Message(account_id=account_id, code=code, parameters=parameters, created_at=change.now))
    record("message.sent", actor=change.actor, subject=f"account:{account_id}", detail={"code": code})


def _last_school(account_id: int) -> str | None:
    """Return the school of her latest assignment: whom to ask if the data are wrong."""
    codes = [row.school_code for row in assignments_of(account_id) if row.school_code]
    return codes[-1] if codes else None


def _log(action: str, row: ServiceAssignment, change: Change, detail: dict[str, object]) -> None:
    detail = {"assignment": row.id, "reason": change.reason, **detail}
    record(f"service.assignment.{action}", actor=change.actor, subject=f"account:{row.account_id}", detail=detail)


def _facts(row: ServiceAssignment) -> dict[str, object]:
    """Return what may change, as text for the log."""
    names = ["school_code", "title_code", "kind", "start_date", "end_date", "end_reason"]
    names += ["suspended_from", "suspended_until", "confirmed_at", "refused_at"]
    facts = {name: getattr(row, name) for name in names}
    return {name: str(value) for name, value in facts.items() if value is not None}
