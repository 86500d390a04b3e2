"""Seal and open small JSON by purpose: a Fernet ring per purpose, its keys derived by HKDF from the root secrets.

What was sealed for one purpose does not open for another. The first root secret seals, all of them open, so a secret is
rotated by putting a new one in front.
"""

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config.settings import settings


class SealBroken(Exception):
    """The blob was not sealed by us for this purpose."""


class SealExpired(SealBroken):
    """It was, but longer ago than allowed."""


def derive(root: bytes, purpose: str) -> bytes:
    """Return a 32-byte key of its own for the purpose (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"roaming/{purpose}".encode()).derive(root)


@lru_cache(maxsize=64)
def _ring(roots: tuple[bytes, ...], purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derive(root, purpose))) for root in roots])


@lru_cache(maxsize=64)
def _key(root: bytes, purpose: str) -> bytes:
    return derive(root, purpose)


def mac_key(purpose: str) -> bytes:
    """Return the current key for keyed hashes of the purpose."""
    return mac_keys(purpose)[0]


def mac_keys(purpose: str) -> tuple[bytes, ...]:
    """Return the keys of the purpose, the current one first: a kept hash may be one of an older key."""
    return tuple(_key(root, purpose) for root in settings().root_keys)


def seal_bytes(purpose: str, data: bytes) -> str:
    """Seal bytes; the result is URL-safe ASCII."""
    return _ring(settings().root_keys, purpose).encrypt(data).decode("ascii")


def open_bytes(purpose: str, blob: str, ttl: int | None = None) -> bytes:
    """Open what `seal_bytes` made; `SealExpired` when older than ``ttl`` seconds, `SealBroken` for all else."""
    ring = _ring(settings().root_keys, purpose)
    try:
        data = ring.decrypt(blob.encode("utf-8"))
    except (InvalidToken, ValueError) as error:  # a blob with lone surrogates is a ValueError
        raise SealBroken from error
    if ttl is not None:
        try:
            ring.decrypt(blob.encode("utf-8"), ttl=ttl)
        except InvalidToken as error:
            raise SealExpired from error
    return data


def seal(purpose: str, payload: Mapping[str, Any]) -> str:
    """Seal a small JSON object."""
    return seal_bytes(purpose, json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode())


def open_(purpose: str, blob: str, ttl: int | None = None) -> dict[str, Any]:
    """Open what `seal` made."""
    opened: dict[str, Any] = json.loads(open_bytes(purpose, blob, ttl))
    return opened
