"""One row and one teacher of a feed: what is read, and every error with row, column, value and rule."""

import hashlib
from datetime import date

import pytest

from idp.accounts.feed_file import COLUMNS
from idp.accounts.feed_rows import NOT_SHOWN, Codes, Row, RowError, Stated, read_day, read_row
from idp.accounts.feed_teachers import MOST_ROWS, Reading, Refusal, Teacher, gather
from scopes.service import AssignmentKind, EndReason
from tests.support.feed import NEW, SERVED

pytestmark = pytest.mark.no_database

CODES = Codes({"994501", "990F01"}, {"J40"})
READING = Reading(COLUMNS, CODES)
HASH = "{SHA256HEX}" + hashlib.sha256(b"secret").hexdigest()


def cells(**facts: str) -> list[str]:
    """Return the cells of a row with all columns."""
    return [facts.get(name, "") for name in COLUMNS]


def good(**facts: str) -> Row:
    """Read a row that has no fault."""
    row = read_row(2, COLUMNS, cells(**SERVED | facts), CODES)
    assert isinstance(row, Row)
    return row


def stated(**facts: str) -> Stated:
    """Return the service of a row that has no fault."""
    service = good(**facts).service
    assert service is not None
    return service


def faults(**facts: str) -> list[RowError]:
    """Read a row that has faults."""
    errors = read_row(7, COLUMNS, cells(**SERVED | facts), CODES)
    assert isinstance(errors, list)
    assert {error.row for error in errors} == {7}
    return errors


def test_a_full_row() -> None:
    """Every column is read; the account name is folded, blanks around are nothing."""
    row = good(account=" NewBie01 ", email="a@b.example", external_id="X1", password_hash=HASH, note="備註")
    assert (row.account, row.email, row.external_id, row.password_hash) == ("newbie01", "a@b.example", "X1", HASH)
    assert row.service == Stated(
        "994501", date(2025, 8, 1), "J40", None, None, None, None, None, confirmed=True, note="備註"
    )
    assert HASH not in repr(row)


def test_a_row_without_a_school() -> None:
    """It is an account without service."""
    row = read_row(2, COLUMNS, cells(**NEW), CODES)
    assert isinstance(row, Row)
    assert row.service is None


@pytest.mark.parametrize(
    "text", ["2026-08-01", "2026/8/1", "115/08/01", "115.8.1", "115-08-01", "1150801", "民國115年8月1日"]
)
def test_dates(text: str) -> None:
    """ISO and ROC dates, as spreadsheets and registers write them."""
    assert read_day(text) == date(2026, 8, 1)


@pytest.mark.parametrize("text", ["2026-02-29", "115/13/01", "0115/08/01", "1/2", "20260801", "08/01/2026", "soon"])
def test_no_dates(text: str) -> None:
    """Anything else is no date, nor is a day before the ROC calendar."""
    with pytest.raises(ValueError):
        read_day(text)


@pytest.mark.rule("D-15")
@pytest.mark.parametrize(
    ("term", "reason"),
    [
        *(("未續聘", EndReason.NOT_RENEWED), ("不續聘", EndReason.NOT_RENEWED), ("離職", EndReason.DEPARTED)),
        *(("辭職", EndReason.DEPARTED), ("解聘", EndReason.DEPARTED), ("資遣", EndReason.DEPARTED)),
        *(("死亡", EndReason.DEPARTED), ("轉校", EndReason.TRANSFERRED), ("介聘", EndReason.TRANSFERRED)),
        *(("調校", EndReason.TRANSFERRED), ("退休", EndReason.RETIRED), ("retired", EndReason.RETIRED)),
        *(("departed", EndReason.DEPARTED), ("transferred", EndReason.TRANSFERRED)),
    ],
)
def test_end_reasons(term: str, reason: EndReason) -> None:
    """D-15: the codes and the terms that are mapped to them."""
    assert stated(end_date="115/7/31", end_reason=term).end_reason is reason


def test_kinds_and_confirmations() -> None:
    """主聘 and 兼任 as well as the codes; a feed's data are confirmed unless it says otherwise."""
    kinds = {text: stated(kind=text).kind for text in ("主聘", "primary", "兼任", "additional", "")}
    assert list(kinds.values()) == [*[AssignmentKind.PRIMARY] * 2, *[AssignmentKind.ADDITIONAL] * 2, None]
    texts = ("yes", "是", "1", "", "YES", "no", "否", "0")
    assert [stated(confirmed=text).confirmed for text in texts] == [True] * 5 + [False] * 3


