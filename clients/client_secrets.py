"""Client secrets: 256 random bits, recognisable by their prefix, kept as digests; two count while one is rotated."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.engine import Connection

from clients.cases import CaseRefused
from clients.client_metadata import ClientMetadata, needs_secret
from clients.initial_tokens import note
from clients.models import Client, ClientSecret
from clients.partners import new_secret
from config.database import db, locking
from config.snapshot import bump

PREFIX = "rps_"
OVERLAP = timedelta(days=7)


def rotate_secret(client_id: str, *, overlap: timedelta = OVERLAP, actor: str, now: datetime) -> str:
    """Give a client a new secret and return it, this once; the newest old one counts until the overlap is over."""
    with db.session.begin():
        client = db.session.scalars(locking(select(Client).where(Client.client_id == client_id))).one_or_none()
        if client is None:
            raise CaseRefused(f"there is no client {client_id}")
        meta = ClientMetadata.model_validate(client.meta)
        if client.disabled_at is not None or not needs_secret(meta):
            why = "is disabled" if client.disabled_at is not None else "authenticates without a secret"
            raise CaseRefused(f"{client_id} {why}")
        old = live_secrets(client, now)[-1:]
        for known in old:
            known.expires_at = now + overlap
        client.secrets[:] = old if overlap else []
        secret = _add(client, meta, now)
        facts = {"client_id": client_id} | ({"old_until": (now + overlap).isoformat()} if old else {})
        note(client.case, "client_secret_rotated", actor, now, facts)
        bump()
    return secret


def put_secrets(client: Client, meta: ClientMetadata, now: datetime) -> str | None:
    """Keep the secrets that suit the method; return a new one where it needs one and none is left.

    ``client_secret_jwt`` needs the secret itself, so one of which only the digest is kept does not suit it.
    """
    if not needs_secret(meta):
        client.secrets[:] = []
        return None
    is_key = meta.token_endpoint_auth_method == "client_secret_jwt"  # noqa: S105  # a method's name
    client.secrets[:] = [known for known in live_secrets(client, now) if known.sealed is not None or not is_key]
    for known in client.secrets:
        known.sealed = known.sealed if is_key else None
    return None if client.secrets else _add(client, meta, now)


def live_secrets(client: Client, now: datetime) -> list[ClientSecret]:
    """Return the secrets that count now, oldest first."""
    return [known for known in client.secrets if known.expires_at is None or now < known.expires_at]


def _add(client: Client, meta: ClientMetadata, now: datetime) -> str:
    secret = PREFIX + secrets.token_urlsafe(32)
    client.secrets.append(new_secret(meta, secret, now))
    return secret


def note_use(connection: Connection, digest: str, today: date) -> None:
    """Note on which day a secret was last used, once a day and process: partners see which one their site still has."""
    if _NOTED.get(digest) != today:
        of_day = or_(ClientSecret.last_used_on.is_(None), ClientSecret.last_used_on < today)
        connection.execute(update(ClientSecret).where(ClientSecret.digest == digest, of_day).values(last_used_on=today))
        _NOTED[digest] = today


_NOTED: dict[str, date] = {}
"""What this process has noted; one entry for each secret that is in use."""
