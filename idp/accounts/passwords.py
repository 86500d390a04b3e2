"""Passwords of people: Argon2id, at the cost that OWASP recommends for log-in servers (19 MiB, two passes).

Hashes of older systems (``old_hashes``) are understood until their owner's next log-in, which replaces them.
"""

from functools import cache

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from idp.accounts.old_hashes import LONGEST, is_old_hash, matches

PASSWORD_MAX = 1024
"""Longer input is refused unread; hashing it would be work for nothing."""

_ARGON2 = "$argon2"
_MEMORY_MAX, _TIME_MAX, _LANES_MAX = 128 * 1024, 10, 8
"""What an Argon2 hash that somebody else made may cost us: KiB, passes, threads."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the encoded Argon2id hash."""
    return _hasher.hash(password)


def verify_password(encoded: str | None, password: str) -> bool:
    """Whether the password is right; without a hash (no account, or none set) the same work is done for nothing.

    The same work follows a wrong password for an older hash, too: most of those are quicker than Argon2, and that would
    tell that there is such an account. For a right one `hash_password` follows.
    """
    if encoded and not encoded.startswith(_ARGON2):
        right = is_old_hash(encoded) and matches(encoded, password)
        return right or _waste(password)
    try:
        right = _hasher.verify(encoded or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and bool(encoded)


def needs_rehash(encoded: str) -> bool:
    """Whether the hash is of an older form, or was made with other parameters than today's."""
    return not encoded.startswith(_ARGON2) or _hasher.check_needs_rehash(encoded)


def is_password_hash(text: str) -> bool:
    """Whether a feed may bring this as a password hash: Argon2id of bearable cost, or one of the older forms."""
    if not text.startswith(_ARGON2):
        return is_old_hash(text)
    try:
        made = extract_parameters(text)
    except (InvalidHashError, ValueError):
        return False
    bearable = made.memory_cost <= _MEMORY_MAX and made.time_cost <= _TIME_MAX and made.parallelism <= _LANES_MAX
    return made.type is Type.ID and bearable and len(text) <= LONGEST


def _waste(password: str) -> bool:
    """Do the work of a verification, and say no."""
    try:
        _hasher.verify(_nobody(), password)
    except VerificationError:
        return False
    return False


@cache
def _nobody() -> str:
    """Return a hash that no password matches, so that unknown accounts take as long as known ones."""
    return _hasher.hash("\0nobody\0")
