"""The registration endpoint (RFC 7591 §3) and the client configuration endpoint (RFC 7592 §2).

Both are protected by bearer tokens in the header (RFC 6750); what is wrong with one is never told apart.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request, url_for

from clients import registration
from clients.registration import Refusal, Registration, RegistrationRefused
from config.settings import settings
from idp.http import json_object
from idp.oidc.diagnosis import note
from idp.oidc.faults import ProtocolFault
from idp.oidc.responses import no_store

_FAULTS = {
    Refusal.TOKEN: "REG-01",
    Refusal.REDIRECT_URI: "REG-02",
    Refusal.METADATA: "REG-03",
    Refusal.CASE: "REG-04",
}


class _NoToken(Exception):
    """No bearer token was sent; the answer carries no error code (RFC 6750 §3.1)."""


def register() -> Response:
    """Register a client with an initial access token (RFC 7591 §3.1)."""
    return _answered(None, lambda token: _told(registration.register(token, _body(), datetime.now(UTC)), 201))


def manage(client_id: str) -> Response:
    """Read, replace or end a registration with its management token (RFC 7592 §2)."""

    def work(token: str) -> Response:
        now = datetime.now(UTC)
        if request.method == "DELETE":
            registration.disable(client_id, token, now)
            return Response(status=204)
        if request.method == "PUT":
            return _told(registration.change(client_id, token, _body(), now), 200)
        return _told(registration.read(client_id, token), 200)

    return _answered(client_id, work)


def _answered(client_id: str | None, work: Callable[[str], Response]) -> Response:
    try:
        return no_store(work(_token()))
    except _NoToken:
        return _refused(Response(status=401), "")
    except RegistrationRefused as refusal:
        fault = ProtocolFault(_FAULTS[refusal.refusal], detail=refusal.detail)
    except ProtocolFault as found:
        fault = found
    # Of a token that does not work nobody knows whose it is: what stands in the path may be anything.
    note(fault, client_id if fault.status_code != 401 else None, str(request.endpoint))
    response = jsonify(error=fault.error, error_description=fault.description)
    response.status_code = fault.status_code
    return _refused(response, fault.error)


def _refused(response: Response, error: str) -> Response:
    """RFC 6750 §3: who does not get in learns by which scheme."""
    if response.status_code in {401, 403}:
        named = f', error="{error}"' if error else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="registration"{named}'
    return no_store(response)


def _token() -> str:
    """Return the token of the header; in the query string nothing belongs, a token least of all (RFC 6750 §5.3)."""
    if request.query_string:
        raise ProtocolFault("REQ-10")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _NoToken
    return token.strip()


def _body() -> Mapping[str, Any]:
    try:
        return json_object()
    except ValueError as error:
        raise ProtocolFault("REG-03", detail=str(error)) from error


def _told(found: Registration, status: int) -> Response:
    """Return the client information response (RFC 7591 §3.2.1, RFC 7592 §3): all that is registered."""
    meta = found.meta.model_dump(mode="json", exclude_none=True)
    body = {name: value for name, value in meta.items() if value != []}
    body |= {
        "client_id": found.client_id,
        "client_id_issued_at": int(found.issued_at.timestamp()),
        "client_name": found.site_name,
        "scope": found.scope,
        "subject_type": found.subject_type,
        "registration_access_token": found.management_token,
        "registration_client_uri": settings().issuer + url_for("oidc.manage_client", client_id=found.client_id),
    }
    if found.secret is not None:
        body |= {"client_secret": found.secret, "client_secret_expires_at": 0}
    response = jsonify(body)
    response.status_code = status
    return response
