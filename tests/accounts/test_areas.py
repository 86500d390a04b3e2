"""D-31: who may maintain which assignments; the pure rule, and the same in SQL."""

import pytest
from sqlalchemy import select

from config.database import db
from idp.accounts import areas
from idp.accounts.areas import NOWHERE, Area, area_of
from idp.accounts.models import BusinessState, School, ServiceAssignment
from scopes.permissions import Role
from tests.support.console import set_role
from tests.support.office import Office, Staff

SCHOOL, AUTHORITY, CENTRE = Area(school_code="994501"), Area(counties=frozenset({"霧松縣"})), Area(everywhere=True)
MATRIX = [  # area, school, county, holds
    (SCHOOL, "994501", "霧松縣", True),
    (SCHOOL, "994502", "霧松縣", False),
    (SCHOOL, None, None, False),
    (AUTHORITY, "994501", "霧松縣", True),
    (AUTHORITY, "994502", "霧松縣", True),
    (AUTHORITY, "993501", "星河市", False),
    (AUTHORITY, None, None, False),
    (CENTRE, "993501", "星河市", True),
    (CENTRE, None, None, True),
    (NOWHERE, "994501", "霧松縣", False),
    (NOWHERE, None, None, False),
]


@pytest.mark.rule("D-31")
@pytest.mark.no_database
@pytest.mark.parametrize(("area", "school", "county", "holds"), MATRIX)
def test_areas(area: Area, school: str | None, county: str | None, *, holds: bool) -> None:
    """A school its own, an authority its counties, the national centre all; without a school the centre alone."""
    assert area.holds(school, county) is holds


@pytest.mark.rule("D-31")
@pytest.mark.no_database
@pytest.mark.parametrize("role", list(Role))
def test_areas_of_roles(role: Role) -> None:
    """Only the three roles have an area, each by its own fact: counties widen no school's, a school no authority's."""
    expected = {
        Role.IDP_ADMIN: Area(everywhere=True),
        Role.SCHOOL_STAFF: SCHOOL,
        Role.AUTHORITY_STAFF: AUTHORITY,
    }
    assert area_of(role, "994501", frozenset({"霧松縣"})) == expected.get(role, NOWHERE)


@pytest.mark.rule("D-31")
def test_sql_says_the_same(office: Office) -> None:
    """The condition in SQL finds exactly what the rule holds; what is not there is nobody's."""
    with office.app.app_context(), db.session.begin():
        rows = db.session.execute(
            select(ServiceAssignment.id, ServiceAssignment.school_code, School.county).join(
                School, School.code == ServiceAssignment.school_code, isouter=True
            )
        ).all()
        for area in (SCHOOL, AUTHORITY, CENTRE, NOWHERE):
            held = {ident for ident, code, county in rows if area.holds(code, county)}
            found = {ident for ident, _, _ in rows if areas.may_maintain(area, ident)}
            assert found == held
            assert not areas.may_maintain(area, 999_999)
            assert areas.may_maintain_all(area, frozenset(held))
            assert not areas.may_maintain_all(area, frozenset(held | {999_999}))
            assert areas.may_add_at(area, "993501") is area.holds("993501", "星河市")
            assert not areas.may_add_at(area, "000000")


@pytest.mark.rule("D-31")
@pytest.mark.parametrize("state", list(BusinessState))
def test_only_an_active_account_has_an_area(state: BusinessState, office: Office, staff: Staff) -> None:
    """Art.4: an account that was disabled maintains nothing from that moment on, whatever session it still has."""
    set_role(office.app, "sch994501", state=state)
    ident = office.id_of(staff("sch994501"))
    with office.app.app_context(), db.session.begin():
        assert areas.area_of_account(ident) == (SCHOOL if state is BusinessState.ACTIVE else NOWHERE)
        assert areas.area_of_account(999_999) == NOWHERE
