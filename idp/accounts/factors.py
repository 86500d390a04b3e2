"""Second factors of an account: which it has, recovery codes, and what every change of them brings (D-74)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from config.audit import record
from config.database import db
from idp.accounts import totp
from idp.accounts.credentials import Passkey, RecoveryCode, TotpCredential
from idp.accounts.messages import leave

RECOVERY_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No signs that look alike; twelve of them are 59 bits, more than a throttled guesser can try."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account can prove itself with beside the password."""

    has_totp: bool
    passkeys: int
    recovery_left: int

    @property
    def any(self) -> bool:
        """Whether a log-in asks for more than the password."""
        return self.has_totp or self.passkeys > 0


def factors_of(account_id: int) -> Factors:
    """Return the second factors of an account, by one SELECT in the running transaction."""
    has_totp = select(func.count()).select_from(TotpCredential).where(TotpCredential.account_id == account_id)
    passkeys = select(func.count()).select_from(Passkey).where(Passkey.account_id == account_id)
    left = select(func.count()).select_from(RecoveryCode)
    left = left.where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    query = select(has_totp.scalar_subquery(), passkeys.scalar_subquery(), left.scalar_subquery())
    row = db.session.execute(query).one()
    return Factors(bool(row[0]), row[1], row[2])


def enrol_totp(account_id: int, secret: str, code: str, *, now: datetime) -> list[str] | None:
    """Add a generator that the code proves; return new recovery codes if it is the first factor, else an empty list.

    None: the code is wrong, nothing was changed.
    """
    step = totp.matching_step(secret, code, now)
    if step is None:
        return None
    with db.session.begin():
        is_first = not factors_of(account_id).any
        totp.store(account_id, secret, step, now=now)
        tell(account_id, "SEC-TOTP-ADDED", "factor.totp_added", now=now)
        return new_recovery_codes(account_id) if is_first else []


def remove_totp(account_id: int, *, now: datetime) -> None:
    """Take the generator away."""
    with db.session.begin():
        db.session.execute(delete(TotpCredential).where(TotpCredential.account_id == account_id))
        _without_factor(account_id)
        tell(account_id, "SEC-TOTP-REMOVED", "factor.totp_removed", now=now)


def remove_passkey(account_id: int, passkey_id: int, *, now: datetime) -> bool:
    """Take one passkey of the account away; return whether there was one."""
    with db.session.begin():
        own = delete(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account_id)
        if db.session.execute(own.returning(Passkey.id)).first() is None:
            return False
        _without_factor(account_id)
        tell(account_id, "SEC-PASSKEY-REMOVED", "factor.passkey_removed", now=now)
    return True


def renew_recovery_codes(account_id: int, *, now: datetime) -> list[str]:
    """Make ten new codes in place of the old ones, and return them: they are shown once."""
    with db.session.begin():
        codes = new_recovery_codes(account_id)
        tell(account_id, "SEC-RECOVERY-RENEWED", "factor.recovery_renewed", now=now)
    return codes


def new_recovery_codes(account_id: int) -> list[str]:
    """Replace the codes in the caller's transaction."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = [_code() for _ in range(RECOVERY_CODES)]
    rows = [{"account_id": account_id, "digest": _digest(account_id, code)} for code in codes]
    db.session.execute(insert(RecoveryCode), rows)
    return codes


def use_recovery_code(account_id: int, typed: str, *, now: datetime) -> bool:
    """Use one code up, in the caller's transaction, and tell the person."""
    once = update(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.digest == _digest(account_id, typed),
        RecoveryCode.used_at.is_(None),
    )
    if db.session.execute(once.values(used_at=now).returning(RecoveryCode.id)).first() is None:
        return False
    tell(account_id, "SEC-RECOVERY-USED", "factor.recovery_used", now=now)
    return True


def remove_all(account_id: int) -> None:
    """Take every second factor away, in the caller's transaction (see ``factor_resets``)."""
    for table in (TotpCredential, Passkey, RecoveryCode):
        db.session.execute(delete(table).where(table.account_id == account_id))


def tell(account_id: int, code: str, action: str, *, now: datetime, actor: str | None = None) -> None:
    """Log a change of what proves the person, and let her know (§7.4)."""
    subject = f"account:{account_id}"
    record(action, actor=actor or subject, subject=subject)
    leave(account_id, code, {"moment": now.isoformat()}, actor="system", now=now)


def _without_factor(account_id: int) -> None:
    """Recovery codes stand in for a factor; without one they are nothing."""
    if not factors_of(account_id).any:
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def _code() -> str:
    signs = [secrets.choice(_ALPHABET) for _ in range(12)]
    return "-".join("".join(signs[at : at + 4]) for at in (0, 4, 8))


def _digest(account_id: int, typed: str) -> str:
    plain = "".join(sign for sign in typed.lower() if sign in _ALPHABET)
    return hashlib.sha256(f"{account_id}:{plain}".encode()).hexdigest()
