"""Device authorizations (RFC 8628): the table and its statements. Each change is one conditional statement."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Integer, String, Text, delete, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime, upsert
from idp.oidc import user_codes
from idp.sessions import digest_of

LIFETIME = 600
INTERVAL = 5
"""Seconds between two polls, and how much ``slow_down`` adds (§3.5)."""
_KEPT = timedelta(hours=1)
"""How long an expired one is kept, so that a device that polls late is told ``expired_token``."""


class DeviceGrant(Model):
    """A device that waits for a teacher. Both codes are known by digest alone.

    ``authorization`` is sealed (`idp.oidc.sealed_code`) and comes with the approval; ``denied_at`` or ``redeemed_at``
    end it. ``interval`` and ``polled_at`` serve ``slow_down`` (§3.5).
    """

    __tablename__ = "device_grant"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_digest: Mapped[str] = mapped_column(String(64), unique=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    parameters: Mapped[str] = mapped_column(Text)
    device_name: Mapped[str | None] = mapped_column(String(100))
    address: Mapped[str | None] = mapped_column(String(45))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    interval: Mapped[int] = mapped_column(Integer)
    polled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    authorization: Mapped[str | None] = mapped_column(Text)
    denied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    redeemed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Asking:
    """A device that asks: which client's, for what, and what it says of itself."""

    client_id: str
    scope: str
    device_name: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device that nobody has answered yet."""

    id: int
    asking: Asking
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll needs to know."""

    id: int
    client_id: str
    expires_at: datetime
    interval: int
    polled_at: datetime | None
    authorization: str | None
    denied_at: datetime | None
    redeemed_at: datetime | None


_D = DeviceGrant
_WAITING = select(_D.id, _D.client_id, _D.parameters, _D.device_name, _D.address, _D.created_at)
_POLLED = select(
    *(_D.id, _D.client_id, _D.expires_at, _D.interval), *(_D.polled_at, _D.authorization, _D.denied_at, _D.redeemed_at)
)


def _is_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Nobody has answered and there is time left."""
    return _D.authorization.is_(None), _D.denied_at.is_(None), _D.redeemed_at.is_(None), _D.expires_at > now


def begin(connection: Connection, asking: Asking, now: datetime) -> tuple[str, str]:
    """Keep a request and return its device code and its user code."""
    device_code = secrets.token_urlsafe(32)
    row = {
        "device_digest": digest_of(device_code),
        "client_id": asking.client_id,
        "parameters": json.dumps({"scope": asking.scope}),
        "device_name": asking.device_name,
        "address": asking.address,
        "created_at": now,
        "expires_at": now + timedelta(seconds=LIFETIME),
        "interval": INTERVAL,
    }
    while True:  # a user code that is in use is thrown again
        user_code = user_codes.new()
        new = upsert(_D).values(**row, user_digest=user_codes.digests(user_code)[0])
        new = new.on_conflict_do_nothing(index_elements=["user_digest"])
        if connection.execute(new.returning(_D.id)).first() is not None:  # an INSERT's row count is not reliable
            return device_code, user_code


def find_by_user_code(connection: Connection, code: str, now: datetime) -> Waiting | None:
    """Return the device that shows this code and waits."""
    return _waiting(connection, _D.user_digest.in_(user_codes.digests(code)), now)


def find(connection: Connection, ident: int, now: datetime) -> Waiting | None:
    """Return a device if it waits still."""
    return _waiting(connection, _D.id == ident, now)


def _waiting(connection: Connection, which: ColumnElement[bool], now: datetime) -> Waiting | None:
    row = connection.execute(_WAITING.where(which, *_is_open(now))).first()
    if row is None:
        return None
    return Waiting(row[0], Asking(row[1], json.loads(row[2])["scope"], row[3], row[4]), row[5])


def approve(connection: Connection, ident: int, authorization: str, now: datetime) -> bool:
    """Lay the sealed code down for the device; False if it does not wait any more."""
    query = update(_D).where(_D.id == ident, *_is_open(now)).values(authorization=authorization)
    return bool(connection.execute(query).rowcount)


def deny(connection: Connection, ident: int, now: datetime) -> bool:
    """Refuse; False if it does not wait any more."""
    return bool(connection.execute(update(_D).where(_D.id == ident, *_is_open(now)).values(denied_at=now)).rowcount)


def polled(connection: Connection, device_code: str) -> Polled | None:
    """Return the grant of a device code."""
    row = connection.execute(_POLLED.where(_D.device_digest == digest_of(device_code))).first()
    return Polled(*row) if row else None


def note_poll(connection: Connection, before: Polled, interval: int, now: datetime) -> bool:
    """Note a poll and the interval that holds from now on; False if another poll came in between."""
    same = _D.id == before.id, _D.polled_at.is_not_distinct_from(before.polled_at)
    return bool(connection.execute(update(_D).where(*same).values(polled_at=now, interval=interval)).rowcount)


def claim(connection: Connection, ident: int, now: datetime) -> bool:
    """Take the authorization, once: of many polls at the same moment one gets it, and the others do it no harm."""
    free = _D.id == ident, _D.redeemed_at.is_(None), _D.denied_at.is_(None), _D.authorization.is_not(None)
    return bool(connection.execute(update(_D).where(*free).values(redeemed_at=now, authorization=None)).rowcount)


def sweep(connection: Connection, now: datetime) -> int:
    """Forget what expired a while ago; return how many rows."""
    return connection.execute(delete(_D).where(_D.expires_at < now - _KEPT)).rowcount
