"""What the authorization endpoint tells the log and the audit, for the partner's diagnosis; never a secret."""

import logging
from collections.abc import Collection, Mapping

from authlib.oauth2.rfc6749.errors import OAuth2Error
from sqlalchemy.engine import Connection

from clients.registry import RegisteredClient
from config.audit import record
from idp.oidc.client import over_requested
from idp.oidc.faults import note
from scopes.items import DataItem, ordered, parse_scope

log = logging.getLogger(__name__)


def refused(
    client: RegisteredClient, parameters: Mapping[str, str], error: OAuth2Error, connection: Connection
) -> None:
    """Tell the log, and audit if more was asked for than was approved."""
    note(error, client.client_id, "authorize")
    refused_scope(client, parameters, error, connection)


def refused_scope(
    client: RegisteredClient, parameters: Mapping[str, str], error: OAuth2Error, connection: Connection
) -> None:
    """R-CLM-2: asking for more than was approved is audited, by the browser or pushed."""
    over = over_requested(client, parse_scope(parameters.get("scope")))
    if error.error == "invalid_scope" and over:
        over_asked(client, over, connection)


def over_asked(client: RegisteredClient, items: Collection[DataItem], connection: Connection) -> None:
    """R-CLM-2, R-CLM-6: items outside the approval."""
    record(
        "scope.over_request",
        actor=f"client:{client.client_id}",
        client_id=client.client_id,
        detail={"items": sorted(items)},
        on=connection,
    )


def wrong_redirect_uri(client: RegisteredClient, uri: str | None) -> None:
    """The most frequent mistake of all."""
    facts = {"client_id": client.client_id, "received": uri, "expected": list(client.redirect_uris)}
    log.info("redirect_uri refused", extra={"fields": facts})


def unwise(client: RegisteredClient, parameters: Mapping[str, str]) -> None:
    """Tell what is allowed but unwise or without effect (DOMAIN §4.8 row 3, R-CLM-2)."""
    requested = parse_scope(parameters.get("scope"))
    notes = [f"{name} missing" for name in ("state", "nonce") if name not in parameters]
    notes += [f"scope of a dropped item: {item.scope}" for item in ordered(requested.items & client.dropped)]
    notes += [f"unknown scope: {name[:40]}" for name in requested.unknown]
    if notes:
        log.info("diagnosis", extra={"fields": {"client_id": client.client_id, "notes": notes}})
