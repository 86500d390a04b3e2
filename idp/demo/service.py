"""``idp dev lock`` and ``unlock``: a teacher's service ends or begins again, by the commands that a school uses."""

from datetime import datetime, timedelta

from sqlalchemy import select

from config.database import db
from idp.accounts import service, service_corrections
from idp.accounts.accounts import fold
from idp.accounts.directory import as_assignment, directory
from idp.accounts.models import Account, AccountType, AssignmentSource, ServiceAssignment
from idp.accounts.service import Change
from scopes.primaries import primaries_overlap
from scopes.service import AssignmentKind, EndReason, ServiceState, State

TITLE = "J40"


def end_service(login_name: str, reason: EndReason, now: datetime) -> ServiceState:
    """End every assignment that has begun and not ended, as of yesterday."""
    account_id, change = _teacher(login_name), Change("cli", now, "idp dev lock")
    yesterday = change.day - timedelta(days=1)
    for row in _counting(account_id):
        if row.end_date is None or row.end_date > yesterday:
            if row.start_date is None or row.start_date <= yesterday:
                service.end(row.id, yesterday, reason, change)
            elif row.confirmed_at is None:
                service.refuse(row.id, change)
    return _state(account_id, change)


def restore_service(login_name: str, now: datetime) -> ServiceState:
    """Confirm what waits for confirmation, end a suspension, or add a confirmed assignment."""
    account_id, change = _teacher(login_name), Change("cli", now, "idp dev unlock")
    yesterday = change.day - timedelta(days=1)
    for row in _counting(account_id):
        if row.suspended_from is not None and (row.suspended_until is None or row.suspended_until > yesterday):
            if row.suspended_from <= yesterday:
                service_corrections.lift(row.id, yesterday, change)
            else:
                service_corrections.unsuspend(row.id, change)
        if row.confirmed_at is None and row.start_date and row.start_date <= change.day:
            service.confirm(row.id, change)
    if _state(account_id, change).state is not State.UNLOCKED:
        service.create(_new(account_id, change), change)
    return _state(account_id, change)


def _new(account_id: int, change: Change) -> ServiceAssignment:
    """Return a confirmed assignment at her last school that is still open, from yesterday on."""
    schools = directory().schools
    past = [row.school_code for row in reversed(_rows(account_id)) if row.school_code]
    code = next((code for code in (*past, *sorted(schools)) if schools[code].is_open(change.day)), None)
    if code is None:
        raise LookupError("no school is open")
    new = ServiceAssignment(
        account_id=account_id,
        school_code=code,
        title_code=TITLE,
        kind=AssignmentKind.PRIMARY,
        start_date=change.day - timedelta(days=1),
        confirmed_at=change.now,
        confirmed_by=change.actor,
        source=AssignmentSource.SCHOOL,
    )
    if primaries_overlap(as_assignment(row) for row in [*_rows(account_id), new]):
        new.kind = AssignmentKind.ADDITIONAL
    return new


def _teacher(login_name: str) -> int:
    query = select(Account.id).where(Account.login_name == fold(login_name), Account.type == AccountType.TEACHER)
    with db.session.begin():
        found = db.session.scalar(query)
    if found is None:
        raise LookupError(f"{login_name}: no such teacher account")
    return found


def _rows(account_id: int) -> list[ServiceAssignment]:
    with db.session.begin():
        return service.assignments_of(account_id)


def _counting(account_id: int) -> list[ServiceAssignment]:
    """Leave out what the school refused: it counts as none, and nothing can be done to it."""
    return [row for row in _rows(account_id) if row.refused_at is None]


def _state(account_id: int, change: Change) -> ServiceState:
    with db.session.begin():
        return service.service_state(account_id, change.day)
