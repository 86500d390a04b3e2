"""A supplementary case adds to a running cooperation (D-40): what its form starts from, and what its approval adds."""

from datetime import datetime

from sqlalchemy import select

from clients.form.fields import AGREEMENTS, purpose_of, tick_of
from clients.form.values import TICKED
from clients.lifecycle import CaseState, CooperationItem
from clients.models import Case, CaseDataItem, CaseItem
from clients.procedure.facts import site_of
from config.database import db
from scopes.items import DataItem

_RENEWED = (
    "test_url",
    "audience",
    "member_count",
    "site_purpose",
    "maintenance",
    "privacy_policy",
    "scan_date",
    "scan_target",
)
_EACH_TIME = (*AGREEMENTS, "filled_on")
"""What is agreed to and dated on every form anew."""


def supplement_form(base: Case) -> dict[str, str]:
    """Return what the form says when it is opened: the newest approved one, with the items that the partner has now."""
    mine = (Case.amends_id == base.id, Case.state == CaseState.APPROVED)
    newest = db.session.scalar(select(Case.answers).where(*mine).order_by(Case.id.desc()).limit(1))
    answers = {**(newest or base.answers), **site_of(base)}
    has = {DataItem(row.item): row.purpose for row in base.held}
    for item in DataItem:
        answers |= {tick_of(item): TICKED if item in has else "", purpose_of(item): has.get(item, "")}
    running = {row.item for row in base.items}
    answers |= {f"coop_{item}": TICKED if item in running else "" for item in CooperationItem}
    return answers | dict.fromkeys(_EACH_TIME, "")


def widen(base: Case, supplement: Case, now: datetime) -> None:
    """X6: the running case gains what was approved, and what the newer form says of the site; nothing is taken away."""
    for name in _RENEWED:
        setattr(base, name, getattr(supplement, name))
    known = {row.item: row for row in base.data_items}
    for row in supplement.data_items:
        if row.approved_at is None:
            continue
        held = known.get(row.item)
        if held is None:
            base.data_items.append(CaseDataItem(item=row.item, purpose=row.purpose, approved_at=now))
        elif held.purpose != row.purpose or held.dropped_at is not None or held.approved_at is None:
            # Approved anew or for another purpose: what teachers decided before is void (R-CLM-5, D-52).
            held.purpose, held.purpose_version = row.purpose, held.purpose_version + 1
            held.approved_at, held.dropped_at = held.approved_at or now, None
    has = {row.item for row in base.items}
    base.items.extend(CaseItem(item=row.item) for row in supplement.items if row.item not in has)
