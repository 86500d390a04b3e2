"""The days of the periodic confirmation (D-43), one by one."""

from datetime import date, timedelta

import pytest

from clients.duties.confirmation_rules import ConfirmationState, Letter, Rhythm, months_after, reply_due, standing

RHYTHM = Rhythm(months=12, reply_days=30, warn_days=60)
LIVE = date(2020, 9, 1)
SENT = date(2021, 9, 3)
DUE = date(2021, 10, 3)
STATE = ConfirmationState


@pytest.mark.parametrize(
    ("day", "state"),
    [(date(2020, 9, 1), STATE.NOT_DUE), (date(2021, 8, 31), STATE.NOT_DUE), (date(2021, 9, 1), STATE.LETTER_DUE)],
)
def test_the_first_letter(day: date, state: ConfirmationState) -> None:
    """Twelve months after going live the first letter is due, not a day before."""
    assert standing(LIVE, None, day, RHYTHM).state is state


@pytest.mark.parametrize(
    ("day", "state", "warns"),
    [
        (SENT, STATE.LETTER_SENT, False),
        (DUE, STATE.LETTER_SENT, False),
        (DUE + timedelta(days=1), STATE.OVERDUE, False),
        (DUE + timedelta(days=59), STATE.OVERDUE, False),
        (DUE + timedelta(days=60), STATE.OVERDUE, True),
    ],
)
def test_a_letter_without_reply(day: date, state: ConfirmationState, warns: bool) -> None:  # noqa: FBT001  # a table
    """The day that the reply is due is still in time; sixty days later we are warned."""
    held = standing(LIVE, Letter(SENT, DUE, None), day, RHYTHM)
    assert (held.state, held.warns, held.due_on) == (state, warns, DUE)


def test_the_next_letter_follows_the_last_one() -> None:
    """A late reply does not move the next year."""
    answered = Letter(SENT, DUE, date(2022, 2, 1))
    assert standing(LIVE, answered, date(2022, 9, 2), RHYTHM).state is STATE.CONFIRMED
    held = standing(LIVE, answered, date(2022, 9, 3), RHYTHM)
    assert (held.state, held.next_on) == (STATE.LETTER_DUE, date(2022, 9, 3))


def test_the_last_day_for_the_reply() -> None:
    """Thirty days after the letter."""
    assert reply_due(SENT, RHYTHM) == DUE


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2020, 8, 31), 6, date(2021, 2, 28)),
        (date(2020, 12, 31), 1, date(2021, 1, 31)),
        (date(2019, 2, 28), 12, date(2020, 2, 28)),
    ],
)
def test_months(day: date, months: int, later: date) -> None:
    """The same day, or the last one of a shorter month."""
    assert months_after(day, months) == later
