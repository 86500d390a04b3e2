"""What a test puts into the demo's database about log-in security, where no page makes it quickly."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select, update

from config.database import db
from idp.accounts import totp
from idp.accounts.credentials import FactorReset, LinkPurpose, MailedLink, Passkey
from idp.accounts.factors import new_recovery_codes, remove_all
from idp.accounts.models import Account, LoginThrottle
from idp.sessions import BrowserSession
from tests.support.demo import Demo, Person


def account_id(name: str) -> int:
    """Return the account's number, in the running transaction."""
    return db.session.execute(select(Account.id).where(Account.login_name == name)).scalar_one()


def without_factors(demo: Demo, account: str) -> None:
    """Take all second factors away, and what the tests before left: sessions, resets, failures."""
    now = datetime.now(UTC)
    with demo.database():
        ident = account_id(account)
        remove_all(ident)
        ended = update(BrowserSession).where(BrowserSession.account_id == ident, BrowserSession.ended_at.is_(None))
        db.session.execute(ended.values(ended_at=now))
        db.session.execute(delete(FactorReset).where(FactorReset.account_id == ident))
        db.session.execute(delete(LoginThrottle))


@contextmanager
def borrowed(demo: Demo, key: str) -> Iterator[Person]:
    """Lend a teacher to a test that changes how she logs in, and give her back as the other tests know her."""
    person = demo.teacher(key)
    without_factors(demo, person["account"])
    with demo.database():
        kept = db.session.get_one(Account, account_id(person["account"])).password_hash
    try:
        yield person
    finally:
        without_factors(demo, person["account"])
        with demo.database():
            db.session.get_one(Account, account_id(person["account"])).password_hash = kept


def with_generator(demo: Demo, account: str) -> str:
    """Give an account a generator and recovery codes, and return its secret; no code was used yet."""
    secret = totp.new_secret()
    with demo.database():
        ident = account_id(account)
        totp.store(ident, secret, 0, now=datetime.now(UTC))
        new_recovery_codes(ident)
    return secret


def with_passkey(demo: Demo, account: str, name: str) -> None:
    """Give an account a passkey that nobody has."""
    facts = {"public_key": b"x", "sign_count": 3, "transports": ["internal"], "is_backed_up": False}
    with demo.database():
        ident = account_id(account)
        names = {"account_id": ident, "credential_id": secrets.token_urlsafe(32), "user_handle": secrets.token_hex(16)}
        now = datetime.now(UTC)
        db.session.execute(insert(Passkey), facts | names | {"name": name, "created_at": now, "last_used_at": now})


def mailed_link(demo: Demo, account: str, purpose: LinkPurpose) -> str:
    """Return the token of a link as it would come by mail."""
    token, until = secrets.token_urlsafe(32), datetime.now(UTC) + timedelta(minutes=30)
    digest = hashlib.sha256(token.encode()).hexdigest()
    with demo.database():
        facts = {"account_id": account_id(account), "email": f"{account}@mail.example", "expires_at": until}
        db.session.execute(insert(MailedLink), facts | {"digest": digest, "purpose": purpose})
    return token


def an_hour_ago(demo: Demo, account: str) -> None:
    """Let all log-ins of an account be an hour old."""
    with demo.database():
        own = update(BrowserSession).where(BrowserSession.account_id == account_id(account))
        db.session.execute(own.values(auth_time=datetime.now(UTC) - timedelta(hours=1)))
