"""User codes (RFC 8628 §6.1): eight letters without vowels and look-alikes, easy to read off a screen and to type."""

import hashlib
import hmac
import secrets
import unicodedata

from config.seal import mac_keys

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
"""20^8 codes are 34.5 bits: enough while they live ten minutes and guesses are counted (§5.1)."""


def new() -> str:
    """Return a random code, without its dash."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def show(code: str) -> str:
    """Return the code as people read it: XXXX-XXXX."""
    return f"{code[:4]}-{code[4:]}"


def fold(typed: str) -> str | None:
    """Return the code that was typed, or None if it cannot be one.

    Case, dashes, blanks and the full-width letters of Chinese keyboards make no difference.
    """
    letters = unicodedata.normalize("NFKC", typed[:64]).upper()
    code = "".join(sign for sign in letters if sign.isalnum())
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def digests(code: str) -> tuple[str, ...]:
    """Return what a code may be stored as, the current first. Keyed: a bare hash of so few bits could be undone."""
    return tuple(hmac.new(key, code.encode(), hashlib.sha256).hexdigest() for key in mac_keys("user-code"))
