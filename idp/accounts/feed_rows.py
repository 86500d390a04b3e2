"""One row of a feed: its cells become a value, or errors that name row, column, value and rule. Pure.

A row states a teacher and, where it has a school code, one service of hers (DOMAIN §2.2). Empty cells state nothing,
with two exceptions: where the file has the columns of the end or of the suspension, a service row with empty cells
there says that there is no end, or no suspension.
"""

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from idp.accounts.accounts import fold
from idp.accounts.addresses import ADDRESS_MAX, address_of
from idp.accounts.passwords import is_password_hash
from scopes.roc import parse_day
from scopes.service import AssignmentKind, EndReason

ACCOUNT_MAX, NAME_MAX, EXTERNAL_ID_MAX, NOTE_MAX = 32, 50, 100, 200
NOT_SHOWN = "(not shown)"
_SHOWN = 60

END_REASONS: Mapping[str, EndReason] = {
    **{reason.value: reason for reason in EndReason},
    **dict.fromkeys(("未續聘", "不續聘"), EndReason.NOT_RENEWED),
    **dict.fromkeys(("離職", "辭職", "解聘", "資遣", "死亡", "亡故"), EndReason.DEPARTED),
    **dict.fromkeys(("轉校", "介聘", "調校"), EndReason.TRANSFERRED),
    "退休": EndReason.RETIRED,
}
"""The codes, and the terms that DOMAIN §2.3 maps to them (D-15)."""
_KINDS = {
    **{kind.value: kind for kind in AssignmentKind},
    "主聘": AssignmentKind.PRIMARY,
    "兼任": AssignmentKind.ADDITIONAL,
}
_TRUTHS = {"": True, "yes": True, "是": True, "1": True, "no": False, "否": False, "0": False}
_SERVICE_COLUMNS = (
    *("title_code", "kind", "start_date", "end_date", "end_reason", "suspended_from", "suspended_until", "note"),
)
_SECRET = re.compile(r"\$[0-9A-Za-z-]+\$|\{[0-9A-Za-z]+\}|[0-9A-Fa-f]{32}")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a cell; ``column`` is empty where it is the row. The value is fit to be printed."""

    row: int
    column: str
    value: str
    rule: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What a row states of a service; None is what it does not state."""

    school_code: str
    start_date: date
    title_code: str | None
    kind: AssignmentKind | None
    end_date: date | None
    end_reason: EndReason | None
    suspended_from: date | None
    suspended_until: date | None
    confirmed: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A faultless row."""

    number: int
    account: str
    name: str
    email: str | None
    external_id: str | None
    password_hash: str | None = field(repr=False)
    service: Stated | None


@dataclass(frozen=True, slots=True)
class Codes:
    """What exists: the codes of schools and titles."""

    schools: Container[str]
    titles: Container[str]


def shown(column: str, value: str) -> str:
    """Return a value as an error may show it: cut, and never a password hash, whichever column it slipped into."""
    return NOT_SHOWN if column == "password_hash" or _SECRET.search(value) else value[:_SHOWN]


def read_row(number: int, header: tuple[str, ...], cells: list[str], codes: Codes) -> Row | list[RowError]:
    """Read one record."""
    if len(cells) != len(header):
        return [RowError(number, "", str(len(cells)), f"a row has as many cells as the header, {len(header)}")]
    cell = dict(zip(header, map(str.strip, cells), strict=True))
    errors: list[RowError] = []

    def check(column: str, rule: str, *, holds: bool) -> None:
        if not holds:
            errors.append(RowError(number, column, shown(column, cell.get(column, "")), rule))

    account, name, email = fold(cell["account"]), cell["name"], cell.get("email", "")
    address = address_of(email) if email else None
    external_id, password_hash = cell.get("external_id", ""), cell.get("password_hash", "")
    check("account", f"1 to {ACCOUNT_MAX} signs of ASCII without blanks", holds=_is_account(account))
    check("name", f"1 to {NAME_MAX} printable signs", holds=0 < len(name) <= NAME_MAX and name.isprintable())
    check("email", f"an address, at most {ADDRESS_MAX} signs", holds=not email or address is not None)
    rule = f"at most {EXTERNAL_ID_MAX} printable signs"
    check("external_id", rule, holds=len(external_id) <= EXTERNAL_ID_MAX and external_id.isprintable())
    rule = "a password hash of a known form and bearable cost"
    check("password_hash", rule, holds=not password_hash or is_password_hash(password_hash))
    service = _service(cell, codes, check)
    if errors:
        return errors
    return Row(number, account, name, address, external_id or None, password_hash or None, service)


Check = Callable[..., None]


def _service(cell: Mapping[str, str], codes: Codes, check: Check) -> Stated | None:
    school, title, note = (cell.get(column, "") for column in ("school_code", "title_code", "note"))
    if not school:
        filled = [column for column in _SERVICE_COLUMNS if cell.get(column)]
        check("school_code", f"needed where {', '.join(filled)} is stated", holds=not filled)
        return None
    check("school_code", "a code of the school register", holds=school in codes.schools)
    check("title_code", "a code of the title list", holds=not title or title in codes.titles)
    kind, confirmed = cell.get("kind", ""), cell.get("confirmed", "").lower()
    check("kind", "primary, additional, 主聘 or 兼任", holds=not kind or kind in _KINDS)
    check("confirmed", "yes, no, 是, 否, 1, 0 or empty (yes)", holds=confirmed in _TRUTHS)
    check("note", f"at most {NOTE_MAX} printable signs", holds=len(note) <= NOTE_MAX and note.isprintable())
    start, end, away, back = _days(cell, check)
    return Stated(
        school_code=school,
        start_date=start or date.max,  # without one there is an error, and this is thrown away
        title_code=title or None,
        kind=_KINDS.get(kind),
        end_date=end,
        end_reason=_end_reason(cell.get("end_reason", ""), check),
        suspended_from=away,
        suspended_until=back,
        confirmed=_TRUTHS.get(confirmed, False),
        note=note or None,
    )


def _days(cell: Mapping[str, str], check: Check) -> tuple[date | None, ...]:
    columns = ("start_date", "end_date", "suspended_from", "suspended_until")
    start, end, away, back = days = tuple(_day(cell, column, check) for column in columns)
    check("start_date", "needed with a school_code", holds=bool(cell.get("start_date")))
    check("end_date", "not before start_date", holds=start is None or end is None or start <= end)
    has_end, has_reason = bool(cell.get("end_date")), bool(cell.get("end_reason"))
    check("end_reason", "needed where end_date is stated", holds=has_reason or not has_end)
    check("end_date", "needed where end_reason is stated", holds=has_end or not has_reason)
    check("suspended_until", "not before suspended_from", holds=away is None or back is None or away <= back)
    has_away, has_back = bool(cell.get("suspended_from")), bool(cell.get("suspended_until"))
    check("suspended_from", "needed where suspended_until is stated", holds=has_away or not has_back)
    return days


def _day(cell: Mapping[str, str], column: str, check: Check) -> date | None:
    text = cell.get(column, "")
    try:
        return read_day(text) if text else None
    except ValueError:
        check(column, "a day such as 2026-08-01 or, in the ROC calendar, 115/08/01, from 1912 on", holds=False)
        return None


read_day = lru_cache(maxsize=4096)(parse_day)
"""A feed names few days many times."""


def _end_reason(text: str, check: Check) -> EndReason | None:
    rule = f"one of {', '.join(END_REASONS)}; 停職 is a suspension, 留職停薪 and 借調 are no end (D-15, D-16)"
    check("end_reason", rule, holds=not text or text in END_REASONS)
    return END_REASONS.get(text)


def _is_account(name: str) -> bool:
    return 0 < len(name) <= ACCOUNT_MAX and name.isascii() and name.isprintable() and " " not in name
