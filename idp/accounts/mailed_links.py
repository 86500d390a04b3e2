"""Single-use links sent by mail: to reset a password, to verify an address (DOMAIN §7.4)."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, insert, select, update

from config.audit import record
from config.database import db
from config.settings import settings
from idp.accounts import outbox
from idp.accounts.addresses import tell_address_before
from idp.accounts.credentials import LinkPurpose, MailedLink
from idp.accounts.models import Account

MakeLink = Callable[[str], str]
"""From the token to the whole address of the page."""
OPEN_MAX = 3
"""Links of one purpose and account that may be open at once: more would only fill the mailbox."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a good link stands for."""

    account_id: int
    email: str
    login_name: str


def ask_to_verify(account_id: int, make_link: MakeLink, *, now: datetime, email: str | None = None) -> None:
    """Send a link to an address, the account's own if none is given: whoever opens it can read mail there."""
    with db.session.begin():
        account = db.session.get_one(Account, account_id)
        address = email or account.email
        if address is not None:
            _send(account, address, LinkPurpose.VERIFY_EMAIL, make_link, now)


def ask_to_reset(login_name: str, make_link: MakeLink, *, now: datetime) -> None:
    """Send a link to the verified address of an open account, if there is one; the asker never learns (§7.4)."""
    query = select(Account).where(Account.login_name == login_name, Account.closed_at.is_(None))
    with db.session.begin():
        account = db.session.scalars(query).one_or_none()
        subject = f"account:{account.id}" if account else None
        record("password.reset_asked", actor="anonymous", subject=subject)
        if account is not None and account.email is not None and account.email_verified_at is not None:
            _send(account, account.email, LinkPurpose.RESET_PASSWORD, make_link, now)


def peek(token: str, purpose: LinkPurpose, *, now: datetime) -> Opened | None:
    """Return what a link stands for while it is good, without using it."""
    query = (
        select(MailedLink.account_id, MailedLink.email, Account.login_name)
        .join(Account, Account.id == MailedLink.account_id)
        .where(*_is_good(token, purpose, now), Account.closed_at.is_(None))
    )
    with db.session.begin():
        row = db.session.execute(query).first()
    return Opened(*row) if row else None


def use(token: str, purpose: LinkPurpose, *, now: datetime) -> tuple[int, str] | None:
    """Use a link in the caller's transaction: of two that use it, one gets (account id, address)."""
    once = update(MailedLink).where(*_is_good(token, purpose, now)).values(used_at=now)
    row = db.session.execute(once.returning(MailedLink.account_id, MailedLink.email)).first()
    return (row[0], row[1]) if row else None


def void(account_id: int, purpose: LinkPurpose, *, now: datetime) -> None:
    """Make every open link of a purpose useless: after a change of password no older link may work."""
    is_open = (MailedLink.account_id == account_id, MailedLink.purpose == purpose, MailedLink.used_at.is_(None))
    db.session.execute(update(MailedLink).where(*is_open).values(used_at=now))


def confirm_address(token: str, *, now: datetime) -> bool:
    """Make the address of a link the account's verified one; the address before it is told."""
    with db.session.begin():
        used = use(token, LinkPurpose.VERIFY_EMAIL, now=now)
        if used is None:
            return False
        account = db.session.get_one(Account, used[0])
        old = account.email if account.email_verified_at else None
        account.email, account.email_verified_at, account.changed_at = used[1], now, now
        subject = f"account:{account.id}"
        record("account.email_verified", actor=subject, subject=subject)
        if old != used[1]:
            tell_address_before(account.id, old, now=now)
    return True


def _send(account: Account, email: str, purpose: LinkPurpose, make_link: MakeLink, now: datetime) -> None:
    same = (MailedLink.account_id == account.id, MailedLink.purpose == purpose)
    still_open = select(MailedLink.digest).where(*same, MailedLink.used_at.is_(None), MailedLink.expires_at > now)
    if len(db.session.scalars(still_open).all()) >= OPEN_MAX:
        return
    token, ttl = secrets.token_urlsafe(32), settings().reset_link_ttl
    row = {
        "digest": _digest(token),
        "account_id": account.id,
        "purpose": purpose,
        "email": email,
        "expires_at": now + timedelta(seconds=ttl),
    }
    db.session.execute(insert(MailedLink), row)
    code = "SEC-PASSWORD-RESET" if purpose is LinkPurpose.RESET_PASSWORD else "SEC-EMAIL-VERIFY"
    facts = {"account": account.login_name, "minutes": ttl // 60, "link": make_link(token)}
    outbox.post_to(email, account.id, code, facts, now=now)


def _is_good(token: str, purpose: LinkPurpose, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """A link is good once and for a while; one to reset the password only while its address is still the account's."""
    is_hers = (Account.id == MailedLink.account_id, Account.email == MailedLink.email)
    is_still_hers = select(Account.id).where(*is_hers).correlate(MailedLink).exists()
    return (
        *((is_still_hers,) if purpose is LinkPurpose.RESET_PASSWORD else ()),
        MailedLink.digest == _digest(token),
        MailedLink.purpose == purpose,
        MailedLink.used_at.is_(None),
        MailedLink.expires_at > now,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
