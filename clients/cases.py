"""Commands on cooperation cases, one transaction each."""

from datetime import datetime

from sqlalchemy import select

from clients.models import Case, CaseDataItem, CaseEvent
from clients.signals import items_narrowed
from config.audit import record
from config.database import db
from config.snapshot import bump
from scopes.items import DataItem


class CaseRefused(Exception):
    """The command is not possible; the text says why."""


def drop_item(case_id: int, item: DataItem, *, actor: str, now: datetime) -> None:
    """X19: take an approved item back; it disappears from the very next token and userinfo answer (R-CLM-5)."""
    with db.session.begin():
        row = db.session.scalars(
            select(CaseDataItem).where(CaseDataItem.case_id == case_id, CaseDataItem.item == item)
        ).one_or_none()
        if row is None or row.approved_at is None or row.dropped_at is not None:
            message = f"{item} is not an approved item of case {case_id}"
            raise CaseRefused(message)
        row.dropped_at = now
        case = db.session.get_one(Case, case_id)
        log_event(case, "narrowed", case.state, actor=actor, now=now, evidence={"item": item.value})
        record("case.item.dropped", actor=actor, subject=f"case:{case_id}", detail={"item": item.value})
        bump()
        items_narrowed.send(case_id)


def log_event(  # an event has these facts
    case: Case, event: str, from_state: str | None, *, actor: str, now: datetime, evidence: dict[str, object]
) -> None:
    """Append to the history of a case."""
    db.session.add(
        CaseEvent(
            case_id=case.id,
            at=now,
            actor=actor,
            event=event,
            from_state=from_state,
            to_state=case.state,
            evidence=evidence,
        )
    )
