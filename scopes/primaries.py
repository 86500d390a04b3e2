"""At most one primary service (主聘) at a time (DOMAIN §2.2)."""

from collections.abc import Iterable
from datetime import date
from itertools import combinations

from scopes.service import Assignment, AssignmentKind


def primaries_overlap(entries: Iterable[Assignment]) -> bool:
    """Whether two primary services share a day. One without a first day is incomplete, one refused counts as none."""
    periods = [
        (entry.start_date, entry.end_date or date.max)
        for entry in entries
        if entry.kind is AssignmentKind.PRIMARY and not entry.refused and entry.start_date is not None
    ]
    return any(one[0] <= other[1] and other[0] <= one[1] for one, other in combinations(periods, 2))
