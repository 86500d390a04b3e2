"""What clients sign: assertions, request objects, DPoP proofs. With joserfc, never with our signer; all can be wrong."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from joserfc import jws
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

ALGS = ("RS256", "PS256", "ES256", "EdDSA")


def now() -> int:
    """Return POSIX seconds; they follow the clock of the test."""
    return int(datetime.now(UTC).timestamp())


def base64url(raw: bytes) -> str:
    """Encode without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Keys:
    """One key pair for one algorithm; ``HS256`` has a secret."""

    alg: str
    kid: str
    private: Key
    secret: bytes = b""

    @classmethod
    def generate(cls, alg: str = "ES256", number: int = 0) -> "Keys":
        """Return the key pair of that number: the same number is the same pair, for RSA keys are slow to make."""
        return _generate(alg, number)

    @classmethod
    def of_secret(cls, secret: str, alg: str = "HS256") -> "Keys":
        """Return a shared secret as a key."""
        return cls(alg, "secret", OctKey.generate_key(256), secret.encode())

    @property
    def public(self) -> dict[str, Any]:
        """The public key as a JWK with ``kid``, ``use`` and ``alg``."""
        return {**self.bare, "kid": self.kid, "use": "sig", "alg": self.alg}

    @property
    def bare(self) -> dict[str, Any]:
        """The public key as a JWK with its necessary members only, as a DPoP proof carries it."""
        found = self.private.as_dict(private=False)
        return {name: found[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in found}

    @property
    def thumbprint(self) -> str:
        """The SHA-256 thumbprint (RFC 7638)."""
        canonical = json.dumps(self.bare, sort_keys=True, separators=(",", ":"))
        return base64url(hashlib.sha256(canonical.encode()).digest())

    def jwks(self, *others: "Keys") -> dict[str, Any]:
        """Return a JWK set of this and other keys."""
        return {"keys": [one.public for one in (self, *others)]}


@cache
def _generate(alg: str, number: int) -> Keys:
    kid = f"{alg}-{number}"
    if alg in {"RS256", "PS256"}:
        return Keys(alg, kid, RSAKey.generate_key(2048))
    return Keys(alg, kid, ECKey.generate_key("P-256") if alg == "ES256" else OKPKey.generate_key("Ed25519"))


class AnyAlgorithm(jws.JWSRegistry):
    """Signs and verifies with every algorithm, under any header, without a word on its age."""

    max_header_length = 20_000

    def get_alg(self, name: str) -> JWSAlgModel:
        """Return the algorithm."""
        return self.algorithms[name]

    def check_header(self, header: dict[str, Any]) -> None:
        """Let everything pass."""


def sign(claims: Mapping[str, Any], keys: Keys, alg: str | None = None, header: Mapping[str, Any] | None = None) -> str:
    """Sign claims; those that are None are left out, and so are header members."""
    members = {"alg": alg or keys.alg, "kid": keys.kid, **(header or {})}
    members = {name: value for name, value in members.items() if value is not None}
    payload = json.dumps({name: value for name, value in claims.items() if value is not None}).encode()
    if members["alg"] == "none":
        return f"{base64url(json.dumps(members).encode())}.{base64url(payload)}."
    if members["alg"] == "HS256":  # by hand: the library would not take a public key for a secret
        signed = f"{base64url(json.dumps(members).encode())}.{base64url(payload)}"
        return f"{signed}.{base64url(hmac.digest(keys.secret, signed.encode(), 'sha256'))}"
    return jws.serialize_compact(members, payload, keys.private, registry=AnyAlgorithm())


def tampered(token: str, **claims: Any) -> str:
    """Return a JWT with changed claims under the old signature."""
    head, body, signature = token.split(".")
    facts = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return f"{head}.{base64url(json.dumps(facts | claims).encode())}.{signature}"


def assertion(
    client_id: str, aud: object, keys: Keys, *, header: Mapping[str, Any] | None = None, **changes: Any
) -> str:
    """Return a client assertion (RFC 7523 §3); ``changes`` are claims, None leaves one out."""
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": aud,
        "iat": now(),
        "exp": now() + 60,
        "jti": secrets.token_urlsafe(16),
    }
    return sign(claims | changes, keys, header=header)


def request_object(
    parameters: Mapping[str, Any],
    aud: object,
    keys: Keys,
    /,
    *,
    alg: str | None = None,
    header: Mapping[str, Any] | None = None,
    **changes: Any,
) -> str:
    """Return a signed request object (RFC 9101 §4) of the parameters; ``changes`` are claims, None leaves one out."""
    claims = {"iss": parameters.get("client_id"), "aud": aud, "nbf": now(), "iat": now(), "exp": now() + 300}
    head = {"typ": "oauth-authz-req+jwt", **(header or {})}
    return sign({**parameters, **claims, **changes}, keys, alg, head)


def dpop_proof(
    keys: Keys,
    method: str,
    uri: str,
    *,
    access_token: str | None = None,
    alg: str | None = None,
    header: Mapping[str, Any] | None = None,
    **changes: Any,
) -> str:
    """Return a DPoP proof (RFC 9449 §4.2); ``changes`` are claims such as ``nonce``, None leaves one out."""
    claims = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": uri,
        "iat": now(),
        "ath": base64url(hashlib.sha256(access_token.encode()).digest()) if access_token else None,
    }
    head = {"typ": "dpop+jwt", "kid": None, "jwk": keys.bare, **(header or {})}
    return sign(claims | changes, keys, alg, head)
