"""Checks of single values, with errors that say what is wrong (RFC 7644 §3.12)."""

import re
from datetime import date

from scim2_models import InvalidValueException

from idp.accounts.addresses import address_of

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def text_of(name: str, text: str, longest: int) -> str:
    """Return printable text of at most so many characters, without spaces around it."""
    stripped = text.strip()
    if not stripped or len(stripped) > longest or not stripped.isprintable():
        raise InvalidValueException(detail=f"{name} must be 1 to {longest} printable characters")
    return stripped


def mail_of(text: str) -> str:
    """Return a mail address as it is stored."""
    found = address_of(text)
    if found is None:
        raise InvalidValueException(detail="emails.value must be a mail address")
    return found


def day_of(name: str, text: str | None) -> date | None:
    """Return a day; only the extended form of ISO 8601 is read."""
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidValueException(detail=f"{name} must be a day, YYYY-MM-DD")
