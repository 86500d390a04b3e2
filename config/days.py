"""Days in Taipei as SQL: counts per day in one portable statement that an index serves."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case
from sqlalchemy.orm import InstrumentedAttribute

from scopes.roc import taipei_midnight


def last_days(today: date, count: int) -> list[date]:
    """Return so many days up to today, the oldest first."""
    return [today - timedelta(days=back) for back in reversed(range(count))]


def within(column: InstrumentedAttribute[datetime], days: Sequence[date]) -> ColumnElement[bool]:
    """Whether an instant lies within the days, which follow each other."""
    return and_(column >= taipei_midnight(days[0]), column < taipei_midnight(days[-1] + timedelta(days=1)))


def place(column: InstrumentedAttribute[datetime], days: Sequence[date]) -> ColumnElement[int]:
    """Return the place of an instant's day among the days, to group by; see `within` for what lies outside."""
    latest_first = list(enumerate(days))[::-1]
    return case(*((column >= taipei_midnight(day), number) for number, day in latest_first))
