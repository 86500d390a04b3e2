"""What a teacher could give, as the pages of this package see it; ``idp`` provides it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from scopes.items import DataItem


@dataclass(frozen=True, slots=True)
class Offer:
    """The values that belong to one assignment; ``assignment_id`` is None where there is none."""

    assignment_id: int | None
    values: Mapping[DataItem, str]


def offers(account_id: int, now: datetime) -> tuple[Offer, ...]:
    """Return her offers, the default first."""
    provider: Callable[[int, datetime], tuple[Offer, ...]] = current_app.extensions["offers"]
    return provider(account_id, now)
