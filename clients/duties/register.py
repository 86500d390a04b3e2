"""The public register: which partners get which data for what (in the manner of 個資法 Art. 17)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from clients.lifecycle import CaseState, CooperationItem, state_on
from clients.models import Case
from config.database import db
from scopes.items import DataItem


@dataclass(frozen=True, slots=True)
class Entry:
    """A partner as everybody may see it: nothing of its people (個資法)."""

    site_name: str
    site_url: str
    operating_unit: str
    purpose: str
    support_contact: str
    policy: str
    live_since: date
    cooperation: tuple[CooperationItem, ...]
    items: tuple[tuple[DataItem, str], ...]
    is_suspended: bool


def entries(day: date) -> list[Entry]:
    """Return the partners that are live or suspended on a day, in the caller's transaction."""
    shown = (CaseState.LIVE, CaseState.GO_LIVE_AGREED, CaseState.SUSPENDED)
    query = select(Case).where(Case.state.in_(shown), Case.amends_id.is_(None)).order_by(Case.site_name, Case.id)
    cases = db.session.scalars(query.options(selectinload(Case.items), selectinload(Case.data_items)))
    return [entry for case in cases if (entry := _entry(case, day)) is not None]


def _entry(case: Case, day: date) -> Entry | None:
    begun = [row for row in case.items if row.go_live_on is not None and row.go_live_on <= day]
    is_suspended = CaseState(case.state) is CaseState.SUSPENDED
    states = [state_on(CaseState(case.state), row.go_live_on, day) for row in begun]
    if not begun or not (is_suspended or CaseState.LIVE in states):
        return None
    held = {DataItem(row.item): row for row in case.held}
    return Entry(
        site_name=case.site_name,
        site_url=case.site_url,
        operating_unit=case.operating_unit,
        purpose=case.site_purpose,
        support_contact=case.support_contact,
        policy=case.privacy_policy if case.privacy_policy.startswith("https://") else "",
        live_since=min(row.go_live_on for row in begun if row.go_live_on),
        cooperation=tuple(CooperationItem(row.item) for row in begun),
        items=tuple((item, held[item].purpose) for item in DataItem if item in held),
        is_suspended=is_suspended,
    )
