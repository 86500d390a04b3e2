"""What the protocol tells of faulty and of weak requests: the log, the audit, and the partner's engineer.

Never a secret; and the engineer learns nothing of a teacher (D-18). Every refusal passes `note`, every weak point `advise`.
"""

import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from authlib.oauth2.rfc6749.errors import OAuth2Error
from sqlalchemy.engine import Connection

from clients import diagnoses
from clients.diagnoses import OTHER, Advice, Kind
from clients.registry import RegisteredClient
from config.audit import record
from idp.oidc.client import over_requested
from idp.oidc.client_jwt import ClientJWT
from idp.oidc.faults import ProtocolFault
from idp.oidc.recipients import DEVICE
from scopes.items import DataItem, ordered, parse_scope

log = logging.getLogger(__name__)
_SHOWN_MAX = 200
NO_FAULTS = frozenset({"DEV-01", "DEV-03", "DEV-04", "DPOP-03"})
"""Answers that a correct client gets too: the log tells them, the partner's engineer has no use for them."""


def note(error: OAuth2Error, client_id: str | None, endpoint: str) -> None:
    """Tell the log what was wrong, and keep it for the partner: received, expected.

    ``client_id`` is one that is registered: what else came under that name may be a secret in the wrong field.
    """
    fields: dict[str, object] = {"client_id": client_id, "endpoint": endpoint, "error": error.error}
    if isinstance(error, ProtocolFault):
        fields |= {"fault": error.code, "todo": error.todo}
        facts = {"received": error.received, "expected": error.expected, "why": error.why}
        fields |= {name: str(fact)[:_SHOWN_MAX] for name, fact in facts.items() if fact is not None}
    else:
        fields["why"] = error.description
    log.info("protocol error", extra={"fields": fields})
    if client_id is not None:
        _keep(error, client_id, endpoint)


def _keep(error: OAuth2Error, client_id: str, endpoint: str) -> None:
    """Keep a refusal. ``login_required`` and the like are no faults, and the partner had them as its answer."""
    facts: dict[str, object] = {"endpoint": endpoint.rpartition(".")[2]}
    if isinstance(error, ProtocolFault):
        code = error.code
        facts |= {"received": error.received, "expected": error.expected, "detail": error.detail}
    elif error.error.endswith("_required") or error.error == "access_denied":
        return
    else:
        code = OTHER
        facts["error"] = error.error
    if code not in NO_FAULTS:
        diagnoses.note(client_id, code, Kind.REFUSED, facts, datetime.now(UTC))


def advise(client: RegisteredClient, advice: Advice, **facts: object) -> None:
    """Keep a weak point of a request that worked."""
    fields = {"client_id": client.client_id, "advice": advice.name.lower(), **facts}
    log.info("diagnosis", extra={"fields": fields})
    diagnoses.note(client.client_id, advice, Kind.ADVICE, facts, datetime.now(UTC))


def refused(
    client: RegisteredClient, parameters: Mapping[str, str], error: OAuth2Error, connection: Connection
) -> None:
    """Note what the authorization endpoint refused, and audit if more was asked for than was approved."""
    note(error, client.client_id, "authorize")
    refused_scope(client, parameters, error, connection)


def refused_scope(
    client: RegisteredClient, parameters: Mapping[str, str], error: OAuth2Error, connection: Connection
) -> None:
    """R-CLM-2: asking for more than was approved is audited, by the browser or pushed."""
    over = over_requested(client, parse_scope(parameters.get("scope")))
    if error.error == "invalid_scope" and over:
        over_asked(client, over, connection)


def over_asked(client: RegisteredClient, items: Collection[DataItem], connection: Connection) -> None:
    """R-CLM-2, R-CLM-6: items outside the approval."""
    record(
        "scope.over_request",
        actor=f"client:{client.client_id}",
        client_id=client.client_id,
        detail={"items": sorted(items)},
        on=connection,
    )


def over_claimed(client: RegisteredClient, items: Collection[DataItem], connection: Connection) -> None:
    """R-CLM-6: the ``claims`` parameter names items outside the approval; they are left out, which is no error."""
    over_asked(client, items, connection)
    advise(client, Advice.CLAIMS, received=" ".join(sorted(items)), expected=" ".join(sorted(client.approved)))


def closed(client: RegisteredClient) -> None:
    """DOMAIN §4.8 row 2: the client is not open for sign-ins."""
    day = client.go_live_on.isoformat() if client.go_live_on else "-"
    state = "disabled" if client.disabled else client.case_state
    note(ProtocolFault("OPEN-01", expected=f"{state} {day}"), client.client_id, "authorize")


def unwise(client: RegisteredClient, parameters: Mapping[str, str]) -> None:
    """Tell what is allowed but unwise or without effect (DOMAIN §4.8 row 3, R-CLM-2, D-41). A device has no redirect."""
    requested = parse_scope(parameters.get("scope"))
    if DEVICE not in parameters:
        waived = (Advice.PKCE_WAIVED, client.pkce_waived_until)
        wanted = {"nonce": (Advice.NONCE, None), "state": (Advice.STATE, None), "code_challenge": waived}
        for advice, until in (found for name, found in wanted.items() if name not in parameters):
            advise(client, advice, expected=until)
    if dropped := ordered(requested.items & client.dropped):
        advise(client, Advice.DROPPED, received=" ".join(item.scope for item in dropped))
    if requested.unknown:
        advise(client, Advice.UNKNOWN_SCOPE, received=" ".join(name[:40] for name in requested.unknown))


def without_kid(client: RegisteredClient, verified: ClientJWT) -> None:
    """Tell who names no key though it has several: each is tried, and which one it was nobody can tell."""
    if verified.header.get("kid") is None and len(verified.fitting) > 1:
        advise(client, Advice.NO_KID, expected=" ".join(str(key.get("kid", "-")) for key in verified.fitting))
