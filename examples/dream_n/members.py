"""The site's own sessions. They begin with a sign-in at the provider, and afterwards are independent of it."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import session

SESSION_SECONDS = 8 * 60 * 60
PROTOCOL_CLAIMS = frozenset(
    {"iss", "aud", "exp", "iat", "nbf", "auth_time", "nonce", "at_hash", "sid", "azp", "jti", "acr", "amr"}
)
"""Claims that speak of the sign-in and not of the teacher."""


@dataclass(frozen=True, slots=True)
class Member:
    """A teacher who is signed in."""

    id_token: str = field(repr=False)
    """As received: the provider wants it back at sign-out."""
    payload: Mapping[str, Any]
    """What the ID token says; its signature and its claims were verified."""
    userinfo: Mapping[str, Any]
    csrf_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    expires_at: float = field(default_factory=lambda: time.time() + SESSION_SECONDS)

    def claims(self) -> dict[str, Any]:
        """Return what is known of the teacher; of the two answers, userinfo is the fresher one."""
        return {name: value for name, value in {**self.payload, **self.userinfo}.items() if name not in PROTOCOL_CLAIMS}


class Members:
    """Who is signed in. Not in the cookie: it would be too long there, legible, and could not be taken back.

    A site of several processes keeps this in its database.
    """

    def __init__(self) -> None:
        """Start with nobody."""
        self._lock = threading.Lock()
        self._found: dict[str, Member] = {}
        self._ended: dict[str, float] = {}

    def enter(self, member: Member) -> None:
        """Begin a session under a new key, and forget the sessions that are over."""
        session["member"] = key = secrets.token_urlsafe(32)
        with self._lock:
            self._found = {k: m for k, m in self._found.items() if m.expires_at > time.time()} | {key: member}

    def current(self) -> Member | None:
        """Return who is signed in with this browser."""
        member = self._found.get(session.get("member", ""))
        return member if member and member.expires_at > time.time() else None

    def end(self, sid: str | None, sub: str | None) -> int:
        """End the session of a ``sid``, or all of a ``sub``, as the provider asks; return how many."""
        with self._lock:
            over = {
                key: member.expires_at
                for key, member in self._found.items()
                if (sid is None or member.payload.get("sid") == sid) and (sub is None or member.payload["sub"] == sub)
            }
            self._found = {key: member for key, member in self._found.items() if key not in over}
            self._ended = {key: until for key, until in self._ended.items() if until > time.time()} | over
        return len(over)

    def was_ended(self) -> bool:
        """Whether the provider ended the session of this browser; it is told once, by the next page."""
        with self._lock:
            return self._ended.pop(session.get("member", ""), None) is not None

    def leave(self) -> None:
        """End the session of this browser; only the chosen language is worth keeping."""
        with self._lock:
            self._found.pop(session.get("member", ""), None)
        kept = {name: session[name] for name in ("language",) if name in session}
        session.clear()
        session.update(kept)
