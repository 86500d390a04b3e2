"""At most one primary service at a time (DOMAIN §2.2)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopes.primaries import primaries_overlap
from scopes.service import Assignment, AssignmentKind

pytestmark = pytest.mark.no_database
DAY = date(2026, 8, 1)
ENDS = st.one_of(st.none(), st.integers(0, 12))


def primary(ident: int, first: int | None, last: int | None, *, refused: bool = False) -> Assignment:
    """Return a primary service, its days counted from DAY."""
    start = None if first is None else DAY + timedelta(days=first)
    end = None if last is None or start is None else start + timedelta(days=last)
    return Assignment(ident, "994501", "T01", AssignmentKind.PRIMARY, start, end, refused=refused)


@given(st.integers(0, 12), ENDS, st.integers(0, 12), ENDS)
def test_overlap_is_a_shared_day(first: int, length: int | None, second: int, other: int | None) -> None:
    """Two overlap exactly when some day lies in both; the first day after an end is free."""
    days = [
        set(range(begin, begin + (40 if last is None else last) + 1))
        for begin, last in ((first, length), (second, other))
    ]
    assert primaries_overlap([primary(1, first, length), primary(2, second, other)]) is bool(days[0] & days[1])


def test_what_does_not_count() -> None:
    """Additional services, refused ones and those without a first day never stand in the way."""
    held = primary(1, 0, None)
    additional = Assignment(2, "994601", "T01", AssignmentKind.ADDITIONAL, DAY)
    assert not primaries_overlap([held, additional, primary(3, 0, None, refused=True), primary(4, None, None)])
