"""Waivers of PKCE for a partner whose software cannot do it (D-41): with an end, shown as legacy, never for a public client."""

from datetime import date, datetime

from sqlalchemy import select

from clients.cases import CaseRefused
from clients.client_metadata import ClientMetadata
from clients.initial_tokens import note
from clients.models import Client
from config.database import db, locking
from config.snapshot import bump
from scopes.roc import taipei_day

LONGEST_DAYS = 366
"""A waiver that is longer than a year is none; it is given again if it must be."""


def waive_pkce(client_id: str, until: date | None, reason: str, *, actor: str, now: datetime) -> None:
    """Let a client do without PKCE until the end of a day, or with None no longer."""
    with db.session.begin():
        client = db.session.scalars(locking(select(Client).where(Client.client_id == client_id))).one_or_none()
        if client is None or client.disabled_at is not None:
            message = f"there is no client {client_id} that is not disabled"
            raise CaseRefused(message)
        if until is not None:
            _check(client, until, reason, taipei_day(now))
        client.pkce_waived_until = until
        facts = {"client_id": client_id, "until": until and until.isoformat(), "note": reason.strip()}
        note(client.case, "pkce_waived", actor, now, facts)
        bump()


def _check(client: Client, until: date, reason: str, today: date) -> None:
    if not ClientMetadata.model_validate(client.meta).may_waive_pkce:
        raise CaseRefused("a public client or one of a FAPI profile cannot do without PKCE (D-41)")
    if not 0 < (until - today).days <= LONGEST_DAYS:
        message = f"the waiver ends within {LONGEST_DAYS} days from tomorrow on"
        raise CaseRefused(message)
    if not reason.strip():
        raise CaseRefused("a reason is needed")
