"""Sender-constrained tokens: which key a token is bound to, by DPoP (RFC 9449) or certificate (RFC 8705)."""

from datetime import datetime

from flask import request
from sqlalchemy.engine import Connection

from clients.registry import RegisteredClient
from idp.certificates import BadCertificate, certificate_of
from idp.oidc import dpop
from idp.oidc.faults import ProtocolFault


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


def confirmation(cnf: str | None) -> dict[str, dict[str, str]]:
    """Return the ``cnf`` member of a token (RFC 7800), if it is bound."""
    if cnf is None:
        return {}
    kind, _, value = cnf.partition(":")
    return {"cnf": {{"jkt": "jkt", "x5t": "x5t#S256"}[kind]: value}}


def token_type(cnf: str | None) -> str:
    """Return the ``token_type`` of a token (RFC 9449 §5)."""
    return "DPoP" if cnf and cnf.startswith("jkt:") else "Bearer"
