"""To whom an answer may go at all: the client and its redirect_uri, before anything else (DOMAIN §4.8 row 1).

Where they are not registered there is a page, never a redirect.
"""

from werkzeug.datastructures import MultiDict

from clients import registry
from clients.metadata import uri_difference
from clients.registry import RegisteredClient
from config.settings import settings
from idp.errors import ErrorPage
from idp.interactions import Interaction
from idp.oidc import diagnosis
from idp.oidc.faults import ProtocolFault
from idp.oidc.recipients import DEVICE
from idp.oidc.responses import Addressee


def identify(values: MultiDict[str, str]) -> RegisteredClient:
    """Return the client if it is registered; `ErrorPage` otherwise, never a redirect."""
    ids = values.getlist("client_id")
    client = registry.find(ids[0]) if len(ids) == 1 and ids[0] else None
    if client is None:
        raise ErrorPage("invalid_client", "unknown_client", received=" ".join(ids) or None)
    return client


def check_redirect_uri(client: RegisteredClient, uri: str | None) -> None:
    """RFC 9700 §2.1: exact string comparison; a page, no redirect, where it is another."""
    if uri is not None and uri in client.redirect_uris:
        return
    details: tuple[str, ...] = ()
    if uri is not None and (client.is_test or not settings().is_production):
        details = tuple(f"{known} ({uri_difference(uri, known)})" for known in client.redirect_uris)
    fault = ProtocolFault("REQ-16", received=uri, expected=" ".join(client.redirect_uris))
    diagnosis.note(fault, client.client_id, "authorize")
    raise ErrorPage("invalid_request", "bad_redirect_uri", received=uri, details=details)


def lenient(client: RegisteredClient, values: MultiDict[str, str]) -> Addressee:
    """Return where errors go when the parameters are faulty: only what came once is believed; else a page."""
    uris = values.getlist("redirect_uri")
    if len(uris) != 1 and ("request_uri" in values or "request" in values):
        raise ErrorPage("invalid_request", "bad_request_object")
    check_redirect_uri(client, " ".join(uris) or None)
    believed = {name: found[0] for name, found in values.lists() if len(found) == 1}
    return Addressee.of(client, believed | {"redirect_uri": uris[0]})


def still_registered(interaction: Interaction) -> RegisteredClient:
    """Return the client of a continuation if it and its redirect_uri are registered still."""
    client = registry.find(interaction.client_id)
    if client is None:
        raise ErrorPage("invalid_client", "unknown_client", received=interaction.client_id)
    if DEVICE not in interaction.parameters:
        check_redirect_uri(client, interaction.parameters.get("redirect_uri"))
    return client
