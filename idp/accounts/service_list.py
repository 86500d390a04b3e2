"""What the service-data console lists: assignments of an area, page by page, newest first.

A page is one SELECT that stops after its last row, however many teachers there are: it goes on below the last number
that was shown, by the primary key, and counts nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, or_, select

from config.database import db
from idp.accounts.accounts import fold
from idp.accounts.areas import Area, maintained
from idp.accounts.models import Account, ServiceAssignment

PAGE = 50
SOON = timedelta(days=30)
_S = ServiceAssignment


class Show(StrEnum):
    """Which assignments are listed."""

    WAITING = "waiting"
    IN_SERVICE = "in_service"
    ENDING = "ending"
    SUSPENDED = "suspended"
    ENDED = "ended"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question to the list; ``below`` is the last number of the page before."""

    show: Show = Show.WAITING
    text: str = ""
    school_code: str | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list."""

    assignment: ServiceAssignment
    login_name: str
    name: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list; ``more`` is where the next one goes on, None at the end."""

    rows: tuple[Listed, ...]
    more: int | None


def page(area: Area, wanted: Wanted, day: date) -> Listing:
    """Return a page; what is outside the area is not there, whatever is asked for."""
    query = _query(area, wanted, day).order_by(_S.id.desc()).limit(PAGE + 1)
    with db.session.begin():
        found = [Listed(*row) for row in db.session.execute(query)]
    shown = tuple(found[:PAGE])
    return Listing(shown, shown[-1].assignment.id if len(found) > PAGE else None)


def _query(area: Area, wanted: Wanted, day: date) -> Select[ServiceAssignment, str, str]:
    query = select(_S, Account.login_name, Account.name).join(Account, Account.id == _S.account_id)
    query = query.where(maintained(area, _S.school_code), Account.closed_at.is_(None), *_shown(wanted.show, day))
    if wanted.school_code is not None:
        query = query.where(_S.school_code == wanted.school_code)
    if wanted.text:
        query = query.where(_found_by(wanted.text))
    return query if wanted.below is None else query.where(_S.id < wanted.below)


def _found_by(text: str) -> ColumnElement[bool]:
    """Account names are found whole, names of people by any part; what looks like the one is not taken for the other.

    One condition or the other, since both at once would keep the database from using the index of account names.
    """
    plain = fold(text)
    if plain.isascii() and plain.isalnum() and not plain.isalpha():
        return Account.login_name == plain
    return Account.name.contains(text.strip(), autoescape=True)


_WAITING = and_(_S.confirmed_at.is_(None), _S.refused_at.is_(None))


def _suspended(day: date) -> ColumnElement[bool]:
    return and_(_S.suspended_from <= day, or_(_S.suspended_until.is_(None), _S.suspended_until >= day))


def _shown(show: Show, day: date) -> list[ColumnElement[bool]]:
    not_ended = or_(_S.end_date.is_(None), _S.end_date >= day)
    match show:
        case Show.WAITING:
            return [_WAITING]
        case Show.IN_SERVICE:
            begun = or_(_S.start_date.is_(None), _S.start_date <= day)
            not_suspended = or_(_S.suspended_from.is_(None), _S.suspended_from > day, _S.suspended_until < day)
            return [_S.confirmed_at.is_not(None), begun, not_ended, not_suspended]
        case Show.ENDING:
            return [_S.end_date.between(day, day + SOON), _S.refused_at.is_(None)]
        case Show.SUSPENDED:
            return [_suspended(day), not_ended, _S.refused_at.is_(None)]
        case Show.ENDED:
            return [_S.end_date >= day.replace(month=1, day=1), _S.end_date < day, _S.refused_at.is_(None)]
        case _:
            return []
