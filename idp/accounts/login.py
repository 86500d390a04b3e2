"""The decision of a log-in: account name and password, under the throttle (DOMAIN §7.4, D-33).

The steps are the same whether the account exists or not: one look-up, the counters, one Argon2 verification.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from sqlalchemy import update
from sqlalchemy.engine import Connection

from config.audit import record
from idp.accounts import throttle
from idp.accounts.accounts import Credentials, find_credentials, fold
from idp.accounts.models import Account, AccountType, BusinessState
from idp.accounts.passwords import PASSWORD_MAX, hash_password, needs_rehash, verify_password

NAME_MAX = 64


class Outcome(Enum):
    """What the log-in page says. ``HALF_WAY``: the password is right, the second factor is still to come (D-74)."""

    WELCOME = auto()
    HALF_WAY = auto()
    WRONG = auto()
    LOCKED_OUT = auto()
    NOT_APPROVED = auto()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came, and from where. ``knows`` tells whether this device has signed in to an account before."""

    login_name: str
    password: str
    address: str
    device_id: str
    known_accounts: tuple[int, ...]


def log_in(connection: Connection, attempt: Attempt, now: datetime) -> tuple[Outcome, int | None]:
    """Judge an attempt; return the outcome and, if the password was right, the account id."""
    name = fold(attempt.login_name)
    if len(name) > NAME_MAX or len(attempt.password) > PASSWORD_MAX:
        return Outcome.WRONG, None
    found = find_credentials(connection, name)
    known = attempt.device_id if found and found.id in attempt.known_accounts else None
    counters = throttle.buckets(name, attempt.address, known_device=known)
    if not throttle.admit(connection, counters, now):
        _note(connection, "login.locked_out", found)
        return Outcome.LOCKED_OUT, None
    if not verify_password(found.password_hash if found else None, attempt.password) or found is None:
        _note(connection, "login.failed", found)
        return Outcome.WRONG, None
    throttle.forgive(connection, counters)
    if found.type is AccountType.BUSINESS and found.business_state != BusinessState.ACTIVE:
        _note(connection, "login.not_approved", found)
        return Outcome.NOT_APPROVED, found.id
    _rehash(connection, found, attempt.password)
    return Outcome.HALF_WAY if found.has_factor else Outcome.WELCOME, found.id


def _note(connection: Connection, action: str, found: Credentials | None) -> None:
    """Audit a refusal; a name that no account has is not kept, it may be a password typed into the wrong field."""
    subject = f"account:{found.id}" if found else None
    record(action, actor="anonymous", subject=subject, on=connection)


def _rehash(connection: Connection, found: Credentials, password: str) -> None:
    """Bring an older hash up to today's cost, now that the password is at hand."""
    if needs_rehash(found.password_hash):
        new = hash_password(password)
        connection.execute(update(Account).where(Account.id == found.id).values(password_hash=new))
