"""Tokens for machines: ``client_credentials`` (RFC 6749 §4.4) with JWT access tokens (RFC 9068) for resources (RFC 8707).

No person is in them: ``sub`` is the client. They are valid by signature; a revoked ``jti`` is noted.
"""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from clients.registry import RegisteredClient
from clients.resources import RESOURCES, Resource, by_uri
from config.settings import settings
from idp import keys, once
from idp.oidc.faults import ProtocolFault
from idp.oidc.parameters import ProtocolRequest
from idp.oidc.sender import confirmation, token_type
from scopes.roc import taipei_day

TYP = "at+jwt"
ALG = "RS256"
"""RFC 9068 §2.1 wants RS256 to be supported by every resource server; a FAPI client gets its own algorithm."""


def client_credentials(request: ProtocolRequest) -> dict[str, Any]:
    """Answer ``grant_type=client_credentials``; no refresh token, no ID token."""
    client, now = request.client.registered, datetime.now(UTC)
    if not client.is_open(taipei_day(now)):
        raise ProtocolFault("OPEN-01")
    resources = _resources(client, request.payload.data.get("resource"))
    scopes = _scopes(resources, request.payload.data.get("scope"))
    rules = settings()
    audience = [resource.uri(rules.issuer) for resource in resources]
    issued = int(now.timestamp())
    payload: dict[str, Any] = {
        "iss": rules.issuer,
        "sub": client.client_id,
        "client_id": client.client_id,
        "aud": audience[0] if len(audience) == 1 else audience,
        "iat": issued,
        "exp": issued + rules.access_token_ttl,
        "jti": secrets.token_hex(16),
        "scope": " ".join(scopes),
        **confirmation(request.cnf),
    }
    alg = ALG if ALG in client.rules.algs else client.id_token_alg
    return {
        "token_type": token_type(request.cnf),
        "access_token": keys.sign(payload, alg, now, {"typ": TYP}),
        "expires_in": rules.access_token_ttl,
        "scope": payload["scope"],
    }


def _resources(client: RegisteredClient, asked: str | None) -> list[Resource]:
    """Return the resources of the request: those it names, or all of the client's (RFC 8707 §2)."""
    own = [RESOURCES[name] for name in client.meta.resources]
    found = [by_uri(uri, settings().issuer) for uri in asked.split()] if asked else own
    if not found or any(resource is None or resource not in own for resource in found):
        raise ProtocolFault("RES-01", received=asked, expected=" ".join(one.uri(settings().issuer) for one in own))
    return [resource for resource in found if resource is not None]


def _scopes(resources: Iterable[Resource], asked: str | None) -> list[str]:
    offered = [scope for resource in resources for scope in resource.scopes]
    wanted = asked.split() if asked else offered
    if not set(wanted) <= set(offered):
        raise ProtocolFault("SCOPE-04", received=asked, expected=" ".join(offered))
    return wanted


def find(connection: Connection, token: str, now: datetime) -> dict[str, Any] | None:
    """Return the claims of a JWT access token of ours that counts now, else None."""
    if token.count(".") != 2:
        return None
    claims = keys.decode(token, typ=TYP)
    if claims is None or now.timestamp() >= claims["exp"]:
        return None
    return None if once.was_used(connection, "revoked", "at", claims["jti"]) else claims


def revoke(connection: Connection, claims: dict[str, Any]) -> None:
    """Note the ``jti`` as revoked until the token would have ended anyway."""
    once.use(connection, "revoked", "at", claims["jti"], datetime.fromtimestamp(claims["exp"], UTC))
