"""Changing a password: what must hold, and what ends with the old one (DOMAIN §7.4)."""

from datetime import datetime

from sqlalchemy import select

from config.database import db, locking
from config.guard import Principal
from idp.accounts import mailed_links
from idp.accounts.credentials import LinkPurpose
from idp.accounts.factors import tell
from idp.accounts.models import Account
from idp.accounts.password_rules import PasswordFault, password_fault, store_password, was_used
from idp.logins import end_sessions


def change_password(person: Principal, password: str, *, now: datetime) -> PasswordFault | None:
    """Set a new password; every other session ends. Return what is wrong with it, and then nothing was changed."""
    with db.session.begin():
        fault = _store(person.account_id, password, now)
        if fault is None:
            end_sessions(person.account_id, now=now, but=[person.session_id])
    return fault


def reset_password(token: str, password: str, *, now: datetime) -> PasswordFault | None:
    """Use a mailed link to set a new password; every session ends. A faulty password leaves the link good."""
    with db.session.begin() as transaction:
        used = mailed_links.use(token, LinkPurpose.RESET_PASSWORD, now=now)
        if used is None:
            return None
        fault = _store(used[0], password, now)
        if fault is not None:
            transaction.rollback()
            return fault
        end_sessions(used[0], now=now)
    return None


def _store(account_id: int, password: str, now: datetime) -> PasswordFault | None:
    """Judge and store, with the account's row locked, in the caller's transaction."""
    account = db.session.scalars(locking(select(Account).where(Account.id == account_id))).one()
    fault = password_fault(password, account.login_name, [account.name, account.email or ""])
    if fault is None and was_used(account_id, password):
        fault = PasswordFault.USED
    if fault is not None:
        return fault
    store_password(account_id, password, now=now)
    mailed_links.void(account_id, LinkPurpose.RESET_PASSWORD, now=now)
    tell(account_id, "SEC-PASSWORD-CHANGED", "password.changed", now=now)
    return None
