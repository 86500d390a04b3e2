"""What may be used only once: ``jti`` of assertions and proofs, revoked ``jti`` of JWT access tokens.

One row per use; the primary key decides races, on both databases and across workers. Rows may be swept when they expire.
"""

import hashlib
from datetime import datetime

from sqlalchemy import String, bindparam, delete, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime


class UsedOnce(Model):
    """The digest of something that was used; what it was cannot be read from it."""

    __tablename__ = "used_once"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


_INSERT = insert(UsedOnce)
_FIND = select(UsedOnce.digest).where(UsedOnce.digest == bindparam("sought"))


def use(connection: Connection, kind: str, owner: str, value: str, expires_at: datetime) -> bool:
    """Note the use and return True, or return False if it was used before. ``connection`` is AUTOCOMMIT (`hot`)."""
    try:
        connection.execute(_INSERT, {"digest": _digest(kind, owner, value), "expires_at": expires_at})
    except IntegrityError:
        return False
    return True


def was_used(connection: Connection, kind: str, owner: str, value: str) -> bool:
    """Whether it was used."""
    return connection.execute(_FIND, {"sought": _digest(kind, owner, value)}).first() is not None


def sweep(connection: Connection, now: datetime) -> int:
    """Forget what has expired; return how many rows."""
    return connection.execute(delete(UsedOnce).where(UsedOnce.expires_at < now)).rowcount


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
