"""Forget what has expired and can never matter again: single uses, pushed requests, device codes, throttle counters, mail."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete

from clients import diagnoses
from config.database import hot
from idp import once
from idp.accounts.credentials import MailedLink
from idp.accounts.models import LoginThrottle
from idp.accounts.outbox import Mail
from idp.oidc import device_grants, pushed_requests

KEPT = timedelta(days=30)
"""How long mail and its links are kept after they are done, to answer "was I told?"; the audit log keeps it longer."""


def sweep(now: datetime) -> Mapping[str, int]:
    """Delete expired rows; return how many of each kind. Safe at any time, and on several machines at once."""
    with hot() as connection:
        stale = delete(LoginThrottle).where(LoginThrottle.expires_at < now)
        links = delete(MailedLink).where(MailedLink.expires_at < now - KEPT)
        mail = delete(Mail).where(Mail.due_at.is_(None), Mail.queued_at < now - KEPT)
        return {
            "single uses": once.sweep(connection, now),
            "pushed requests": pushed_requests.sweep(connection, now),
            "device codes": device_grants.sweep(connection, now),
            "log-in counters": connection.execute(stale).rowcount,
            "mailed links": connection.execute(links).rowcount,
            "diagnoses": diagnoses.sweep(connection, now),
            "mails": connection.execute(mail).rowcount,
        }
