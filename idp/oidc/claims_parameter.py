"""The ``claims`` request parameter (OIDC Core §5.5, R-CLM-6): another way of asking for items, per target."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.oidc.faults import ProtocolFault
from scopes.items import ITEM_BY_CLAIM, DataItem

TARGETS = ("id_token", "userinfo")


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """What is asked: items per target, which of them the partner calls essential, and demands on ``sub`` and ``acr``."""

    items: Mapping[str, frozenset[DataItem]]
    essential: frozenset[DataItem] = frozenset()
    subjects: frozenset[str] | None = None
    acr: frozenset[str] | None = None

    @property
    def everything(self) -> frozenset[DataItem]:
        """All items asked for."""
        return frozenset().union(*self.items.values())


NOTHING = ClaimsRequest({})


def parse_claims(text: str | None) -> ClaimsRequest:
    """Read the parameter; unknown claims and members are ignored, what is not the specified JSON is refused."""
    if text is None:
        return NOTHING
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolFault("CLAIM-01") from error
    asked = {target: _members(data, target) for target in TARGETS}
    every = [(name, wish) for members in asked.values() for name, wish in members.items()]
    return ClaimsRequest(
        items={
            target: frozenset(ITEM_BY_CLAIM[name] for name in members if name in ITEM_BY_CLAIM and name != "sub")
            for target, members in asked.items()
        },
        essential=frozenset(ITEM_BY_CLAIM[name] for name, wish in every if name in ITEM_BY_CLAIM and _essential(wish)),
        subjects=_values([wish for name, wish in every if name == "sub"]),
        acr=_values([wish for name, wish in every if name == "acr" and _essential(wish)]),
    )


def _members(data: object, target: str) -> dict[str, Any]:
    """Return the claims of a target; each is null or an object (§5.5.1)."""
    members = data.get(target) if isinstance(data, dict) else ()
    if members is None:
        return {}
    if not isinstance(members, dict) or not all(wish is None or isinstance(wish, dict) for wish in members.values()):
        raise ProtocolFault("CLAIM-01", expected="an object whose members are null or objects")
    return members


def _essential(wish: dict[str, Any] | None) -> bool:
    return bool(wish) and wish.get("essential") is True  # type: ignore[union-attr]  # bool() has ruled None out


def _values(wishes: list[dict[str, Any] | None]) -> frozenset[str] | None:
    """Return the values that are demanded, or None where any will do."""
    found: list[str] = []
    for wish in wishes:
        if wish and "value" in wish:
            found.append(str(wish["value"]))
        if wish and isinstance(wish.get("values"), list):
            found += map(str, wish["values"])
    return frozenset(found) or None
