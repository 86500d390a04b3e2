"""Who acts for which case."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clients.procedure.models import CaseMember
from clients.procedure.transitions import Party
from config.audit import record
from config.database import db


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in one of her capacities. That she is an administrator is for the caller to know."""

    account_id: int
    name: str
    party: Party

    @property
    def actor(self) -> str:
        """How the audit log names her."""
        return f"account:{self.account_id}"


_OURS = frozenset({Party.ADMIN})
_MEMBERS = frozenset({Party.APPLICANT, Party.OFFICER})


def acts_as(case_id: int, actor: Actor) -> bool:
    """Whether she may act so here: ours everywhere but in a case of their own, a partner's people in their cases."""
    parties = parties_of(case_id, actor.account_id)
    return not parties if actor.party in _OURS else actor.party in parties


def parties_of(case_id: int, account_id: int) -> frozenset[Party]:
    """Return as what an account acts for the partner of a case, in the caller's transaction."""
    mine = (CaseMember.case_id == case_id, CaseMember.account_id == account_id)
    return frozenset(Party(party) for party in db.session.scalars(select(CaseMember.party).where(*mine)))


def join(case_id: int, account_id: int, party: Party, now: datetime) -> None:
    """Let an account act for the partner of a case, in the caller's transaction."""
    if party not in _MEMBERS or party in parties_of(case_id, account_id):
        return
    db.session.add(CaseMember(case_id=case_id, account_id=account_id, party=party, since=now))


def add_officer(case_id: int, by: Actor, account_id: int, now: datetime) -> bool:
    """Let the applicant name an account that acts as the officer; False if she is not of this case."""
    with db.session.begin():
        if not acts_as(case_id, by) or by.party is Party.OFFICER:
            return False
        join(case_id, account_id, Party.OFFICER, now)
        record("case.officer_added", actor=by.actor, subject=f"case:{case_id}", detail={"account": account_id})
    return True


def accept(case_id: int, account_id: int, invited_by: int, now: datetime) -> bool:
    """Let an account become an officer by the invitation of somebody; False for an administrator's own invitation."""
    with db.session.begin():
        if Party.OFFICER in parties_of(case_id, account_id):
            return True
        if account_id == invited_by and not parties_of(case_id, account_id):
            return False  # an administrator who invited does not thereby change sides
        join(case_id, account_id, Party.OFFICER, now)
        facts = {"account": account_id, "invited_by": invited_by}
        record("case.officer_joined", actor=f"account:{account_id}", subject=f"case:{case_id}", detail=facts)
    return True