@pytest.mark.parametrize(
    ("facts", "column", "rule"),
    [
        ({"account": ""}, "account", "1 to 32 signs"),
        ({"account": "z" * 33}, "account", "1 to 32 signs"),
        ({"account": "陳小明"}, "account", "ASCII"),
        ({"account": "a b"}, "account", "without blanks"),
        ({"name": ""}, "name", "1 to 50"),
        ({"name": "陳" * 51}, "name", "1 to 50"),
        ({"name": "a\nb"}, "name", "printable"),
        ({"email": "a.example"}, "email", "an address"),
        ({"email": "a@b"}, "email", "an address"),
        ({"email": "z" * 250 + "@b.tw"}, "email", "254"),
        ({"external_id": "x" * 101}, "external_id", "100"),
        ({"external_id": "x\ty"}, "external_id", "printable"),
        ({"password_hash": "secret"}, "password_hash", "known form"),
        ({"school_code": "000000"}, "school_code", "school register"),
        ({"school_code": ""}, "school_code", "title_code, start_date"),
        ({"title_code": "J99"}, "title_code", "title list"),
        ({"kind": "全職"}, "kind", "主聘"),
        ({"confirmed": "perhaps"}, "confirmed", "是"),
        ({"note": "x" * 201}, "note", "200"),
        ({"start_date": ""}, "start_date", "needed with a school_code"),
        ({"start_date": "115/02/30"}, "start_date", "115/08/01"),
        ({"end_date": "never", "end_reason": "退休"}, "end_date", "a day such as"),
        ({"end_date": "114/07/31", "end_reason": "退休"}, "end_date", "not before start_date"),
        ({"end_date": "115/07/31"}, "end_reason", "needed where end_date"),
        ({"end_reason": "退休"}, "end_date", "needed where end_reason"),
        ({"end_date": "115/07/31", "end_reason": "停職"}, "end_reason", "停職 is a suspension"),
        ({"end_date": "115/07/31", "end_reason": "留職停薪"}, "end_reason", "no end"),
        ({"suspended_until": "115/07/31"}, "suspended_from", "needed where suspended_until"),
        ({"suspended_from": "115/08/01", "suspended_until": "115/07/31"}, "suspended_until", "not before"),
        ({"suspended_from": "x"}, "suspended_from", "a day such as"),
    ],
)
def test_every_error_of_a_row(facts: dict[str, str], column: str, rule: str) -> None:
    """One fault is one error, which names row, column, value and rule."""
    (error,) = faults(**facts)
    assert error.column == column
    assert rule in error.rule
    assert error.value == (NOT_SHOWN if column == "password_hash" else (SERVED | facts).get(column, "")[:60])


def test_all_faults_of_a_row_are_named() -> None:
    """Not only the first: whoever corrects the file does it once."""
    assert [error.column for error in faults(name="", title_code="J99", kind="x")] == ["name", "title_code", "kind"]


def test_a_row_with_too_few_cells() -> None:
    """Its cells may stand under wrong columns, so none is looked at."""
    assert read_row(3, COLUMNS, ["a", "b"], CODES) == [
        RowError(3, "", "2", "a row has as many cells as the header, 15")
    ]


@pytest.mark.parametrize("slipped", [HASH, "$2b$12$abcdefghijklmnopqrstuv", "0" * 32, "pbkdf2_sha256$1$a$b"])
def test_a_hash_in_a_wrong_column_is_not_shown(slipped: str) -> None:
    """Cells shift; what looks like a password hash is never repeated."""
    assert [error.value for error in faults(kind=slipped)] == [NOT_SHOWN]


def together(*rows: dict[str, str], reading: Reading = READING) -> Teacher | Refusal:
    """Gather the rows of one account."""
    return gather("newbie01", [(number, cells(**row)) for number, row in enumerate(rows, 2)], reading)


def test_several_rows_are_one_teacher() -> None:
    """What one row says of the person holds for all."""
    teacher = together(SERVED, SERVED | {"school_code": "990F01", "kind": "兼任", "email": "a@b.example"})
    assert isinstance(teacher, Teacher)
    assert (teacher.email, len(teacher.rows)) == ("a@b.example", 2)


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("name", "甲", "乙"),
        ("email", "a@b.example", "c@b.example"),
        ("external_id", "X1", "X2"),
        ("password_hash", HASH, HASH[:-1] + "0"),
    ],
)
def test_rows_must_not_contradict(column: str, one: str, other: str) -> None:
    """Name, address, identifier and password of a person are one; the error names the other row."""
    second = SERVED | {"school_code": "990F01", "kind": "兼任", column: other}
    refused = together(SERVED | {column: one}, second)
    assert isinstance(refused, Refusal)
    (error,) = refused.errors
    assert (error.row, error.column) == (3, column)
    assert error.value == (NOT_SHOWN if column == "password_hash" else other)
    assert "row 2" in error.rule


def test_a_service_stands_once() -> None:
    """Two rows with the same account, school and first day are one too many."""
    refused = together(SERVED, SERVED | {"kind": "兼任"})
    assert isinstance(refused, Refusal)
    assert [(error.row, error.column) for error in refused.errors] == [(3, "start_date")]


def test_an_identifier_of_two_accounts() -> None:
    """What the file gives to two accounts is refused for both."""
    refused = together(SERVED | {"external_id": "X1"}, reading=Reading(COLUMNS, CODES, {"X1"}))
    assert isinstance(refused, Refusal)
    assert [error.column for error in refused.errors] == ["external_id"]


def test_too_many_rows_of_one_teacher() -> None:
    """Comparing them all with each other would take for ever."""
    assert isinstance(together(*[NEW] * MOST_ROWS), Teacher)
    assert isinstance(together(*[NEW] * (MOST_ROWS + 1)), Refusal)
