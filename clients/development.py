"""Registration without a case, in development only: a conformance suite registers a client for every test."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from clients.client_metadata import ClientMetadata
from clients.models import Case
from clients.partners import approve_items, open_case
from scopes.items import DataItem
from scopes.roc import taipei_day

_WAIVER = timedelta(days=30)


def development_case(body: Mapping[str, Any], now: datetime) -> Case:
    """Open a running case of its own, with every item approved, for a client that wants to register."""
    uris = body.get("redirect_uris")
    name = body.get("client_name")
    case = open_case(
        name[:100] if isinstance(name, str) and name else "development",
        [uri for uri in uris if isinstance(uri, str)] if isinstance(uris, list) else [],
        actor="development",
        now=now,
    )
    approve_items(case, tuple(DataItem), (DataItem.USER_ID,), now)
    return case


def waiver(meta: ClientMetadata, now: datetime) -> date | None:
    """Return until when such a client may do without PKCE, as the Basic OP plan of OpenID's suite does (D-41)."""
    is_public = meta.token_endpoint_auth_method == "none"  # noqa: S105  # a method's name
    return None if is_public or not meta.rules.may_waive_pkce else taipei_day(now) + _WAIVER
