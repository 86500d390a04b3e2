"""Which remembered decisions still count (D-52), and the notice they were made under. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from clients.registry import Purpose
from scopes.items import DataItem

NOTICE_VERSION = 1
"""Version of the six points of notice (個資法 Art. 8); raise it with every change of their meaning."""


def months_before(instant: datetime, months: int) -> datetime:
    """Return the same day and time ``months`` earlier, or the last day of that month if it has no such day."""
    year, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    for day in (instant.day, 30, 29, 28):
        try:
            return instant.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


def counting(
    decisions: Mapping[str, Any], purposes: Mapping[DataItem, Purpose], now: datetime, months: int
) -> dict[DataItem, bool]:
    """Return item -> given, for the decisions made under the current purpose and notice, within ``months``."""
    if not decisions:
        return {}
    oldest = months_before(now, months).timestamp()
    return {
        item: decision["given"]
        for item, purpose in purposes.items()
        if (decision := decisions.get(item.value)) is not None
        and decision["purpose"] == purpose.version
        and decision["notice"] == NOTICE_VERSION
        and decision["at"] > oldest
    }


def decision(*, given: bool, purpose: int, now: datetime) -> dict[str, Any]:
    """Return a decision as it is stored."""
    return {"given": given, "purpose": purpose, "notice": NOTICE_VERSION, "at": int(now.astimezone(UTC).timestamp())}
