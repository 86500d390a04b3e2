"""Client authentication at the token endpoint: ``client_secret_basic`` and ``client_secret_post`` (RFC 6749 §2.3.1)."""

import base64
import binascii
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

from clients import registry
from idp.oidc.client import OAuthClient

log = logging.getLogger(__name__)


def authenticate(authorization: str | None, body: Mapping[str, str]) -> tuple[OAuthClient, str]:
    """Return the client and the method that it used, which must be the one that it registered.

    Raise ``invalid_request`` for more than one method at a time (RFC 6749 §2.3) and ``invalid_client`` for the rest,
    with the same words whether the client is unknown or its secret wrong.
    """
    if authorization is not None:
        if "client_secret" in body:
            raise InvalidRequestError("More than one way of client authentication")
        method, (client_id, secret) = "client_secret_basic", _basic(authorization)
        if body.get("client_id", client_id) != client_id:
            raise InvalidRequestError("client_id differs from that of the Authorization header")
    else:
        method, client_id, secret = "client_secret_post", body.get("client_id", ""), body.get("client_secret", "")
    found = registry.find(client_id) if client_id else None
    now = datetime.now(UTC)
    if found is None:
        raise _refused(client_id, "unknown client")
    if found.auth_method != method:
        raise _refused(client_id, f"{method} used, {found.auth_method} registered")
    if not secret or not found.check_secret(secret, now):
        raise _refused(client_id, "wrong secret")
    return OAuthClient(found, now), method


def _basic(authorization: str) -> tuple[str, str]:
    """Decode the header; both halves are form-encoded (RFC 6749 §2.3.1)."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise _refused("", "another scheme than Basic")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise _refused("", "malformed Basic credentials") from error
    client_id, colon, secret = text.partition(":")
    if not colon or "\0" in text:
        raise _refused("", "malformed Basic credentials")
    return unquote_plus(client_id, errors="replace"), unquote_plus(secret, errors="replace")


def _refused(client_id: str, why: str) -> InvalidClientError:
    """Log the reason for the partner's diagnosis; the answer itself is the same for all."""
    log.info("client authentication refused", extra={"fields": {"client_id": client_id[:100], "why": why}})
    return InvalidClientError("Client authentication failed", status_code=401)
