"""The one release rule: what a partner gets of a teacher now (DOMAIN §4.6). No other code selects claims."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from scopes.items import DataItem, ordered
from scopes.service import Reason, ServiceState, State


class Refusal(StrEnum):
    """Why nothing is released."""

    LOCKED = "locked"
    UNVERIFIED = "unverified"
    ESSENTIAL_DECLINED = "essential_declined"


@dataclass(frozen=True, slots=True)
class Release:
    """What may leave, what must still be asked, or why nothing may."""

    items: frozenset[DataItem]
    undecided: frozenset[DataItem]
    refusal: Refusal | None
    reason: Reason | None


_NOTHING: frozenset[DataItem] = frozenset()


def decide(  # the six facts of the rule, each named
    *,
    approved: Collection[DataItem],
    requested: Collection[DataItem],
    essential: Collection[DataItem],
    decisions: Mapping[DataItem, bool],
    available: Collection[DataItem],
    service: ServiceState,
) -> Release:
    """Release approved ∩ requested ∩ given ∩ available; nothing unless the service state is ``unlocked``.

    ``decisions`` holds item → given for what still counts; an item without one is undecided. Every OpenID request asks
    for the user identifier (D-49). A declined essential item declines the log-in (D-51).
    """
    if service.state is State.LOCKED:
        return Release(_NOTHING, _NOTHING, Refusal.LOCKED, service.reason)
    if service.state is State.UNLOCKED_UNVERIFIED:
        return Release(_NOTHING, _NOTHING, Refusal.UNVERIFIED, None)
    open_items = frozenset(approved) & (frozenset(requested) | {DataItem.USER_ID}) & frozenset(available)
    given = frozenset(item for item in open_items if decisions.get(item) is True)
    declined = frozenset(item for item in open_items if decisions.get(item) is False)
    if declined & frozenset(essential):
        return Release(_NOTHING, _NOTHING, Refusal.ESSENTIAL_DECLINED, None)
    return Release(given, open_items - given - declined, None, None)


def claims_of(items: Collection[DataItem], values: Mapping[DataItem, str]) -> dict[str, str]:
    """Return the claims of released items; what has no value is left out (R-CLM-3). ``sub`` is not among them."""
    return {item.claim: values[item] for item in ordered(items) if item is not DataItem.USER_ID and values.get(item)}
