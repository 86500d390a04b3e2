"""What follows from a change of the service state: lock and restoration (DOMAIN §2.4, §2.6, D-25, D-29, D-30).

The state is computed from the assignments at every check. `settle` compares it with what was announced last, and tells:
tokens end, partners and the teacher hear of it, the log keeps it. Every command on service data settles before and
after it, and the daily job settles what came by date alone. So each change is told once, whoever notices it first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, column, select, update
from sqlalchemy.orm.util import identity_key

from config.audit import Event, record_all
from config.database import db
from config.settings import settings
from idp.accounts.directory import as_assignment, directory
from idp.accounts.messages import Note, leave_all
from idp.accounts.models import Account, ServiceAssignment
from idp.accounts.signals import effects_ahead, service_locked, service_state_changed
from scopes.roc import taipei_day
from scopes.service import Assignment, Reason, ServiceState, State, effective_state, evaluate_service_state

LOOK_BACK = 400
"""Days that `_first_day` looks back at most."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes service data, when and why; every change is logged with it (D-31). ``is_calendar``: a day began."""

    actor: str
    now: datetime
    reason: str = ""
    is_calendar: bool = False

    @property
    def day(self) -> date:
        """The day in Taipei."""
        return taipei_day(self.now)


def by_calendar(now: datetime) -> Change:
    """Return the change that nobody made: a day began."""
    return Change("system", now, "calendar", is_calendar=True)


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


@dataclass(frozen=True, slots=True)
class Turn:
    """A difference between what was told last and the state of the day.

    ``since``: its first day. ``wrong_since``: from which day on sign-ins were wrong in hindsight. ``school``: whom to ask.
    """

    account_id: int
    before: Announced
    after: ServiceState
    since: date
    wrong_since: date
    school: str | None

    @property
    def is_locking(self) -> bool:
        """Whether a lock begins."""
        return self.after.state is State.LOCKED is not self.before.state

    @property
    def is_unlocking(self) -> bool:
        """Whether a lock ends."""
        return self.before.state is State.LOCKED is not self.after.state


def settle(account_id: int, change: Change, late_since: date | None = None) -> ServiceState:
    """Compare the state of the day with what was told last, tell the difference, and return the state.

    In the caller's transaction, with the account's row locked. ``late_since``: the first day that an entry makes wrong
    in hindsight (D-29). What was never told before is noted without a word.
    """
    db.session.flush()
    entries = [as_assignment(row) for row in assignments_of(account_id)]
    before, after = announced(account_id), state_of(entries, change.day)
    if (before.state, before.reason) != (after.state, after.reason):
        tell([turn_of(account_id, before, after, entries, change, late_since)], change)
    return after


def turn_of(  # the facts of a difference
    account_id: int,
    before: Announced,
    after: ServiceState,
    entries: list[Assignment],
    change: Change,
    late_since: date | None,
) -> Turn:
    """Describe a difference; ``entries`` are her assignments, the oldest first."""
    since = _first_day(entries, after, change.day, before.since) if change.is_calendar else change.day
    codes = [entry.school_code for entry in entries if entry.school_code]
    return Turn(account_id, before, after, since, min(late_since or since, since), codes[-1] if codes else None)


def tell(turns: Sequence[Turn], change: Change) -> None:
    """Note and tell differences, of one teacher or of many, with the rows of their accounts locked.

    What was never told before is noted without a word. Events, messages and mail are written for all at once; the
    signals go out for each, and before the first one whoever listens may read ahead.
    """
    _note(turns)
    told = [turn for turn in turns if turn.before.state is not None]
    begun, over = [turn for turn in told if turn.is_locking], [turn for turn in told if turn.is_unlocking]
    effects_ahead.send(frozenset(turn.account_id for turn in told), now=change.now)
    for turn in told:
        if turn.before.state is not turn.after.state:
            service_state_changed.send(turn.account_id, now=change.now)
    record_all((_event("service.lock.begin", turn, change) for turn in begun), actor=change.actor)
    record_all((_event("service.lock.end", turn, change) for turn in over), actor=change.actor)
    restored = [turn for turn in over if turn.after.state is State.UNLOCKED]
    notes = [_message("MSG-LOCK-MAIL", turn) for turn in begun] + [
        _message("MSG-RESTORE-MAIL", turn) for turn in restored
    ]
    leave_all(notes, actor=change.actor, now=change.now)
    for turn in begun:
        service_locked.send(turn.account_id, since=turn.wrong_since, now=change.now)
    effects_ahead.send(frozenset(), now=change.now)


_ANNOUNCE = (
    update(Account.metadata.tables["account"])
    .where(column("id") == bindparam("account_id"))
    .values(
        service_state=bindparam("state"),
        service_reason=bindparam("reason"),
        service_since=bindparam("since"),
        lock_generation=column("lock_generation") + bindparam("step"),
    )
)


def _note(turns: Sequence[Turn]) -> None:
    """Store what is told now; a code issued before a change of the state is void from here on (D-25)."""
    rows = [
        {
            "account_id": turn.account_id,
            "state": turn.after.state,
            "reason": turn.after.reason,
            "since": turn.since,
            "step": int(turn.before.state not in {None, turn.after.state}),
        }
        for turn in turns
    ]
    db.session.connection().execute(_ANNOUNCE, rows)
    for turn in turns:
        if loaded := db.session.identity_map.get(identity_key(Account, turn.account_id)):
            db.session.refresh(loaded)


def _event(action: str, turn: Turn, change: Change) -> Event:
    old = {"state": turn.before.state, "reason": turn.before.reason}
    new = {"state": turn.after.state, "reason": turn.after.reason, "rule": turn.after.rule}
    return Event(action, f"account:{turn.account_id}", {"old": old, "new": new, "reason": change.reason})


def _message(code: str, turn: Turn) -> Note:
    reason = turn.after.reason if turn.is_locking else None
    return Note(turn.account_id, code, {"date": turn.since.isoformat(), "reason": reason, "school": turn.school})


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
