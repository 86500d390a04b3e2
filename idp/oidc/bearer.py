"""The UserInfo endpoint (OIDC Core §5.3), with bearer, DPoP (RFC 9449 §7) and certificate-bound tokens (RFC 8705 §3).

A token is as good as its sign-in, session, consent, client and service are now.
"""

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
from idp.oidc.diagnosis import note
from idp.oidc.encryption import encrypt, encrypt_claims
from idp.oidc.faults import ProtocolFault
from idp.oidc.responses import no_store
from idp.oidc.sealed_code import wanted
from idp.oidc.sender import Presented, check_key, is_dpop
from idp.releases import Prospect, assess
from idp.sessions import digest_of
from idp.sign_ins import Token, find_token
from scopes.release import claims_of


class _Refused(Exception):
    """No valid token came. ``fault`` says why (RFC 6750 §3.1, RFC 9449 §7.1), None where no token was sent at all."""

    def __init__(self, fault: ProtocolFault | None, scheme: str = "Bearer", client_id: str | None = None) -> None:
        super().__init__(fault)
        self.fault, self.scheme, self.client_id = fault, scheme, client_id


def userinfo() -> Response:
    """Answer a UserInfo request."""
    try:
        with hot() as connection:
            return no_store(_answer(connection, _presented(), datetime.now(UTC)))
    except _Refused as refusal:
        return _refuse(refusal)


def _presented() -> Presented:
    """Return the token from the header or from the body, not both (RFC 6750 §2)."""
    if "access_token" in request.args:
        raise _Refused(ProtocolFault("USER-01"))
    header = request.headers.get("Authorization")
    posted = request.form.getlist("access_token") if request.method == "POST" else []
    if len(posted) > 1 or (posted and header is not None):
        raise _Refused(ProtocolFault("USER-02"))
    if posted:
        return Presented(posted[0], "Bearer")
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() not in {"bearer", "dpop"}:
        raise _Refused(None)
    return Presented(token.strip(), "DPoP" if scheme.lower() == "dpop" else "Bearer")


def _answer(connection: Connection, came: Presented, now: datetime) -> Response:
    found = find_token(connection, digest_of(came.token))
    if found is None or found.revoked_at is not None or now >= found.expires_at:
        raise _Refused(ProtocolFault("USER-03"), came.scheme, found.client_id if found else None)
    try:
        return _released(connection, came, found, now)
    except ProtocolFault as fault:
        raise _Refused(fault, "DPoP" if is_dpop(found.cnf) else came.scheme, found.client_id) from fault


def _released(connection: Connection, came: Presented, found: Token, now: datetime) -> Response:
    """Answer with what the token's sign-in admits now."""
    check_key(connection, came, found.cnf, now)
    client = registry.everyone()[found.client_id]
    asked = wanted(found.scope, found.asked, "userinfo")
    prospect = assess(found.context, client, asked | wanted(found.scope, found.asked, "id_token"), now)
    if prospect.obstacle is not None or prospect.release is None:
        raise ProtocolFault("USER-05", why=prospect.obstacle)
    _note_change(connection, found, prospect)
    claims = tokens.userinfo(found.subject, claims_of(prospect.release.items & asked, prospect.values))
    return _formatted(claims, client, now)


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


def _refuse(refusal: _Refused) -> Response:
    """RFC 6750 §3: a request without a token learns no error code."""
    fault = refusal.fault
    error = ""
    response = Response(status=401)
    if fault is not None:
        note(fault, refusal.client_id, str(request.endpoint))
        error = f', error="{fault.error}", error_description="{fault.description}"'
        response = jsonify(error=fault.error, error_description=fault.description)
        # RFC 9449 §7.1: what is wrong with a proof is a matter of authentication here.
        response.status_code = 401 if fault.code.startswith("DPOP") else fault.status_code
    algs = f', algs="{" ".join(sorted(dpop.ALGS))}"' if refusal.scheme == "DPoP" else ""
    response.headers["WWW-Authenticate"] = f'{refusal.scheme} realm="userinfo"{error}{algs}'
    return no_store(response)
