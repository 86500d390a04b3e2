"""Make the client of a case from its technical sheet (DOMAIN §3.6, D-41), within what the case approved."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clients.client_metadata import ClientMetadata
from clients.lifecycle import ClientEnvironment, CooperationItem
from clients.models import Case, Client
from clients.partners import sector_of
from clients.registration_rules import Bounds, MetadataRefused, checked_metadata
from config.database import db
from config.snapshot import bump
from scopes.items import DataItem


def metadata_fault(case: Case, environment: ClientEnvironment, body: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the metadata of a sheet, in ASCII and with the names of the members."""
    try:
        _checked(case, environment, body)
    except MetadataRefused as error:
        return str(error)
    return None


def make_client(case: Case, environment: ClientEnvironment, body: Mapping[str, Any], now: datetime) -> Client:
    """Make the client, which has no secret yet: its partner gets the first one as it gets every later one."""
    client = Client(
        client_id=f"rp_{secrets.token_urlsafe(15)}",
        case_id=case.id,
        environment=environment,
        sector=sector_of(case, environment),
        meta=_checked(case, environment, body).model_dump(mode="json", exclude_defaults=True),
        created_at=now,
    )
    db.session.add(client)
    bump()
    return client


def _checked(case: Case, environment: ClientEnvironment, body: Mapping[str, Any]) -> ClientMetadata:
    bounds = Bounds(
        environment=environment,
        site_url=case.site_url,
        test_url=case.test_url,
        items=frozenset(DataItem(row.item) for row in case.held),
        cooperation=frozenset(CooperationItem(row.item) for row in case.items),
    )
    if not body.get("redirect_uris"):
        raise MetadataRefused("redirect_uris: at least one", is_redirect_uri=True)
    return checked_metadata(body, bounds)
