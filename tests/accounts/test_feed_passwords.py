"""Password hashes of older systems: taken from a feed, verified once, and replaced at the first log-in."""

import base64
import hashlib
from typing import Any

import argon2
import pytest
from flask import Flask
from passlib import hash as made_by
from sqlalchemy import select

from idp.accounts import passwords
from idp.accounts.models import Account
from idp.accounts.passwords import is_password_hash, needs_rehash, verify_password
from tests.pages import Browser
from tests.support.feed import SERVED, Feeder, feed
from tests.support.office import Office

SECRET = "密碼 of an older system"


def salted(scheme: str, digest: str) -> str:
    """Return an LDAP hash, made without the library that verifies it."""
    return scheme + base64.b64encode(hashlib.new(digest, SECRET.encode() + b"saltsalt").digest() + b"saltsalt").decode()


def django() -> str:
    """Return Django's form, made by hand from its definition."""
    made = base64.b64encode(hashlib.pbkdf2_hmac("sha256", SECRET.encode(), b"salt1234", 1000)).decode()
    return f"pbkdf2_sha256$1000$salt1234${made}"


OLD = {
    "bcrypt": made_by.bcrypt.using(rounds=4).hash(SECRET),
    "bcrypt of PHP": made_by.bcrypt.using(rounds=4, ident="2y").hash(SECRET),
    "sha512_crypt": made_by.sha512_crypt.using(rounds=1000).hash(SECRET),
    "sha256_crypt": made_by.sha256_crypt.using(rounds=1000).hash(SECRET),
    "md5_crypt": made_by.md5_crypt.hash(SECRET),
    "ldap sha1": salted("{SSHA}", "sha1"),
    "ldap sha256": salted("{SSHA256}", "sha256"),
    "ldap sha512": salted("{SSHA512}", "sha512"),
    "pbkdf2 of passlib": made_by.pbkdf2_sha256.using(rounds=1000).hash(SECRET),
    "pbkdf2 of Django": django(),
    "phpass": made_by.phpass.using(rounds=7).hash(SECRET),
    "sha256": "{SHA256HEX}" + hashlib.sha256(SECRET.encode()).hexdigest(),
    "sha1": "{SHA1HEX}" + hashlib.sha1(SECRET.encode()).hexdigest().upper(),  # noqa: S324  # what is imported
    "md5": "{MD5HEX}" + hashlib.md5(SECRET.encode()).hexdigest(),  # noqa: S324  # what is imported
}
UNKNOWN = [
    *("", "secret", hashlib.sha256(b"x").hexdigest(), "{SHA256HEX}abc", "{PLAIN}x", "{SSHA}short", "$2b$12$short"),
    "{MD5HEX}" + hashlib.sha256(b"x").hexdigest(),
    OLD["bcrypt"] + "x",
    "x" + OLD["bcrypt"],
    OLD["bcrypt"].replace("$04$", "$15$"),
    OLD["sha512_crypt"].replace("rounds=1000", "rounds=1000001"),
    OLD["sha256_crypt"].replace("rounds=1000", "rounds=999999999"),
    OLD["pbkdf2 of Django"].replace("$1000$", "$2000001$"),
    OLD["phpass"].replace("$P$5", "$P$J"),
    argon2.PasswordHasher(type=argon2.Type.I).hash("x"),
    "$argon2id$v=19$m=1048576,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "$argon2id$v=19$m=x",
    "{SSHA512}" + "A" * 200,
]


def stored(office: Office, name: str = "newbie01") -> str:
    """Return an account's hash."""
    (found,) = office.rows(select(Account.password_hash).where(Account.login_name == name))
    return str(found)


@pytest.mark.no_database
@pytest.mark.parametrize("kind", OLD)
def test_older_forms_are_understood(kind: str) -> None:
    """Each form of the list: right is right, wrong is wrong, and it is to be replaced."""
    assert is_password_hash(OLD[kind])
    assert verify_password(OLD[kind], SECRET)
    assert not any(verify_password(OLD[kind], wrong) for wrong in ("", "x", SECRET + " ", "a\0b", "x" * 1024))
    assert needs_rehash(OLD[kind])


@pytest.mark.no_database
def test_bcrypt_reads_72_bytes() -> None:
    """What the older system cut off is cut off here, or its people could not log in."""
    encoded = made_by.bcrypt.using(rounds=4).hash("x" * 72)
    assert verify_password(encoded, "x" * 100)
    assert not verify_password(encoded, "x" * 71)


@pytest.mark.no_database
@pytest.mark.parametrize("encoded", UNKNOWN, ids=range(len(UNKNOWN)))
def test_other_forms_are_not_taken(encoded: str) -> None:
    """Unknown forms, bare digits, and costs that would keep a worker busy: a feed may not bring them."""
    assert not is_password_hash(encoded)
    if not encoded.startswith("$argon2"):
        assert not verify_password(encoded, SECRET)
        assert not verify_password(encoded, "x")


@pytest.mark.no_database
@pytest.mark.parametrize(
    "encoded",
    [None, "", "plain", OLD["md5"], passwords.hash_password("another")],
    ids=["nobody", "none set", "unknown form", "older form", "ours"],
)
def test_a_wrong_password_costs_the_same_work(encoded: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One Argon2 verification for nobody, for no password, for an unknown form, and after a quick older one."""
    verified: list[str] = []

    class Counting(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002  # the library's name
            verified.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    assert not verify_password(encoded, "wrong")
    assert len(verified) == 1


@pytest.mark.parametrize("kind", ["md5", "bcrypt", "pbkdf2 of Django"])
def test_verified_once_and_replaced(kind: str, feeder: Feeder, office: Office, browser: Browser, app: Flask) -> None:
    """A wrong password changes nothing; the right one logs in, and from then on there is Argon2id only."""
    feeder.take(feed(SERVED | {"password_hash": OLD[kind]}))
    assert browser.log_in("newbie01", "wrong").status == 403
    assert stored(office) == OLD[kind]
    browser.log_in("newbie01", SECRET)
    assert browser.get("/account").url.startswith("/agreement?")
    assert stored(office).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    again = Browser(app)
    again.log_in("newbie01", SECRET)
    assert again.get("/account").url.startswith("/agreement?")


def test_without_a_hash_nobody_logs_in(feeder: Feeder, office: Office, browser: Browser) -> None:
    """An account that a feed made without a password waits for a reset by mail."""
    feeder.take(feed(SERVED))
    assert stored(office) == ""
    assert [browser.log_in("newbie01", password).status for password in ("", "x")] == [403, 403]


def test_a_password_is_never_replaced_by_a_feed(feeder: Feeder, office: Office) -> None:
    """A hash is taken for a new account or one without a password; who has one keeps it."""
    before = stored(office, "wang0101")
    person = {"account": "wang0101", "name": "王曉晴"}
    assert feeder.take(feed(person | {"password_hash": OLD["md5"]})).outcomes == ["unchanged"]
    assert stored(office, "wang0101") == before
    feeder.take(feed(SERVED))
    assert feeder.take(feed(SERVED | {"password_hash": OLD["md5"]})).outcomes == ["changed"]
    assert feeder.take(feed(SERVED | {"password_hash": OLD["sha1"]})).outcomes == ["unchanged"]
    assert stored(office) == OLD["md5"]
    (event,) = office.events("account.changed", {"account": "newbie01"})
    assert event.detail["fields"] == ["password_hash"]
    assert OLD["md5"] not in str(event.detail)
