"""Days in Taipei and ROC dates (DOMAIN §0.3, §4.1, §4.2)."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopes.roc import format_roc, from_parts, parse_roc, roc_slash, taipei_day, taipei_midnight, years_before

pytestmark = pytest.mark.no_database
days = st.dates(date(1912, 1, 1), date(2111, 12, 31))


def test_the_day_begins_at_sixteen_utc() -> None:
    """Asia/Taipei is UTC+08:00: 16:00 UTC is the next day's midnight, to the microsecond."""
    before = datetime(2026, 7, 31, 15, 59, 59, 999999, tzinfo=UTC)
    assert taipei_day(before) == date(2026, 7, 31)
    assert taipei_day(before + timedelta(microseconds=1)) == date(2026, 8, 1)
    assert taipei_midnight(date(2026, 8, 1)) == datetime(2026, 7, 31, 16, tzinfo=UTC)
    assert taipei_day(datetime(2024, 2, 28, 16, tzinfo=UTC)) == date(2024, 2, 29)
    assert taipei_day(datetime(2025, 12, 31, 16, tzinfo=UTC)) == date(2026, 1, 1)


@given(days, st.integers(-12, 14))
def test_midnight_and_day_agree_in_every_zone(day: date, hours: int) -> None:
    """The first instant of a day belongs to it, the one before does not, whatever zone the instant is written in."""
    midnight = taipei_midnight(day).astimezone(timezone(timedelta(hours=hours)))
    assert taipei_day(midnight) == day
    assert taipei_day(midnight - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize(
    "text",
    ["109/06/23", "109.6.23", "109-06-23", "1090623", "民國109年6月23日", "民國 109 年 6 月 23 日", " 109/6/23 "],
)
def test_written_forms(text: str) -> None:
    """All forms that people paste mean 2020-06-23."""
    assert parse_roc(text) == date(2020, 6, 23)


@pytest.mark.parametrize(
    "text",
    ["110/02/29", "110-02-29", "0/1/1", "201/1/1", "109/13/1", "109/0/1", "109/6/31", "", "2020-06-23", "109/06-23"]
    + ["民國年月日", "１０９/06/23", "109/06/23x", "10906", "x1090623", "109/06/23\n109/06/24", "-109/6/23"],
)
def test_no_such_day(text: str) -> None:
    """Days that do not exist, other calendars and mixtures are errors; 110-02-29 does not exist, 109-02-29 does."""
    with pytest.raises(ValueError):
        parse_roc(text)
    assert parse_roc("109/02/29") == date(2020, 2, 29)
    assert from_parts(113, 2, 29) == date(2024, 2, 29)


@given(days)
def test_round_trip(day: date) -> None:
    """What is shown parses back."""
    assert parse_roc(format_roc(day)) == day
    assert parse_roc(roc_slash(day)) == day


def test_format_and_its_limits() -> None:
    """ROC year = Gregorian year - 1911; before 1912 there is none."""
    assert format_roc(date(2020, 6, 3)) == "民國109年6月3日"
    assert roc_slash(date(2020, 6, 3)) == "109/06/03"
    assert format_roc(date(1911, 12, 31)) == "西元1911年12月31日"
    assert format_roc(date(1912, 1, 1)) == "民國1年1月1日"
    with pytest.raises(ValueError):
        roc_slash(date(1911, 12, 31))


@pytest.mark.rule("D-44")
def test_years_before() -> None:
    """D-44: same month and day; 2/29 becomes 2/28 where the year has none."""
    assert years_before(date(2020, 6, 23), 1) == date(2019, 6, 23)
    assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert years_before(date(2024, 2, 29), 4) == date(2020, 2, 29)
