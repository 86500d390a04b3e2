"""Which changes of an assignment there are, and when each is possible (DOMAIN §2.2, §2.4). Pure.

`why_not` is asked by the commands, which refuse with its answer, and by the pages, which offer the others.
"""

from datetime import date
from enum import StrEnum

from scopes.service import Assignment


class Action(StrEnum):
    """What can be done to an assignment."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    CORRECT = "correct"
    END = "end"
    REOPEN = "reopen"
    SUSPEND = "suspend"
    LIFT = "lift"
    UNSUSPEND = "unsuspend"


NEEDS_REASON = frozenset(Action) - {Action.CONFIRM}
"""D-31: what changes or undoes an entry says why. That an entry is right needs no reason."""


class Refusal(StrEnum):
    """Why a change is refused, in the words of the command line."""

    REASON = "a reason is needed"
    REFUSED = "a refused assignment counts as none; it cannot be changed any more"
    CONFIRMED_ALREADY = "it is confirmed already"
    CONFIRMED = "a confirmed assignment is ended, not refused"
    NOT_ENDED = "no last day is recorded"
    NOT_SUSPENDED = "no suspension is recorded"
    SUSPENSION_OVER = "the suspension is over already"
    BACK_TO_FRONT = "the last day lies before the first"
    OUTSIDE = "the suspension lies outside the service"
    OVERLAP = "she has a primary service in this period already; it must end first"
    NOTHING = "nothing would change"
    NO_SCHOOL = "no such school, or it is closed"
    NO_TITLE = "no such title"
    NO_TEACHER = "no such teacher account"


class ServiceRefused(Exception):
    """The change is against the rules; the text says which."""


def why_not(action: Action, entry: Assignment, day: date) -> Refusal | None:
    """Say why the action is not possible on the day, or None. What it brings along is judged by its command."""
    if entry.refused:
        return Refusal.REFUSED
    match action:
        case Action.CONFIRM if entry.confirmed:
            return Refusal.CONFIRMED_ALREADY
        case Action.REFUSE if entry.confirmed:
            return Refusal.CONFIRMED
        case Action.REOPEN if entry.end_date is None:
            return Refusal.NOT_ENDED
        case Action.LIFT | Action.UNSUSPEND if entry.suspended_from is None:
            return Refusal.NOT_SUSPENDED
        case Action.LIFT if entry.suspended_until is not None and entry.suspended_until < day:
            return Refusal.SUSPENSION_OVER
        case _:
            return None


def end_fault(entry: Assignment, last_day: date) -> Refusal | None:
    """A service does not end before it began."""
    return Refusal.BACK_TO_FRONT if entry.start_date is not None and last_day < entry.start_date else None


def suspension_fault(entry: Assignment, first_day: date, last_day: date | None) -> Refusal | None:
    """A suspension begins within the service (the post is kept while it lasts) and does not end before it begins."""
    if last_day is not None and last_day < first_day:
        return Refusal.BACK_TO_FRONT
    is_early = entry.start_date is not None and first_day < entry.start_date
    return Refusal.OUTSIDE if is_early or entry.has_ended(first_day) else None
