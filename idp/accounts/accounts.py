"""Accounts themselves: opening, closing, agreement.

Names and types never change and are never reused (Art.4, D-04, D-05).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, or_, select, update

from config.audit import record
from config.database import db
from idp.accounts.credentials import Passkey, TotpCredential
from idp.accounts.models import Account, AccountType, AgreementAcceptance, BusinessDetail
from idp.accounts.passwords import hash_password

AGREEMENT_VERSION = 1
"""Version of the account-use agreement (帳號使用同意書) whose text the page ``agreement`` shows."""

WITHDRAWN = "!"
"""Stands in place of the password hash of an account that was deleted by who had provisioned it; no password fits it."""

_NAME = re.compile(r"[a-z][a-z0-9]{5,11}")


class AccountRefused(Exception):
    """The account cannot be made; the text says why."""


class NameTaken(AccountRefused):
    """Somebody has the name, or had it (D-05)."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an application states. Accepting the agreement is part of it (AC-02)."""

    login_name: str
    name: str
    password: str
    type: AccountType
    agreement_accepted: bool
    is_test_account: bool = False
    email: str | None = None


def fold(login_name: str) -> str:
    """Return the name as it is compared and stored: lower case (D-06)."""
    return login_name.strip().lower()


def is_well_formed(login_name: str) -> bool:
    """D-06: 6 to 12 letters and digits, first a letter, at least one digit; the name is folded."""
    return bool(_NAME.fullmatch(login_name)) and any(sign.isdigit() for sign in login_name)


def open_account(new: NewAccount, *, actor: str, now: datetime) -> Account:
    """Make an account in the caller's transaction; it can log in at once if it is a teacher's (R-ACC-3)."""
    if not new.agreement_accepted:
        message = "the account-use agreement must be accepted (Art.4)"
        raise AccountRefused(message)
    account = _add(new, hash_password(new.password), actor=actor, now=now)
    _accept(account.id, now)
    return account


def provision_account(new: NewAccount, *, actor: str, now: datetime) -> Account:
    """Make an account that another system pushes, in the caller's transaction.

    It has no password: she sets one by a link sent to her address. The agreement nobody can accept for her; it is asked
    for at her first log-in (D-03).
    """
    return _add(new, "", actor=actor, now=now)


def _add(new: NewAccount, password_hash: str, *, actor: str, now: datetime) -> Account:
    login_name = fold(new.login_name)
    if not is_well_formed(login_name):
        message = "6 to 12 letters and digits, first a letter, at least one digit (D-06)"
        raise AccountRefused(message)
    if db.session.scalar(select(Account.id).where(Account.login_name == login_name)) is not None:
        message = "this account name cannot be used (D-05)"
        raise NameTaken(message)
    account = Account(
        login_name=login_name,
        type=new.type,
        name=new.name,
        password_hash=password_hash,
        is_test_account=new.is_test_account,
        email=new.email,
        created_at=now,
        changed_at=now,
    )
    db.session.add(account)
    db.session.flush()
    record("account.opened", actor=actor, subject=f"account:{account.id}", detail={"type": new.type})
    return account


def accept_agreement(account_id: int, *, now: datetime) -> None:
    """R-ACC-1, D-03: store which version was accepted and when."""
    with db.session.begin():
        _accept(account_id, now)


def close_account(account_id: int, *, actor: str, now: datetime) -> None:
    """Close for good: no log-in any more, and its name stays taken (D-05)."""
    with db.session.begin():
        close(account_id, actor=actor, now=now)


def close(account_id: int, *, actor: str, now: datetime) -> None:
    """Close for good in the caller's transaction; every token dies with the account (`idp.sign_ins`)."""
    db.session.execute(update(Account).where(Account.id == account_id).values(closed_at=now, changed_at=now))
    record("account.closed", actor=actor, subject=f"account:{account_id}")


def withdraw(account: Account, *, actor: str, now: datetime) -> None:
    """Close for good and forget how to reach her, in the caller's transaction, because whoever provisioned it deleted it.

    Name, type and history stay, so that nothing is reused (D-05); the password, the address and the other system's
    identifier go.
    """
    if account.closed_at is None:
        close(account.id, actor=actor, now=now)
    account.password_hash, account.email, account.email_verified_at, account.external_id = WITHDRAWN, None, None, None
    account.changed_at = now
    record("account.withdrawn", actor=actor, subject=f"account:{account.id}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the log-in page needs of an account."""

    id: int
    type: AccountType
    password_hash: str
    business_state: str | None
    has_factor: bool


_HAS_FACTOR = or_(
    exists().where(TotpCredential.account_id == Account.id), exists().where(Passkey.account_id == Account.id)
)
_CREDENTIALS = (
    select(Account.id, Account.type, Account.password_hash, BusinessDetail.state, _HAS_FACTOR)
    .join_from(Account, BusinessDetail, BusinessDetail.account_id == Account.id, isouter=True)
    .where(Account.closed_at.is_(None))
)


def find_credentials(connection: Any, login_name: str) -> Credentials | None:  # noqa: ANN401  # Connection or Session
    """Look an open account up by its folded name."""
    row = connection.execute(_CREDENTIALS.where(Account.login_name == login_name)).first()
    return Credentials(row[0], AccountType(row[1]), row[2], row[3], bool(row[4])) if row else None


def _accept(account_id: int, now: datetime) -> None:
    db.session.execute(update(Account).where(Account.id == account_id).values(agreement_version=AGREEMENT_VERSION))
    db.session.execute(
        insert(AgreementAcceptance).values(account_id=account_id, version=AGREEMENT_VERSION, accepted_at=now)
    )
