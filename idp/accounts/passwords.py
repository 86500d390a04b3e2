"""Passwords of people: Argon2id, at the cost that OWASP recommends for log-in servers (19 MiB, two passes)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_MAX = 1024
"""Longer input is refused unread; hashing it would be work for nothing."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the encoded Argon2id hash."""
    return _hasher.hash(password)


def verify_password(encoded: str | None, password: str) -> bool:
    """Whether the password is right; without a hash (no such account) the same work is done for nothing."""
    try:
        right = _hasher.verify(encoded or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and encoded is not None


def needs_rehash(encoded: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(encoded)


@cache
def _nobody() -> str:
    """Return a hash that no password matches, so that unknown accounts take as long as known ones."""
    return _hasher.hash("\0nobody\0")
