"""Codes and refresh tokens: sealed blobs that carry themselves. No personal data; nothing is stored for them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from config import seal
from config.settings import settings
from scopes.items import DataItem, parse_scope

CODE, REFRESH = "authorization-code", "refresh-token"


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a teacher's authorization says, whether a code or a refresh token carries it.

    ``issued_at``: POSIX seconds with fraction. ``asked``: items that the ``claims`` parameter asked for, per target.
    ``cnf``: the key that it is bound to, ``jkt:…`` or ``x5t:…``. The generations make it void after a lock or withdrawal.
    """

    id: str
    client_id: str
    session_id: int
    scope: str
    subject: str
    issued_at: float
    lock_generation: int
    consent_generation: int
    auth_time: int
    amr: list[str]
    asked: Mapping[str, list[str]] = field(default_factory=dict)
    cnf: str | None = None

    def wanted(self, target: str) -> frozenset[DataItem]:
        """Return the items asked for one target, ``id_token`` or ``userinfo``: by scope or by the claims parameter."""
        return wanted(self.scope, self.asked, target)

    @property
    def everything(self) -> frozenset[DataItem]:
        """All items asked for, whatever the target."""
        return self.wanted("id_token") | self.wanted("userinfo")

    def facts(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        return asdict(self)

    def get_scope(self) -> str:
        """Return the granted scope, as Authlib asks for it."""
        return self.scope


def wanted(scope: str, asked: Mapping[str, list[str]], target: str) -> frozenset[DataItem]:
    """Return the items of a scope and those that the claims parameter added for the target (R-CLM-6)."""
    return parse_scope(scope).items | frozenset(DataItem(item) for item in asked.get(target, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCode(Authorization):
    """An authorization code."""

    redirect_uri: str = ""
    nonce: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str = "S256"

    @property
    def family_id(self) -> str:
        """All that comes of a code is one family."""
        return self.id

    def seal(self) -> str:
        """Return the code."""
        return seal.seal(CODE, self.facts())

    @classmethod
    def open(cls, code: str) -> Self | None:
        """Return what a code says, however old, or None if we did not make it."""
        try:
            return cls(**seal.open_(CODE, code))
        except seal.SealBroken:
            return None

    def is_expired(self, now: datetime) -> bool:
        """Codes live 60 seconds (DOMAIN §4.8 row 9)."""
        return now.timestamp() >= self.issued_at + settings().code_ttl

    def get_redirect_uri(self) -> str:
        """Return the redirect_uri of the authorization request."""
        return self.redirect_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken(Authorization):
    """A refresh token; ``expires_at`` (POSIX seconds) is absolute: rotation never moves it (D-26)."""

    family_id: str = ""
    expires_at: float = 0.0

    def seal(self) -> str:
        """Return the token."""
        return seal.seal(REFRESH, self.facts())

    @classmethod
    def open(cls, token: str) -> Self | None:
        """Return what a token says, or None if we did not make it."""
        try:
            return cls(**seal.open_(REFRESH, token))
        except seal.SealBroken:
            return None
