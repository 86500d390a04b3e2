"""The public register: partners with what they get and for what, and nothing of their people."""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

from clients.duties.register import Entry, entries
from clients.lifecycle import CooperationItem
from config.database import db
from scopes.items import DataItem
from scopes.roc import taipei_day
from tests.support.cases import ADMIN, APPLICANT, OFFICER, Procedure
from tests.support.forms import filled

NAME = filled()["site_name"]


def entry(procedure: Procedure, ahead: int = 0) -> Entry | None:
    """Return the entry of the case's site on a day."""
    day = taipei_day(datetime.now(UTC) + timedelta(days=ahead))
    with procedure.app.app_context(), db.session.begin():
        found = [one for one in entries(day) if one.site_name == NAME]
    return found[0] if found else None


def test_a_partner_is_listed_from_its_day_on(procedure: Procedure) -> None:
    """Not before the agreed day begins; with items and purposes as approved."""
    procedure.agreed(days_ahead=2)
    assert entry(procedure, 1) is None
    shown = entry(procedure, 2)
    assert shown is not None
    assert [item for item, _ in shown.items] == [
        *(DataItem.NAME, DataItem.SCHOOL_CODE, DataItem.SCHOOL_NAME, DataItem.USER_ID)
    ]
    assert all(purpose for _, purpose in shown.items)


def test_an_item_is_listed_from_its_own_day_on(procedure: Procedure) -> None:
    """D-36: what goes live later is not yet said to be there."""
    case = procedure.agreed(5)
    today = taipei_day(datetime.now(UTC)).isoformat()
    for by in (OFFICER, ADMIN):
        procedure.step(case, "X14", by, {"days": {"roaming": today}, "agreed_by": "會議紀錄"})
    assert [one and one.cooperation for one in (entry(procedure), entry(procedure, 5))] == [
        (CooperationItem.ROAMING,),
        (CooperationItem.ROAMING, CooperationItem.REPORTING),
    ]


def test_dropped_items_and_ended_partners_leave(procedure: Procedure) -> None:
    """A suspended partner is shown as such; a terminated one no more."""
    case = procedure.live()
    procedure.step(case, "X19", APPLICANT, {"item": "name"})
    shown = entry(procedure)
    assert shown is not None
    assert DataItem.NAME not in dict(shown.items)
    procedure.step(case, "X16", ADMIN, {"note": "資安事件", "notice": "電話通知"})
    suspended = entry(procedure)
    assert suspended is not None
    assert suspended.is_suspended
    procedure.step(case, "X18", ADMIN, {"note": "停止合作"})
    assert entry(procedure) is None


def test_nothing_of_its_people(procedure: Procedure) -> None:
    """Names, phones and addresses of unit head and officer are personal data (個資法)."""
    procedure.live()
    shown = repr(astuple(entry(procedure)))  # type: ignore[arg-type]
    for field in ("unit_head_name", "unit_head_phone", "unit_head_email", "officer_name", "officer_email"):
        assert filled()[field] not in shown
