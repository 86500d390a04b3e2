"""Why a teacher is locked, or was on a past day: the rule of DOMAIN §2.4 and the entry that decided.

A past day has two answers: as it is known now, and as it was known then. Late entries make the difference (D-29): a lock
takes effect when it is recorded. What was known then is worked out backwards from the log of changes.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from config.audit import AuditEvent
from config.database import db
from idp.accounts.directory import as_assignment
from idp.accounts.effects import assignments_of, state_of
from idp.accounts.logged import entry_from
from scopes.roc import taipei_midnight
from scopes.service import Assignment, ServiceState

_CHANGES = "service.assignment."


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer for a day; ``then`` equals ``now`` where nothing was recorded later that matters."""

    day: date
    now: ServiceState
    now_entry: Assignment | None
    then: ServiceState
    then_entry: Assignment | None


def explain(account_id: int, day: date) -> Explanation:
    """Explain the state of a day, in the running transaction."""
    current = [as_assignment(row) for row in assignments_of(account_id)]
    known = known_at(account_id, current, taipei_midnight(day + timedelta(days=1)))
    now, then = state_of(current, day), state_of(known, day)
    return Explanation(day, now, _entry(current, now), then, _entry(known, then))


def known_at(account_id: int, current: list[Assignment], instant: datetime) -> list[Assignment]:
    """Return the assignments as they were recorded at an instant: every later change is taken back, the last first."""
    query = (
        select(AuditEvent.action, AuditEvent.detail)
        .where(AuditEvent.subject == f"account:{account_id}", AuditEvent.at >= instant)
        .where(AuditEvent.action.startswith(_CHANGES))
        .order_by(AuditEvent.id.desc())
    )
    known = {entry.id: entry for entry in current}
    for action, detail in db.session.execute(query):
        ident = int(detail["assignment"])
        if action == f"{_CHANGES}created":
            known.pop(ident, None)
        elif ident in known:
            known[ident] = entry_from(ident, detail["old"])
    return list(known.values())


def _entry(entries: list[Assignment], state: ServiceState) -> Assignment | None:
    return next((entry for entry in entries if entry.id == state.assignment_id), None)
