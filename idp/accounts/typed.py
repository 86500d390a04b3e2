"""What people type into forms and on command lines: days and schools. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from scopes.roc import ROC_OFFSET, ROC_YEARS, parse_roc
from scopes.service import School

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")


def read_day(text: str) -> date:
    """Read a ROC date (109/06/23, 1090623, 民國109年6月23日) or an ISO date (2020-06-23), full-width digits too.

    ValueError for anything else, and for days outside the ROC years that we know: a slip of the pen is no date.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _ISO.fullmatch(plain)
    if found is None:
        return parse_roc(plain)
    year, month, day = (int(part) for part in found.groups())
    if year - ROC_OFFSET not in ROC_YEARS:
        raise ValueError("the year is out of range")
    return date(year, month, day)


def find_school(text: str, schools: Mapping[str, School]) -> str | None:
    """Return the code of the school that was typed as code, as name, or as both, as the lists offer it."""
    plain = " ".join(text.split())
    code, _, name = plain.partition(" ")
    if code in schools and name in {"", schools[code].name}:
        return code
    named = [code for code, school in schools.items() if school.name == plain]
    return named[0] if len(named) == 1 else None
