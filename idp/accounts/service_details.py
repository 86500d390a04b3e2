"""What the console shows of one assignment: the teacher, her state as a whole, and the history of the entry."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from config.audit import AuditEvent
from config.database import db
from idp.accounts.accounts import fold
from idp.accounts.actors import account_ids
from idp.accounts.directory import as_assignment
from idp.accounts.effects import assignments_of, state_of
from idp.accounts.models import Account, AccountType, ServiceAssignment
from scopes.service import Assignment, ServiceState

HISTORY_MAX = 200
"""Events of a teacher that the history of an entry is looked for in."""


@dataclass(frozen=True, slots=True)
class Person:
    """A teacher as far as a school must know her to enter her service: account name and name (D-31)."""

    account_id: int
    login_name: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in the history of an assignment. ``actor`` is a name where an account did it."""

    at: datetime
    action: str
    actor: str
    reason: str
    changes: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """An assignment with what stands around it."""

    row: ServiceAssignment
    person: Person
    entries: tuple[Assignment, ...]
    state: ServiceState

    @property
    def assignment(self) -> Assignment:
        """The assignment as the rules take it."""
        return as_assignment(self.row)

    def state_if(self, changed: Assignment, day: date) -> ServiceState:
        """Return her state on a day if the assignment were this one: what a change would do, before it is made."""
        others = [entry for entry in self.entries if entry.id != changed.id]
        return state_of([*others, changed], day)

    def state_on(self, day: date) -> ServiceState:
        """Return her state on a day as things are."""
        return state_of(list(self.entries), day)


def detail(assignment_id: int, day: date) -> Detail:
    """Return an assignment that is there."""
    with db.session.begin():
        row = db.session.get_one(ServiceAssignment, assignment_id)
        found = select(Account.login_name, Account.name).where(Account.id == row.account_id)
        login_name, name = db.session.execute(found).one()
        entries = [as_assignment(one) for one in assignments_of(row.account_id)]
    person = Person(row.account_id, login_name, name)
    return Detail(row, person, tuple(entries), state_of(entries, day))


def teacher(login_name: str) -> Person | None:
    """Return the teacher with exactly this account name: who adds her must know it (D-31)."""
    query = select(Account.id, Account.login_name, Account.name).where(
        Account.login_name == fold(login_name), Account.type == AccountType.TEACHER, Account.closed_at.is_(None)
    )
    with db.session.begin():
        row = db.session.execute(query).first()
    return Person(*row) if row else None


def history(row: ServiceAssignment) -> list[Entry]:
    """Return who changed an assignment, when, from what to what, and why; the newest first (D-31)."""
    query = select(AuditEvent).where(
        AuditEvent.subject == f"account:{row.account_id}", AuditEvent.action.startswith("service.")
    )
    with db.session.begin():
        events = db.session.scalars(query.order_by(AuditEvent.id.desc()).limit(HISTORY_MAX)).all()
        mine = [event for event in events if event.detail.get("assignment") == row.id]
        names = _names({event.actor for event in mine})
    return [_entry(event, names) for event in mine]


def _names(actors: set[str]) -> Mapping[str, str]:
    """Return the names behind ``account:5``: of a business account its unit, one query for all."""
    ids = account_ids(actors)
    if not ids:
        return {}
    found = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    return {f"account:{ident}": name for ident, name in found}


def _entry(event: AuditEvent, names: Mapping[str, str]) -> Entry:
    facts: Mapping[str, Any] = event.detail
    old, new = facts.get("old") or {}, facts.get("new") or {}
    changes = tuple(
        (name, old.get(name), new.get(name))
        for name in (*old, *(new.keys() - old.keys()))
        if old.get(name) != new.get(name)
    )
    action = event.action.removeprefix("service.")
    if action == "assignment.changed":
        action = f"assignment.{facts.get('action', 'changed')}"
    return Entry(
        event.at, action, names.get(event.actor, event.actor), str(facts.get("reason") or ""), tuple(sorted(changes))
    )


def ended(entry: Assignment, last_day: date) -> Assignment:
    """Return the assignment with another last day."""
    return replace(entry, end_date=last_day)


def suspended(entry: Assignment, first_day: date, last_day: date | None) -> Assignment:
    """Return the assignment with a suspension."""
    return replace(entry, suspended_from=first_day, suspended_until=last_day)
