"""SCIM identifiers: opaque, stable, resolved without a column of their own (RFC 7643 §3.1).

Inside are integer keys, outside random-looking text: the key is encrypted deterministically and authenticated (AES-SIV,
RFC 5297), so that it can neither be guessed nor counted. The oldest root secret makes them and all open them: putting a
new secret in front changes no identifier; they change when the oldest one is taken away.
"""

import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from config.seal import mac_keys

PURPOSE = "scim-id"
LENGTH = 48
USER, ASSIGNMENT = b"user", b"assignment"


def identifier(kind: bytes, key: int) -> str:
    """Return the identifier of a row. Hexadecimal: it can never contain the reserved word ``bulkId``."""
    return AESSIV(mac_keys(PURPOSE)[-1]).encrypt(struct.pack(">Q", key), [kind]).hex()


def key_of(kind: bytes, text: str) -> int | None:
    """Return the row's key, None for what we never issued for this kind."""
    if len(text) != LENGTH:
        return None
    try:
        sealed = bytes.fromhex(text)
    except ValueError:
        return None
    if text != sealed.hex():  # the one way of writing it that we have
        return None
    for secret in mac_keys(PURPOSE):
        try:
            key: int = struct.unpack(">Q", AESSIV(secret).decrypt(sealed, [kind]))[0]
        except (InvalidTag, ValueError, struct.error):
            continue
        return key
    return None
