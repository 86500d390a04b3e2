"""A service assignment as the audit log tells it: written by every change, read back to know what held then (D-31)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from scopes.service import Assignment, AssignmentKind, EndReason

LOGGED = (
    *("school_code", "title_code", "kind", "start_date", "end_date", "end_reason"),
    *("suspended_from", "suspended_until", "confirmed_at", "refused_at", "note"),
)
"""The columns that may change."""


def logged(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns as text; an empty one is left out."""
    return {name: str(facts[name]) for name in LOGGED if facts[name] is not None}


def entry_from(ident: int, facts: Mapping[str, str]) -> Assignment:
    """Return the assignment that `logged` described."""

    def day(name: str) -> date | None:
        return date.fromisoformat(facts[name]) if name in facts else None

    return Assignment(
        id=ident,
        school_code=facts.get("school_code"),
        title_code=facts.get("title_code"),
        kind=AssignmentKind(facts["kind"]),
        start_date=day("start_date"),
        end_date=day("end_date"),
        end_reason=EndReason(facts["end_reason"]) if "end_reason" in facts else None,
        suspended_from=day("suspended_from"),
        suspended_until=day("suspended_until"),
        confirmed="confirmed_at" in facts,
        refused="refused_at" in facts,
    )
