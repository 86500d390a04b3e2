"""What a change will do to the teacher's account and when, worked out before it is made (D-23, D-29, D-30)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from idp.accounts.service_details import Detail, ended, suspended
from scopes.service import Assignment, State


class Effect(StrEnum):
    """What happens to the account."""

    LOCKS_NOW = "locks_now"
    LOCKS_LATER = "locks_later"
    STAYS_LOCKED = "stays_locked"
    STAYS_OPEN = "stays_open"


@dataclass(frozen=True, slots=True)
class Consequence:
    """``since`` is the first day that the change is about, ``late`` how many days that lies back.

    ``restored_on``: the day on which a suspension is over by itself; None where somebody must record something first.
    """

    effect: Effect
    since: date
    late: int
    restored_on: date | None = None


def of_end(found: Detail, last_day: date, day: date) -> Consequence:
    """A service ends with its last day; the day after is the first without it."""
    since = last_day + timedelta(days=1)
    return Consequence(_effect(found, ended(found.assignment, last_day), since, day), since, _late(since, day))


def of_suspension(found: Detail, first_day: date, last_day: date | None, day: date) -> Consequence:
    """A suspension counts from its first day on."""
    changed = suspended(found.assignment, first_day, last_day)
    restored = None if last_day is None else last_day + timedelta(days=1)
    return Consequence(_effect(found, changed, first_day, day), first_day, _late(first_day, day), restored)


def _effect(found: Detail, changed: Assignment, since: date, day: date) -> Effect:
    """Compare the state on the first day that counts as things are with the state as they would be."""
    first = max(since, day)
    if found.state_if(changed, first).state is not State.LOCKED:
        return Effect.STAYS_OPEN
    if found.state_on(first).state is State.LOCKED:
        return Effect.STAYS_LOCKED
    return Effect.LOCKS_NOW if first == day else Effect.LOCKS_LATER


def _late(since: date, day: date) -> int:
    return max((day - since).days, 0)
