"""Bar charts as numbers for ``_chart.html``: one bar a day, one series, a round top. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count as counting

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 34, 14, 8, 22
GAP = 0.25
"""Of a day's room, what is left empty between bars."""
DAYS_PER_LABEL = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its place, and the day and the number that it stands for."""

    x: float
    y: float
    width: float
    height: float
    day: date
    number: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at a place of an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, the lines across them with their numbers, and the days under them."""

    bars: tuple[Bar, ...]
    lines: tuple[Mark, ...]
    days: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def bars(days: Sequence[date], numbers: Sequence[int]) -> Chart:
    """Draw a number for each of the days, the oldest at the left."""
    top, room, tall = round_top(max(numbers, default=0)), (WIDTH - LEFT - RIGHT) / len(days), HEIGHT - TOP - BOTTOM
    drawn = []
    for place, (day, number) in enumerate(zip(days, numbers, strict=True)):
        height = round(tall * number / top, 2)
        drawn.append(
            Bar(
                x=round(LEFT + place * room + room * GAP / 2, 2),
                y=round(TOP + tall - height, 2),
                width=round(room * (1 - GAP), 2),
                height=height,
                day=day,
                number=number,
            )
        )
    lines = tuple(Mark(TOP + tall - tall * part / 2, str(top * part // 2)) for part in (0, 1, 2))
    labelled = [place for place in range(len(days)) if (len(days) - 1 - place) % DAYS_PER_LABEL == 0]
    below = tuple(Mark(round(LEFT + (place + 0.5) * room, 2), f"{days[place]:%-m/%-d}") for place in labelled)
    return Chart(tuple(drawn), lines, below)


def round_top(most: int) -> int:
    """Return the least of 2, 4, 10, 20, 40, 100 … that is not below the greatest number; its half is whole too."""
    return next(int(step * 10**power) for power in counting() for step in (2, 4, 10) if step * 10**power >= most)
