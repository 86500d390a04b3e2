"""Pushed authorization requests (RFC 9126): kept for two minutes, usable until a code was given for them."""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import ForeignKey, String, Text, bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from config import seal
from config.database import Model, UTCDateTime
from idp.oidc.faults import ProtocolFault
from idp.sessions import digest_of

PREFIX = "urn:ietf:params:oauth:request_uri:"
PURPOSE = "pushed-request"
LIFETIME = 120
KEPT = timedelta(days=1)
"""How long a request is remembered after its end: a log-in that began in time may take longer, and then uses it up."""


class PushedRequest(Model):
    """A request that was pushed; its parameters are sealed, its reference is known by digest alone."""

    __tablename__ = "pushed_request"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    parameters: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_INSERT = insert(PushedRequest)
_FIND = select(PushedRequest.parameters).where(
    PushedRequest.digest == bindparam("sought"),
    PushedRequest.client_id == bindparam("client"),
    PushedRequest.used_at.is_(None),
    PushedRequest.expires_at > bindparam("now"),
)
_USE = (
    update(PushedRequest)
    .where(PushedRequest.digest == bindparam("sought"), PushedRequest.used_at.is_(None))
    .values(used_at=bindparam("now"))
)


def push(connection: Connection, client_id: str, parameters: Mapping[str, str], now: datetime) -> str:
    """Keep the parameters and return the ``request_uri``."""
    reference = secrets.token_urlsafe(32)
    row = {
        "digest": digest_of(reference),
        "client_id": client_id,
        "parameters": seal.seal_bytes(PURPOSE, json.dumps(dict(parameters)).encode()),
        "expires_at": now + timedelta(seconds=LIFETIME),
        "used_at": None,
    }
    connection.execute(_INSERT, row)
    return PREFIX + reference


def find(connection: Connection, client_id: str, request_uri: str, now: datetime) -> dict[str, str]:
    """Return the parameters of a pushed request of this client; it stays usable until `consume` (RFC 9126 §4)."""
    if not request_uri.startswith(PREFIX):
        raise ProtocolFault("PAR-03", received=request_uri[:60])
    sought = {"sought": digest_of(request_uri.removeprefix(PREFIX)), "client": client_id, "now": now}
    row = connection.execute(_FIND, sought).first()
    if row is None:
        raise ProtocolFault("PAR-02")
    parameters: dict[str, str] = json.loads(seal.open_bytes(PURPOSE, row[0]))
    return parameters


def consume(connection: Connection, request_uri: str) -> bool:
    """Use the request up when its code is given; False if another code was given for it meanwhile."""
    sought = digest_of(request_uri.removeprefix(PREFIX))
    return bool(connection.execute(_USE, {"sought": sought, "now": datetime.now(UTC)}).rowcount)


def sweep(connection: Connection, now: datetime) -> int:
    """Forget what ended so long ago that no sign-in is under way with it; return how many rows."""
    return connection.execute(delete(PushedRequest).where(PushedRequest.expires_at < now - KEPT)).rowcount
