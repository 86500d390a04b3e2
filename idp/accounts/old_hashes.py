"""Password hashes of older systems, as a feed may bring them: each is verified once, and then replaced by Argon2id.

Which forms there are, and the highest cost that is taken; whatever is not in this list is no password hash for us:

    bcrypt                      $2a$ $2b$ $2y$                  cost up to 14
    SHA-512 and SHA-256 crypt   $6$ $5$                         up to 1,000,000 rounds
    MD5 crypt                   $1$
    salted SHA of LDAP          {SSHA} {SSHA256} {SSHA512}
    PBKDF2 with SHA-256         $pbkdf2-sha256$ (Passlib), pbkdf2_sha256$ (Django), up to 2,000,000 rounds
    phpass                      $P$ $H$                         cost up to 20
    plain SHA-256, SHA-1, MD5   {SHA256HEX} {SHA1HEX} {MD5HEX} before the hexadecimal digits

The last three carry our own prefix, since digits alone do not say what they are. The cost is limited because somebody
else chose it: one hash of a billion rounds would keep a log-in worker busy for minutes, at every attempt.
"""

import hashlib
import hmac
import re
from functools import cache
from typing import Any

LONGEST = 200
"""As many characters as the column holds."""

_CRYPT = r"(?:rounds=(?P<rounds>[1-9][0-9]{3,8})\$)?[./0-9A-Za-z]{1,16}"
_ITOA64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_COST_LIMITS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"\$2[aby]\$(?P<rounds>0[4-9]|[12][0-9]|3[01])\$[./0-9A-Za-z]{53}"), 14),
    (re.compile(rf"\$6\${_CRYPT}\$[./0-9A-Za-z]{{86}}"), 1_000_000),
    (re.compile(rf"\$5\${_CRYPT}\$[./0-9A-Za-z]{{43}}"), 1_000_000),
    (re.compile(r"\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}"), 0),
    (re.compile(r"\{SSHA\}(?:[+/0-9A-Za-z]{4}){8,13}(?:[+/0-9A-Za-z]{2}==|[+/0-9A-Za-z]{3}=)?"), 0),
    (re.compile(r"\{SSHA256\}(?:[+/0-9A-Za-z]{4}){11,17}(?:[+/0-9A-Za-z]{2}==|[+/0-9A-Za-z]{3}=)?"), 0),
    (re.compile(r"\{SSHA512\}(?:[+/0-9A-Za-z]{4}){22,28}(?:[+/0-9A-Za-z]{2}==|[+/0-9A-Za-z]{3}=)?"), 0),
    (re.compile(r"\$pbkdf2-sha256\$(?P<rounds>[1-9][0-9]{0,8})\$[./0-9A-Za-z]{1,80}\$[./0-9A-Za-z]{43}"), 2_000_000),
    (re.compile(r"pbkdf2_sha256\$(?P<rounds>[1-9][0-9]{0,8})\$[0-9A-Za-z]{1,80}\$[+/0-9A-Za-z]{43}="), 2_000_000),
    (re.compile(r"\$[PH]\$(?P<rounds>[5-9A-S])[./0-9A-Za-z]{30}"), 20),
)
_PLAIN = re.compile(r"\{(SHA256|SHA1|MD5)HEX\}([0-9a-fA-F]+)")
_DIGITS = {"SHA256": 64, "SHA1": 40, "MD5": 32}
_SCHEMES = (
    *("bcrypt", "sha512_crypt", "sha256_crypt", "md5_crypt", "ldap_salted_sha1", "ldap_salted_sha256"),
    *("ldap_salted_sha512", "pbkdf2_sha256", "django_pbkdf2_sha256", "phpass"),
)
_BCRYPT_BYTES = 72


def is_old_hash(encoded: str) -> bool:
    """Whether this is a hash in one of the forms of the list, at a cost that we are willing to bear."""
    if len(encoded) > LONGEST:
        return False
    if plain := _PLAIN.fullmatch(encoded):
        return len(plain[2]) == _DIGITS[plain[1]]
    return any(_cost(found) <= limit for form, limit in _COST_LIMITS if (found := form.fullmatch(encoded)))


def matches(encoded: str, password: str) -> bool:
    """Whether the password is right; ``encoded`` is one of ours, see `is_old_hash`."""
    if plain := _PLAIN.fullmatch(encoded):
        made = hashlib.new(plain[1].lower(), password.encode(), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(made, plain[2].lower())
    secret = password.encode()
    if encoded.startswith("$2"):
        secret = secret[:_BCRYPT_BYTES]  # so did every system that made such a hash
    try:
        return bool(_context().verify(secret, encoded))
    except (ValueError, TypeError):  # NUL in the password, or a hash whose inside is broken
        return False


def _cost(found: re.Match[str]) -> int:
    rounds = found.groupdict().get("rounds")
    if rounds is None:
        return 0
    return int(rounds) if rounds.isdigit() and found[0][1] not in "PH" else _ITOA64.index(rounds)


@cache
def _context() -> Any:  # noqa: ANN401  # the package has no types
    """Load Passlib at the first old hash: most processes never see one."""
    from passlib.context import CryptContext

    return CryptContext(schemes=list(_SCHEMES))
