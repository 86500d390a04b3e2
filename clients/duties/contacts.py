"""Whom we write to about a case, and its change (A1-§5(3)): the old contact stays in the history with its dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from clients.cases import log_event
from clients.duties.models import CaseContact
from clients.form.checks import Fault
from clients.form.fields import FIELD_BY_ID
from clients.form.values import Problem, problem, text
from clients.models import Case
from clients.procedure.members import Actor, acts_as
from clients.procedure.steps import StepRefused, Why, locked
from clients.procedure.transitions import FINAL, Party
from config.audit import record
from config.database import db
from scopes.roc import taipei_day

ASKED_MAX = 5
FIELDS = ("officer_name", "officer_phone", "officer_email")


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it counts or counted: from ``since``, before ``until``. ``number`` 0: as the form of Appendix 1 named it."""

    number: int
    name: str
    phone: str
    email: str
    since: date | None
    until: date | None
    is_verified: bool


def change(case_id: int, actor: Actor, given: Mapping[str, str], effective_on: date, now: datetime) -> int:
    """Name another contact; return its number, for the mail that verifies its address.

    Recorded by an administrator it counts at once; by the partner, as soon as the address is verified.
    """
    with db.session.begin():
        case = locked(case_id)
        if not acts_as(case_id, actor) or actor.party is Party.SYSTEM:
            raise StepRefused(Why.PARTY, detail=f"contacts are not for {actor.party}")
        if case.state in FINAL or not case.officer_email:
            raise StepRefused(Why.STATE, detail=f"the contact cannot be changed while the case is {case.state}")
        if _asked(case_id, now) >= ASKED_MAX:
            raise StepRefused(Why.STATE, detail="too many addresses wait to be verified; try again tomorrow")
        if faults := list(_faults(given)):
            raise StepRefused(Why.GUARD, tuple(faults))
        made = CaseContact(
            case_id=case_id,
            name=text(given, "officer_name"),
            phone=text(given, "officer_phone"),
            email=text(given, "officer_email"),
            effective_on=effective_on,
            recorded_at=now,
            recorded_by=actor.actor,
            verified_at=now if actor.party is Party.ADMIN else None,
        )
        db.session.add(made)
        db.session.flush()
        facts = {"contact": made.id, "effective_on": effective_on.isoformat()}
        log_event(case, "contact_changed", case.state, actor=actor.actor, now=now, evidence=dict(facts))
        record("case.contact_changed", actor=actor.actor, subject=f"case:{case_id}", detail=facts)
        return made.id


def _asked(case_id: int, now: datetime) -> int:
    """Return how many addresses of a day wait to be verified: nobody sends mail to strangers through us."""
    waiting = (
        *(CaseContact.case_id == case_id, CaseContact.verified_at.is_(None)),
        CaseContact.recorded_at > now - timedelta(days=1),
    )
    return db.session.scalar(select(func.count()).select_from(CaseContact).where(*waiting)) or 0


def verify(contact_id: int, now: datetime) -> int | None:
    """Note that the address was opened from its own mail; return the case, None for a contact that is not there."""
    with db.session.begin():
        found = db.session.get(CaseContact, contact_id)
        if found is None:
            return None
        if found.verified_at is None:
            found.verified_at = now
            record(
                "case.contact_verified",
                actor="mail link",
                subject=f"case:{found.case_id}",
                detail={"contact": contact_id},
            )
        return found.case_id


def current(case: Case, day: date) -> Contact:
    """Return who counts on a day, in the caller's transaction: the newest that began and was verified."""
    counting = (
        CaseContact.case_id == case.id,
        CaseContact.effective_on <= day,
        CaseContact.verified_at.is_not(None),
    )
    newest = select(CaseContact).where(*counting).order_by(CaseContact.effective_on.desc(), CaseContact.id.desc())
    found = db.session.scalars(newest.limit(1)).one_or_none()
    return _contact(found) if found else _of_form(case)


def history(case: Case) -> list[Contact]:
    """Return every contact, the newest first, the one of the form last (AC-56); in the caller's transaction."""
    query = select(CaseContact).where(CaseContact.case_id == case.id)
    rows = db.session.scalars(query.order_by(CaseContact.effective_on.desc(), CaseContact.id.desc()))
    found, until = [], None
    for row in rows:
        found.append(_contact(row, until))
        until = row.effective_on if row.verified_at is not None else until
    return [*found, _of_form(case, until)]


def shown(case: Case, day: date) -> dict[str, str]:
    """Return the contact of a day as a confirmation keeps it."""
    found = current(case, day)
    return {"name": found.name, "phone": found.phone, "email": found.email}


def address(case: Case, now: datetime) -> str:
    """Return the address that mail about a case goes to; empty before the form was sent."""
    return current(case, taipei_day(now)).email


def _contact(row: CaseContact, until: date | None = None) -> Contact:
    return Contact(row.id, row.name, row.phone, row.email, row.effective_on, until, row.verified_at is not None)


def _of_form(case: Case, until: date | None = None) -> Contact:
    of_form = (case.officer_name, case.officer_phone, case.officer_email)
    return Contact(0, *of_form, since=case.filled_on, until=until, is_verified=True)


def _faults(given: Mapping[str, str]) -> list[Fault]:
    found = []
    for name in FIELDS:
        typed = text(given, name)
        wrong = problem(FIELD_BY_ID[name], typed) if typed else Problem.MISSING
        if wrong:
            found.append(Fault(name, wrong))
    return found
