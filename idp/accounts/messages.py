"""The account's own message box."""

from sqlalchemy import select

from config.database import db
from idp.accounts.models import Message


def of(account_id: int, limit: int = 20) -> list[Message]:
    """Return the latest messages of an account, newest first."""
    query = (
        select(Message).where(Message.account_id == account_id).order_by(Message.created_at.desc(), Message.id.desc())
    )
    with db.session.begin():
        return list(db.session.scalars(query.limit(limit)))
