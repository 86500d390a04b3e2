"""The authorization server: every grant and extension is registered here, by one line each."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer
from flask import Flask, current_app
from sqlalchemy.engine import Connection

from clients import registry
from clients.client_metadata import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, DEVICE_CODE, REFRESH_TOKEN
from config.snapshot import snapshots
from idp.oidc import client_auth, device, dpop, machine, refresh, sender
from idp.oidc.client import OAuthClient
from idp.oidc.code_flow import CodeGrant
from idp.oidc.faults import ProtocolFault
from idp.oidc.parameters import ProtocolRequest, check_resource
from idp.oidc.pkce import RequireS256

Grant = Callable[[ProtocolRequest], dict[str, Any]]


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's server on our registry; it judges the code grant."""

    def query_client(self, client_id: str) -> OAuthClient | None:
        """Return a client of the registry."""
        found = registry.find(client_id)
        return OAuthClient(found, datetime.now(UTC)) if found else None

    def authenticate_client(self, request: ProtocolRequest, methods: object, endpoint: str = "token") -> OAuthClient:  # noqa: ARG002  # signature of Authlib
        """The token endpoint authenticated the client before it looked at the grant."""
        client: OAuthClient = request.client
        return client

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        """Take the prepared request as it is."""
        return request

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """No signals: what is worth telling goes to the audit log."""


def by_code(request: ProtocolRequest) -> dict[str, Any]:
    """Answer ``grant_type=authorization_code``, as Authlib judges it."""
    if "code" not in request.payload.data:
        raise ProtocolFault("REQ-14", expected="code")
    check_resource(request.payload.data)
    grant = server().get_token_grant(request)
    grant.validate_token_request()
    body: dict[str, Any] = grant.create_token_response()[1]
    return body


GRANTS: dict[str, Grant] = {
    AUTHORIZATION_CODE: by_code,
    REFRESH_TOKEN: refresh.refresh,
    CLIENT_CREDENTIALS: machine.client_credentials,
    DEVICE_CODE: device.device_token,
}


def grant_tokens(connection: Connection, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answer a token request: which grant, which client, bound to which key; then the grant itself."""
    grant_type = parameters.get("grant_type")
    if grant_type is None:
        raise ProtocolFault("REQ-11")
    if grant_type not in GRANTS:
        raise ProtocolFault("REQ-12", received=grant_type, expected=" ".join(GRANTS))
    dpop.demand_nonce(datetime.now(UTC))
    if grant_type == CLIENT_CREDENTIALS:
        snapshots().refresh()  # no context SELECT follows that would bring the epoch
    request = ProtocolRequest(parameters, connection)
    request.client = client_auth.authenticate(connection, parameters)
    if not request.client.check_grant_type(grant_type):
        raise ProtocolFault("REQ-13", received=grant_type)
    request.cnf = sender.binding(connection, request.client.registered, datetime.now(UTC))
    return GRANTS[grant_type](request)


def init_server(app: Flask) -> None:
    """Make the server of this application."""
    server = Server()
    server.register_grant(CodeGrant, [RequireS256()])
    app.extensions["oidc"] = server


def server() -> Server:
    """Return the server of the running application."""
    found: Server = current_app.extensions["oidc"]
    return found
