"""What of a partner ends on a day, and when it is reminded (DOMAIN §3.8). Nothing here closes anything. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

REMIND_DAYS = (60, 30, 14, 7, 1)


class Ending(StrEnum):
    """What ends."""

    SCAN_REPORT = auto()
    PKCE_WAIVER = auto()
    OLD_SECRET = auto()
    SECRET_AGE = auto()
    CONFIRMATION = auto()
    REPLY = auto()


@dataclass(frozen=True, slots=True)
class Expiry:
    """Something of a case that ends on a day; ``of``: the client or letter that it belongs to."""

    ending: Ending
    ends_on: date
    of: str = ""

    @property
    def subject(self) -> str:
        """How a reminder names it."""
        return f"{self.ending}:{self.of}"

    def days_left(self, today: date) -> int:
        """Return the days until it ends; negative when it has."""
        return (self.ends_on - today).days


def due_reminder(expiry: Expiry, today: date) -> int | None:
    """Return which reminder is due: that of the nearest number of days, even when a day was missed; None for none."""
    left = expiry.days_left(today)
    due = [days for days in REMIND_DAYS if left <= days]
    return min(due) if due and left >= 0 else None
