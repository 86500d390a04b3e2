"""How many sign-ins a client had, per day in Taipei: numbers alone, out of the release log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select

from config.database import db
from config.days import place, within
from idp.sign_ins import SignIn

_S = SignIn
_GOOD = (_S.code_id == _S.family_id, or_(_S.revoked_at.is_(None), _S.revoked_at > _S.issued_at))
"""A refresh token that was used is no sign-in, nor is a code that was refused: its row was born revoked (D-28)."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """The sign-ins of a day, and how many teachers they were."""

    sign_ins: int
    teachers: int


def sign_ins_per_day(client_id: str, days: Sequence[date]) -> Mapping[date, DayCount]:
    """Return the successful sign-ins of a client on each of the days."""
    day = place(_S.issued_at, days).label("day")
    counts = (func.count(), func.count(_S.account_id.distinct()))
    query = select(day, *counts).where(_S.client_id == client_id, within(_S.issued_at, days), *_GOOD)
    return {days[number]: DayCount(*found) for number, *found in db.session.execute(query.group_by(day))}


def latest_sign_ins(client_id: str, limit: int) -> Sequence[tuple[datetime, list[str]]]:
    """Return when the last sign-ins of a client were and the names of the items given, newest first; nobody's name."""
    query = select(_S.issued_at, _S.released).where(_S.client_id == client_id, *_GOOD)
    rows = db.session.execute(query.order_by(_S.issued_at.desc()).limit(limit))
    return [(at, released) for at, released in rows]
