"""The queue of back-channel logout: one row per client that must be told, written by the transaction of the event."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime


class LogoutDelivery(Model):
    """One client that must be told of the end of one session, for one reason.

    ``due_at`` is when somebody may try next, and None when nobody shall: the row is ``delivered_at`` or ``given_up_at``.
    Who takes a row moves ``due_at`` beyond the time that a call may take, so that nobody else sends the same meanwhile.
    The token is signed when it is sent: it lives two minutes, the queue a day. ``subject`` is set when pairwise (D-27).
    """

    __tablename__ = "logout_delivery"
    __table_args__ = (UniqueConstraint("client_id", "sid", "reason"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    sid: Mapped[str] = mapped_column(String(36))
    subject: Mapped[str | None] = mapped_column(String(36))
    reason: Mapped[str] = mapped_column(String(32))
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    attempts: Mapped[int] = mapped_column(Integer)
    last_error: Mapped[str | None] = mapped_column(String(200))
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
