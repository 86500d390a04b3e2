"""Registration without a case, in development only: a conformance suite registers a client for every test."""

from datetime import date, datetime, timedelta

from clients.client_metadata import ClientMetadata
from clients.lifecycle import ClientEnvironment, CooperationItem
from clients.models import Case
from clients.partners import approve_items, open_case
from clients.registration_rules import Bounds
from scopes.items import DataItem
from scopes.roc import taipei_day

DEVELOPMENT = Bounds(
    environment=ClientEnvironment.PRODUCTION,
    site_url="",
    test_url=None,
    items=frozenset(DataItem),
    cooperation=frozenset({CooperationItem.ROAMING}),
    is_development=True,
)
_WAIVER = timedelta(days=30)


def development_case(meta: ClientMetadata, name: object, now: datetime) -> Case:
    """Open a running case of its own, with every item approved, for a client whose metadata were checked."""
    site_name = name[:100] if isinstance(name, str) and name else "development"
    case = open_case(site_name, meta.redirect_uris, actor="development", now=now)
    approve_items(case, tuple(DataItem), (DataItem.USER_ID,), now)
    return case


def waiver(meta: ClientMetadata, now: datetime) -> date | None:
    """Return until when such a client may do without PKCE, as the Basic OP plan of OpenID's suite does (D-41)."""
    return taipei_day(now) + _WAIVER if meta.may_waive_pkce else None
