"""The counters behind the log-in throttle (§7.4, D-33)."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from config.database import db, hot
from idp.accounts import throttle
from idp.accounts.models import LoginThrottle
from idp.accounts.throttle import Buckets
from tests.pages import Browser
from tests.support.office import MakeApp

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def tries(app: Flask, times: int, now: datetime = NOW, *, name: str = "wang0101", device: str | None = None) -> str:
    """Attempt so often; + is admitted, - is not."""
    with app.app_context(), hot() as connection:
        found = throttle.buckets(name, "203.0.113.9", known_device=device)
        return "".join("+" if throttle.admit(connection, found, now) else "-" for _ in range(times))


def buckets_of(app: Flask, name: str, device: str | None = None) -> Buckets:
    """Return the buckets of an attempt."""
    with app.app_context():
        return throttle.buckets(name, "203.0.113.9", known_device=device)


def test_five_and_no_more(app: Flask) -> None:
    """Five attempts are admitted, every further one is not."""
    assert tries(app, 8) == "+++++---"


def test_refused_attempts_do_not_prolong(app: Flask) -> None:
    """15 minutes from the fifth failure, however often somebody tries meanwhile; then five again."""
    assert tries(app, 5) == "+++++"
    assert tries(app, 3, NOW + 14 * MINUTE) == "---"
    assert tries(app, 1, NOW + 15 * MINUTE - timedelta(seconds=1)) == "-"
    assert tries(app, 6, NOW + 15 * MINUTE) == "+++++-"


def test_failures_are_remembered_for_the_time_since_the_last(app: Flask) -> None:
    """Failures less than 15 minutes apart add up; after a pause of 15 minutes they are forgotten."""
    for step in range(4):
        assert tries(app, 1, NOW + 14 * step * MINUTE) == "+"
    assert tries(app, 2, NOW + 56 * MINUTE) == "+-"
    assert tries(app, 5, NOW + 71 * MINUTE) == "+++++"


def test_names_and_devices_count_apart(app: Flask) -> None:
    """Other names and known devices have counters of their own."""
    assert tries(app, 6) == "+++++-"
    assert tries(app, 6, name="chen0303") == "+++++-"
    assert tries(app, 6, device="one") == "+++++-"
    assert tries(app, 6, device="two") == "+++++-"
    assert buckets_of(app, "wang0101", "one").address is None


def test_forgiving(app: Flask) -> None:
    """A success forgets the name's failures and takes itself off the address, no more."""
    assert tries(app, 4) == "++++"
    found = buckets_of(app, "wang0101")
    with app.app_context(), hot() as connection:
        throttle.forgive(connection, found)
    with app.app_context():
        left = {row.bucket: row.failures for row in db.session.scalars(select(LoginThrottle))}
    assert left == {found.address: 3}
    assert tries(app, 6) == "+++++-"


def test_switched_off(make_app: MakeApp) -> None:
    """Development may switch it off; nothing is counted then."""
    app = make_app(login_throttle=False)
    assert tries(app, 200) == "+" * 200
    with app.app_context():
        assert db.session.scalars(select(LoginThrottle)).all() == []


def test_the_table_names_nobody(app: Flask) -> None:
    """Buckets are keyed hashes: neither names nor addresses can be read or guessed from them."""
    tries(app, 1)
    with app.app_context():
        stored = [row.bucket for row in db.session.scalars(select(LoginThrottle))]
    assert len(stored) == 2
    assert all(len(bucket) == 64 and int(bucket, 16) for bucket in stored)


def test_our_own_proxy_is_believed(make_app: MakeApp) -> None:
    """With one trusted proxy the address is the last that it noted; what the client wrote before it counts for nothing."""
    app = make_app(login_failures_per_address=10, trusted_proxies=1)
    statuses = []
    for count in range(24):
        browser = Browser(app, REMOTE_ADDR="10.0.0.1")
        fields = dict(browser.get("/login").form_with("login-submit").fields)
        data = fields | {"username": f"nobody{count:02}", "password": "x"}
        address = "203.0.113.9" if count < 12 else "198.51.100.7"
        forwarded = {"X-Forwarded-For": f"1.2.3.{count}, {address}"}
        statuses.append(browser.post("/login", data, headers=forwarded).status)
    assert statuses == ([403] * 10 + [429] * 2) * 2


def test_forgiveness_is_no_credit(make_app: MakeApp) -> None:
    """Successes take an address's failures off, never more: nobody earns guesses by logging in often."""
    app = make_app(login_failures_per_address=10)
    assert tries(app, 1) == "+"
    with app.app_context(), hot() as connection:
        for _ in range(3):
            throttle.forgive(connection, buckets_of(app, "wang0101"))
    guesses = "".join(tries(app, 1, name=f"other{number:03}") for number in range(12))
    assert guesses == "+" * 10 + "--"
