"""The approval of business accounts (Art.4, R-ACC-4, D-07, D-08; DOMAIN §1.3): one table, one command per event.

Every command is one transaction: it locks the row, so of two decisions at once the second finds the state changed and
is refused; it writes the new state and the audit event together. What is refused changes nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum, auto

from sqlalchemy import select, update

from config.audit import record
from config.database import db, locking
from config.files import keep
from config.guard import Principal
from idp.accounts.models import Account, BusinessDetail, BusinessKind, BusinessState
from idp.accounts.regions import Unit, give_region, known_counties, taken_counties, unit_of
from idp.accounts.signals import business_account_disabled
from scopes.permissions import Role
from scopes.roc import taipei_day

NOTE_MAX, REASON_MAX = 200, 500


class Event(StrEnum):
    """What may happen to an application; the audit event is ``business.`` and this."""

    APPLIED = "applied"
    CORRECTED = "corrected"
    FAX_RECEIVED = "fax_received"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    DISABLED = "disabled"


class By(Enum):
    """Who may do it. ``CENTRE`` is the one centre that the unit belongs to (D-08, see `decides`)."""

    APPLICANT = auto()
    CENTRE = auto()
    NATIONAL_CENTRE = auto()


_S, _E = BusinessState, Event
TRANSITIONS: Mapping[tuple[BusinessState | None, Event], tuple[BusinessState, By]] = {
    (None, _E.APPLIED): (_S.PENDING_FAX, By.APPLICANT),
    (_S.PENDING_FAX, _E.CORRECTED): (_S.PENDING_FAX, By.APPLICANT),
    (_S.PENDING_FAX, _E.FAX_RECEIVED): (_S.PENDING_REVIEW, By.CENTRE),
    (_S.PENDING_REVIEW, _E.APPROVED): (_S.ACTIVE, By.CENTRE),
    (_S.PENDING_REVIEW, _E.RETURNED): (_S.PENDING_FAX, By.CENTRE),
    (_S.PENDING_REVIEW, _E.REJECTED): (_S.REJECTED, By.CENTRE),
    (_S.ACTIVE, _E.DISABLED): (_S.DISABLED, By.NATIONAL_CENTRE),
}
"""DOMAIN §1.3, with the correction that follows a return (D-07). What is not here cannot happen."""


class Why(Enum):
    """Why a step is refused."""

    UNKNOWN = auto()
    STATE = auto()
    NOT_YOURS = auto()
    OWN_ACCOUNT = auto()
    UNCONFIRMED = auto()
    FAX_MISSING = auto()
    FAX_DAY = auto()
    NOTE = auto()
    SCAN = auto()
    REASON = auto()
    COUNTIES = auto()
    COUNTIES_TAKEN = auto()


class StepRefused(Exception):
    """The step is against the rules; nothing was changed."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.name)
        self.why = why


@dataclass(frozen=True, slots=True)
class Step:
    """Which account, by whom, when."""

    account_id: int
    by: Principal
    now: datetime


def decides(person: Principal, unit: Unit) -> bool:
    """D-08: a unit is decided by its own regional centre and by nobody else, not even the national centre.

    The national centre decides on regional centres' own accounts, and on units that have no active regional centre.
    """
    if unit.kind is BusinessKind.REGIONAL_CENTRE or unit.centre_id is None:
        return person.role is Role.IDP_ADMIN
    return person.role is Role.REGIONAL_APPROVER and person.account_id == unit.centre_id


def may(person: Principal, account_id: int, unit: Unit, event: Event, state: BusinessState) -> bool:
    """Whether the table and D-08 let this person do this now; what she enters is judged by the commands."""
    rule = TRANSITIONS.get((state, event))
    return rule is not None and _blame(person, account_id, unit, rule[1]) is None


def receive_fax(step: Step, received_on: date, note: str, scan: bytes | None = None) -> None:
    """The application came by fax; the day lies between what she sends in and today (AC-08, D-07)."""
    detail: dict[str, object] = {"received_on": received_on.isoformat(), "note": note}
    with _taken(step, Event.FAX_RECEIVED, detail) as row:
        since = row.decided_at or _applied_at(row.account_id)
        if not taipei_day(since) <= received_on <= taipei_day(step.now):
            raise StepRefused(Why.FAX_DAY)
        if len(note) > NOTE_MAX:
            raise StepRefused(Why.NOTE)
        row.fax_received_on, row.fax_note = received_on, note or None
        if scan is not None:
            kept = keep(scan, actor=step.by.actor, now=step.now)
            row.fax_scan_id, detail["scan_sha256"] = kept.id, kept.sha256
        row.decided_at = row.decided_by = row.decision_reason = None  # the return that this fax answers


