"""When a partner is asked to confirm its cooperation, and what follows (A1-§5(2), D-43). Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class ConfirmationState(StrEnum):
    """Where the confirmation of a year stands."""

    NOT_DUE = "not_due"
    LETTER_DUE = "letter_due"
    LETTER_SENT = "letter_sent"
    CONFIRMED = "confirmed"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """D-43: months between confirmations, days for the reply, days overdue until we are warned."""

    months: int
    reply_days: int
    warn_days: int


@dataclass(frozen=True, slots=True)
class Letter:
    """The newest confirmation letter, and when its reply came."""

    sent_on: date
    due_on: date
    replied_on: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds on a day. ``next_on``: from when the next letter is due; ``warns``: overdue so long that we are told."""

    state: ConfirmationState
    next_on: date
    due_on: date | None
    warns: bool


def standing(live_since: date, newest: Letter | None, day: date, rhythm: Rhythm) -> Standing:
    """Say what a day brings. It never closes a client: suspension is a person's decision (AC-55)."""
    state = ConfirmationState
    if newest is not None and newest.replied_on is None:
        late = (day - newest.due_on).days
        now = state.OVERDUE if late > 0 else state.LETTER_SENT
        return Standing(now, newest.sent_on, newest.due_on, warns=late >= rhythm.warn_days)
    # The year runs from going live, or from the last letter: a late reply does not move the next one.
    since = live_since if newest is None else newest.sent_on
    next_on = months_after(since, rhythm.months)
    if day >= next_on:
        return Standing(state.LETTER_DUE, next_on, None, warns=False)
    return Standing(state.NOT_DUE if newest is None else state.CONFIRMED, next_on, None, warns=False)


def reply_due(sent_on: date, rhythm: Rhythm) -> date:
    """Return the last day for the reply."""
    return sent_on + timedelta(days=rhythm.reply_days)


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or the last one of that month if it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))
