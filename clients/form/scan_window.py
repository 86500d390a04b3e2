"""Within which days a scan report counts (D-44), worked out for people. Pure."""

from dataclasses import dataclass
from datetime import date

from clients.form.checks import scan_faults
from clients.form.values import Answers, day
from scopes.roc import years_before


@dataclass(frozen=True, slots=True)
class ScanWindow:
    """The day on the form, and from when to when the scan may have been completed; once more by the letter's day."""

    scanned_on: date | None
    filled_on: date
    first: date
    letter_on: date | None
    letter_first: date | None
    is_good: bool


def scan_window(answers: Answers, letter_on: date | None) -> ScanWindow | None:
    """Return the days, None while the form has no day."""
    filled_on = day(answers, "filled_on")
    if filled_on is None:
        return None
    wrong = [fault for on in (filled_on, letter_on) for fault in scan_faults(answers, on) if fault.field == "scan_date"]
    scanned_on = day(answers, "scan_date")
    return ScanWindow(
        scanned_on=scanned_on,
        filled_on=filled_on,
        first=years_before(filled_on, 1),
        letter_on=letter_on,
        letter_first=years_before(letter_on, 1) if letter_on else None,
        is_good=scanned_on is not None and not wrong,
    )