def approve(step: Step, counties: Collection[str] = ()) -> None:
    """審核通過: the account may log in from now on (R-ACC-4). A regional centre is given its counties (D-08)."""
    detail: dict[str, object] = {}
    with _taken(step, Event.APPROVED, detail) as row:
        if row.fax_received_on is None:
            raise StepRefused(Why.FAX_MISSING)
        if row.kind == BusinessKind.REGIONAL_CENTRE:
            _give_region(row, counties)
            detail["counties"] = row.counties
        _decide(row, step, None)


def return_for_correction(step: Step, reason: str) -> None:
    """退請補正: she corrects and sends another fax, so what the first one proved is void (D-07)."""
    with _taken(step, Event.RETURNED, {"reason": reason}) as row:
        _decide(row, step, _stated(reason))
        row.fax_received_on = row.fax_note = row.fax_scan_id = None


def reject(step: Step, reason: str) -> None:
    """不通過: final; she may apply again under a new account name (D-07, R-ACC-2)."""
    with _taken(step, Event.REJECTED, {"reason": reason}) as row:
        _decide(row, step, _stated(reason))


def disable(step: Step, reason: str) -> None:
    """停用 by the national centre: sessions end in this transaction, the name stays taken (D-05)."""
    with _taken(step, Event.DISABLED, {"reason": reason}) as row:
        _decide(row, step, _stated(reason))
        business_account_disabled.send(step.account_id, now=step.now)


@contextmanager
def _taken(step: Step, event: Event, detail: Mapping[str, object]) -> Iterator[BusinessDetail]:
    """Run a step of somebody who decides: lock, judge, let the caller write (and add to the detail), log."""
    with db.session.begin():
        row = locked(step.account_id)
        old = BusinessState(row.state)
        rule = TRANSITIONS.get((old, event))
        if rule is None:
            raise StepRefused(Why.STATE)
        blame = _blame(step.by, step.account_id, unit_of(row), rule[1])
        if blame is not None:
            raise StepRefused(blame)
        yield row
        row.state = rule[0]
        db.session.execute(update(Account).where(Account.id == row.account_id).values(changed_at=step.now))
        log_step(event, row.account_id, step.by.actor, {"old": old, "new": rule[0], **detail})


def locked(account_id: int) -> BusinessDetail:
    """Return the business detail of an open account, locked until the transaction ends."""
    query = select(BusinessDetail).join(Account, Account.id == BusinessDetail.account_id)
    query = query.where(BusinessDetail.account_id == account_id, Account.closed_at.is_(None))
    row = db.session.scalar(locking(query).execution_options(populate_existing=True))
    if row is None:
        raise StepRefused(Why.UNKNOWN)
    return row


def log_step(event: Event, account_id: int, actor: str, detail: Mapping[str, object]) -> None:
    """Log a step (DOMAIN §7.4): who, old and new state, reason."""
    record(f"business.{event}", actor=actor, subject=f"account:{account_id}", detail=detail)


def _blame(person: Principal, account_id: int, unit: Unit, by: By) -> Why | None:
    """Return what stands against this person, if anything."""
    if person.account_id == account_id:
        return Why.OWN_ACCOUNT
    if by is By.CENTRE:
        return None if decides(person, unit) else Why.NOT_YOURS
    return None if by is By.NATIONAL_CENTRE and person.role is Role.IDP_ADMIN else Why.NOT_YOURS


def _give_region(row: BusinessDetail, counties: Collection[str]) -> None:
    """A county has one regional centre, so that 所屬 is never in doubt (D-08)."""
    if not counties or not set(counties) <= known_counties():
        raise StepRefused(Why.COUNTIES)
    if not taken_counties().isdisjoint(counties):
        raise StepRefused(Why.COUNTIES_TAKEN)
    give_region(row, counties)


def _decide(row: BusinessDetail, step: Step, reason: str | None) -> None:
    row.decided_at, row.decided_by, row.decision_reason = step.now, step.by.account_id, reason


def _stated(reason: str) -> str:
    if not 0 < len(reason) <= REASON_MAX:
        raise StepRefused(Why.REASON)
    return reason


def _applied_at(account_id: int) -> datetime:
    return db.session.execute(select(Account.created_at).where(Account.id == account_id)).scalar_one()
