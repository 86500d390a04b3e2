"""The device authorization grant (RFC 8628) for screens in classrooms and at events, which have no keyboard to log in by.

The device asks and polls; the teacher decides on her own telephone (`idp.oidc.device_pages`), where everything is as at
any sign-in: log-in, agreement, Art.5, consent.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request, url_for
from sqlalchemy.engine import Connection

from clients.client_metadata import DEVICE_CODE
from clients.registry import RegisteredClient
from config.settings import settings
from config.snapshot import snapshots
from idp.oidc import device_grants, diagnosis, user_codes
from idp.oidc.client import OAuthClient, over_requested
from idp.oidc.client_auth import authenticate
from idp.oidc.code_flow import redeem
from idp.oidc.device_grants import INTERVAL, LIFETIME, Asking, Polled
from idp.oidc.faults import ProtocolFault
from idp.oidc.parameters import ProtocolRequest, check_openid, check_resource
from idp.oidc.responses import no_store
from idp.oidc.sealed_code import SealedCode
from scopes.items import parse_scope
from scopes.roc import taipei_day

NAME_MAX = 100


def begin(connection: Connection, body: Mapping[str, str]) -> Response:
    """Answer a device authorization request (§3.1, §3.2).

    ``device_name`` is an extension of ours (§3.1 admits others): what the teacher reads before she confirms.
    """
    snapshots().refresh()  # nothing else is read here that would bring the epoch
    client, now = authenticate(connection, body), datetime.now(UTC)
    known = client.registered
    if not client.check_grant_type(DEVICE_CODE):
        raise ProtocolFault("REQ-13", received=DEVICE_CODE)
    if not known.is_open(taipei_day(now)):
        raise ProtocolFault("OPEN-01")
    scope = _scope(connection, client, body)
    asking = Asking(known.client_id, scope, _name(body.get("device_name")), request.remote_addr)
    device_code, user_code = device_grants.begin(connection, asking, now)
    uri = verification_uri()
    answer = {
        "device_code": device_code,
        "user_code": user_codes.show(user_code),
        "verification_uri": uri,
        "verification_uri_complete": complete_uri(user_code),
        "expires_in": LIFETIME,
        "interval": INTERVAL,
    }
    return no_store(jsonify(answer))


def verification_uri() -> str:
    """Return where a teacher types the code in."""
    return settings().issuer + url_for("device.enter")


def complete_uri(user_code: str) -> str:
    """Return the same with the code filled in (§3.3.1)."""
    return f"{verification_uri()}?user_code={user_codes.show(user_code)}"


def _scope(connection: Connection, client: OAuthClient, body: Mapping[str, str]) -> str:
    """Return the scope as an authorization request would be granted it (R-CLM-2)."""
    check_openid(body)
    check_resource(body)
    known: RegisteredClient = client.registered
    if over := over_requested(known, parse_scope(body.get("scope"))):
        diagnosis.over_asked(known, over, connection)
    return client.get_allowed_scope(body.get("scope"))


def _name(name: str | None) -> str | None:
    """Return the device's name; signs that would garble the page, such as changes of direction, are refused."""
    if name is not None and (len(name) > NAME_MAX or not name.isprintable()):
        raise ProtocolFault("DEV-06", expected=f"at most {NAME_MAX} printable characters")
    return name


def device_token(request: ProtocolRequest) -> dict[str, Any]:
    """Answer a poll (§3.4, §3.5); what was approved is judged again, as a code would be (D-28).

    The 60 seconds of codes do not apply: the code never left us, and the device code has an end of its own.
    """
    if "device_code" not in request.payload.data:
        raise ProtocolFault("REQ-14", expected="device_code")
    connection, now = request.connection, datetime.now(UTC)
    found = device_grants.polled(connection, request.payload.data["device_code"])
    if found is None or found.client_id != request.client.get_client_id() or found.redeemed_at is not None:
        raise ProtocolFault("DEV-05")
    if now >= found.expires_at:
        raise ProtocolFault("DEV-03")
    if found.denied_at is not None:
        raise ProtocolFault("DEV-04")
    if found.authorization is None:
        raise _not_yet(connection, found, now)
    code = SealedCode.open(found.authorization)
    if code is None or not device_grants.claim(connection, found.id, now):
        raise ProtocolFault("DEV-05")
    return redeem(connection, code, request.cnf)


def _not_yet(connection: Connection, found: Polled, now: datetime) -> ProtocolFault:
    """Return ``authorization_pending``, or ``slow_down`` to who polls faster than it may (§3.5)."""
    is_early = found.polled_at is not None and (now - found.polled_at).total_seconds() < found.interval
    interval = found.interval + INTERVAL if is_early else found.interval
    alone = device_grants.note_poll(connection, found, interval, now)
    return ProtocolFault("DEV-02", expected=f"{interval} s") if is_early or not alone else ProtocolFault("DEV-01")
