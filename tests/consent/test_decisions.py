"""How long a decision counts (D-52)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.registry import Purpose
from consent.decisions import counting, decision, months_before
from scopes.items import DataItem

pytestmark = pytest.mark.no_database
NOW = datetime(2028, 2, 29, 12, 0, tzinfo=UTC)
PURPOSES = {DataItem.NAME: Purpose("研習報名", 3)}


@pytest.mark.parametrize(
    ("instant", "months", "expected"),
    [
        ((2028, 2, 29), 12, (2027, 2, 28)),
        ((2027, 3, 31), 1, (2027, 2, 28)),
        ((2028, 3, 31), 1, (2028, 2, 29)),
        ((2027, 5, 31), 1, (2027, 4, 30)),
        ((2027, 1, 15), 1, (2026, 12, 15)),
        ((2027, 1, 15), 12, (2026, 1, 15)),
        ((2027, 6, 1), 60, (2022, 6, 1)),
    ],
)
def test_months(instant: tuple[int, int, int], months: int, expected: tuple[int, int, int]) -> None:
    """The same day, or the last one of a shorter month."""
    assert months_before(datetime(*instant, tzinfo=UTC), months) == datetime(*expected, tzinfo=UTC)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.integers(1, 60))  # noqa: DTZ001  # made aware below
def test_months_are_whole(naive: datetime, months: int) -> None:
    """Never the same month, never more than the days of so many months away."""
    instant = naive.replace(tzinfo=UTC)
    before = months_before(instant, months)
    assert (instant.year * 12 + instant.month) - (before.year * 12 + before.month) == months
    assert before.day in {instant.day, 28, 29, 30}


@pytest.mark.rule("D-52")
@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"given": False}, True),
        ({"purpose": 2}, False),
        ({"notice": 0}, False),
        ({"at": int((NOW - timedelta(days=366)).timestamp())}, False),
        ({"at": int((NOW - timedelta(days=365)).timestamp())}, True),
    ],
)
def test_what_counts(change: dict[str, object], counts: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """Under the current purpose and notice, within twelve months; a refusal counts as long as a consent."""
    made = decision(given=True, purpose=3, now=NOW) | change
    found = counting({"name": made}, PURPOSES, NOW, 12)
    assert found == ({DataItem.NAME: made["given"]} if counts else {})
