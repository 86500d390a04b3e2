"""Forget what has expired and can never matter again: single uses, pushed requests, device codes, throttle counters."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete

from config.database import hot
from idp import once
from idp.accounts.models import LoginThrottle
from idp.oidc import device_grants, pushed_requests


def sweep(now: datetime) -> Mapping[str, int]:
    """Delete expired rows; return how many of each kind. Safe at any time, and on several machines at once."""
    with hot() as connection:
        stale = delete(LoginThrottle).where(LoginThrottle.expires_at < now)
        return {
            "single uses": once.sweep(connection, now),
            "pushed requests": pushed_requests.sweep(connection, now),
            "device codes": device_grants.sweep(connection, now),
            "log-in counters": connection.execute(stale).rowcount,
        }
