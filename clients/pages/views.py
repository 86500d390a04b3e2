"""What the pages show of a case, gathered in the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from clients.lifecycle import CaseState, ClientEnvironment, CooperationItem, state_on
from clients.models import Case, CaseEvent
from clients.pages.access import Access
from clients.procedure import sheets
from clients.procedure.agreeing import agreements_of, waiting
from clients.procedure.models import CaseProposal, CaseSubmission
from clients.procedure.transitions import BY_ID, TRANSITIONS, Party, Transition, next_party
from clients.procedure.waiting import is_done, waits_for
from config.database import db
from scopes.roc import taipei_day

_NOT_BY_HAND = frozenset({"X1", "X15"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step that waits for others: who agreed, who is still asked, and whether the reader may agree now."""

    row: CaseProposal
    transition: Transition
    agreed: tuple[tuple[str, Party, datetime], ...]
    asked: tuple[frozenset[Party], ...]
    is_mine: bool


def state_now(case: Case, now: datetime) -> CaseState:
    """Return the state as the day makes it (X15)."""
    stored, today = CaseState(case.state), taipei_day(now)
    states = {state_on(stored, row.go_live_on, today) for row in case.items}
    return CaseState.LIVE if CaseState.LIVE in states else stored


def proposal_of(found: Access) -> Proposal | None:
    """Return the step that waits, if one does."""
    row = waiting(found.case.id)
    if row is None:
        return None
    transition, agreed = BY_ID[row.transition], agreements_of(row.id)
    asked = next_party(transition, tuple(Party(one.party) for one in agreed))
    is_new = all(one.account_id != found.person.account_id for one in agreed)
    is_mine = is_new and any(found.parties & need for need in asked)
    return Proposal(row, transition, tuple((one.name, Party(one.party), one.at) for one in agreed), asked, is_mine)


def asked_of(case_id: int) -> tuple[frozenset[Party], ...]:
    """Return whose agreement the step that waits still needs."""
    row = waiting(case_id)
    if row is None:
        return ()
    return next_party(BY_ID[row.transition], tuple(Party(one.party) for one in agreements_of(row.id)))


def steps_for(found: Access, state: CaseState) -> list[Transition]:
    """Return the steps that the reader may take, or propose, in the order of the table."""
    if is_done(state, is_supplement=found.case.amends_id is not None):
        return []
    return [
        one
        for one in TRANSITIONS
        if one.id not in _NOT_BY_HAND and state in one.sources and any(found.parties & need for need in one.needs)
    ]


def waits(case: Case, state: CaseState, asked: tuple[frozenset[Party], ...] = ()) -> frozenset[Party]:
    """Return for whom a case waits."""
    has_sheet = state is CaseState.DOCS_PROVIDED and sheets.find(case.id, ClientEnvironment.TEST) is not None
    return waits_for(state, has_sheet=has_sheet, is_supplement=case.amends_id is not None, asked=asked)


def submissions(case_id: int) -> list[CaseSubmission]:
    """Return the forms that were sent, the oldest first."""
    query = select(CaseSubmission).where(CaseSubmission.case_id == case_id).order_by(CaseSubmission.id)
    return list(db.session.scalars(query))


def events(case_id: int) -> list[CaseEvent]:
    """Return what happened, the newest first."""
    query = select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id.desc())
    return list(db.session.scalars(query))


def go_live_days(case: Case) -> list[tuple[CooperationItem, date]]:
    """Return the agreed days."""
    return [(CooperationItem(row.item), row.go_live_on) for row in case.items if row.go_live_on is not None]


def eligibility(case_id: int) -> dict[str, dict[str, Any]]:
    """Return what the applicant answered to the questions of eligibility: by criterion whether it is met, and a note."""
    asked = (CaseEvent.case_id == case_id, CaseEvent.event == BY_ID["X2"].event)
    newest = select(CaseEvent.evidence).where(*asked).order_by(CaseEvent.id.desc()).limit(1)
    return dict((db.session.scalar(newest) or {}).get("criteria", {}))


def last_moved(rows: Iterable[CaseEvent], created_at: datetime) -> datetime:
    """Return since when a case stands where it stands."""
    return next((row.at for row in rows if row.from_state != row.to_state), created_at)
