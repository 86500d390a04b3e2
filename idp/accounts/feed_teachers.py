"""All rows of one teacher, which need not stand together in the file. Pure.

A person is imported as a whole or not at all: one faulty row refuses the others of the same account (nothing
half-imported), and what the rows say of the person must not contradict.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from idp.accounts.feed_rows import Codes, Row, RowError, read_row, shown

MOST_ROWS = 200
"""More rows than any teacher has services: the file is wrong, and comparing them all would take for ever."""

Record = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Teacher:
    """What the feed says of one person."""

    account: str
    name: str
    email: str | None
    external_id: str | None
    password_hash: str | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing of a teacher is imported: at least one error; ``rows`` are all rows of hers."""

    account: str
    rows: tuple[int, ...]
    errors: tuple[RowError, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is needed to read rows: the header, the codes, and identifiers that the file gives to several people."""

    header: tuple[str, ...]
    codes: Codes
    shared_ids: Collection[str] = ()


def gather(account: str, records: list[Record], reading: Reading) -> Teacher | Refusal:
    """Read all records of one account."""
    numbers = tuple(number for number, _ in records)
    if len(records) > MOST_ROWS:
        error = RowError(numbers[0], "account", shown("account", account), f"at most {MOST_ROWS} rows of one teacher")
        return Refusal(account, numbers, (error,))
    read = [read_row(number, reading.header, cells, reading.codes) for number, cells in records]
    errors = [error for one in read if isinstance(one, list) for error in one]
    rows = tuple(one for one in read if isinstance(one, Row))
    errors += _contradictions(rows) + _repetitions(rows) + _shared(rows, reading.shared_ids)
    if errors:
        return Refusal(account, numbers, tuple(sorted(errors, key=lambda error: error.row)))
    person = {name: _stated(rows, name) for name in ("email", "external_id", "password_hash")}
    return Teacher(account, rows[0].name, **person, rows=rows)


def _stated(rows: tuple[Row, ...], column: str) -> str | None:
    return next((value for row in rows if (value := getattr(row, column))), None)


def _contradictions(rows: tuple[Row, ...]) -> list[RowError]:
    """Compare what each row says of the person with the first row that says it."""
    errors = []
    for column in ("name", "email", "external_id", "password_hash"):
        said = [(row.number, value) for row in rows if (value := getattr(row, column))]
        errors += [
            RowError(
                number, column, shown(column, value), f"the same in all rows of the account; row {said[0][0]} differs"
            )
            for number, value in said[1:]
            if value != said[0][1]
        ]
    return errors


def _repetitions(rows: tuple[Row, ...]) -> list[RowError]:
    """One row per service: account, school and first day are what it is known by."""
    first: dict[tuple[str, date] | None, int] = {}
    errors = []
    for row in rows:
        key = (row.service.school_code, row.service.start_date) if row.service else None
        if key in first and key is not None:
            rule = f"one row per account, school and start_date; row {first[key]} is another"
            errors.append(RowError(row.number, "start_date", key[1].isoformat(), rule))
        first.setdefault(key, row.number)
    return errors


def _shared(rows: tuple[Row, ...], shared_ids: Collection[str]) -> list[RowError]:
    rule = "of one account only; other rows of the file give it to another"
    return [
        RowError(row.number, "external_id", shown("external_id", row.external_id), rule)
        for row in rows
        if row.external_id and row.external_id in shared_ids
    ]
