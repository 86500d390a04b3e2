"""Confirmations of items and contact, by letter and reply (A1-§5(2), D-43): commands, one transaction each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from clients.cases import log_event
from clients.duties import contacts
from clients.duties.confirmation_rules import ConfirmationState, Letter, Rhythm, Standing, reply_due, standing
from clients.form.values import is_letter_no
from clients.lifecycle import CaseState, CooperationItem, state_on
from clients.models import Case, Confirmation
from clients.procedure.members import Actor, acts_as
from clients.procedure.steps import StepRefused, Why, locked, settle
from clients.procedure.transitions import Party
from config.audit import record
from config.database import db
from config.settings import settings
from scopes.roc import taipei_day


@dataclass(frozen=True, slots=True)
class Due:
    """A live case and where its confirmation stands."""

    case_id: int
    site_name: str
    operating_unit: str
    standing: Standing


def rhythm() -> Rhythm:
    """Return the days of D-43 as they are set."""
    rules = settings()
    return Rhythm(rules.confirmation_months, rules.confirmation_reply_days, rules.confirmation_warn_days)


def send_letter(case_id: int, actor: Actor, letter_no: str, sent_on: date, now: datetime) -> date:
    """Record our letter; return the last day for the reply."""
    with db.session.begin():
        case = _case(case_id, actor, now)
        _check_letter(letter_no, sent_on, now)
        newest = _newest(case_id)
        if newest is not None and newest.replied_on is None:
            raise StepRefused(Why.STATE, detail=f"the letter {newest.letter_no} is not answered yet")
        if newest is not None and sent_on < newest.letter_sent_on:
            raise StepRefused(Why.EVIDENCE, detail="the letter is older than the one before")
        facts = {
            "letter_no": letter_no,
            "letter_sent_on": sent_on,
            "reply_due_on": reply_due(sent_on, rhythm()),
            "items": _items(case),
            "contact": contacts.shown(case, taipei_day(now)),
        }
        made = Confirmation(case_id=case_id, state=ConfirmationState.LETTER_SENT, **facts)
        db.session.add(made)
        _log(case, "confirmation_sent", actor, now, {"letter_no": letter_no, "sent_on": sent_on.isoformat()})
        return made.reply_due_on


def record_reply(case_id: int, actor: Actor, letter_no: str, replied_on: date, now: datetime) -> None:
    """Record the partner's letter of reply: the letters of both sides belong to the confirmation (AC-54)."""
    with db.session.begin():
        case = _case(case_id, actor, now)
        newest = _newest(case_id)
        if newest is None or newest.replied_on is not None:
            raise StepRefused(Why.STATE, detail="no letter waits for a reply")
        _check_letter(letter_no, replied_on, now)
        if replied_on < newest.letter_sent_on:
            raise StepRefused(Why.EVIDENCE, detail="the reply is older than the letter")
        newest.state, newest.reply_letter_no, newest.replied_on = ConfirmationState.CONFIRMED, letter_no, replied_on
        _log(case, "confirmation_replied", actor, now, {"letter_no": letter_no, "replied_on": replied_on.isoformat()})


def of_case(case: Case, day: date) -> Standing | None:
    """Return where the confirmation of a case stands, in the caller's transaction; None before it is live."""
    days = [row.go_live_on for row in case.items if row.go_live_on]
    states = [state_on(CaseState(case.state), one, day) for one in days]
    if not {CaseState.LIVE, CaseState.SUSPENDED} & set(states):
        return None
    newest = _newest(case.id)
    kept = None if newest is None else Letter(newest.letter_sent_on, newest.reply_due_on, newest.replied_on)
    return standing(min(days), kept, day, rhythm())


def history(case_id: int) -> list[Confirmation]:
    """Return the confirmations of a case, the newest first, in the caller's transaction."""
    query = select(Confirmation).where(Confirmation.case_id == case_id).order_by(Confirmation.id.desc())
    return list(db.session.scalars(query))


def all_due(day: date) -> list[Due]:
    """Return every live case with its standing, what is late first, in the caller's transaction."""
    running = (CaseState.LIVE, CaseState.GO_LIVE_AGREED, CaseState.SUSPENDED)
    cases = db.session.scalars(select(Case).where(Case.state.in_(running), Case.amends_id.is_(None)))
    found = [Due(case.id, case.site_name, case.operating_unit, held) for case in cases if (held := of_case(case, day))]
    return sorted(found, key=lambda one: (one.standing.due_on or one.standing.next_on, one.case_id))


def to_do(found: Iterable[Due]) -> list[Due]:
    """Return what waits for us: letters to write, replies that are late."""
    ours = {ConfirmationState.LETTER_DUE, ConfirmationState.OVERDUE}
    return [one for one in found if one.standing.state in ours]


def _case(case_id: int, actor: Actor, now: datetime) -> Case:
    case = locked(case_id)
    settle(case, now)
    if actor.party is not Party.ADMIN or not acts_as(case_id, actor):
        raise StepRefused(Why.PARTY, detail=f"confirmations are not for {actor.party}")
    if CaseState(case.state) not in {CaseState.LIVE, CaseState.SUSPENDED}:
        raise StepRefused(Why.STATE, detail=f"there is nothing to confirm while the case is {case.state}")
    return case


def _check_letter(letter_no: str, day: date, now: datetime) -> None:
    if not is_letter_no(letter_no):
        raise StepRefused(Why.EVIDENCE, detail="letter_no: a number such as 臺教師(三)字第1090000001號 is needed")
    if day > taipei_day(now):
        raise StepRefused(Why.EVIDENCE, detail="the day is in the future")


def _items(case: Case) -> dict[str, list[str]]:
    return {
        "cooperation": [CooperationItem(row.item).value for row in case.items],
        "data": [row.item for row in case.held],
    }


def _newest(case_id: int) -> Confirmation | None:
    query = select(Confirmation).where(Confirmation.case_id == case_id).order_by(Confirmation.id.desc()).limit(1)
    return db.session.scalars(query).one_or_none()


def _log(case: Case, event: str, actor: Actor, now: datetime, evidence: dict[str, object]) -> None:
    log_event(case, event, case.state, actor=actor.actor, now=now, evidence=evidence)
    record(f"case.{event}", actor=actor.actor, subject=f"case:{case.id}", detail=evidence)
