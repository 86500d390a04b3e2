"""JWTs that clients sign: assertions, request objects, DPoP proofs. Verified with joserfc, strictly (RFC 8725).

The algorithm comes from what is allowed, never from the header alone; keys come from the registration, never from
``jwk``, ``jku`` or ``x5u`` of the header; ``crit`` is refused.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

_KINDS: Mapping[str, Any] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey, "oct": OctKey}
_KTY = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "HS256": "oct"}
_CRV = {"ES256": "P-256", "EdDSA": "Ed25519"}
_FOREIGN = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})
TOKEN_MAX = 12_000


class _Registry(jws.JWSRegistry):
    """The algorithms and sizes that we accept; header members that we do not know are ignored (RFC 7515 §4)."""

    max_header_length = 4096  # an RSA key in the header of a DPoP proof has some 600
    max_signature_length = 2048

    def get_alg(self, name: str) -> JWSAlgModel:
        """Return an allowed algorithm. EdDSA is the name that FAPI 2.0 §5.4.1 uses, though RFC 9864 has a new one."""
        if self.allowed is None or name not in self.allowed:
            message = f"alg {name!r}"
            raise BadJWT(message)
        return self.algorithms[name]


_READING = _Registry()


class BadJWT(Exception):
    """The JWT is not acceptable; the text says why, for the log, and ``expected`` what would have been."""

    def __init__(self, why: str, expected: str | None = None) -> None:
        super().__init__(why)
        self.expected = expected


@dataclass(frozen=True, slots=True)
class ClientJWT:
    """A verified JWT. ``fitting``: the keys that may have signed it, one of which did."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    fitting: Sequence[Mapping[str, Any]]


def header_of(token: str) -> Mapping[str, Any]:
    """Return the header, unverified."""
    if len(token) > TOKEN_MAX or not token.isascii():
        raise BadJWT("too long or not ASCII")
    try:
        header: object = jws.extract_compact(token.encode(), registry=_READING).headers()
    except (JoseError, ValueError, RecursionError) as error:
        raise BadJWT("not a JWS in compact form") from error
    if not isinstance(header, dict):
        raise BadJWT("the header is no JSON object")
    return header


def verify(token: str, keys: Sequence[Mapping[str, Any]], algs: Collection[str]) -> ClientJWT:
    """Return a JWT that one of the keys signed with one of the algorithms, or raise `BadJWT`."""
    header = header_of(token)
    if foreign := sorted(_FOREIGN & header.keys()):
        message = f"header names {', '.join(foreign)}"
        raise BadJWT(message)
    return verify_with(token, candidates(header, keys, algs), str(header["alg"]))


def candidates(
    header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]], algs: Collection[str]
) -> list[Mapping[str, Any]]:
    """Return the keys that may have signed: the one of the ``kid``, or all of the fitting kind."""
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in algs:
        message = f"alg {str(alg)[:20]!r} is not one of {', '.join(sorted(algs))}"
        raise BadJWT(message)
    found = [key for key in keys if _fits(key, alg) and (kid is None or key.get("kid", kid) == kid)]
    if not found:
        message = f"no key for alg {alg} and kid {str(kid)[:60]!r}"
        raise BadJWT(message, "kid " + ", ".join(str(key.get("kid", "-")) for key in keys) if keys else "no key")
    return found


def _fits(key: Mapping[str, Any], alg: str) -> bool:
    if key.get("kty") != _KTY[alg] or key.get("use", "sig") != "sig" or key.get("alg", alg) not in {alg, "Ed25519"}:
        return False
    return alg not in _CRV or key.get("crv") == _CRV[alg]


def verify_with(token: str, keys: Sequence[Mapping[str, Any]], alg: str) -> ClientJWT:
    """Verify the signature with any of the keys, and return header and claims."""
    registry = _Registry(algorithms=[alg], strict_check_header=False)
    for key in keys:
        try:
            found = jws.deserialize_compact(token.encode(), load_key(key), registry=registry)
        except (JoseError, ValueError):
            continue
        return ClientJWT(found.headers(), _claims(found.payload), keys)
    raise BadJWT("the signature does not fit any key")


def load_key(jwk: Mapping[str, Any]) -> Key:
    """Return a JWK as joserfc takes it; the same key is read once."""
    return _load(json.dumps(dict(jwk), sort_keys=True))


@lru_cache(maxsize=256)
def _load(text: str) -> Key:
    jwk = json.loads(text)
    # What a key says of its own use was judged before; joserfc has names of its own for algorithms.
    material = {name: value for name, value in jwk.items() if name not in {"use", "key_ops", "alg"}}
    key: Key = _KINDS[jwk["kty"]].import_key(material)
    return key


def _claims(payload: bytes) -> Mapping[str, Any]:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BadJWT("the payload is no JSON") from error
    if not isinstance(claims, dict):
        raise BadJWT("the payload is no JSON object")
    return claims


def number(claims: Mapping[str, Any], name: str) -> float | None:
    """Return a NumericDate, None if it is missing; anything else is a `BadJWT`."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**53:
        message = f"{name} is no number"
        raise BadJWT(message)
    return float(value)


def as_json(value: object) -> str:
    """Return a claim that is no text as a parameter would carry it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
