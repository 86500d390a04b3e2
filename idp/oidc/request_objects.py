"""Where the parameters of an authorization request come from: the request itself, a pushed one, a signed object.

Request objects by value (RFC 9101), always signed; ``request_uri`` only from pushing (RFC 9126). Out of a request object
only what it says counts; parameters beside it are ignored (RFC 9101 §6.3).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from clients.diagnosis_facts import Ours
from clients.registry import RegisteredClient
from config.settings import settings
from idp.oidc import client_jwt, diagnosis, pushed_requests
from idp.oidc.client_jwt import BadJWT
from idp.oidc.client_keys import keys_of
from idp.oidc.faults import ProtocolFault

LIFE_MAX = 3600
"""Seconds from ``nbf`` or now to ``exp`` (FAPI 2.0 Message Signing §5.3.1)."""
SKEW = 10
_NO_PARAMETERS = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})


def resolve(
    connection: Connection, client: RegisteredClient, given: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """Return the parameters that count. What came by ``request_uri`` keeps it, so that it can be used up."""
    if "request" in given and "request_uri" in given:
        raise ProtocolFault("JAR-04")
    if "request_uri" in given:
        uri = given["request_uri"]
        return pushed_requests.find(connection, client.client_id, uri, now) | {"request_uri": uri}
    if client.rules.needs_pushed_request or client.meta.require_pushed_authorization_requests:
        raise ProtocolFault("PAR-01")
    return unpacked(client, given, now)


def unpacked(client: RegisteredClient, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return the parameters of the request object, or the given ones where there is none and none is demanded."""
    if "request" in given:
        return _of_object(client, given["request"], now)
    if client.rules.needs_signed_request or client.meta.require_signed_request_object:
        raise ProtocolFault("JAR-05")
    return dict(given)


def _of_object(client: RegisteredClient, token: str, now: datetime) -> dict[str, str]:
    try:
        header = client_jwt.header_of(token)
        if str(header.get("alg")).lower() == "none":
            raise ProtocolFault("JAR-01" if _signs(client) else "JAR-06", received="alg none")
        wanted = client.meta.request_object_signing_alg
        algs = frozenset({wanted}) if wanted else client.rules.algs
        verified = client_jwt.verify(token, keys_of(client, header.get("kid")), algs)
    except BadJWT as error:
        raise ProtocolFault("JAR-02", received=Ours(error), expected=error.expected) from error
    try:
        _check_claims(client, verified.claims, now)
    except BadJWT as error:
        raise ProtocolFault("JAR-03", received=Ours(error)) from error
    diagnosis.without_kid(client, verified)
    return _parameters(verified.claims)


def _signs(client: RegisteredClient) -> bool:
    """Whether the client is one that signs: then an unsigned object is a fault of it, not a feature that we lack."""
    return client.rules.needs_signed_request or client.meta.request_object_signing_alg is not None


def _check_claims(client: RegisteredClient, claims: Mapping[str, Any], now: datetime) -> None:
    """RFC 9101 §6.1, §10.2; FAPI 2.0 Message Signing §5.3.1 wants ``nbf`` and ``exp``, at most an hour apart from now."""
    if claims.get("iss", client.client_id) != client.client_id or claims.get("client_id") != client.client_id:
        raise BadJWT("iss and client_id must be the client_id")
    audience = claims.get("aud")
    if settings().issuer not in (audience if isinstance(audience, list) else [audience]):
        raise BadJWT("aud must be the issuer")
    if {"request", "request_uri"} & claims.keys():
        raise BadJWT("request and request_uri must not be inside")
    moment = now.timestamp()
    starts, ends = client_jwt.number(claims, "nbf"), client_jwt.number(claims, "exp")
    if client.rules.needs_signed_request and (starts is None or ends is None or "iss" not in claims):
        raise BadJWT("iss, nbf and exp are needed")
    if starts is not None and (starts > moment + SKEW or starts < moment - LIFE_MAX):
        raise BadJWT("nbf lies ahead or too far back")
    if ends is not None and (ends <= moment - SKEW or ends > (starts or moment) + LIFE_MAX):
        raise BadJWT("exp is past or too far away")


def _parameters(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return the claims as parameters, without those of the JWT itself."""
    found = {}
    for name, value in claims.items():
        if name in _NO_PARAMETERS or value is None or value == "":
            continue
        found[name] = _text(name, value)
    return found


def _text(name: str, value: object) -> str:
    """Return texts as they are, numbers as digits, JSON (``claims``) as JSON, a list of resources as out of a query."""
    if name == "resource" and isinstance(value, list):
        return " ".join(map(str, value))
    return value if isinstance(value, str) else client_jwt.as_json(value)
