"""What a step changes beside the state, in its transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from clients.form import agreements
from clients.form.fields import purpose_of
from clients.form.values import cooperation, day, items, text
from clients.lifecycle import ClientEnvironment, CooperationItem
from clients.models import Case, CaseDataItem, CaseItem, Client, Letter
from clients.procedure import evidence as e
from clients.procedure.facts import form_hash
from clients.procedure.making import make_client
from clients.procedure.models import CaseSubmission
from clients.procedure.supplements import widen
from clients.signals import items_narrowed
from config.database import db, locking
from config.snapshot import bump
from scopes.items import DataItem

MINISTRY = "教育部（師資培育及藝術教育司）"
_SAME = ("unit_head_name", "unit_head_phone", "unit_head_email", "officer_name", "officer_phone", "officer_email")
_SITE = ("site_name", "site_url", "audience", "site_purpose", "maintenance", "applicant_unit")


@dataclass(frozen=True, slots=True)
class Change:
    """A step that is being taken on a locked case."""

    case: Case
    given: Any
    actor: str
    now: datetime


def _submit(change: Change) -> None:
    """X3, X5: what is on the form becomes what the case applies for, frozen until it comes back (ARCHITECTURE §4)."""
    case, answers = change.case, change.case.answers
    for name in (*_SAME, *_SITE):
        setattr(case, name, text(answers, name))
    case.operating_unit, case.test_url = text(answers, "operating_unit_name"), text(answers, "test_url") or None
    case.member_count = int(text(answers, "member_count"))
    case.privacy_policy = text(answers, "policy_text") or text(answers, "policy_url")
    case.filled_on, case.scan_date = day(answers, "filled_on"), day(answers, "scan_date")
    case.scan_target = text(answers, "scan_target")
    _put_items(case)
    letter_id = _keep_letter(case, "application", change.given.letter, MINISTRY) or _last_letter(case.id)
    submission = CaseSubmission(
        case_id=case.id,
        at=change.now,
        actor=change.actor,
        answers=dict(answers),
        form_hash=form_hash(answers),
        agreements_version=agreements.VERSION,
        agreements_hash=agreements.wording_hash(),
        letter_id=letter_id,
    )
    db.session.add(submission)


def _put_items(case: Case) -> None:
    case.items.clear()
    case.data_items.clear()
    db.session.flush()  # an item that is applied for again is unique with the row that goes
    case.items.extend(CaseItem(item=item) for item in cooperation(case.answers))
    wanted = [(item, text(case.answers, purpose_of(item))) for item in items(case.answers)]
    case.data_items.extend(CaseDataItem(item=item, purpose=purpose, purpose_version=1) for item, purpose in wanted)


def _keep_letter(case: Case, kind: str, letter: e.LetterFacts | None, addressee: str) -> int | None:
    if letter is None:
        return None
    facts = letter.model_dump()
    kept = Letter(case_id=case.id, kind=kind, addressee=addressee, **facts)
    db.session.add(kept)
    db.session.flush()
    return kept.id


def _last_letter(case_id: int) -> int:
    of_case = select(CaseSubmission.letter_id).where(CaseSubmission.case_id == case_id)
    return db.session.scalars(of_case.order_by(CaseSubmission.id.desc()).limit(1)).one()


def _return(change: Change) -> None:
    change.case.letter_wanted = change.given.needs_letter


def _approve(change: Change) -> None:
    """X6: exactly what the Ministry approved; a supplement widens the case that it amends (D-40)."""
    case, given = change.case, change.given
    _keep_letter(case, "approval", given.letter, case.applicant_unit)
    case.items[:] = [row for row in case.items if row.item in given.cooperation]
    for row in case.data_items:
        row.approved_at = change.now if row.item in given.items else None
    if case.amends_id is not None:
        widen(db.session.scalars(locking(select(Case).where(Case.id == case.amends_id))).one(), case, change.now)
    bump()


def _reject(change: Change) -> None:
    _keep_letter(change.case, "refusal", change.given.letter, change.case.applicant_unit)


def _start_tests(change: Change) -> None:
    case, given = change.case, change.given
    case.support_contact = given.support_contact
    for row in case.data_items:
        row.essential = row.item in given.essential_items
    make_client(case, ClientEnvironment.TEST, given.metadata, change.now)


def _agree_go_live(change: Change) -> None:
    make_client(change.case, ClientEnvironment.PRODUCTION, change.given.metadata, change.now)
    _set_days(change)


def _set_days(change: Change) -> None:
    days: Mapping[CooperationItem, date] = change.given.days
    for row in change.case.items:
        row.go_live_on = days.get(CooperationItem(row.item), row.go_live_on)
    bump()


def _terminate(change: Change) -> None:
    """X18: no secret counts any more; tokens end with the state of the case (ARCHITECTURE §1.4)."""
    for client in db.session.scalars(select(Client).where(Client.case_id == change.case.id)):
        client.secrets[:] = []
        client.registration_token_digest = None
    bump()


def _narrow(change: Change) -> None:
    narrow(change.case, change.given.item, change.now)


def narrow(case: Case, item: DataItem, now: datetime) -> None:
    """X19: take an approved item back; it is gone from the very next token and userinfo answer (R-CLM-5)."""
    for row in case.data_items:
        if row.item == item:
            row.dropped_at = now
    bump()
    items_narrowed.send(case.id)


def _state_only(_: Change) -> None:
    bump()


EFFECTS: Mapping[str, Callable[[Change], None]] = {
    "X3": _submit,
    "X4": _return,
    "X5": _submit,
    "X6": _approve,
    "X7": _reject,
    "X10": _start_tests,
    "X13": _agree_go_live,
    "X14": _set_days,
    "X16": _state_only,
    "X17": _state_only,
    "X18": _terminate,
    "X19": _narrow,
}
