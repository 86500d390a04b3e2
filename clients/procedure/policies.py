"""What the reviewer looks for in a partner's privacy policy (D-72), kept per look."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import select

from clients.procedure.members import Actor, acts_as
from clients.procedure.models import PolicyCheck
from clients.procedure.steps import StepRefused, Why, locked
from config.audit import record
from config.database import db


class Point(StrEnum):
    """What a policy says: the six points of notice, and four more."""

    BODY = auto()
    PURPOSE = auto()
    CATEGORIES = auto()
    USE = auto()
    RIGHTS = auto()
    CONSEQUENCE = auto()
    CONTACT = auto()
    RETENTION = auto()
    CONTRACTOR = auto()
    INCIDENT = auto()


def check(case_id: int, actor: Actor, found: Collection[Point], note: str, now: datetime) -> None:
    """Keep what a reviewer found; a missing point is for a note or RT-05, never decided here."""
    with db.session.begin():
        locked(case_id)
        if not acts_as(case_id, actor):
            raise StepRefused(Why.PARTY, detail=f"the check of a policy is not for {actor.party}")
        if len(note) > 2000:
            raise StepRefused(Why.EVIDENCE, detail="the note is longer than 2000 characters")
        points = {point.value: point in found for point in Point}
        db.session.add(PolicyCheck(case_id=case_id, points=points, note=note.strip(), at=now, actor=actor.actor))
        record("case.policy_checked", actor=actor.actor, subject=f"case:{case_id}", detail={"points": points})


def newest(case_id: int) -> PolicyCheck | None:
    """Return the newest check, in the caller's transaction."""
    query = select(PolicyCheck).where(PolicyCheck.case_id == case_id).order_by(PolicyCheck.id.desc()).limit(1)
    return db.session.scalars(query).one_or_none()
