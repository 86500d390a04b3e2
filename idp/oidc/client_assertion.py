"""Client assertions: ``private_key_jwt`` and ``client_secret_jwt`` (RFC 7521, RFC 7523, OIDC Core §9)."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import url_for
from sqlalchemy.engine import Connection

from clients.diagnosis_facts import Ours
from clients.registry import SECRET_PURPOSE, RegisteredClient
from config.seal import open_bytes
from config.settings import settings
from idp import once
from idp.oidc import client_jwt, diagnosis
from idp.oidc.client_jwt import BadJWT
from idp.oidc.client_keys import keys_of
from idp.oidc.endpoint_uris import endpoint_uris
from idp.oidc.faults import ProtocolFault
from idp.oidc.unverified import payload_of

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE_MAX = 3600
"""Seconds that an assertion may still live; field software says up to an hour."""
SKEW = 10
"""Seconds that a client's clock may be ahead (FAPI 2.0 §5.3.2.1)."""
JTI_MAX = 500


def client_of_assertion(body: Mapping[str, str]) -> str:
    """Return who the assertion claims to be; nothing of it is believed before `check_assertion`."""
    if body.get("client_assertion_type") != TYPE:
        raise ProtocolFault("AUTH-04", received=body.get("client_assertion_type", "no client_assertion_type"))
    if not (claimed := payload_of(body["client_assertion"]).get("sub")):
        raise ProtocolFault("AUTH-04", received="no JWT with a sub")
    return str(claimed)


def check_assertion(connection: Connection, client: RegisteredClient, assertion: str, now: datetime) -> None:
    """Check signature, claims and single use."""
    try:
        keys, algs = _keys(client, assertion, now)
        verified = client_jwt.verify(assertion, keys, algs)
        claims, expires = verified.claims, _check_claims(client, verified.claims, now)
    except BadJWT as error:
        raise ProtocolFault("AUTH-04", received=Ours(error), expected=error.expected) from error
    if not once.use(
        connection, "assertion", client.client_id, claims["jti"], datetime.fromtimestamp(expires + SKEW, UTC)
    ):
        raise ProtocolFault("AUTH-04", received="a jti that was used before")
    if client.auth_method != "client_secret_jwt":  # two secrets count during a rotation, and have no kid
        diagnosis.without_kid(client, verified)


def _keys(client: RegisteredClient, assertion: str, now: datetime) -> tuple[list[Mapping[str, Any]], frozenset[str]]:
    """Return what may have signed: the client's secrets for HS256, its public keys for the rest, never mixed."""
    wanted = client.meta.token_endpoint_auth_signing_alg
    if client.auth_method == "client_secret_jwt":
        sealed = [secret.sealed for secret in client.live_secrets(now) if secret.sealed]
        raw = [open_bytes(SECRET_PURPOSE, one) for one in sealed]
        return [{"kty": "oct", "k": _base64url(secret)} for secret in raw], frozenset({"HS256"})
    algs = frozenset({wanted}) if wanted else client.rules.algs
    kid = client_jwt.header_of(assertion).get("kid")
    return list(keys_of(client, kid)), algs


def _base64url(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def _check_claims(client: RegisteredClient, claims: Mapping[str, Any], now: datetime) -> float:
    """RFC 7523 §3; return ``exp``."""
    moment = now.timestamp()
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise BadJWT("iss and sub must be the client_id")
    _check_audience(client, claims.get("aud"))
    expires = client_jwt.number(claims, "exp")
    if expires is None or expires <= moment - SKEW or expires > moment + LIFE_MAX:
        raise BadJWT("exp is missing, past or too far away")
    for name in ("nbf", "iat"):
        if (client_jwt.number(claims, name) or 0) > moment + SKEW:
            message = f"{name} lies ahead"
            raise BadJWT(message)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= JTI_MAX:
        raise BadJWT("jti is missing")
    return expires


def _check_audience(client: RegisteredClient, audience: object) -> None:
    """FAPI: the issuer alone, as one string. Else also the token endpoint or the endpoint called (RFC 9126 §2)."""
    issuer = settings().issuer
    if client.rules.audience_is_issuer:
        if audience != issuer:
            raise BadJWT("aud must be the issuer as one string")
        return
    accepted = {issuer, *endpoint_uris(url_for("oidc.token")), *endpoint_uris()}
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in accepted for one in named):
        raise BadJWT("aud must be the issuer or the token endpoint")
