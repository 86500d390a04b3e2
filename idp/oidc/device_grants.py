"""Device authorizations (RFC 8628): the table and its statements."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime


class DeviceGrant(Model):
    """A device that waits for a teacher. Both codes are known by digest alone.

    ``authorization`` is sealed (`idp.oidc.sealed_code`) and comes with the approval; ``denied_at`` or ``redeemed_at``
    end it. ``interval`` and ``polled_at`` serve ``slow_down`` (§3.5).
    """

    __tablename__ = "device_grant"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_digest: Mapped[str] = mapped_column(String(64), unique=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    parameters: Mapped[str] = mapped_column(Text)
    device_name: Mapped[str | None] = mapped_column(String(100))
    address: Mapped[str | None] = mapped_column(String(45))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    interval: Mapped[int] = mapped_column(Integer)
    polled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    authorization: Mapped[str | None] = mapped_column(Text)
    denied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    redeemed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
