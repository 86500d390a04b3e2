"""The file of a feed: its encoding, its header, its records. Nothing here knows what a row means.

Authorities send what their spreadsheet saves: UTF-8 with or without a byte order mark, or Big5 as Windows writes it
(code page 950). A file that is neither, whose quotes do not close, or whose header has an unknown column is refused as
a whole before anything is imported, since every row of it may be wrong.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import BinaryIO

COLUMNS = (
    *("account", "name", "email", "external_id", "school_code", "title_code", "kind", "start_date", "end_date"),
    *("end_reason", "suspended_from", "suspended_until", "confirmed", "password_hash", "note"),
)
NEEDED = ("account", "name")
HEADER_ROW = 1
_CHUNK = 1 << 20


class FeedRefused(Exception):
    """The file as a whole cannot be imported; the text says why, and nothing was."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the bytes tells: how to read them, and the digest by which the file is known again."""

    encoding: str
    digest: str


def look(file: BinaryIO, meaning: str = "") -> Looked:
    """Find the encoding and the digest in one pass. ``meaning``: what else makes it another import, e.g. the actor."""
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FeedRefused("the file is UTF-16; save it as UTF-8 or Big5")
    trials = [_Trial("utf-8-sig")]
    if not start.startswith(codecs.BOM_UTF8):
        trials.append(_Trial("cp950"))
    digest = hashlib.sha256(meaning.encode() + b"\0")
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        if b"\0" in chunk:
            raise FeedRefused("the file holds NUL bytes, so it is not CSV")
        for trial in trials:
            trial.feed(chunk)
    for trial in trials:
        trial.feed(b"", final=True)
    fitting = [trial.encoding for trial in trials if trial.bad_line is None]
    if not fitting:
        raise FeedRefused(f"line {trials[0].bad_line} is not UTF-8, and the file is not Big5 (cp950) either")
    return Looked(fitting[0], digest.hexdigest())


@dataclass(slots=True)
class _Trial:
    """Whether the bytes seen so far are text in an encoding, and on which line they stopped being it."""

    encoding: str
    bad_line: int | None = None
    lines: int = 1
    decoder: codecs.IncrementalDecoder = field(init=False)

    def __post_init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder(self.encoding)()

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        """Decode the next bytes."""
        if self.bad_line is not None:
            return
        try:
            self.decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            self.bad_line = self.lines + error.object[: error.start].count(b"\n")
        self.lines += chunk.count(b"\n")


def records(file: BinaryIO, encoding: str) -> Generator[tuple[int, list[str]], None, None]:
    """Give the records with their numbers, as a spreadsheet counts them: the header is 1. Blank ones are left out."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    number = 0
    try:
        for number, cells in enumerate(csv.reader(text, strict=True), HEADER_ROW):
            if any(cells):
                yield number, cells
    except csv.Error as error:
        raise FeedRefused(f"row {number + 1} is not CSV: {error}") from error
    finally:
        text.detach()  # the file is the caller's


def header_of(cells: list[str]) -> tuple[str, ...]:
    """Return the columns of the file; unknown, repeated and missing ones are named (letters of any case)."""
    names = tuple(cell.strip().lower() for cell in cells)
    faults = [f"unknown column {name[:40]!r}" for name in names if name not in COLUMNS]
    faults += [f"column {name} stands twice" for name in COLUMNS if names.count(name) > 1]
    faults += [f"column {name} is missing" for name in NEEDED if name not in names]
    if faults:
        raise FeedRefused("the header is wrong: " + "; ".join(faults) + f"; known columns are {', '.join(COLUMNS)}")
    return names
