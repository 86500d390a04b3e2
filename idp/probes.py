"""Probes of joint test TC-6 (D-42): one ID token that is wrong on purpose, to see whether a partner rejects it.

Only a test client gets one, only for a test account, only for the next sign-in of the two within minutes, and only because
an administrator's robot asked for it. A production client never does: it is not even asked here.
"""

from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from clients.registry import RegisteredClient
from config.audit import record
from config.database import Model, UTCDateTime, db
from idp.accounts.models import Account

LIFETIME = timedelta(minutes=5)


class Flaw(StrEnum):
    """What is wrong with the token."""

    SIGNATURE = auto()
    ISSUER = auto()
    AUDIENCE = auto()
    EXPIRED = auto()
    NONCE = auto()


class ProbeRefused(Exception):
    """No probe is opened here."""


class TokenProbe(Model):
    """A probe: for whom, what is wrong, until when; used once."""

    __tablename__ = "token_probe"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    flaw: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def open_probe(client: RegisteredClient, account_id: int, flaw: Flaw, *, actor: str, now: datetime) -> None:
    """Spoil the next ID token of a test account at a test client."""
    with db.session.begin():
        is_test = db.session.scalar(select(Account.is_test_account).where(Account.id == account_id))
        if not client.is_test or not is_test:
            raise ProbeRefused("probes are for test clients and test accounts")
        same = (TokenProbe.client_id == client.client_id, TokenProbe.account_id == account_id)
        db.session.execute(update(TokenProbe).where(*same, TokenProbe.used_at.is_(None)).values(used_at=now))
        facts = {"client_id": client.client_id, "account_id": account_id, "flaw": flaw.value}
        db.session.add(TokenProbe(**facts, expires_at=now + LIFETIME))
        record("probe.opened", actor=actor, subject=f"account:{account_id}", client_id=client.client_id, detail=facts)


def take_probe(connection: Connection, client: RegisteredClient, account_id: int, now: datetime) -> Flaw | None:
    """Use an open probe up and return its flaw; None for every production client without a look."""
    if not client.is_test:
        return None
    mine = (TokenProbe.client_id == client.client_id, TokenProbe.account_id == account_id)
    is_open = (TokenProbe.used_at.is_(None), TokenProbe.expires_at > now)
    query = update(TokenProbe).where(*mine, *is_open).values(used_at=now).returning(TokenProbe.flaw)
    found = connection.execute(query).scalars().first()
    return Flaw(found) if found else None


def spoiled(payload: dict[str, Any], flaw: Flaw) -> dict[str, Any]:
    """Return the payload with its flaw; that of the signature comes after signing."""
    hour = 3600
    changes: dict[Flaw, dict[str, Any]] = {
        Flaw.ISSUER: {"iss": "https://another-issuer.example"},
        Flaw.AUDIENCE: {"aud": "another-client"},
        Flaw.EXPIRED: {name: payload[name] - 2 * hour for name in ("iat", "exp", "auth_time") if name in payload},
        Flaw.NONCE: {"nonce": "another-nonce"},
    }
    return payload | changes.get(flaw, {})


def with_other_signature(token: str) -> str:
    """Return the token with a signature that does not fit."""
    head, _, signature = token.rpartition(".")
    middle = len(signature) // 2
    other = "A" if signature[middle] != "A" else "B"
    return f"{head}.{signature[:middle]}{other}{signature[middle + 1 :]}"
