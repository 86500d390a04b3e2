"""Signing keys: published → waiting → signing → retired, all from dates (ARCHITECTURE §6); the one place that signs.

Private keys are sealed at rest. PyJWT signs everything that we issue, here and nowhere else.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
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
ALGS = ("RS256", "PS256", "ES256", "EdDSA")
"""Each has keys of its own; in this order the JWKS lists them, so that RSA keys come first."""
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey
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
    private: PrivateKey
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
    if not isinstance(private, PrivateKey):
        message = f"key {row.kid} is of a kind that we do not use"
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
    """Return the public set by algorithm, RSA first: what signs, then what waits, then what retired."""
    order = ("signing", "waiting", "retired")
    published = [
        (ALGS.index(key.alg), order.index(state), key.public_jwk)
        for key in ring()
        if (state := key.state(now)) in order
    ]
    return {"keys": [dict(jwk) for *_, jwk in sorted(published, key=lambda entry: entry[:2])]}


def decode(token: str, *, audience: str | None = None, typ: str = "JWT") -> dict[str, Any] | None:
    """Return the payload of a JWT of that ``typ`` that we signed, expired or not, or None: for ``id_token_hint``."""
    try:
        header = jwt.get_unverified_header(token)
        key = _find(header.get("kid"))
        if key is None or header.get("typ") != typ:
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
    """Make the first key of each algorithm that has none; it signs at once."""
    instant = now or datetime.now(UTC)
    with db.session.begin():
        known = set(db.session.scalars(select(SigningKey.alg)))
        for alg in ALGS:
            if alg not in known:
                _add(alg, instant, instant)


def rotate(now: datetime, alg: str = "RS256") -> tuple[str, datetime]:
    """Publish the next key of an algorithm now; it signs after the lead, when its predecessor retires.

    Return (kid, when). ``ValueError`` while a key is waiting already.
    """
    activates = now + timedelta(seconds=settings().key_publish_lead)
    with db.session.begin():
        rows = db.session.scalars(locking(select(SigningKey).where(SigningKey.alg == alg))).all()
        if any(row.activates_at > now for row in rows):
            message = f"the next {alg} key is waiting already"
            raise ValueError(message)
        for row in rows:
            if row.retires_at is None:
                row.retires_at = activates
        return _add(alg, now, activates), activates


def _generate(alg: str) -> tuple[PrivateKey, dict[str, Any]]:
    """Make a key pair; return the private key and the public members of its JWK."""
    if alg == "ES256":
        elliptic = ec.generate_private_key(ec.SECP256R1())
        return elliptic, ECAlgorithm.to_jwk(elliptic.public_key(), as_dict=True)
    if alg == "EdDSA":
        edwards = Ed25519PrivateKey.generate()
        return edwards, OKPAlgorithm.to_jwk(edwards.public_key(), as_dict=True)
    plain = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return plain, RSAAlgorithm.to_jwk(plain.public_key(), as_dict=True)


def _add(alg: str, now: datetime, activates: datetime) -> str:
    private, public = _generate(alg)
    kid = secrets.token_hex(8)
    members = {name: public[name] for name in ("n", "e", "crv", "x", "y") if name in public}
    jwk = {"kty": public["kty"], "use": "sig", "alg": alg, "kid": kid} | members
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    db.session.add(
        SigningKey(
            kid=kid,
            alg=alg,
            public_jwk=jwk,
            private_sealed=seal.seal_bytes(PURPOSE, pem),
            published_at=now,
            activates_at=activates,
        )
    )
    record("key.published", actor="system", subject=f"key:{kid}", detail={"activates_at": activates.isoformat()})
    bump()
    return kid
