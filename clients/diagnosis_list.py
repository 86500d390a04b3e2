"""The diagnoses of a client as they are shown: newest first, by code and day, and counted per day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from clients.diagnoses import ClientDiagnosis, Kind
from config.database import db
from config.days import place, within
from scopes.roc import taipei_midnight

PAGE = 50
_D = ClientDiagnosis


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see: all codes or one, all days or one in Taipei, and which page."""

    code: str | None = None
    day: date | None = None
    page: int = 1


def listed(client_id: str, wish: Wish) -> tuple[Sequence[ClientDiagnosis], bool]:
    """Return a page, newest first, and whether there is another."""
    rules: list[ColumnElement[bool]] = [_D.client_id == client_id]
    if wish.code is not None:
        rules.append(_D.code == wish.code)
    if wish.day is not None:  # an hour of UTC lies within one day of Taipei
        rules += [_D.hour >= taipei_midnight(wish.day), _D.hour < taipei_midnight(wish.day + timedelta(days=1))]
    query = select(_D).where(*rules).order_by(_D.last_at.desc(), _D.id.desc())
    found = db.session.scalars(query.offset((wish.page - 1) * PAGE).limit(PAGE + 1)).all()
    return found[:PAGE], len(found) > PAGE


def codes_of(client_id: str) -> list[str]:
    """Return the codes that the client has, in order."""
    query = select(_D.code).where(_D.client_id == client_id).distinct()
    return sorted(db.session.scalars(query))


def refusals_per_day(client_id: str, days: Sequence[date]) -> Mapping[date, int]:
    """Return how many requests were refused on each of the days (Taipei)."""
    day = place(_D.hour, days).label("day")
    query = select(day, func.sum(_D.count)).where(_D.client_id == client_id, within(_D.hour, days))
    rows = db.session.execute(query.where(_D.kind == Kind.REFUSED).group_by(day))
    return {days[number]: int(count) for number, count in rows}


def refused_since(start: datetime) -> Mapping[str, int]:
    """Return how many requests of each client were refused since an instant."""
    query = select(_D.client_id, func.sum(_D.count)).where(_D.hour >= start, _D.kind == Kind.REFUSED)
    return {client_id: int(count) for client_id, count in db.session.execute(query.group_by(_D.client_id))}
