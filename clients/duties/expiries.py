"""The calendar of what ends, and its reminders by mail: each once, for 60, 30, 14, 7 and 1 days before."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import select

from clients.client_secrets import live_secrets
from clients.duties import confirmations
from clients.duties.confirmation_rules import months_after
from clients.duties.expiry_rules import Ending, Expiry, due_reminder
from clients.duties.models import Reminder
from clients.lifecycle import CaseState
from clients.models import Case, Client
from clients.signals import case_told
from config.audit import record
from config.database import db
from config.settings import settings
from scopes.roc import taipei_day

RUNNING = (
    *(CaseState.TESTING, CaseState.TESTED, CaseState.GO_LIVE_AGREED),
    *(CaseState.LIVE, CaseState.SUSPENDED),
)


def expiries_of(case: Case, now: datetime) -> list[Expiry]:
    """Return what of a case ends, the nearest first, in the caller's transaction."""
    found = list(_of_scan(case))
    for client in db.session.scalars(select(Client).where(Client.case_id == case.id, Client.disabled_at.is_(None))):
        found += _of_client(client, now)
    held = confirmations.of_case(case, taipei_day(now))
    if held is not None:
        found.append(Expiry(Ending.REPLY, held.due_on) if held.due_on else Expiry(Ending.CONFIRMATION, held.next_on))
    return sorted(found, key=lambda one: (one.ends_on, one.subject))


def calendar(now: datetime) -> list[tuple[Case, Expiry]]:
    """Return what ends, of all running cases, in the caller's transaction."""
    cases = db.session.scalars(select(Case).where(Case.state.in_(RUNNING), Case.amends_id.is_(None)))
    found = [(case, expiry) for case in cases for expiry in expiries_of(case, now)]
    return sorted(found, key=lambda pair: (pair[1].ends_on, pair[0].id))


def remind_all(now: datetime) -> int:
    """Send the reminders that are due, each case in a transaction of its own; return how many."""
    with db.session.begin():
        ids = db.session.scalars(select(Case.id).where(Case.state.in_(RUNNING), Case.amends_id.is_(None))).all()
    count = 0
    for case_id in ids:
        with db.session.begin():
            case = db.session.get_one(Case, case_id)
            count += sum(_remind(case, expiry, now) for expiry in expiries_of(case, now))
    return count


def _remind(case: Case, expiry: Expiry, now: datetime) -> bool:
    today = taipei_day(now)
    days = due_reminder(expiry, today)
    if days is None or _was_sent(case.id, expiry, days):
        return False
    db.session.add(Reminder(case_id=case.id, subject=expiry.subject, ends_on=expiry.ends_on, days=days, sent_at=now))
    facts = {"ending": expiry.ending.value, "of": expiry.of, "ends_on": expiry.ends_on.isoformat()}
    record("case.reminded", actor="system", subject=f"case:{case.id}", detail=facts | {"days": days})
    case_told.send(case.id, code="CASE-REMINDER", facts=facts | {"left": expiry.days_left(today)}, now=now)
    return True


def _was_sent(case_id: int, expiry: Expiry, days: int) -> bool:
    same = (
        *(Reminder.case_id == case_id, Reminder.subject == expiry.subject),
        *(Reminder.ends_on == expiry.ends_on, Reminder.days == days),
    )
    return db.session.scalar(select(Reminder.id).where(*same)) is not None


def _of_scan(case: Case) -> Iterator[Expiry]:
    if case.scan_date is not None:
        yield Expiry(Ending.SCAN_REPORT, months_after(case.scan_date, 12))


def _of_client(client: Client, now: datetime) -> Iterator[Expiry]:
    if client.pkce_waived_until is not None:
        yield Expiry(Ending.PKCE_WAIVER, client.pkce_waived_until, client.client_id)
    for secret in live_secrets(client, now):
        if secret.expires_at is not None:
            yield Expiry(Ending.OLD_SECRET, taipei_day(secret.expires_at), client.client_id)
        else:
            yield Expiry(Ending.SECRET_AGE, _old_on(secret.created_at), client.client_id)


def _old_on(made_at: datetime) -> date:
    return months_after(taipei_day(made_at), settings().secret_age_months)
