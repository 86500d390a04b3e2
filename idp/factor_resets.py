"""Resetting somebody's second factors takes two members of staff: one asks, another one decides (§7.4).

Neither may be the person herself. With the factors all her sessions end, and she is told.
"""

from datetime import datetime

from sqlalchemy import select

from config.audit import record
from config.database import db, locking
from config.guard import Principal
from idp.accounts.credentials import FactorReset
from idp.accounts.factors import remove_all, tell
from idp.logins import end_sessions

REASON_MAX = 500


class ResetRefused(Exception):
    """The reset is against the rules; the text says which."""


def ask(account_id: int, reason: str, person: Principal, *, now: datetime) -> None:
    """Ask for a reset, with the reason (how the person proved who she is)."""
    if not reason.strip() or len(reason) > REASON_MAX:
        raise ResetRefused("a reason of at most 500 signs is needed")
    if person.account_id == account_id:
        raise ResetRefused("nobody resets her own factors")
    with db.session.begin():
        if pending(account_id) is not None:
            raise ResetRefused("a reset waits for its decision already")
        row = FactorReset(account_id=account_id, reason=reason.strip(), asked_by=person.account_id, asked_at=now)
        db.session.add(row)
        record("factor.reset_asked", actor=person.actor, subject=f"account:{account_id}", detail={"reason": row.reason})


def decide(reset_id: int, person: Principal, *, is_approved: bool, now: datetime) -> None:
    """Carry a reset out or turn it down; of two who decide at once, one does."""
    with db.session.begin():
        row = db.session.scalars(locking(select(FactorReset).where(FactorReset.id == reset_id))).one_or_none()
        if row is None or row.decided_at is not None:
            raise ResetRefused("there is no such reset to decide")
        if is_approved and person.account_id == row.asked_by:
            raise ResetRefused("who asked does not decide: a second person is needed")
        if person.account_id == row.account_id:
            raise ResetRefused("nobody resets her own factors")
        row.decided_by, row.decided_at, row.is_approved = person.account_id, now, is_approved
        action = "factor.reset_approved" if is_approved else "factor.reset_declined"
        detail = {"reset": row.id, "asked_by": f"account:{row.asked_by}"}
        record(action, actor=person.actor, subject=f"account:{row.account_id}", detail=detail)
        if is_approved:
            remove_all(row.account_id)
            end_sessions(row.account_id, now=now, by=person.actor)
            tell(row.account_id, "SEC-FACTORS-RESET", "factor.all_removed", now=now, actor=person.actor)


def pending(account_id: int) -> FactorReset | None:
    """Return the reset of an account that waits for a decision, in the running transaction."""
    query = select(FactorReset).where(FactorReset.account_id == account_id, FactorReset.decided_at.is_(None))
    return db.session.scalars(query).first()
