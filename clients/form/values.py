"""What a field says, read from what was typed. Everything is kept as it was typed, so nothing is lost of it."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum, auto
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from clients.form.fields import COOPERATION, FIELD_BY_ID, Field, Kind, tick_of
from clients.lifecycle import CooperationItem
from scopes.items import ORDER, DataItem
from scopes.roc import parse_day

Answers = Mapping[str, str]
"""Field id → what was typed; a tick is ``yes`` or nothing."""

TICKED = "yes"
MEMBERS_MAX = 99_999_999
_PHONE = re.compile(r"[0-9()\-#+ 轉分機]+")
_LETTER_NO = re.compile(r"[^\s]{1,20}字第[0-9]{6,11}[A-Z]?號")
_DIGITS_MIN = 8


class Problem(StrEnum):
    """What is wrong with a field."""

    MISSING = auto()
    TOO_LONG = auto()
    NOT_A_PHONE = auto()
    NOT_AN_ADDRESS = auto()
    NOT_A_URL = auto()
    NOT_A_COUNT = auto()
    NOT_A_CHOICE = auto()
    NOT_A_DAY = auto()
    NOT_EMPTY = auto()
    SAME_URL = auto()
    NONE_TICKED = auto()
    IN_THE_FUTURE = auto()
    TOO_OLD = auto()
    TOO_NEW = auto()
    OTHER_HOST = auto()
    NOT_A_LETTER_NO = auto()
    TAKEN = auto()
    OTHER_SITE = auto()


def text(answers: Answers, field: str) -> str:
    """Return what was typed, without space around it."""
    return answers.get(field, "").strip()


def is_ticked(answers: Answers, field: str) -> bool:
    """Whether a box is ticked."""
    return text(answers, field) == TICKED


def day(answers: Answers, field: str) -> date | None:
    """Return a day, if what was typed is one."""
    try:
        return parse_day(text(answers, field))
    except ValueError:
        return None


def items(answers: Answers) -> tuple[DataItem, ...]:
    """Return the data items that are ticked, in the order of the form."""
    return tuple(item for item in ORDER if is_ticked(answers, tick_of(item)))


def cooperation(answers: Answers) -> tuple[CooperationItem, ...]:
    """Return the cooperation items that are ticked (P1-R4)."""
    ticked = zip(CooperationItem, COOPERATION, strict=True)
    return tuple(item for item, field in ticked if is_ticked(answers, field))


def host(url: str) -> str:
    """Return the host of a URL in lower case; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return ""


def is_letter_no(number: str) -> bool:
    """Whether this is the number of an official letter, such as 臺教師(三)字第1090000001號 (DOMAIN §4.1)."""
    return _LETTER_NO.fullmatch(number) is not None


def problem(field: Field, typed: str) -> Problem | None:
    """Return what is wrong with what was typed into a field, seen alone; an empty one is not judged here."""
    if not typed or field.kind is Kind.TICK:
        return None
    if field.max_length and len(typed) > field.max_length:
        return Problem.TOO_LONG if field.kind is not Kind.COUNT else Problem.NOT_A_COUNT
    if field.kind is Kind.CHOICE:
        return None if typed in field.choices else Problem.NOT_A_CHOICE
    if field.kind is Kind.DAY:
        return None if day({field.id: typed}, field.id) else Problem.NOT_A_DAY
    return _PROBLEMS[field.kind](typed)


def _phone(typed: str) -> Problem | None:
    digits = sum(sign.isdigit() for sign in typed)
    return None if _PHONE.fullmatch(typed) and digits >= _DIGITS_MIN else Problem.NOT_A_PHONE


def _email(typed: str) -> Problem | None:
    try:
        validate_email(typed, check_deliverability=False)
    except EmailNotValidError:
        return Problem.NOT_AN_ADDRESS
    return None


def _url(typed: str) -> Problem | None:
    """Absolute, https, no fragment, nobody's name in it."""
    try:
        parts = urlsplit(typed)
        is_plain = parts.port is None or parts.port > 0
    except ValueError:
        return Problem.NOT_A_URL
    has_spaces = any(sign.isspace() or not sign.isprintable() for sign in typed)
    good = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc and "#" not in typed
    return None if good and is_plain and not has_spaces and "\\" not in typed else Problem.NOT_A_URL


def _count(typed: str) -> Problem | None:
    good = typed.isascii() and typed.isdigit() and int(typed) <= MEMBERS_MAX
    return None if good else Problem.NOT_A_COUNT


_PROBLEMS = {Kind.TEXT: lambda _: None, Kind.PHONE: _phone, Kind.EMAIL: _email, Kind.URL: _url, Kind.COUNT: _count}


def unknown(answers: Answers) -> list[str]:
    """Name what is no field of the form."""
    return sorted(set(answers) - set(FIELD_BY_ID))
