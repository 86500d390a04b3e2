"""Signing keys: published → waiting → signing → retired, all from dates (ARCHITECTURE §6); the one place that signs.

Private keys are sealed at rest. PyJWT signs everything that we issue, here and nowhere else.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import JSON, Integer, String, Text, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from config import seal
from config.audit import record
from config.database import Model, UTCDateTime, db, locking
from config.settings import settings
from config.snapshot import bump, snapshots

SNAPSHOT = "keys"
RSA_BITS = 2048
PURPOSE = "signing-key"


class SigningKey(Model):
    """A key pair; the private half is sealed. What it does now follows from its dates."""

    __tablename__ = "signing_key"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kid: Mapped[str] = mapped_column(String(32), unique=True)
    alg: Mapped[str] = mapped_column(String(16))
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    private_sealed: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    activates_at: Mapped[datetime] = mapped_column(UTCDateTime)
    retires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Key:
    """A usable key."""

    kid: str
    alg: str
    private: RSAPrivateKey
    public_jwk: Mapping[str, Any]
    activates_at: datetime
    retires_at: datetime | None

    def state(self, now: datetime) -> str:
        """Return ``waiting``, ``signing``, ``retired`` (still published) or ``removed``."""
        if now < self.activates_at:
            return "waiting"
        if self.retires_at is None or now < self.retires_at:
            return "signing"
        # The last ID token that it signed must be verifiable until it expires.
        return "retired" if now < self.retires_at + timedelta(seconds=settings().id_token_ttl + 300) else "removed"


def load(connection: Connection) -> tuple[Key, ...]:
    """Unseal every key, newest activation first."""
    with Session(connection) as session:
        rows = session.scalars(select(SigningKey).order_by(SigningKey.activates_at.desc())).all()
        return tuple(_key(row) for row in rows)


def _key(row: SigningKey) -> Key:
    private = load_pem_private_key(seal.open_bytes(PURPOSE, row.private_sealed), password=None)
    if not isinstance(private, RSAPrivateKey):
        message = f"key {row.kid} is no RSA key"
        raise TypeError(message)
    return Key(row.kid, row.alg, private, row.public_jwk, row.activates_at, row.retires_at)


def ring() -> tuple[Key, ...]:
    """Return all keys of the snapshot, newest activation first."""
    found: tuple[Key, ...] = snapshots().get(SNAPSHOT)
    return found


def sign(payload: Mapping[str, Any], alg: str, now: datetime, headers: Mapping[str, str] | None = None) -> str:
    """Sign a JWT with the key that is signing now."""
    for key in ring():
        if key.alg == alg and key.state(now) == "signing":
            return jwt.encode(dict(payload), key.private, algorithm=alg, headers={"kid": key.kid, **(headers or {})})
    message = f"no {alg} key is signing"
    raise LookupError(message)


def jwks(now: datetime) -> dict[str, Any]:
    """Return the public set: what signs first, then what waits, then what retired."""
    order = {"signing": 0, "waiting": 1, "retired": 2}
    published = [(order[state], key.public_jwk) for key in ring() if (state := key.state(now)) in order]
    return {"keys": [dict(jwk) for _, jwk in sorted(published, key=lambda pair: pair[0])]}


def decode(token: str, *, audience: str | None = None) -> dict[str, Any] | None:
    """Return the payload of a JWT that we signed, expired or not, or None: for ``id_token_hint``."""
    try:
        key = _find(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            return None
        options: Any = {"verify_exp": False, "verify_aud": audience is not None}
        payload: dict[str, Any] = jwt.decode(
            token, key.private.public_key(), [key.alg], audience=audience, issuer=settings().issuer, options=options
        )
    except jwt.InvalidTokenError:
        return None
    return payload


def _find(kid: object) -> Key | None:
    """Return a key; a miss asks the database whether the snapshot is stale before it is believed."""
    found = {key.kid: key for key in ring()}
    if kid not in found:
        snapshots().refresh()
        found = {key.kid: key for key in ring()}
    return found.get(str(kid))


def ensure(now: datetime | None = None) -> None:
    """Make the first key, which signs at once, if there is none."""
    with db.session.begin():
        if db.session.scalars(select(SigningKey.id).limit(1)).first() is None:
            instant = now or datetime.now(UTC)
            _add(instant, instant)


def rotate(now: datetime) -> tuple[str, datetime]:
    """Publish the next key now; it signs after the lead, when its predecessor retires. Return (kid, when)."""
    activates = now + timedelta(seconds=settings().key_publish_lead)
    with db.session.begin():
        rows = db.session.scalars(locking(select(SigningKey))).all()
        if any(row.activates_at > now for row in rows):
            message = "the next key is waiting already"
            raise ValueError(message)
        for row in rows:
            if row.retires_at is None:
                row.retires_at = activates
        return _add(now, activates), activates


def _add(now: datetime, activates: datetime) -> str:
    private = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    kid = secrets.token_hex(8)
    public = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": public["n"], "e": public["e"]}
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    db.session.add(
        SigningKey(
            kid=kid,
            alg="RS256",
            public_jwk=jwk,
            private_sealed=seal.seal_bytes(PURPOSE, pem),
            published_at=now,
            activates_at=activates,
        )
    )
    record("key.published", actor="system", subject=f"key:{kid}", detail={"activates_at": activates.isoformat()})
    bump()
    return kid
