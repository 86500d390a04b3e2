"""What a new day brings (DOMAIN §2.4, D-30, D-34): locks and restorations by date are told, ends that come are announced.

Nothing is decided here: the state is computed at every check anyway. So the job may run late, twice, or on several
machines: each change is settled under the account's row lock, each reminder has a key that comes once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import select, update

from config.database import db, locking
from idp.accounts.directory import as_assignment
from idp.accounts.effects import Change, announced, assignments_of, by_calendar, settle, state_of
from idp.accounts.messages import leave
from idp.accounts.models import Account, AccountType, ServiceAssignment
from scopes.roc import taipei_day
from scopes.service import Assignment, ServiceState, State

BATCH = 2000
REMIND_DAYS = 14
"""D-30: so long before a recorded end a reminder goes out."""


@dataclass(frozen=True, slots=True)
class Person:
    """A teacher with what was told last and what holds on the day."""

    id: int
    told: tuple[str | None, str | None]
    state: ServiceState


def settle_all(now: datetime, progress: Callable[[int], None] = lambda _: None) -> Counter[str]:
    """Settle every teacher whose state is not the one told last; return how many were locked, restored, first noted.

    ``progress`` hears how many accounts were looked at, batch by batch.
    """
    counts: Counter[str] = Counter()
    for people in _batches(now):
        new = [person for person in people if person.told[0] is None]
        counts["first noted"] += len(new)
        _note_first(new, now)
        for person in people:
            if person.told[0] is not None and person.told != (person.state.state, person.state.reason):
                counts[_settle_one(person.id, now)] += 1
        progress(len(people))
    return counts


def _batches(now: datetime) -> Iterator[list[Person]]:
    """Give all open teacher accounts, by id, with their state of the day; each batch is two statements."""
    last, day = 0, taipei_day(now)
    while True:
        with db.session.begin():
            rows = db.session.execute(_ACCOUNTS.where(Account.id > last).limit(BATCH)).all()
            entries = _assignments(rows)
        if not rows:
            return
        last = rows[-1][0]
        yield [Person(row[0], (row[1], row[2]), state_of(entries[row[0]], day)) for row in rows]


_ACCOUNTS = (
    select(Account.id, Account.service_state, Account.service_reason)
    .where(Account.type == AccountType.TEACHER, Account.closed_at.is_(None))
    .order_by(Account.id)
)


def _assignments(rows: Any) -> defaultdict[int, list[Assignment]]:  # noqa: ANN401  # rows of accounts
    found: defaultdict[int, list[Assignment]] = defaultdict(list)
    if rows:
        table = ServiceAssignment.__table__
        query = select(*table.c).where(table.c.account_id.between(rows[0][0], rows[-1][0]))
        for row in db.session.execute(query):
            found[row.account_id].append(as_assignment(cast(ServiceAssignment, row)))  # a row has the same names
    return found


def _note_first(people: list[Person], now: datetime) -> None:
    """Note states that were never told, without a word; who was settled meanwhile is left alone."""
    day = taipei_day(now)
    with db.session.begin():
        for person in people:
            facts = {"service_state": person.state.state, "service_reason": person.state.reason, "service_since": day}
            unnoted = (Account.id == person.id, Account.service_state.is_(None))
            db.session.execute(update(Account).where(*unnoted).values(facts))


def _settle_one(account_id: int, now: datetime) -> str:
    """Settle one teacher in a transaction of its own, and say what it was."""
    with db.session.begin():
        db.session.execute(locking(select(Account.id).where(Account.id == account_id)))
        before, after = announced(account_id).state, settle(account_id, by_calendar(now)).state
    if before is after:
        return "changed"
    return "locked" if after is State.LOCKED else "restored"


def remind_all(now: datetime) -> int:
    """Tell teachers 14 days ahead that a service ends, where nothing else would keep them unlocked (D-30)."""
    day, sent = taipei_day(now), 0
    ending = (
        select(ServiceAssignment.account_id, ServiceAssignment.id, ServiceAssignment.end_date)
        .join(Account, Account.id == ServiceAssignment.account_id)
        .where(
            ServiceAssignment.end_date.between(day, day + timedelta(days=REMIND_DAYS)),
            ServiceAssignment.refused_at.is_(None),
            Account.closed_at.is_(None),
        )
        .order_by(ServiceAssignment.account_id)
    )
    with db.session.begin():
        rows = db.session.execute(ending).all()
    for account_id, assignment_id, last_day in rows:
        with db.session.begin():
            sent += _remind(account_id, assignment_id, last_day or day, by_calendar(now))
    return sent


def _remind(account_id: int, assignment_id: int, last_day: date, change: Change) -> bool:
    stored = assignments_of(account_id)
    entries = [as_assignment(one) for one in stored]
    if state_of(entries, change.day).state is State.LOCKED:
        return False
    if state_of(entries, last_day + timedelta(days=1)).state is not State.LOCKED:
        return False
    school = next(one.school_code for one in stored if one.id == assignment_id)
    facts = {"date": last_day.isoformat(), "school": school}
    key = f"soon:{assignment_id}:{last_day.isoformat()}"
    return leave(account_id, "MSG-LOCK-SOON", facts, actor=change.actor, now=change.now, once_key=key)
