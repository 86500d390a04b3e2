"""Failed log-ins: 5 failures → 15 minutes (DOMAIN §7.4, D-33).

Attempts are counted *before* the password is checked, by one atomic statement, so that a burst of parallel guesses
gets no more than five. Buckets:

- (account name, device): a browser that has signed in to this account before counts for itself, so nobody else's
  failures lock it out;
- (account name, everywhere else): all other browsers together, whatever their address;
- (address): many names tried from one address; a success is taken off again, since whole schools share one address.

The name's bucket exists for unknown names too: the answer never tells whether an account exists. Addresses come from
the connection (or from as many trusted proxies as the settings say), so forged headers change nothing.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from sqlalchemy import case, delete, select, update
from sqlalchemy.engine import Connection

from config.database import upsert
from config.seal import mac_key
from config.settings import settings
from idp.accounts.models import LoginThrottle


@dataclass(frozen=True, slots=True)
class Buckets:
    """What an attempt counts against; a known device is not held up by its address.

    ``owner`` ties the buckets of one account together, so that staff can let her in again.
    """

    name: str
    address: str | None
    owner: str | None = None


def buckets(login_name: str, address: str, *, known_device: str | None) -> Buckets:
    """Return the buckets of an attempt."""
    if known_device is not None:
        return Buckets(_bucket("device", login_name, known_device), None, _owner(login_name))
    return Buckets(_bucket("name", login_name), _bucket("address", _network(address)), _owner(login_name))


def code_buckets(holder: str, address: str) -> Buckets:
    """Return the buckets of typing in a device's user code (RFC 8628 §5.1): the browser's session, and the address."""
    return Buckets(_bucket("code", holder), _bucket("code-address", _network(address)))


def factor_buckets(account: str, address: str) -> Buckets:
    """Return the buckets of a second factor: the account, whatever browser, and the address."""
    return Buckets(_bucket("factor", account), _bucket("address", _network(address)), _owner(account))


def reset_buckets(login_name: str, address: str) -> Buckets:
    """Return the buckets of asking for a link to reset a password; known and unknown names alike."""
    return Buckets(_bucket("reset", login_name), _bucket("reset-address", _network(address)))


def admit_application(connection: Connection, address: str, now: datetime) -> bool:
    """Count an application for an account against its address: the answer tells whether a name is free."""
    rules = settings()
    if not rules.login_throttle:
        return True
    bucket = _bucket("application", _network(address))
    return _count(connection, bucket, rules.login_failures_per_address, now, lasting=False)


def admit(connection: Connection, attempt: Buckets, now: datetime) -> bool:
    """Count the attempt and say whether it may go on."""
    rules = settings()
    if not rules.login_throttle:
        return True
    admitted = _count(connection, attempt.name, rules.login_failures, now, lasting=True, owner=attempt.owner)
    if attempt.address is not None:
        limit = rules.login_failures_per_address
        admitted = _count(connection, attempt.address, limit, now, lasting=False) and admitted
    return admitted


def forgive(connection: Connection, attempt: Buckets) -> None:
    """After a success forget the failures of the name, and take this attempt off those of the address."""
    if not settings().login_throttle:
        return
    row = LoginThrottle
    connection.execute(delete(row).where(row.bucket == attempt.name))
    if attempt.address is not None:
        one_less = update(row).where(row.bucket == attempt.address, row.failures > 0)
        connection.execute(one_less.values(failures=row.failures - 1))


def is_locked_out(connection: Connection, owners: Iterable[str], now: datetime) -> bool:
    """Whether any bucket of an account, named by its account name and its id, is full now."""
    row = LoginThrottle
    query = select(row.bucket).where(row.owner.in_([_owner(owner) for owner in owners]), row.expires_at > now)
    return connection.execute(query.where(row.failures >= settings().login_failures).limit(1)).first() is not None


def let_in(connection: Connection, owners: Iterable[str]) -> None:
    """Forget the failures of an account, on known devices too: staff has made sure who it is."""
    row = LoginThrottle
    connection.execute(delete(row).where(row.owner.in_([_owner(owner) for owner in owners])))


def _count(
    connection: Connection, bucket: str, limit: int, now: datetime, *, lasting: bool, owner: str | None = None
) -> bool:
    """Add one and say whether it is within the limit; a bucket that is full neither grows nor lasts longer.

    ``lasting``: every failure starts the time anew; else the bucket is a window that ends as it began.
    """
    until = now + timedelta(seconds=settings().login_lockout)
    row = LoginThrottle
    new = upsert(row).values(bucket=bucket, owner=owner, failures=1, expires_at=until)
    over, stale = row.failures >= limit, row.expires_at <= now
    counted = new.on_conflict_do_update(
        index_elements=["bucket"],
        set_={
            "failures": case((stale, 1), (over, limit + 1), else_=row.failures + 1),
            "expires_at": case((stale, until), (over, row.expires_at), else_=until if lasting else row.expires_at),
        },
    ).returning(row.failures)
    return connection.execute(counted).scalar_one() <= limit


def _network(address: str) -> str:
    """Return what one person commands: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((parsed, 64), strict=False)) if parsed.version == 6 else address


def _owner(name: str) -> str:
    return _bucket("owner", name)


def _bucket(kind: str, *parts: str) -> str:
    facts = "\0".join((kind, *parts)).encode("utf-8", "surrogatepass")
    return hmac.new(mac_key("login-throttle"), facts, hashlib.sha256).hexdigest()
