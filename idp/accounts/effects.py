"""What follows from a change of the service state: lock and restoration (DOMAIN §2.4, §2.6, D-25, D-29, D-30).

The state is computed from the assignments at every check. `settle` compares it with what was announced last, and tells:
tokens end, partners and the teacher hear of it, the log keeps it. Every command on service data settles before and
after it, and the daily job settles what came by date alone. So each change is told once, whoever notices it first.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from config.audit import record
from config.database import db
from config.settings import settings
from idp.accounts.directory import as_assignment, directory
from idp.accounts.messages import leave
from idp.accounts.models import Account, ServiceAssignment
from idp.accounts.signals import service_locked, service_state_changed
from scopes.roc import taipei_day
from scopes.service import Assignment, Reason, ServiceState, State, effective_state, evaluate_service_state

LOOK_BACK = 400
"""Days that `_first_day` looks back at most."""


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


def by_calendar(now: datetime) -> Change:
    """Return the change that nobody made: a day began."""
    return Change("system", now, "calendar")


def assignments_of(account_id: int) -> list[ServiceAssignment]:
    """Return all her assignments, oldest first."""
    query = select(ServiceAssignment).where(ServiceAssignment.account_id == account_id)
    return list(db.session.scalars(query.order_by(ServiceAssignment.start_date, ServiceAssignment.id)))


def service_state(account_id: int, day: date) -> ServiceState:
    """Return the state of the day as it takes effect (D-01, D-17)."""
    return state_of([as_assignment(row) for row in assignments_of(account_id)], day)


def state_of(entries: list[Assignment], day: date) -> ServiceState:
    """Return the state of a day that follows from assignments, as it takes effect (D-01, D-17)."""
    known, rules = directory(), settings()
    evaluated = evaluate_service_state(entries, known.schools, known.titles, day)
    confirmed = rules.requires_confirmed_service
    return effective_state(evaluated, in_force=rules.art5_in_force(day), requires_confirmed=confirmed)


@dataclass(frozen=True, slots=True)
class Announced:
    """The state that was told last: ``state`` is None before the first time, ``since`` its first day."""

    state: State | None
    reason: Reason | None
    since: date | None


def announced(account_id: int) -> Announced:
    """Return what was told last."""
    query = select(Account.service_state, Account.service_reason, Account.service_since)
    state, reason, since = db.session.execute(query.where(Account.id == account_id)).one()
    return Announced(State(state) if state else None, Reason(reason) if reason else None, since)


def settle(account_id: int, change: Change, late_since: date | None = None) -> ServiceState:
    """Compare the state of the day with what was told last, tell the difference, and return the state.

    In the caller's transaction, with the account's row locked. ``late_since``: the first day that an entry makes wrong
    in hindsight (D-29). What was never told before is noted without a word.
    """
    db.session.flush()
    entries = [as_assignment(row) for row in assignments_of(account_id)]
    before, after = announced(account_id), state_of(entries, change.day)
    if (before.state, before.reason) == (after.state, after.reason):
        return after
    since = change.day if change.actor != "system" else _first_day(entries, after, change.day, before.since)
    facts = {"service_state": after.state, "service_reason": after.reason, "service_since": since}
    db.session.execute(update(Account).where(Account.id == account_id).values(**facts))
    if before.state is not None:
        _tell(account_id, before, after, change, min(late_since or since, since))
    return after


def _tell(account_id: int, before: Announced, after: ServiceState, change: Change, since: date) -> None:
    was_locked, is_locked = before.state is State.LOCKED, after.state is State.LOCKED
    if before.state is not after.state:
        one_more = Account.lock_generation + 1
        db.session.execute(update(Account).where(Account.id == account_id).values(lock_generation=one_more))
        service_state_changed.send(account_id, now=change.now)
    if is_locked and not was_locked:
        _event("service.lock.begin", account_id, before, after, change)
        _message(account_id, "MSG-LOCK-MAIL", after.reason, change)
        service_locked.send(account_id, since=since, now=change.now)
    elif was_locked and not is_locked:
        _event("service.lock.end", account_id, before, after, change)
        if after.state is State.UNLOCKED:
            _message(account_id, "MSG-RESTORE-MAIL", None, change)


def _event(action: str, account_id: int, before: Announced, after: ServiceState, change: Change) -> None:
    old = {"state": before.state, "reason": before.reason}
    new = {"state": after.state, "reason": after.reason, "rule": after.rule}
    detail = {"old": old, "new": new, "reason": change.reason}
    record(action, actor=change.actor, subject=f"account:{account_id}", detail=detail)


def _message(account_id: int, code: str, reason: Reason | None, change: Change) -> None:
    since = announced(account_id).since or change.day
    parameters = {"date": since.isoformat(), "reason": reason, "school": last_school(account_id)}
    leave(account_id, code, parameters, actor=change.actor, now=change.now)


def last_school(account_id: int) -> str | None:
    """Return the school of her latest assignment: whom to ask if the data are wrong."""
    codes = [row.school_code for row in assignments_of(account_id) if row.school_code]
    return codes[-1] if codes else None


def _first_day(entries: list[Assignment], after: ServiceState, day: date, floor: date | None) -> date:
    """Return since when a state holds that came by date: a job that ran late must not make the lock look late."""
    first, earliest = day, max(floor or day, day - timedelta(days=LOOK_BACK))
    while first > earliest and state_of(entries, first - timedelta(days=1)).state is after.state:
        first -= timedelta(days=1)
    return first
