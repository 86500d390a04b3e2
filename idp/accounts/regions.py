"""Which regional centre a unit belongs to (所屬區管中心, D-08): the active one that has the unit's county.

A centre that was disabled or closed has no units any more. They are the national centre's until another centre is
given their county, which takes them over.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select, update

from config.database import db
from idp.accounts.models import Account, BusinessDetail, BusinessKind, BusinessState, School


@dataclass(frozen=True, slots=True)
class Unit:
    """What decides who is responsible. ``centre_id``: its regional centre, while that is active."""

    kind: BusinessKind
    centre_id: int | None


def active_centres() -> Select[int]:
    """Select the account ids of the regional centres that may decide today."""
    return (
        select(Account.id)
        .join(BusinessDetail, BusinessDetail.account_id == Account.id)
        .where(
            BusinessDetail.kind == BusinessKind.REGIONAL_CENTRE,
            BusinessDetail.state == BusinessState.ACTIVE,
            Account.closed_at.is_(None),
        )
    )


def unit_of(row: BusinessDetail) -> Unit:
    """Return who is responsible for a stored account."""
    found = None
    if row.regional_centre_id is not None:
        found = db.session.scalar(active_centres().where(Account.id == row.regional_centre_id))
    return Unit(BusinessKind(row.kind), found)


def known_counties() -> set[str]:
    """Return the counties of the school register."""
    return set(db.session.scalars(select(School.county).distinct()))


def taken_counties() -> set[str]:
    """Return the counties that an active regional centre has."""
    return {county for _, counties in _areas() for county in counties}


def centre_of(county: str) -> int | None:
    """Return the regional centre of a county, if there is one."""
    return next((centre for centre, counties in _areas() if county in counties), None)


def give_region(centre: BusinessDetail, counties: Collection[str]) -> None:
    """Give a regional centre its counties, with the units there that no active centre has."""
    centre.counties = sorted(counties)
    orphaned: ColumnElement[bool] = or_(
        BusinessDetail.regional_centre_id.is_(None), BusinessDetail.regional_centre_id.not_in(active_centres())
    )
    units = update(BusinessDetail).where(
        BusinessDetail.county.in_(counties), BusinessDetail.kind != BusinessKind.REGIONAL_CENTRE, orphaned
    )
    db.session.execute(units.values(regional_centre_id=centre.account_id).execution_options(synchronize_session=False))


def _areas() -> list[tuple[int, list[str]]]:
    query = active_centres().add_columns(BusinessDetail.counties).order_by(Account.id)
    return [(ident, counties) for ident, counties in db.session.execute(query)]
