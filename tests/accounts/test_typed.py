"""What people type: days and schools."""

from datetime import date

import pytest

from idp.accounts.typed import find_school
from scopes.roc import parse_day
from scopes.service import School

pytestmark = pytest.mark.no_database
SCHOOLS = {code: School(code, name) for code, name in (("1", "甲校"), ("2", "乙校"), ("3", "乙校"))}


@pytest.mark.parametrize(
    "text",
    ["109/06/23", "109.6.23", "109-06-23", "1090623", "民國109年6月23日", "109年06月23日", "2020-06-23", " 2020/6/23 "]
    + ["１０９／０６／２３", "２０２０－０６－２３"],
)
def test_days(text: str) -> None:
    """ROC as people write it, or ISO; blanks and full-width digits do not matter."""
    assert parse_day(text) == date(2020, 6, 23)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "110/02/29", "2021-02-29", "06/23", "20200623", "2020-W26-2", "0001-01-01", "9999-12-31"]
    + ["0/1/1", "999/1/1", "109/06-23", "2020-06-23T00:00", "-109/06/23"],
)
def test_no_days(text: str) -> None:
    """Days that are not there, other ways to write them, and years that can only be a slip."""
    with pytest.raises(ValueError):
        parse_day(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1", "1"),
        (" 1  甲校 ", "1"),
        ("甲校", "1"),
        ("2 乙校", "2"),
        ("乙校", None),
        ("1 乙校", None),
        ("", None),
        ("9", None),
    ],
)
def test_schools(text: str, code: str | None) -> None:
    """By code, by name, or by both; what two schools may be is none."""
    assert find_school(text, SCHOOLS) == code
