"""The forms of the console: which fields an action has, and what is wrong with what was typed. Nothing typed is lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext

from idp.accounts.directory import as_assignment, directory
from idp.accounts.models import ServiceAssignment
from idp.accounts.transitions import Action, Refusal, end_fault, suspension_fault
from idp.languages import language
from idp.pages.service.texts import REFUSALS
from scopes.roc import parse_day, roc_slash
from scopes.service import AssignmentKind, EndReason

REASON_MAX, NOTE_MAX = 500, 200
FIELDS: Mapping[Action, tuple[str, ...]] = {
    Action.REFUSE: ("reason",),
    Action.CORRECT: ("title", "kind", "started", "note", "reason"),
    Action.END: ("last_day", "cause", "reason"),
    Action.REOPEN: ("reason",),
    Action.SUSPEND: ("first_day", "until", "reason"),
    Action.LIFT: ("lifted", "reason"),
    Action.UNSUSPEND: ("reason",),
}
CONSIDERED = frozenset({Action.END, Action.SUSPEND})
"""What may lock an account is shown with its consequences before it is done."""
_BESIDE: Mapping[Refusal, Mapping[Action, str]] = {
    Refusal.BACK_TO_FRONT: {
        Action.END: "last_day",
        Action.SUSPEND: "until",
        Action.LIFT: "lifted",
        Action.CORRECT: "started",
    },
    Refusal.OUTSIDE: {Action.SUSPEND: "first_day", Action.CORRECT: "started"},
    Refusal.OVERLAP: {Action.CORRECT: "kind"},
    Refusal.NO_TITLE: {Action.CORRECT: "title"},
}
"""The field that a refusal belongs to; others stand at the top."""


class Wrong(Exception):
    """A field is wrong; the text says what to write."""


@dataclass(frozen=True, slots=True)
class Read:
    """A form: as it was typed, what it says, what is wrong with it by field ("" is the form as a whole)."""

    typed: Mapping[str, str]
    values: Mapping[str, Any]
    errors: Mapping[str, object]


def read(names: tuple[str, ...]) -> Read:
    """Read fields of the form that was sent."""
    typed = {name: request.form.get(name, "") for name in names}
    values: dict[str, Any] = {}
    errors: dict[str, object] = {}
    for name in names:
        try:
            values[name] = _READERS[name](typed[name].strip())
        except Wrong as wrong:
            errors[name] = str(wrong)
    return Read(typed, values, errors)


def refused(found: Read, action: Action, refusal: str) -> Read:
    """Put a refusal of a command beside the field that it is about, or at the top."""
    known = Refusal(refusal)
    return Read(found.typed, found.values, {_BESIDE.get(known, {}).get(action, ""): REFUSALS[known]})


def foreseen(found: Read, action: Action, row: ServiceAssignment) -> Refusal | None:
    """Say why the command will refuse, before the question of its consequences is put."""
    entry = as_assignment(row)
    if action is Action.END:
        return end_fault(entry, found.values["last_day"])
    return suspension_fault(entry, found.values["first_day"], found.values["until"])


def recorded(row: ServiceAssignment) -> dict[str, str]:
    """Return what a correction starts from."""
    return {
        "title": row.title_code or "",
        "kind": row.kind,
        "started": shown(row.start_date) if row.start_date else "",
        "note": row.note or "",
    }


def shown(day: date) -> str:
    """Return a day as it may be typed again: ROC in Chinese, ISO in English."""
    return day.isoformat() if language() == "en" or day.year < 1912 else roc_slash(day)


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise Wrong(gettext("請填日期，例如 113/08/01 或 2024-08-01。")) from error


def _day_or_none(text: str) -> date | None:
    return _day(text) if text else None


def _reason(text: str) -> str:
    if not 0 < len(text) <= REASON_MAX:
        raise Wrong(gettext("請填理由，最多 500 個字。"))
    return text


def _note(text: str) -> str | None:
    if len(text) > NOTE_MAX:
        raise Wrong(gettext("備註最多 200 個字。"))
    return text or None


def _cause(text: str) -> EndReason:
    if text not in {cause.value for cause in EndReason}:
        raise Wrong(gettext("請選擇異動原因。"))
    return EndReason(text)


def _kind(text: str) -> AssignmentKind:
    if text not in {kind.value for kind in AssignmentKind}:
        raise Wrong(gettext("請選擇主聘或兼任。"))
    return AssignmentKind(text)


def _title(text: str) -> str:
    if text not in directory().titles:
        raise Wrong(gettext("請選擇職稱。"))
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "last_day": _day,
    "first_day": _day,
    "until": _day_or_none,
    "lifted": _day,
    "started": _day,
    "cause": _cause,
    "kind": _kind,
    "title": _title,
    "note": _note,
    "reason": _reason,
}
