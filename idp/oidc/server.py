"""The authorization server: every grant and extension is registered here, by one line each."""

import secrets
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer
from flask import Flask, Response, current_app, jsonify

from clients import registry
from config.settings import settings
from idp.oidc import client_auth
from idp.oidc.client import OAuthClient
from idp.oidc.code_flow import CodeFlowIDToken, CodeGrant
from idp.oidc.parameters import ProtocolRequest
from idp.oidc.pkce import RequireS256
from idp.oidc.responses import no_store


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's server on our registry."""

    def query_client(self, client_id: str) -> OAuthClient | None:
        """Return a client of the registry."""
        found = registry.find(client_id)
        return OAuthClient(found, datetime.now(UTC)) if found else None

    def authenticate_client(
        self,
        request: ProtocolRequest,
        methods: object,  # noqa: ARG002  # a client has one method, whatever the grant lists
        endpoint: str = "token",  # noqa: ARG002
    ) -> OAuthClient:
        """Authenticate by our own strict reading of the standard methods."""
        client, request.auth_method = client_auth.authenticate(
            request.headers.get("Authorization"), request.payload.data
        )
        return client

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        """Take the prepared request as it is."""
        return request

    def handle_response(self, status: int, body: dict[str, Any], headers: object) -> Response:  # noqa: ARG002
        """Answer JSON that nobody stores."""
        response = jsonify(body)
        response.status_code = status
        return no_store(response)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """No signals: what is worth telling goes to the audit log."""


def bearer_token(**facts: Any) -> dict[str, Any]:  # noqa: ANN401  # what Authlib gives a generator
    """Make the token answer (RFC 6749 §5.1); the access token is opaque, 256 random bits."""
    return {
        "token_type": "Bearer",
        "access_token": secrets.token_urlsafe(32),
        "expires_in": settings().access_token_ttl,
        "scope": facts["scope"],
    }


def init_server(app: Flask) -> None:
    """Make the server of this application."""
    server = Server()
    server.register_token_generator("default", bearer_token)
    server.register_grant(CodeGrant, [RequireS256(), CodeFlowIDToken()])
    app.extensions["oidc"] = server


def server() -> Server:
    """Return the server of the running application."""
    found: Server = current_app.extensions["oidc"]
    return found
