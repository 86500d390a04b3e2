"""What a partner's software is configured with: its own values, and nothing that it may not ask for. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from clients.client_metadata import needs_secret
from clients.registry import RegisteredClient
from scopes.items import scope_string

PLACEHOLDER = "put-the-secret-here"


@dataclass(frozen=True, slots=True)
class Integration:
    """The values of one client. ``callback_path`` is the path of its first redirection URI."""

    issuer: str
    client_id: str
    auth_method: str
    has_secret: bool
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    backchannel_logout_uri: str | None
    scopes: tuple[str, ...]
    signing_alg: str
    support_contact: str
    site_url: str

    @property
    def discovery(self) -> str:
        """Where everything else is found."""
        return f"{self.issuer}/.well-known/openid-configuration"

    @property
    def redirect_uri(self) -> str:
        """The one that the snippets use."""
        return self.redirect_uris[0] if self.redirect_uris else f"{self.site_url}/callback"

    @property
    def callback_path(self) -> str:
        """Its path."""
        return urlsplit(self.redirect_uri).path or "/"

    @property
    def origin(self) -> str:
        """Where the site is, by its redirection URI."""
        url = urlsplit(self.redirect_uri)
        return f"{url.scheme}://{url.netloc}"


def integration_of(client: RegisteredClient, issuer: str) -> Integration:
    """Return the values of a client."""
    return Integration(
        issuer=issuer,
        client_id=client.client_id,
        auth_method=client.auth_method,
        has_secret=needs_secret(client.meta),
        redirect_uris=client.redirect_uris,
        post_logout_redirect_uris=client.meta.post_logout_redirect_uris,
        backchannel_logout_uri=client.meta.backchannel_logout_uri,
        scopes=tuple(scope_string(client.approved).split()),
        signing_alg=client.id_token_alg,
        support_contact=client.support_contact,
        site_url=client.site_url.rstrip("/"),
    )


def as_json(found: Integration) -> dict[str, Any]:
    """Return the values under the names of RFC 7591; the secret is never among them, we do not have it."""
    return {
        "issuer": found.issuer,
        "discovery": found.discovery,
        "client_id": found.client_id,
        "token_endpoint_auth_method": found.auth_method,
        "redirect_uris": list(found.redirect_uris),
        "post_logout_redirect_uris": list(found.post_logout_redirect_uris),
        "backchannel_logout_uri": found.backchannel_logout_uri,
        "scope": " ".join(found.scopes),
        "response_type": "code",
        "code_challenge_method": "S256",
        "id_token_signed_response_alg": found.signing_alg,
    }


def as_env(found: Integration) -> dict[str, str]:
    """Return the variables that the example site reads (examples/dream_n); the secret is left to be filled in."""
    return {
        "OIDC_ISSUER": found.issuer,
        "OIDC_CLIENT_ID": found.client_id,
        "OIDC_CLIENT_SECRET": PLACEHOLDER if found.has_secret else "",
        "OIDC_SCOPE": " ".join(found.scopes),
        "SITE_URL": found.origin,
    }


def double_quoted(text: str) -> str:
    """Return a string of JSON, which JavaScript, Python, C#, Java and YAML read the same."""
    return json.dumps(text)


def php_quoted(text: str) -> str:
    """Return a string of PHP."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def apache_quoted(text: str) -> str:
    """Return an argument of Apache's configuration."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def shell_quoted(text: str) -> str:
    """Return a word of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


QUOTES: Mapping[str, Any] = {"q": double_quoted, "php": php_quoted, "apache": apache_quoted, "sh": shell_quoted}
