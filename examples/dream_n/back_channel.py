"""The provider says that a session is over: OpenID Connect Back-Channel Logout 1.0. A partner may copy this whole."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from authlib.common.errors import AuthlibBaseError
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from . import sign_in

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY = 60
TYPE = "logout+jwt"


class LogoutRefusedError(Exception):
    """The logout token is not the provider's, not for us, or came before."""


@dataclass(frozen=True, slots=True)
class SessionOver:
    """Which session is over: that of ``sid``, or all of ``sub`` where no ``sid`` is named."""

    sid: str | None
    sub: str | None


@dataclass(slots=True)
class Seen:
    """The numbers of tokens that came already (§2.6 step 8); kept as long as the tokens count."""

    _until: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_new(self, token_id: str, expires_at: float) -> bool:
        """Note a token; False if it came before."""
        with self._lock:
            self._until = {known: until for known, until in self._until.items() if until > time.time()}
            is_new = token_id not in self._until
            self._until[token_id] = expires_at + LEEWAY
        return is_new


def verified(token: str, seen: Seen) -> SessionOver:
    """Verify a logout token as §2.6 asks, and say which session is over."""
    try:
        header, claims = _decoded(token)
        _check(claims)
    except (JoseError, AuthlibBaseError, RequestException, KeyError, RuntimeError, TypeError, ValueError) as fault:
        raise LogoutRefusedError(str(fault)[:200]) from fault
    sid, sub, events = claims.get("sid"), claims.get("sub"), claims["events"]
    says_so = isinstance(events, dict) and isinstance(events.get(EVENT), dict)
    if header.get("typ") != TYPE or "nonce" in claims or not says_so:
        raise LogoutRefusedError("not a logout token")
    if not (sid or sub):
        raise LogoutRefusedError("names no session")
    if not seen.is_new(claims["jti"], claims["exp"]):
        raise LogoutRefusedError("came before")
    return SessionOver(sid, sub)


def _decoded(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Verify the signature by the provider's published keys; a key that is new to us is looked for once more."""
    client = sign_in.ours().client
    algorithms = client.load_server_metadata()["id_token_signing_alg_values_supported"]
    try:
        found = jwt.decode(token, KeySet.import_key_set(client.fetch_jwk_set()), algorithms=algorithms)
    except InvalidKeyIdError:
        found = jwt.decode(token, KeySet.import_key_set(client.fetch_jwk_set(force=True)), algorithms=algorithms)
    return dict(found.header), dict(found.claims)


def _check(claims: dict[str, Any]) -> None:
    """Issuer, audience and times are checked like those of an ID token."""
    settings = sign_in.ours().settings
    jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
        events={"essential": True},
    ).validate(claims)
