"""The UserInfo endpoint (OIDC Core §5.3), with bearer, DPoP (RFC 9449 §7) and certificate-bound tokens (RFC 8705 §3).

A token is as good as its sign-in, session, consent, client and service are now.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.engine import Connection

from clients import registry
from clients.registry import RegisteredClient
from config.audit import record
from config.database import hot
from config.settings import settings
from idp import keys, tokens
from idp.oidc import dpop
from idp.oidc.encryption import encrypt, encrypt_claims
from idp.oidc.faults import ProtocolFault
from idp.oidc.responses import no_store
from idp.oidc.sealed_code import wanted
from idp.oidc.sender import certificate_thumbprint
from idp.releases import Prospect, assess
from idp.sessions import digest_of
from idp.sign_ins import Token, find_token
from scopes.release import claims_of

log = logging.getLogger(__name__)


class BearerRefused(Exception):
    """No valid token came. ``error`` is that of RFC 6750 §3.1 or RFC 9449 §7.1, None where no token was sent at all."""

    def __init__(self, error: str | None, status: int, scheme: str = "Bearer") -> None:
        super().__init__(error)
        self.error, self.status, self.scheme = error, status, scheme


@dataclass(frozen=True, slots=True)
class Presented:
    """The token that came and how: ``bearer`` or ``dpop``."""

    token: str
    scheme: str


def userinfo() -> Response:
    """Answer a UserInfo request."""
    try:
        with hot() as connection:
            return no_store(_answer(connection, _presented(), datetime.now(UTC)))
    except BearerRefused as refusal:
        return _refuse(refusal)


def _presented() -> Presented:
    """Return the token from the header or from the body, not both (RFC 6750 §2)."""
    if "access_token" in request.args:
        raise BearerRefused("invalid_request", 400)
    header = request.headers.get("Authorization")
    posted = request.form.getlist("access_token") if request.method == "POST" else []
    if len(posted) > 1 or (posted and header is not None):
        raise BearerRefused("invalid_request", 400)
    if posted:
        return Presented(posted[0], "bearer")
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() not in {"bearer", "dpop"}:
        raise BearerRefused(None, 401)
    return Presented(token.strip(), scheme.lower())


def _answer(connection: Connection, came: Presented, now: datetime) -> Response:
    found = find_token(connection, digest_of(came.token))
    if found is None or found.revoked_at is not None or now >= found.expires_at:
        raise BearerRefused("invalid_token", 401, _scheme(came))
    _check_key(connection, came, found.cnf, now)
    client = registry.everyone()[found.client_id]
    asked = wanted(found.scope, found.asked, "userinfo")
    prospect = assess(found.context, client, asked | wanted(found.scope, found.asked, "id_token"), now)
    if prospect.obstacle is not None or prospect.release is None:
        log.info("token refused", extra={"fields": {"client_id": found.client_id, "why": str(prospect.obstacle)}})
        raise BearerRefused("invalid_token", 401, _scheme(came))
    _note_change(connection, found, prospect)
    claims = tokens.userinfo(found.subject, claims_of(prospect.release.items & asked, prospect.values))
    return _formatted(claims, client, now)


def _check_key(connection: Connection, came: Presented, cnf: str | None, now: datetime) -> None:
    """A bound token works only with its key; a bearer token is no DPoP token (RFC 9449 §7.2)."""
    is_dpop = cnf is not None and cnf.startswith("jkt:")
    if is_dpop != (came.scheme == "dpop"):
        raise BearerRefused("invalid_token", 401, "DPoP" if is_dpop else "Bearer")
    if is_dpop:
        try:
            key = "jkt:" + dpop.check_proof(connection, dpop.needed_proof(), now, access_token=came.token)
        except ProtocolFault as fault:
            raise BearerRefused(fault.error, 401, "DPoP") from fault
        if key != cnf:
            raise BearerRefused("invalid_token", 401, "DPoP")
    elif cnf is not None and cnf != f"x5t:{certificate_thumbprint()}":
        raise BearerRefused("invalid_token", 401)


def _note_change(connection: Connection, found: Token, prospect: Prospect) -> None:
    """The release log gets a line only where other items leave than at the sign-in."""
    items = prospect.release.items if prospect.release else frozenset()
    if items == frozenset(found.released):
        return
    detail = {"sign_in": found.id, "items": sorted(items)}
    actor = f"client:{found.client_id}"
    record("release.changed", actor=actor, client_id=found.client_id, detail=detail, on=connection)


def _formatted(claims: dict[str, str], client: RegisteredClient, now: datetime) -> Response:
    """Return JSON, or a JWT where the client registered one (OIDC Core §5.3.2)."""
    alg, encrypted = client.meta.userinfo_signed_response_alg, client.meta.userinfo_encrypted_response_alg
    if alg is not None:
        payload: dict[str, Any] = {**claims, "iss": settings().issuer, "aud": client.client_id}
        return _jwt(encrypt(keys.sign(payload, alg, now), client, "userinfo"))
    if encrypted is not None:
        return _jwt(encrypt_claims(claims, client, "userinfo"))
    return jsonify(claims)


def _jwt(text: str) -> Response:
    return Response(text, mimetype="application/jwt")


def _scheme(came: Presented) -> str:
    return "DPoP" if came.scheme == "dpop" else "Bearer"


def _refuse(refusal: BearerRefused) -> Response:
    """RFC 6750 §3: a request without a token learns no error code."""
    response = jsonify(error=refusal.error) if refusal.error else Response()
    response.status_code = refusal.status
    error = f', error="{refusal.error}"' if refusal.error else ""
    algs = f', algs="{" ".join(sorted(dpop.ALGS))}"' if refusal.scheme == "DPoP" else ""
    response.headers["WWW-Authenticate"] = f'{refusal.scheme} realm="userinfo"{error}{algs}'
    return no_store(response)
