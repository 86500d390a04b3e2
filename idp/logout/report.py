"""Who could not be told (D-27): given up, or not yet reached."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from config.database import db
from idp.logout.models import LogoutDelivery


def not_told(now: datetime, days: int) -> Iterator[str]:
    """Yield one line per partner and session that has not accepted our word, of the last days, oldest first."""
    query = select(LogoutDelivery).where(
        LogoutDelivery.queued_at > now - timedelta(days=days),
        LogoutDelivery.delivered_at.is_(None),
        LogoutDelivery.last_error.is_not(None),
    )
    with db.session.begin():
        rows = db.session.scalars(query.order_by(LogoutDelivery.queued_at, LogoutDelivery.id)).all()
    for row in rows:
        state = "given up" if row.given_up_at else f"next try {row.due_at:%Y-%m-%d %H:%M:%S}Z"
        facts = f"account:{row.account_id}  {row.reason}  {row.attempts} attempts  {state}: {row.last_error}"
        yield f"{row.queued_at:%Y-%m-%d %H:%M:%S}Z  {row.client_id}  {facts}"
