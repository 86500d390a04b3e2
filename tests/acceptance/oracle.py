"""A second reading of DOMAIN §2.4, written from its table alone, to compare the product with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Closings = Mapping[str, date]
"""First days closed, by school."""
NOT_COUNTING = {"J80", "J90"}


@dataclass
class Row:
    """An assignment as the table of §2.2 describes it."""

    id: int
    school: str
    title: str
    primary: bool
    start: date
    confirmed: bool
    end: date | None = None
    suspended: tuple[date, date | None] | None = None
    refused: bool = False

    def ended(self, day: date) -> bool:
        """The last day has passed."""
        return self.end is not None and day > self.end

    def is_suspended(self, day: date) -> bool:
        """The day lies in the suspension, both ends included."""
        if self.suspended is None:
            return False
        first, last = self.suspended
        return first <= day and (last is None or day <= last)

    def active(self, day: date) -> bool:
        """§2.2."""
        return self.start <= day and not self.ended(day) and not self.is_suspended(day)

    @property
    def counts(self) -> bool:
        """The title counts as in service."""
        return self.title not in NOT_COUNTING

    def at_closed_school(self, day: date, closings: Closings) -> bool:
        """D-34: from the closing day on."""
        return self.school in closings and closings[self.school] <= day

    def complete(self, day: date, closings: Closings) -> bool:
        """§2.2."""
        return self.counts and not self.at_closed_school(day, closings)


def judge(rows: list[Row], day: date, closings: Closings) -> tuple[str, str | None]:
    """Return state and reason of the first row of §2.4 that matches."""
    existing = [row for row in rows if not row.refused]
    active = [row for row in existing if row.active(day)]
    if any(row.primary and not row.ended(day) and row.is_suspended(day) for row in existing):
        return "locked", "not_in_service"
    if any(row.complete(day, closings) and row.confirmed for row in active):
        return "unlocked", None
    if not any(row.confirmed for row in existing) and any(row.complete(day, closings) for row in active):
        return "unlocked_unverified", None
    return "locked", _reason(existing, active, day, closings)


def _reason(existing: list[Row], active: list[Row], day: date, closings: Closings) -> str:
    """Rows 4 to 7."""
    if active and all(row.at_closed_school(day, closings) for row in active):
        return "no_service_school"
    if any(row.counts for row in active):
        return "service_data_pending"
    if active or any(row.ended(day) or row.is_suspended(day) for row in existing):
        return "not_in_service"
    return "no_service_school"
