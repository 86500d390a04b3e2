"""Rules for the public keys of a client (RFC 7517). Pure."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_NEEDED = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
KEYS_MAX = 20
RSA_BITS_MIN = 2048


def jwks_fault(jwks: object) -> str | None:
    """Say what is wrong with a JWK set, or None: public keys only, complete, RSA of 2048 bits or more."""
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= KEYS_MAX:
        return f"a JWK set with 1 to {KEYS_MAX} keys is needed"
    for number, key in enumerate(keys, 1):
        if fault := _key_fault(key):
            return f"key {number}: {fault}"
    kids = [key["kid"] for key in keys if "kid" in key]
    return "two keys have the same kid" if len(set(kids)) < len(kids) else None


def _key_fault(key: object) -> str | None:
    if not isinstance(key, Mapping):
        return "not a JWK"
    if PRIVATE_MEMBERS & key.keys():
        return "it is private or symmetric; only public keys belong here"
    needed = _NEEDED.get(str(key.get("kty")))
    if needed is None:
        return "kty must be RSA, EC or OKP"
    if not all(isinstance(key.get(name), str) for name in needed) or not isinstance(key.get("kid", ""), str):
        return f"the members {', '.join(needed)} are needed as text"
    return _size_fault(key) if key["kty"] == "RSA" else None


def _size_fault(key: Mapping[str, Any]) -> str | None:
    try:
        modulus = base64.urlsafe_b64decode(key["n"] + "=" * (-len(key["n"]) % 4))
    except (binascii.Error, ValueError):
        return "n is not base64url"
    bits = int.from_bytes(modulus).bit_length()
    return None if bits >= RSA_BITS_MIN else f"RSA keys need {RSA_BITS_MIN} bits or more"
