"""Who calls: a client with a JWT access token for this interface (RFC 9068, RFC 6750 §3, RFC 9449 §7, RFC 8705 §3)."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from clients import registry
from clients.client_metadata import EVERYWHERE, ClientMetadata
from clients.resources import RESOURCES
from config.database import db
from config.settings import settings
from config.snapshot import READ_EPOCH, snapshots
from idp.accounts.areas import Area
from idp.oidc import dpop, machine
from idp.oidc.diagnosis import note
from idp.oidc.faults import ProtocolFault
from idp.oidc.responses import no_store
from idp.oidc.sender import Presented, bound_to, check_key, is_dpop
from idp.scim.errors import answer, message
from scopes.roc import taipei_day

RESOURCE = RESOURCES["scim"]
READ, WRITE = "scim.read", "scim.write"
ACTOR_MAX = 64
"""Room for an actor in the tables."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The client of a request, and whose assignments it maintains (D-31)."""

    client_id: str
    area: Area

    @property
    def actor(self) -> str:
        """How the audit log names it."""
        return f"client:{self.client_id}"[:ACTOR_MAX]


class AccessRefused(Exception):
    """The request has no token, none that counts, or one without the scope."""

    def __init__(self, fault: ProtocolFault | None = None, scheme: str = "Bearer", scope: str | None = None) -> None:
        super().__init__(fault)
        self.fault, self.scheme, self.scope = fault, scheme, scope


def authenticate(scope: str, now: datetime) -> Caller:
    """Return who calls, with the scope. A proof of possession is used up here, whatever comes of the request."""
    came = _presented()
    with db.session.begin():
        connection = db.session.connection()
        snapshots().sync(connection.execute(READ_EPOCH).scalar_one())
        claims = machine.find(connection, came.token, now)
        if claims is None or RESOURCE.uri(settings().issuer) not in _audience(claims["aud"]):
            raise AccessRefused(ProtocolFault("USER-03"), came.scheme)
        cnf = bound_to(claims)
        try:
            check_key(connection, came, cnf, now)
        except ProtocolFault as fault:
            raise AccessRefused(fault, "DPoP" if is_dpop(cnf) else came.scheme) from fault
    meta = _meta(claims["client_id"], now)
    if meta is None:
        raise AccessRefused(ProtocolFault("USER-03"), came.scheme)
    if scope not in claims["scope"].split():
        raise AccessRefused(scheme=came.scheme, scope=scope)
    return Caller(claims["client_id"], area_of(meta))


def _presented() -> Presented:
    """Return the token of the header; in the query string nobody looks for one (RFC 6750 §5.3)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in {"bearer", "dpop"} or not token.strip():
        raise AccessRefused
    return Presented(token.strip(), "DPoP" if scheme.lower() == "dpop" else "Bearer")


def _audience(aud: str | list[str]) -> list[str]:
    return [aud] if isinstance(aud, str) else aud


def _meta(client_id: str, now: datetime) -> ClientMetadata | None:
    """Return the client's metadata if it still has the interface and its cooperation is open: a token outlives neither."""
    client = registry.everyone().get(client_id)
    if client is None or RESOURCE.id not in client.meta.resources or not client.is_open(taipei_day(now)):
        return None
    return client.meta


def area_of(meta: ClientMetadata) -> Area:
    """D-31: a county's system maintains its county, the national centre's all; one that says nothing, nobody."""
    return Area(everywhere=EVERYWHERE in meta.service_area, counties=frozenset(meta.service_area) - {EVERYWHERE})


def refuse(refusal: AccessRefused) -> Response:
    """Answer 401, or 403 where only the scope lacks."""
    named, status, detail = "", 401, "A good access token is needed"
    if refusal.scope is not None:
        named, status = f', error="insufficient_scope", scope="{refusal.scope}"', 403
        detail = f"The token lacks the scope {refusal.scope}"
    elif refusal.fault is not None:
        note(refusal.fault, None, str(request.endpoint))
        named = f', error="{refusal.fault.error}", error_description="{refusal.fault.description}"'
        detail = str(refusal.fault.description)
    algs = f', algs="{" ".join(sorted(dpop.ALGS))}"' if refusal.scheme == "DPoP" else ""
    response = answer(message(status, detail), status)
    response.headers["WWW-Authenticate"] = f'{refusal.scheme} realm="scim"{named}{algs}'
    return no_store(response)
