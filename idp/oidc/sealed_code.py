"""The authorization code: a sealed blob that carries itself."""

from dataclasses import dataclass
from datetime import datetime

from config import seal
from config.settings import settings

PURPOSE = "authorization-code"


@dataclass(frozen=True, slots=True)
class SealedCode:
    """What a code says. No personal data; ``issued_at`` in POSIX seconds with fraction."""

    id: str
    client_id: str
    session_id: int
    redirect_uri: str
    scope: str
    subject: str
    issued_at: float
    lock_generation: int
    consent_generation: int
    nonce: str | None
    code_challenge: str | None

    code_challenge_method = "S256"

    def seal(self) -> str:
        """Return the code."""
        return seal.seal(PURPOSE, {name: getattr(self, name) for name in self.__dataclass_fields__})

    @classmethod
    def open(cls, code: str) -> "SealedCode | None":
        """Return what a code says, however old, or None if we did not make it."""
        try:
            return cls(**seal.open_(PURPOSE, code))
        except seal.SealBroken:
            return None

    def is_expired(self, now: datetime) -> bool:
        """Codes live 60 seconds (DOMAIN §4.8 row 9)."""
        return now.timestamp() >= self.issued_at + settings().code_ttl

    def get_redirect_uri(self) -> str:
        """Return the redirect_uri of the authorization request."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return the granted scope."""
        return self.scope
