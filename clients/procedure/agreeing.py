"""Agreement of several persons to one step with one evidence (two-person rule), in the caller's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from clients.models import Case
from clients.procedure.members import Actor
from clients.procedure.models import CaseAgreement, CaseProposal
from clients.procedure.transitions import Party, Transition, next_party
from config.database import db

Waiting = tuple[frozenset[Party], ...]


def agree(
    case: Case, transition: Transition, actor: Actor, evidence: dict[str, Any], now: datetime
) -> tuple[Waiting, list[dict[str, str]]]:
    """Note that somebody agrees; return who is still wanted, and who agreed.

    Other evidence is another proposal: it takes the place of the first, and all are asked anew. Who agreed once
    counts once, whatever she sends again.
    """
    if len(transition.needs) == 1:
        return (), []
    proposal = _running(case.id, transition.id)
    if proposal is None or proposal.evidence != evidence:
        close_proposals(case.id, now)
        proposal = CaseProposal(case_id=case.id, transition=transition.id, evidence=evidence, created_at=now)
        db.session.add(proposal)
        db.session.flush()
    agreed = agreements_of(proposal.id)
    if all(one.account_id != actor.account_id for one in agreed):
        facts = {"account_id": actor.account_id, "name": actor.name, "party": actor.party.value, "at": now}
        agreed.append(CaseAgreement(proposal_id=proposal.id, **facts))
        db.session.add(agreed[-1])
    left = next_party(transition, tuple(Party(one.party) for one in agreed))
    return left, [{"name": one.name, "party": one.party, "at": one.at.isoformat()} for one in agreed]


def waiting(case_id: int) -> CaseProposal | None:
    """Return the proposal that waits, if one does."""
    return db.session.scalars(
        select(CaseProposal).where(CaseProposal.case_id == case_id, CaseProposal.closed_at.is_(None))
    ).one_or_none()


def close_proposals(case_id: int, now: datetime, step: str | None = None) -> None:
    """End what waits: the case moved on, or something else was proposed; with a step, what was agreed to there changed."""
    running = [CaseProposal.case_id == case_id, CaseProposal.closed_at.is_(None)]
    running += [CaseProposal.transition == step] if step else []
    db.session.execute(update(CaseProposal).where(*running).values(closed_at=now))


def _running(case_id: int, transition: str) -> CaseProposal | None:
    found = waiting(case_id)
    return found if found is not None and found.transition == transition else None


def agreements_of(proposal_id: int) -> list[CaseAgreement]:
    """Return who agreed, in the order in which they did."""
    query = select(CaseAgreement).where(CaseAgreement.proposal_id == proposal_id).order_by(CaseAgreement.id)
    return list(db.session.scalars(query))
