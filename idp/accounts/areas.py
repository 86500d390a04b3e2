"""Who may maintain which assignments (D-31): a school its own, an authority those of its area, the national centre all.

The rule is pure (`area_of`, `Area.holds`); `area_of_account` looks up what it needs, `maintained` says it in SQL.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from config.database import db
from idp.accounts.models import BusinessDetail, BusinessState, CorrectionRequest, School, ServiceAssignment
from scopes.permissions import Role


@dataclass(frozen=True, slots=True)
class Area:
    """The schools whose assignments somebody maintains; an empty area holds none."""

    everywhere: bool = False
    school_code: str | None = None
    counties: frozenset[str] = frozenset()

    def holds(self, school_code: str | None, county: str | None) -> bool:
        """Whether assignments at this school belong to the area; what names no school is the national centre's."""
        if self.everywhere:
            return True
        if school_code is None:
            return False
        return school_code == self.school_code or (county is not None and county in self.counties)


NOWHERE = Area()


def area_of(role: Role, school_code: str | None, counties: frozenset[str]) -> Area:
    """D-31. What a business account states beside its role does not widen its area."""
    if role is Role.IDP_ADMIN:
        return Area(everywhere=True)
    if role is Role.SCHOOL_STAFF:
        return Area(school_code=school_code)
    return Area(counties=counties) if role is Role.AUTHORITY_STAFF else NOWHERE


def area_of_account(account_id: int) -> Area:
    """Return the area of a business account; one that is not active (any more) maintains nothing (Art.4)."""
    facts = select(BusinessDetail.role, BusinessDetail.school_code, BusinessDetail.counties, BusinessDetail.state)
    row = db.session.execute(facts.where(BusinessDetail.account_id == account_id)).first()
    if row is None or row.state != BusinessState.ACTIVE:
        return NOWHERE
    return area_of(Role(row.role), row.school_code, frozenset(row.counties or ()))


def maintained(
    area: Area, school_code: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    """Return `Area.holds` as a condition on a column with a school code."""
    if area.everywhere:
        return true()
    if area.school_code is not None:
        return school_code == area.school_code
    if not area.counties:
        return false()
    return school_code.in_(select(School.code).where(School.county.in_(area.counties)))


def may_maintain(area: Area, assignment_id: int) -> bool:
    """Whether an assignment is there and belongs to the area; one that is not there belongs to nobody's."""
    query = select(ServiceAssignment.id).where(ServiceAssignment.id == assignment_id)
    return db.session.scalar(query.where(maintained(area, ServiceAssignment.school_code))) is not None


def may_maintain_all(area: Area, assignment_ids: frozenset[int]) -> bool:
    """Whether all of these assignments are there and belong to the area."""
    query = select(func.count()).select_from(ServiceAssignment).where(ServiceAssignment.id.in_(assignment_ids))
    found = db.session.execute(query.where(maintained(area, ServiceAssignment.school_code))).scalar_one()
    return found == len(assignment_ids)


def may_answer(area: Area, request_id: int) -> bool:
    """The same for a correction request: it belongs to the school that was asked."""
    query = select(CorrectionRequest.id).where(CorrectionRequest.id == request_id)
    return db.session.scalar(query.where(maintained(area, CorrectionRequest.school_code))) is not None


def may_add_at(area: Area, school_code: str) -> bool:
    """Whether a new assignment may be made at this school."""
    county = db.session.scalar(select(School.county).where(School.code == school_code))
    return county is not None and area.holds(school_code, county)
