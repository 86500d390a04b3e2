"""The pushed authorization request endpoint (RFC 9126 §2): judge the request as the authorization endpoint would."""

from collections.abc import Mapping
from datetime import UTC, datetime

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Response, jsonify
from sqlalchemy.engine import Connection

from clients.client_metadata import AUTHORIZATION_CODE
from idp.oidc import diagnosis, dpop, pushed_requests, request_objects
from idp.oidc.authorize import validate
from idp.oidc.client_auth import authenticate
from idp.oidc.faults import ProtocolFault
from idp.oidc.recipients import DEVICE
from idp.oidc.responses import no_store

_NOT_KEPT = frozenset({"client_assertion", "client_assertion_type", "client_secret", DEVICE})


def push(connection: Connection, body: Mapping[str, str]) -> Response:
    """Authenticate, unpack, check, keep; answer 201 with ``request_uri`` and ``expires_in``."""
    client, now = authenticate(connection, body).registered, datetime.now(UTC)
    if "request_uri" in body:
        raise ProtocolFault("PAR-04")
    if AUTHORIZATION_CODE not in client.meta.grant_types:
        raise ProtocolFault("REQ-13", received="authorization_code")
    parameters = request_objects.unpacked(client, body, now)
    parameters = {name: value for name, value in parameters.items() if name not in _NOT_KEPT}
    parameters["client_id"] = client.client_id
    if parameters.get("redirect_uri") not in client.redirect_uris:
        raise ProtocolFault("PAR-05", received=parameters.get("redirect_uri"), expected=" ".join(client.redirect_uris))
    _bind(connection, parameters, now)
    try:
        validate(client, parameters)
    except OAuth2Error as error:
        diagnosis.refused_scope(client, parameters, error, connection)
        raise
    uri = pushed_requests.push(connection, client.client_id, parameters, now)
    response = jsonify(request_uri=uri, expires_in=pushed_requests.LIFETIME)
    response.status_code = 201
    return no_store(response)


def _bind(connection: Connection, parameters: dict[str, str], now: datetime) -> None:
    """RFC 9449 §10.1: a proof that is pushed along binds the code to its key, as ``dpop_jkt`` does."""
    proof = dpop.proof_header()
    if proof is None:
        return
    thumbprint = dpop.check_proof(connection, proof, now, needs_nonce=False)
    if parameters.setdefault("dpop_jkt", thumbprint) != thumbprint:
        raise ProtocolFault("DPOP-02", received="a proof of another key than dpop_jkt")
