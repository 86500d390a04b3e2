"""Sender-constrained tokens: which key a token is bound to, by DPoP (RFC 9449) or certificate (RFC 8705)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.engine import Connection

from clients.registry import RegisteredClient
from idp.certificates import BadCertificate, certificate_of
from idp.oidc import dpop
from idp.oidc.faults import ProtocolFault


@dataclass(frozen=True, slots=True)
class Presented:
    """The token that came to a resource and how: ``Bearer`` or ``DPoP``."""

    token: str
    scheme: str


def binding(connection: Connection, client: RegisteredClient, now: datetime) -> str | None:
    """Return what new tokens of this request are bound to: ``jkt:…``, ``x5t:…`` or None."""
    proof = dpop.proof_header()
    if proof is not None and not client.meta.tls_client_certificate_bound_access_tokens:
        return "jkt:" + dpop.check_proof(connection, proof, now)
    if client.meta.dpop_bound_access_tokens:
        raise ProtocolFault("DPOP-01")
    if client.meta.tls_client_certificate_bound_access_tokens:
        thumbprint = certificate_thumbprint()
        if thumbprint is None:
            raise ProtocolFault("TLS-01")
        return "x5t:" + thumbprint
    return None


def certificate_thumbprint() -> str | None:
    """Return the ``x5t#S256`` of the connection's certificate, None if there is none that can be read."""
    try:
        certificate = certificate_of(request.environ)
    except BadCertificate:
        return None
    return certificate.thumbprint if certificate else None


def is_dpop(cnf: str | None) -> bool:
    """Whether a token is bound to a DPoP key."""
    return cnf is not None and cnf.startswith("jkt:")


def check_key(connection: Connection, came: Presented, cnf: str | None, now: datetime) -> None:
    """A bound token works only with its key; a bearer token is no DPoP token (RFC 9449 §7.2)."""
    if is_dpop(cnf) != (came.scheme == "DPoP"):
        raise ProtocolFault("USER-04", received=came.scheme)
    if is_dpop(cnf):
        key = "jkt:" + dpop.check_proof(connection, dpop.needed_proof(), now, access_token=came.token)
        if key != cnf:
            raise ProtocolFault("USER-04", received="a proof by another key")
    elif cnf is not None and cnf != f"x5t:{certificate_thumbprint()}":
        raise ProtocolFault("USER-04", received="another certificate or none")


def confirmation(cnf: str | None) -> dict[str, dict[str, str]]:
    """Return the ``cnf`` member of a token (RFC 7800), if it is bound; `bound_to` reads it back."""
    if cnf is None:
        return {}
    kind, _, value = cnf.partition(":")
    return {"cnf": {{"jkt": "jkt", "x5t": "x5t#S256"}[kind]: value}}


def bound_to(claims: Mapping[str, Any]) -> str | None:
    """Return what a JWT access token is bound to: ``jkt:…``, ``x5t:…`` or None (RFC 7800)."""
    cnf = claims.get("cnf", {})
    found = [f"{kind}:{cnf[name]}" for name, kind in (("jkt", "jkt"), ("x5t#S256", "x5t")) if name in cnf]
    return found[0] if found else None


def token_type(cnf: str | None) -> str:
    """Return the ``token_type`` of a token (RFC 9449 §5)."""
    return "DPoP" if is_dpop(cnf) else "Bearer"
