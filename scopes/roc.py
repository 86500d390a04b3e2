"""Days and ROC dates (民國 = Gregorian year - 1911). Calendar rules are judged in Asia/Taipei (DOMAIN §0.3, §4.1)."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone

TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")
"""UTC+08:00 without daylight saving since 1979; day rules need no more."""

ROC_OFFSET = 1911
ROC_YEARS = range(1, 201)

_WRITTEN = (
    re.compile(r"(?:民國)?\s*(?P<y>[0-9]{1,3})\s*年\s*(?P<m>[0-9]{1,2})\s*月\s*(?P<d>[0-9]{1,2})\s*日"),
    re.compile(r"(?P<y>[0-9]{1,3})(?P<sep>[/.\-])(?P<m>[0-9]{1,2})(?P=sep)(?P<d>[0-9]{1,2})"),
    re.compile(r"(?P<y>[0-9]{2,3})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
)
_ISO = re.compile(r"(?P<y>[0-9]{4})(?P<sep>[/\-])(?P<m>[0-9]{1,2})(?P=sep)(?P<d>[0-9]{1,2})")


def parse_roc(text: str) -> date:
    """Read 109/06/23, 109.6.23, 109-06-23, 1090623 or 民國109年6月23日; ValueError for anything else."""
    for pattern in _WRITTEN:
        if found := pattern.fullmatch(text.strip()):
            return from_parts(int(found["y"]), int(found["m"]), int(found["d"]))
    message = "a ROC date such as 109/06/23 is needed"
    raise ValueError(message)


def parse_day(text: str) -> date:
    """Read a ROC date, or an ISO one such as 2020-06-23 or 2020/6/23, full-width digits too.

    ValueError for anything else, and for days outside the ROC years that we know: a slip of the pen is no date.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _ISO.fullmatch(plain)
    return from_parts(int(found["y"]) - ROC_OFFSET, int(found["m"]), int(found["d"])) if found else parse_roc(plain)


def from_parts(year: int, month: int, day: int) -> date:
    """Return the day of a ROC year, month and day; ValueError if there is no such day."""
    if year not in ROC_YEARS:
        message = f"the ROC year must be {ROC_YEARS[0]} to {ROC_YEARS[-1]}"
        raise ValueError(message)
    return date(year + ROC_OFFSET, month, day)


def format_roc(day: date) -> str:
    """Return 民國109年6月23日; days before 1912 have no ROC year and are shown as 西元."""
    year = day.year - ROC_OFFSET
    era = f"民國{year}年" if year > 0 else f"西元{day.year}年"
    return f"{era}{day.month}月{day.day}日"


def roc_slash(day: date) -> str:
    """Return 109/06/23."""
    if day.year <= ROC_OFFSET:
        message = "there is no ROC year before 1912"
        raise ValueError(message)
    return f"{day.year - ROC_OFFSET}/{day.month:02}/{day.day:02}"


def taipei_day(instant: datetime) -> date:
    """Return the calendar day of an aware instant in Taipei."""
    return instant.astimezone(TAIPEI).date()


def taipei_midnight(day: date) -> datetime:
    """Return the instant at which a day begins in Taipei, in UTC."""
    return datetime.combine(day, time(), TAIPEI).astimezone(UTC)


def years_before(day: date, years: int) -> date:
    """Return the same month and day some years earlier; 2/29 becomes 2/28 where the year has none (D-44)."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
