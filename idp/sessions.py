"""Browser sessions, kept on the server: a session that ended is dead, whatever cookie comes (DOMAIN §7.4)."""

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime, timedelta

from flask import request
from sqlalchemy import JSON, ForeignKey, Index, Integer, String, insert, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.wrappers import Response

from config.database import Model, UTCDateTime
from config.settings import settings

TOUCH_SECONDS = 300
"""``seen_at`` is written at most once in this time."""


class BrowserSession(Model):
    """A log-in of a person in a browser. ``sid_key`` is the secret from which each partner's ``sid`` is derived."""

    __tablename__ = "browser_session"
    __table_args__ = (Index("ix_browser_session_account_open", "account_id", "ended_at"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    sid_key: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    auth_time: Mapped[datetime] = mapped_column(UTCDateTime)
    amr: Mapped[list[str]] = mapped_column(JSON)
    ip: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(200))
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def cookie_name(name: str) -> str:
    """Return the cookie's full name: ``__Host-`` under https (RFC 6265bis), plain on a development machine."""
    return f"__Host-{name}" if settings().secure_cookies else name


def clear_cookie(response: Response, name: str) -> None:
    """Take a cookie of ours away."""
    response.delete_cookie(cookie_name(name), secure=settings().secure_cookies, httponly=True, samesite="Lax")


def set_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """Set a cookie of ours: HttpOnly, SameSite=Lax, Secure under https, whole site."""
    response.set_cookie(
        cookie_name(name), value, max_age=max_age, secure=settings().secure_cookies, httponly=True, samesite="Lax"
    )


def digest_of(secret: str) -> str:
    """Return the SHA-256 under which a random secret is stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def cookie_digest() -> str | None:
    """Return the digest of the session cookie that came, if one did."""
    secret = request.cookies.get(cookie_name("session"))
    return digest_of(secret) if secret else None


def open_session(connection: Connection, account_id: int, *, amr: list[str], now: datetime) -> str:
    """Start a session and return its secret for the cookie; every log-in has a new one."""
    secret = secrets.token_urlsafe(32)
    agent = request.user_agent.string[:200].encode("utf-8", "replace").decode().replace("\0", "")
    connection.execute(
        insert(BrowserSession).values(
            digest=digest_of(secret),
            sid_key=secrets.token_hex(16),
            account_id=account_id,
            auth_time=now,
            amr=amr,
            ip=request.remote_addr,
            user_agent=agent,
            seen_at=now,
            expires_at=now + timedelta(seconds=settings().session_lifetime),
        )
    )
    return secret


def touch(connection: Connection, session_id: int, now: datetime) -> None:
    """Note that the person is active."""
    connection.execute(update(BrowserSession).where(BrowserSession.id == session_id).values(seen_at=now))


def renew_session(connection: Connection, session_id: int, *, amr: list[str], now: datetime) -> str:
    """Let the same person log in again: the session stays, ``sid`` too, under a new secret, which is returned."""
    secret = secrets.token_urlsafe(32)
    expires = now + timedelta(seconds=settings().session_lifetime)
    facts = {"digest": digest_of(secret), "auth_time": now, "amr": amr, "seen_at": now, "expires_at": expires}
    connection.execute(update(BrowserSession).where(BrowserSession.id == session_id).values(**facts))
    return secret


def end_session(connection: Connection, session_id: int, now: datetime) -> None:
    """End a session for good."""
    connection.execute(
        update(BrowserSession)
        .where(BrowserSession.id == session_id, BrowserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def is_alive(*, seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Whether neither the idle time nor the absolute limit has passed."""
    return now < expires_at and now < seen_at + timedelta(seconds=settings().session_idle)


def sid_for(sid_key: str, client_id: str) -> str:
    """Return the ``sid`` of this session for one partner.

    Each partner gets its own, so two partners cannot join their data by it (compare D-49).
    """
    digest = hmac.new(sid_key.encode(), client_id.encode(), hashlib.sha256).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
