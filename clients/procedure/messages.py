"""Questions and answers about a case, at a field of its form where they belong to one (A1-§5(3) 執行疑義)."""

from datetime import datetime

from sqlalchemy import select

from clients.form.fields import FIELD_BY_ID
from clients.procedure.members import Actor, acts_as
from clients.procedure.models import CaseMessage
from clients.procedure.steps import StepRefused, Why, locked
from clients.signals import case_told
from config.audit import record
from config.database import db

LONGEST = 2000


def write(case_id: int, actor: Actor, text: str, field: str | None, now: datetime) -> None:
    """Add a message; the people of the case are told that there is one."""
    with db.session.begin():
        locked(case_id)
        if not acts_as(case_id, actor):
            raise StepRefused(Why.PARTY, detail=f"messages are not for {actor.party}")
        if not text.strip() or len(text) > LONGEST or (field is not None and field not in FIELD_BY_ID):
            raise StepRefused(Why.EVIDENCE, detail=f"a text of at most {LONGEST} characters is needed")
        facts = {"author": actor.actor, "name": actor.name, "party": actor.party.value, "text": text.strip()}
        db.session.add(CaseMessage(case_id=case_id, field=field, at=now, **facts))
        record("case.message", actor=actor.actor, subject=f"case:{case_id}", detail={"field": field})
        case_told.send(case_id, code="CASE-MESSAGE", facts={"by": actor.name}, now=now)


def of_case(case_id: int) -> list[CaseMessage]:
    """Return the messages of a case, the oldest first, in the caller's transaction."""
    return list(db.session.scalars(select(CaseMessage).where(CaseMessage.case_id == case_id).order_by(CaseMessage.id)))
