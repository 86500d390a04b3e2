"""DPoP proofs (RFC 9449), with nonces of ours that nothing has to be stored for."""

import base64
import hashlib
import hmac
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import g, request
from joserfc.errors import JoseError
from sqlalchemy.engine import Connection

from clients.diagnosis_facts import Ours
from clients.jwks import jwks_fault
from clients.profiles import FAPI_ALGS
from config.seal import mac_key, mac_keys
from idp import once
from idp.oidc import client_jwt
from idp.oidc.client_jwt import BadJWT
from idp.oidc.endpoint_uris import endpoint_uris
from idp.oidc.faults import ProtocolFault
from idp.oidc.unverified import payload_of

ALGS = FAPI_ALGS
AGE_MAX = 60
"""Seconds that ``iat`` may differ from our clock."""
NONCE_STEP = 60
NONCE_STEPS = 5
"""A nonce counts in the minute in which it was made and in the four after it."""
JTI_MAX = 500


def proof_header() -> str | None:
    """Return the proof, if one came; two are refused (§4.3 check 1)."""
    found = request.headers.getlist("DPoP")
    if not found:
        return None
    if len(found) > 1 or "," in found[0]:
        raise ProtocolFault("DPOP-02", received="more than one proof")
    return found[0]


def needed_proof() -> str:
    """Return the proof of a request that must have one."""
    proof = proof_header()
    if proof is None:
        raise ProtocolFault("DPOP-01")
    return proof


def demand_nonce(now: datetime) -> None:
    """Ask for a nonce before anything of the request is used up: its assertion and code serve the repetition too (§8)."""
    proof = proof_header()
    if proof is not None and not nonce_is_good(payload_of(proof).get("nonce"), now):
        g.dpop_nonce = current_nonce(now)
        raise ProtocolFault("DPOP-03")


def check_proof(
    connection: Connection, proof: str, now: datetime, *, access_token: str | None = None, needs_nonce: bool = True
) -> str:
    """Return the thumbprint (``jkt``) of the key that made a good proof for this very request (§4.3)."""
    g.dpop_nonce = current_nonce(now)
    try:
        jwk, claims = _verify(proof)
        _check_claims(claims, now, access_token)
        nonce = claims.get("nonce")
        if (nonce is None and needs_nonce) or (nonce is not None and not nonce_is_good(nonce, now)):
            raise ProtocolFault("DPOP-03")
        thumbprint = client_jwt.load_key(jwk).thumbprint()
    except (BadJWT, JoseError) as error:
        raise ProtocolFault("DPOP-02", received=Ours(error)) from error
    until = datetime.fromtimestamp(now.timestamp() + 2 * AGE_MAX, UTC)
    if not once.use(connection, "dpop", thumbprint, claims["jti"], until):
        raise ProtocolFault("DPOP-04")
    return thumbprint


def _verify(proof: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Verify the signature by the public key in the header: here, and only here, that key is the right one."""
    header = client_jwt.header_of(proof)
    jwk = header.get("jwk")
    if header.get("typ") != "dpop+jwt" or "crit" in header:
        raise BadJWT("typ must be dpop+jwt, without crit")
    if not isinstance(jwk, dict) or (fault := jwks_fault({"keys": [jwk]})):
        raise BadJWT(f"jwk: {fault}" if isinstance(jwk, dict) else "jwk is missing")
    keys = client_jwt.candidates({"alg": header.get("alg")}, [jwk], ALGS)
    return jwk, client_jwt.verify_with(proof, keys, str(header["alg"])).claims


def _check_claims(claims: Mapping[str, Any], now: datetime, access_token: str | None) -> None:
    if claims.get("htm") != request.method:
        raise BadJWT("htm is not the method")
    if _without_query(claims.get("htu")) not in [_without_query(uri) for uri in endpoint_uris()]:
        raise BadJWT("htu is not the URI of the request")
    issued = client_jwt.number(claims, "iat")
    if issued is None or abs(now.timestamp() - issued) > AGE_MAX:
        raise BadJWT("iat is missing or not now")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= JTI_MAX:
        raise BadJWT("jti is missing")
    if access_token is not None:
        digest = base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()
        if claims.get("ath") != digest:
            raise BadJWT("ath is not the hash of the access token")


def _without_query(uri: object) -> tuple[str, str, str]:
    """Return what is compared of a URI (§4.3 check 9, RFC 3986 §6.2): scheme and host in lower case, default port off."""
    try:
        parts = urlsplit(uri if isinstance(uri, str) else "")
        port = parts.port
    except ValueError:
        return "", "", ""
    default = {"https": 443, "http": 80}.get(parts.scheme)
    host = f"{parts.hostname}:{port}" if port not in {None, default} else str(parts.hostname)
    return parts.scheme, host, parts.path or "/"


def current_nonce(now: datetime) -> str:
    """Return the nonce of this minute."""
    step = int(now.timestamp()) // NONCE_STEP
    return _nonce(mac_key("dpop-nonce"), step)


def nonce_is_good(nonce: object, now: datetime) -> bool:
    """Whether we made the nonce within the last minutes."""
    if not isinstance(nonce, str):
        return False
    step = int(now.timestamp()) // NONCE_STEP
    good = [_nonce(key, step - back) for key in mac_keys("dpop-nonce") for back in range(NONCE_STEPS)]
    return any(hmac.compare_digest(nonce.encode("utf-8", "replace"), one.encode()) for one in good)


def _nonce(key: bytes, step: int) -> str:
    digest = hmac.new(key, struct.pack(">q", step), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()
