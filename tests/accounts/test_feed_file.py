"""The file of a feed: encodings, header, and files that are refused as a whole."""

import io

import pytest

from idp.accounts.feed_file import COLUMNS, FeedRefused, header_of, look, records

pytestmark = pytest.mark.no_database

TEXT = "account,name\nchen1234,陳小明\n"


def read(data: bytes) -> list[list[str]]:
    """Return the cells of a file."""
    file = io.BytesIO(data)
    return [cells for _, cells in records(file, look(file).encoding)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5", "cp950"])
def test_encodings(encoding: str) -> None:
    """UTF-8 with and without a mark, and Big5, are told apart by their bytes."""
    assert read(TEXT.encode(encoding)) == [["account", "name"], ["chen1234", "陳小明"]]


def test_signs_that_only_windows_has() -> None:
    """Big5 is read as Windows writes it: 碁 is no sign of the standard."""
    assert read("account,name\nchen1234,陳碁\n".encode("cp950"))[1][1] == "陳碁"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (TEXT.encode("utf-16"), "UTF-16"),
        (b"account,name\nchen1234,\xff\xff\n", "line 2 is not UTF-8"),
        (b"\xef\xbb\xbfaccount,name\nchen1234,\xb3\xaf\n", "line 2 is not UTF-8"),
        (b"account,name\nchen1234,\0\n", "NUL"),
        (b"PK\x03\x04\x00\x00", "NUL"),
    ],
    ids=["utf-16", "neither", "mark but not utf-8", "nul", "spreadsheet"],
)
def test_other_bytes_are_refused(data: bytes, why: str) -> None:
    """Whatever is neither encoding is refused, with the line where it shows."""
    with pytest.raises(FeedRefused, match=why):
        look(io.BytesIO(data))


def test_a_character_cut_by_the_reading_is_whole() -> None:
    """The file is read in pieces; a sign that lies across two of them is no fault."""
    data = b"account,name\n" + "陳".encode() * 400_000
    assert look(io.BytesIO(data)).encoding == "utf-8-sig"


def test_the_digest_knows_file_and_meaning() -> None:
    """The same file imported by somebody else is another import."""
    one, other = look(io.BytesIO(b"a"), "x").digest, look(io.BytesIO(b"a"), "y").digest
    assert one == look(io.BytesIO(b"a"), "x").digest
    assert len({one, other, look(io.BytesIO(b"b"), "x").digest}) == 3


def test_rows_count_as_in_a_spreadsheet() -> None:
    """The header is row 1; blank rows count and are left out; a line break in quotes does not count."""
    file = io.BytesIO(b'account,name\n\na,"two\nlines"\n,\nb,c\n')
    assert [number for number, _ in records(file, "utf-8")] == [1, 3, 5]


@pytest.mark.parametrize("text", ['account,name\na,b\nc,"d\ne,f\n', 'account,name\na,"b"c\n'])
def test_quotes_that_do_not_close(text: str) -> None:
    """From an open quote on everything may be wrong, so nothing is imported."""
    with pytest.raises(FeedRefused, match=r"row [23] is not CSV"):
        read(text.encode())


def test_the_header() -> None:
    """Columns in any order and case, with blanks around."""
    assert header_of([" Name", "ACCOUNT"]) == ("name", "account")
    assert header_of(list(COLUMNS)) == COLUMNS


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["account", "name", "school"], "unknown column 'school'"),
        (["account", "name", "name"], "column name stands twice"),
        (["name"], "column account is missing"),
        (["account;name"], "column name is missing"),
    ],
)
def test_a_wrong_header_is_refused(cells: list[str], why: str) -> None:
    """Unknown, repeated and missing columns are named."""
    with pytest.raises(FeedRefused, match=why):
        header_of(cells)
