"""The queue of mail to people: written by the transaction that causes it, sent later by ``idp mail deliver``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from config import seal
from config.database import Model, UTCDateTime, db
from config.settings import settings
from idp.accounts.models import Account

PURPOSE = "mail"
_CHUNK = 500
"""Values per IN list; SQLite takes so many parameters in every version."""


class Mail(Model):
    """A mail to an account's address. ``due_at``: when it is tried next; none when sent or given up.

    ``sealed`` holds what fills in the text, sealed, since it may be a link that must not be read from the database; it
    is emptied when the mail is sent or given up.
    """

    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    code: Mapped[str] = mapped_column(String(32))
    sealed: Mapped[str | None] = mapped_column(Text)
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    attempts: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str | None] = mapped_column(String(200))


def post(account_id: int, code: str, parameters: Mapping[str, Any], *, now: datetime) -> bool:
    """Queue a mail to the account's verified address; return whether there is one.

    An address that nobody has verified may be a stranger's, so nothing about a person goes there.
    """
    return account_id in post_all([(account_id, code, parameters)], now=now)


def post_all(mails: Sequence[tuple[int, str, Mapping[str, Any]]], *, now: datetime) -> frozenset[int]:
    """Queue many mails (account, code, parameters) as `post` queues one; return whose accounts have an address."""
    if not settings().smtp_host:
        return frozenset()
    ids = sorted({account_id for account_id, _, _ in mails})
    addresses: dict[int, str] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(Account.id, Account.email).where(
            Account.id.in_(ids[start : start + _CHUNK]),
            Account.email.is_not(None),
            Account.email_verified_at.is_not(None),
        )
        addresses |= {row.id: row.email for row in db.session.connection().execute(query)}
    rows = [_row(addresses[ident], ident, code, facts, now) for ident, code, facts in mails if ident in addresses]
    if rows:
        db.session.connection().execute(insert(Mail), rows)
    return frozenset(addresses)


def post_to(address: str, account_id: int, code: str, parameters: Mapping[str, Any], *, now: datetime) -> None:
    """Queue a mail to an address that is still to be verified, or was the account's until now."""
    if not settings().smtp_host:
        return
    db.session.execute(insert(Mail), _row(address, account_id, code, parameters, now))


def _row(address: str, account_id: int, code: str, parameters: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "email": address,
        "code": code,
        "sealed": seal.seal(PURPOSE, parameters),
        "queued_at": now,
        "due_at": now,
        "attempts": 0,
    }
