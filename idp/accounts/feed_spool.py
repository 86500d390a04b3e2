"""A feed on its way: grouped by teacher, and what became of every row.

A file of 250,000 rows with a teacher's rows anywhere in it does not fit into little memory, so SQLite sorts it in a
temporary database. That one has no name: the system deletes it when the process ends, however it ends, so that nothing
personal stays behind.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter

from idp.accounts.accounts import fold
from idp.accounts.feed_rows import RowError, shown
from idp.accounts.feed_teachers import Record

_CACHE_KIB = 32 * 1024
_TABLES = """
CREATE TABLE record (account TEXT, number INTEGER PRIMARY KEY, external_id TEXT, cells TEXT);
CREATE TABLE fate (number INTEGER PRIMARY KEY, account TEXT, outcome TEXT);
CREATE TABLE fault (number INTEGER, position INTEGER, field TEXT, value TEXT, rule TEXT);
"""
_INDEX = "CREATE INDEX by_account ON record (account, number)"
_SHARED = "SELECT external_id FROM record WHERE external_id <> '' GROUP BY 1 HAVING count(DISTINCT account) > 1"
_REPORT = """
SELECT fate.number, fate.account, fate.outcome, coalesce(field, ''), coalesce(value, ''), coalesce(rule, '')
FROM fate LEFT JOIN fault ON fault.number = fate.number ORDER BY fate.number, fault.position
"""

_ERRORS = "SELECT number, field, value, rule FROM fault ORDER BY number, position LIMIT ?"


class Outcome(StrEnum):
    """What became of a row. ``earlier``: it was imported before this process came to it (broken off, or another)."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some teachers; the records of all batches before are ``start`` many, with this one ``end``."""

    start: int
    end: int
    teachers: tuple[tuple[str, list[Record]], ...]


class Spool:
    """The records of one file."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("")
        self._base.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._base.execute("PRAGMA temp_store = FILE")
        self._base.executescript(_TABLES)
        self.size = 0

    def close(self) -> None:
        """Give the space back."""
        self._base.close()

    def fill(self, header: tuple[str, ...], records: Iterable[Record]) -> None:
        """Take all records. One without an account stands for itself, so that it refuses nobody else."""
        account, external = header.index("account"), header.index("external_id") if "external_id" in header else None

        def rows() -> Iterator[tuple[str, int, str, str]]:
            for number, cells in records:
                name = fold(cells[account]) if len(cells) > account else ""
                ident = cells[external].strip() if external is not None and len(cells) > external else ""
                yield name or f" {number}", number, ident, json.dumps(cells, ensure_ascii=False)

        self._base.executemany("INSERT INTO record VALUES (?, ?, ?, ?)", rows())
        self._base.execute(_INDEX)
        self.size = self._base.execute("SELECT count(*) FROM record").fetchone()[0]

    def shared_ids(self) -> frozenset[str]:
        """Return the external ids that the file gives to more than one account."""
        return frozenset(row[0] for row in self._base.execute(_SHARED))

    def batches(self, teachers: int) -> Iterator[Batch]:
        """Give the teachers in the order of their names, so many at a time: always the same batches for one file."""
        start = end = 0
        waiting: list[tuple[str, list[Record]]] = []
        rows = self._base.execute("SELECT account, number, cells FROM record ORDER BY account, number")
        for account, group in groupby(rows, itemgetter(0)):
            records = [(number, json.loads(cells)) for _, number, cells in group]
            waiting.append((account, records))
            end += len(records)
            if len(waiting) >= teachers or end - start >= 2 * teachers:
                yield Batch(start, end, tuple(waiting))
                start, waiting = end, []
        if waiting:
            yield Batch(start, end, tuple(waiting))

    def note(self, account: str, fates: Iterable[tuple[int, Outcome]], errors: Iterable[RowError] = ()) -> None:
        """Keep what became of the rows of an account; a hash that slipped into its column is not shown."""
        name = "" if account.startswith(" ") else shown("account", account)
        rows = [(number, name, outcome) for number, outcome in fates]
        self._base.executemany("INSERT INTO fate VALUES (?, ?, ?)", rows)
        faults = [(error.row, place, error.column, error.value, error.rule) for place, error in enumerate(errors)]
        self._base.executemany("INSERT INTO fault VALUES (?, ?, ?, ?, ?)", faults)

    def first_errors(self, limit: int) -> list[tuple[int, str, str, str]]:
        """Return row, column, value and rule of the first errors."""
        return self._base.execute(_ERRORS, (limit,)).fetchall()

    def report(self) -> Iterator[tuple[int, str, str, str, str, str]]:
        """Give row, account, outcome, and column, value and rule per error, in the order of the file."""
        yield from self._base.execute(_REPORT)
