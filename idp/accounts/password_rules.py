"""What a password must be (DOMAIN §7.4): long, not easily guessed, not one of the last three."""

from collections.abc import Collection
from datetime import datetime
from enum import Enum, auto
from functools import cache

from sqlalchemy import delete, insert, select, update

from config.database import db
from idp.accounts.credentials import PasswordHistory
from idp.accounts.models import Account
from idp.accounts.passwords import PASSWORD_MAX, hash_password, verify_password

PASSWORD_MIN = 12
LAST = 3
"""None of so many passwords, the current one among them, may be taken again."""
GUESSES_MIN = 10**8
"""What the estimator calls safely unguessable (its score 3): enough behind a slow hash and a throttle."""
_JUDGED = 72
"""Signs that the estimator looks at; it grows slow with longer text, and 72 decide already."""


class PasswordFault(Enum):
    """What is wrong with a new password."""

    SHORT = auto()
    LONG = auto()
    NAMES_ACCOUNT = auto()
    COMMON = auto()
    WEAK = auto()
    USED = auto()


def password_fault(password: str, login_name: str, known: Collection[str] = ()) -> PasswordFault | None:
    """Return what is wrong: 12 to 1024 signs of any kind, without the account name, not common, hard to guess.

    There is no rule on kinds of signs (NIST SP 800-63B §3.1.1.2). ``known``: what others know of the person (name,
    address), which makes a password no better.
    """
    if len(password) < PASSWORD_MIN:
        return PasswordFault.SHORT
    if len(password) > PASSWORD_MAX:
        return PasswordFault.LONG
    name = login_name.strip().lower()
    if name and name in password.lower():
        return PasswordFault.NAMES_ACCOUNT
    return _guessable(password, [name, *known])


def _guessable(password: str, known: Collection[str]) -> PasswordFault | None:
    from zxcvbn import zxcvbn  # its word lists are read only where passwords are set

    if password.lower() in _common():
        return PasswordFault.COMMON
    words = [word for word in known if word]
    guesses = int(zxcvbn(password[:_JUDGED], user_inputs=[*words, "teacher", "inservice", "jiaoshi"])["guesses"])
    return PasswordFault.WEAK if guesses < GUESSES_MIN else None


@cache
def _common() -> frozenset[str]:
    """Return the 30,000 commonest passwords, and each of them said twice."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    listed: list[str] = FREQUENCY_LISTS["passwords"]
    return frozenset(listed) | frozenset(word * 2 for word in listed)


def was_used(account_id: int, password: str) -> bool:
    """Whether it is one of the last three passwords, the current one too."""
    current = select(Account.password_hash).where(Account.id == account_id)
    hashes = {db.session.execute(current).scalar_one(), *_recent(account_id)}
    return any(encoded and verify_password(encoded, password) for encoded in hashes)


def store_password(account_id: int, password: str, *, now: datetime) -> None:
    """Make it the account's password, in the caller's transaction; what it replaces is remembered among the last."""
    old = db.session.execute(select(Account.password_hash).where(Account.id == account_id)).scalar_one()
    if old:
        db.session.execute(insert(PasswordHistory).values(account_id=account_id, password_hash=old, set_at=now))
    new = {"password_hash": hash_password(password), "must_change_password": False, "changed_at": now}
    db.session.execute(update(Account).where(Account.id == account_id).values(new))
    _forget(account_id)


def _recent(account_id: int) -> list[str]:
    of_account = PasswordHistory.account_id == account_id
    query = select(PasswordHistory.password_hash).where(of_account).order_by(PasswordHistory.id.desc())
    return list(db.session.scalars(query.limit(LAST - 1)))


def _forget(account_id: int) -> None:
    """Older hashes than those that count are of no use to us, and of some to a thief."""
    of_account = PasswordHistory.account_id == account_id
    kept = select(PasswordHistory.id).where(of_account).order_by(PasswordHistory.id.desc()).limit(LAST - 1)
    old = select(PasswordHistory.id).where(of_account, PasswordHistory.id.not_in(kept))
    stale = list(db.session.scalars(old))
    if stale:
        db.session.execute(delete(PasswordHistory).where(PasswordHistory.id.in_(stale)))
