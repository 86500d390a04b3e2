"""Token introspection (RFC 7662), only of the client's own tokens; as a signed JWT on request (RFC 9701)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.engine import Connection

from clients import registry
from clients.registry import RegisteredClient
from config.settings import settings
from idp import families, keys, sign_ins
from idp.oidc import machine
from idp.oidc.client_auth import authenticate
from idp.oidc.faults import ProtocolFault
from idp.oidc.issue import same_generation
from idp.oidc.responses import no_store
from idp.oidc.sealed_code import RefreshToken, wanted
from idp.oidc.sender import confirmation, token_type
from idp.releases import assess
from idp.sessions import digest_of

JWT_TYPE = "application/token-introspection+jwt"
_INACTIVE: Mapping[str, Any] = {"active": False}


def introspect(connection: Connection, body: Mapping[str, str]) -> Response:
    """Say what a token is worth now. Public clients cannot ask: the endpoint is protected (RFC 7662 §2.1)."""
    client = authenticate(connection, body).registered
    if client.auth_method == "none":
        raise ProtocolFault("AUTH-03", received="a public client")
    if "token" not in body:
        raise ProtocolFault("TOK-01")
    facts = _facts(connection, client, body["token"], datetime.now(UTC))
    if JWT_TYPE in request.headers.get("Accept", ""):
        return no_store(_signed(facts, client))
    return no_store(jsonify(facts))


def _facts(connection: Connection, client: RegisteredClient, token: str, now: datetime) -> Mapping[str, Any]:
    """Try every kind of token; the hint only says where to look first (§2.1), and we find all of them at once."""
    found = _refresh_token(connection, token, now) or _access_token(connection, token, now)
    found = found or machine.find(connection, token, now)
    if found is None or found["client_id"] != client.client_id:
        return _INACTIVE
    cnf = found.pop("_cnf", None)
    kind = {"token_type": token_type(cnf)} | confirmation(cnf)
    return {"active": True, **kind, **found, "iss": settings().issuer}


def _access_token(connection: Connection, token: str, now: datetime) -> dict[str, Any] | None:
    found = sign_ins.find_token(connection, digest_of(token))
    if found is None or found.revoked_at is not None or now >= found.expires_at:
        return None
    asked = wanted(found.scope, found.asked, "id_token") | wanted(found.scope, found.asked, "userinfo")
    if assess(found.context, registry.everyone()[found.client_id], asked, now).obstacle is not None:
        return None
    times = {"iat": int(found.issued_at.timestamp()), "exp": int(found.expires_at.timestamp())}
    return {"client_id": found.client_id, "sub": found.subject, "scope": found.scope, "_cnf": found.cnf, **times}


def _refresh_token(connection: Connection, token: str, now: datetime) -> dict[str, Any] | None:
    opened = RefreshToken.open(token)
    if opened is None or now.timestamp() >= opened.expires_at or _is_spent(connection, opened):
        return None
    context = sign_ins.context_by_session(connection, opened.session_id, opened.client_id)
    prospect = assess(context, registry.everyone()[opened.client_id], opened.everything, now)
    if prospect.obstacle is not None or not same_generation(opened, context):
        return None
    times = {"iat": int(opened.issued_at), "exp": int(opened.expires_at)}
    return {"client_id": opened.client_id, "sub": opened.subject, "scope": opened.scope, "_cnf": opened.cnf, **times}


def _is_spent(connection: Connection, token: RefreshToken) -> bool:
    """Whether the token was rotated away or its family ended."""
    if families.is_redeemed(connection, token.id):
        return True
    return families.is_family_revoked(connection, token.family_id)


def _signed(facts: Mapping[str, Any], client: RegisteredClient) -> Response:
    """RFC 9701 §5: ``iss``, ``aud``, ``iat``, and the answer in ``token_introspection``."""
    now = datetime.now(UTC)
    payload = {
        "iss": settings().issuer,
        "aud": client.client_id,
        "iat": int(now.timestamp()),
        "token_introspection": dict(facts),
    }
    alg = client.meta.introspection_signed_response_alg or client.id_token_alg
    return Response(keys.sign(payload, alg, now, {"typ": "token-introspection+jwt"}), mimetype=JWT_TYPE)
