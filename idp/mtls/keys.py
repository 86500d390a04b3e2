"""Whether a certificate belongs to a key of a client's JWK set (RFC 7517, RFC 8705 §2.2). Pure."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp256k1": "secp256k1"}
Members = tuple[str, str, bytes, bytes]


def is_key_of(jwk: Mapping[str, Any], key: CertificatePublicKeyTypes, der: bytes) -> bool:
    """Whether the JWK is for this key and may be for this use; one with ``x5c`` is for that very certificate only."""
    if jwk.get("use", "sig") != "sig":
        return False
    if "x5c" in jwk and _certificate(jwk["x5c"]) != der:
        return False
    wanted = _members_of_key(key)
    return wanted is not None and wanted == _members_of_jwk(jwk)


def _members_of_key(key: CertificatePublicKeyTypes) -> Members | None:
    """Return what tells one key from another: (kty, crv, two values); integers without leading zeros."""
    if isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        return "RSA", "", _bytes(numbers.n), _bytes(numbers.e)
    if isinstance(key, EllipticCurvePublicKey):
        point = key.public_numbers()
        return "EC", _CURVES.get(key.curve.name, key.curve.name), _bytes(point.x), _bytes(point.y)
    if isinstance(key, Ed25519PublicKey | Ed448PublicKey):
        curve = "Ed25519" if isinstance(key, Ed25519PublicKey) else "Ed448"
        return "OKP", curve, key.public_bytes_raw(), b""
    return None


def _members_of_jwk(jwk: Mapping[str, Any]) -> Members | None:
    """Return the same of a JWK, None if it is none of a public key."""
    kty, crv = str(jwk.get("kty")), str(jwk.get("crv", ""))
    try:
        match kty:
            case "RSA":
                return kty, "", _integer(jwk["n"]), _integer(jwk["e"])
            case "EC":
                return kty, crv, _integer(jwk["x"]), _integer(jwk["y"])
            case "OKP":
                return kty, crv, _decoded(jwk["x"]), b""
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return None


def _certificate(x5c: object) -> bytes | None:
    """Return the DER of the first certificate of ``x5c``, in base64, not base64url (RFC 7517 §4.7)."""
    if not isinstance(x5c, list) or not x5c or not isinstance(x5c[0], str):
        return None
    try:
        return base64.b64decode(x5c[0], validate=True)
    except binascii.Error:
        return None


def _integer(text: str) -> bytes:
    return _decoded(text).lstrip(b"\0")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)
