"""A registered client in Authlib's terms, so that ``clients/`` knows nothing of Authlib."""

from dataclasses import dataclass
from datetime import datetime

from authlib.oauth2.rfc6749 import ClientMixin

from clients.registry import RegisteredClient
from idp.oidc.faults import ProtocolFault
from scopes.items import DataItem, RequestedScopes, ordered, parse_scope, scope_string


@dataclass(frozen=True, slots=True)
class OAuthClient(ClientMixin):  # type: ignore[misc]  # Authlib's base is untyped
    """Wraps a `RegisteredClient`; ``now`` decides which secrets are live."""

    registered: RegisteredClient
    now: datetime

    def get_client_id(self) -> str:
        """Return the client_id."""
        return self.registered.client_id

    def get_default_redirect_uri(self) -> None:
        """No default: every request names its redirect_uri (DOMAIN §4.8 row 1)."""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """RFC 9700 §2.1: exact string comparison."""
        return redirect_uri in self.registered.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        """Only the code flow."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Only the grants that the client registered; refresh tokens are off by default (D-26)."""
        return grant_type in self.registered.meta.grant_types

    def get_allowed_scope(self, scope: str | None) -> str:
        """R-CLM-2: the granted scope, or ``invalid_scope`` if an item is asked for that was never approved.

        Names outside the vocabulary are ignored, and so is an item that was approved once and dropped since.
        """
        requested = parse_scope(scope)
        if over := over_requested(self.registered, requested):
            raise ProtocolFault("SCOPE-02", received=" ".join(item.scope for item in ordered(over)))
        return scope_string(requested.items & self.registered.approved)


def over_requested(client: RegisteredClient, requested: RequestedScopes) -> frozenset[DataItem]:
    """Return the items asked for that were never approved; ``openid`` may always be asked for (D-49)."""
    return requested.items - client.approved - client.dropped - {DataItem.USER_ID}
