"""Payloads of what we issue. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class IDToken:
    """The facts of an ID token (OIDC Core §2). ``claims`` passed the release rule; times are POSIX seconds."""

    issuer: str
    client_id: str
    subject: str
    sid: str
    issued_at: int
    lifetime: int
    auth_time: int
    nonce: str | None
    at_hash: str
    claims: Mapping[str, str]
    amr: list[str]
    acr: str

    def payload(self) -> dict[str, Any]:
        """Return the JWT claims; protocol claims last, so that no released claim can replace one."""
        payload: dict[str, Any] = {
            **self.claims,
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": self.subject,
            "sid": self.sid,
            "iat": self.issued_at,
            "exp": self.issued_at + self.lifetime,
            "auth_time": self.auth_time,
            "at_hash": self.at_hash,
            "amr": self.amr,
            "acr": self.acr,
        }
        if self.nonce is not None:
            payload["nonce"] = self.nonce
        return payload


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """The facts of a logout token (Back-Channel Logout §2.4); ``subject`` where it is pairwise (D-27)."""

    issuer: str
    client_id: str
    sid: str
    subject: str | None
    token_id: str
    issued_at: int

    LIFETIME: ClassVar[int] = 120
    EVENT: ClassVar[str] = "http://schemas.openid.net/event/backchannel-logout"

    def payload(self) -> dict[str, Any]:
        """Return the JWT claims: never a ``nonce``, so that none takes it for an ID token."""
        payload: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": self.issued_at,
            "exp": self.issued_at + self.LIFETIME,
            "jti": self.token_id,
            "events": {self.EVENT: {}},
            "sid": self.sid,
        }
        if self.subject is not None:
            payload["sub"] = self.subject
        return payload


def userinfo(subject: str, claims: Mapping[str, str]) -> dict[str, str]:
    """Return the UserInfo answer (OIDC Core §5.3.2)."""
    return {**claims, "sub": subject}
