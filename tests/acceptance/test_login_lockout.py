"""Failed log-ins: 5 → 15 minutes, for this account, and nothing told about who exists (AC-81, §7.4, D-33)."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import argon2
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from config.database import db
from idp.accounts.models import Account
from tests.pages import Browser, Page
from tests.support.office import MakeApp, Office, People, Staff

LOCKED_OUT = "登入失敗次數過多，為保護帳號，15 分鐘內無法登入。請稍後再試。"
WRONG = "帳號或密碼不正確。請檢查後再試一次。"
OUTSIDE = "203.0.113.9"


def fail(browser: Browser, account: str, times: int) -> list[int]:
    """Try wrong passwords; return the statuses."""
    return [browser.log_in(account, f"wrong {count}").status for count in range(times)]


def is_in(page: Page) -> bool:
    """Whether a log-in led to the account page."""
    return page.url == "/account"


@pytest.mark.rule("AC-81", "D-33")
def test_five_failures(browser: Browser, people: People) -> None:
    """AC-81: five wrong passwords for T01: the right one is refused for 15 minutes with the lock-out message."""
    account, password = people["T01"]["account"], people["T01"]["password"]
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:
        assert fail(browser, account, 5) == [403] * 5
        for minutes in (0, 5, 14.9):
            clock.move_to(start + timedelta(minutes=minutes))
            page = browser.log_in(account, password)
            assert page.status == 429
            assert page.text("login-error") == LOCKED_OUT
        clock.move_to(start + timedelta(minutes=15))
        assert is_in(browser.log_in(account, password))


@pytest.mark.rule("D-33")
@pytest.mark.parametrize("key", ["T04", "T14"])
def test_lockout_and_service_lock_are_not_mixed(key: str, browser: Browser, people: People) -> None:
    """D-33: a teacher under the service lock who is locked out reads nothing of her service, and the other way round."""
    fail(browser, people[key]["account"], 5)
    page = browser.log_in(people[key]["account"], people[key]["password"])
    assert page.text("login-error") == LOCKED_OUT
    for word in ("未在職", "服務學校", "第5條", "待確認"):
        assert word not in page.text("main")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        page = browser.log_in(people[key]["account"], people[key]["password"])
        assert is_in(page)
        assert "15 分鐘" not in page.html


@pytest.mark.rule("AC-81")
def test_a_success_forgets_the_failures(browser: Browser, people: People) -> None:
    """Four failures, then the right password: counting starts anew."""
    account, password = people["T01"]["account"], people["T01"]["password"]
    for _ in range(3):
        stranger = Browser(browser.app)
        assert fail(stranger, account, 4) == [403] * 4
        assert is_in(stranger.log_in(account, password))


def test_an_outsider_does_not_lock_her_out(app: Flask, people: People) -> None:
    """A browser in which she signed in before counts for itself: an outsider who exhausts her name does not hold it up."""
    account, password = people["T01"]["account"], people["T01"]["password"]
    own, outsider = Browser(app), Browser(app, REMOTE_ADDR=OUTSIDE)
    own.log_in(account, password)
    own.get("/account")
    own.submit("logout")
    assert fail(outsider, account, 6) == [403] * 5 + [429]
    assert own.log_in(account, password).url == "/account"
    assert Browser(app).log_in(account, password).status == 429, "a browser that is not known waits"


def test_a_known_device_is_counted_too(app: Flask, people: People) -> None:
    """The known browser has five tries of its own; a copied cookie of another account is no help."""
    own = Browser(app)
    own.log_in(people["T01"]["account"], people["T01"]["password"])
    own.get("/account")
    own.submit("logout")
    assert fail(own, people["T01"]["account"], 6) == [403] * 5 + [429]
    assert fail(own, people["T03"]["account"], 6) == [403] * 5 + [429]


def test_forged_addresses_do_not_help(make_app: MakeApp) -> None:
    """Forwarding headers that nobody vouches for change nothing: address and name stay locked out."""
    app = make_app(login_failures_per_address=10)
    browser = Browser(app, REMOTE_ADDR=OUTSIDE)
    statuses = []
    for count in range(12):
        page = browser.get("/login")
        forged = {"X-Forwarded-For": f"198.51.100.{count}", "X-Real-IP": f"198.51.100.{count}", "Forwarded": "for=x"}
        fields = dict(page.form_with("login-submit").fields)
        data = fields | {"username": f"nobody{count // 4}", "password": "x"}
        statuses.append(browser.post("/login", data, headers=forged).status)
    assert statuses == [403] * 10 + [429] * 2


def test_one_address_many_names(make_app: MakeApp, people: People) -> None:
    """Many names from one address: refused after the limit, also with a right password; other addresses go on."""
    app = make_app(login_failures_per_address=10)
    statuses = [Browser(app, REMOTE_ADDR=OUTSIDE).log_in(f"name{count:02}", "x").status for count in range(10)]
    assert statuses == [403] * 10
    person = people["T01"]["account"], people["T01"]["password"]
    assert Browser(app, REMOTE_ADDR=OUTSIDE).log_in(*person).status == 429
    assert is_in(Browser(app, REMOTE_ADDR="198.51.100.7").log_in(*person))


def test_the_window_of_an_address_ends_as_it_began(make_app: MakeApp) -> None:
    """A trickle of failures from a school's address never adds up: what counts are those of one window of 15 minutes."""
    app = make_app(login_failures_per_address=10)
    start, statuses = datetime.now(UTC), []
    for minutes in (0, 14, 16):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            for count in range(5):
                page = Browser(app, REMOTE_ADDR=OUTSIDE).log_in(f"name{minutes}{count}", "x")
                statuses.append(page.status)
    assert statuses == [403] * 15


def test_a_school_behind_one_address(make_app: MakeApp, people: People) -> None:
    """Right passwords don't count against an address: a whole school may log in from one."""
    app = make_app(login_failures_per_address=10)
    keys = [key for key in people if key not in {"T22", "T23"}]
    for key in keys:
        browser = Browser(app, REMOTE_ADDR=OUTSIDE)
        assert is_in(browser.log_in(people[key]["account"], people[key]["password"])), key


@pytest.mark.parametrize(
    ("first", "other", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.9", "::ffff:198.51.100.7", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
    ],
)
def test_what_counts_as_one_address(
    first: str,
    other: str,
    together: bool,  # noqa: FBT001  # a parameter of the test
    make_app: MakeApp,
) -> None:
    """A /64 network of IPv6 is one person's; IPv4 addresses stay apart, also where a socket shows them as IPv6."""
    app = make_app(login_failures_per_address=10)
    for count in range(10):
        Browser(app, REMOTE_ADDR=first).log_in(f"name{count:02}", "x")
    assert Browser(app, REMOTE_ADDR=first).log_in("name90", "x").status == 429
    assert Browser(app, REMOTE_ADDR=other).log_in("name99", "x").status == (429 if together else 403)


def same_but_for_seals(page: Page) -> str:
    """Return the page without what differs at every request."""
    return re.sub(r'(?:value|href)="[^"]*"', "", page.html)


def test_unknown_names_look_like_known_ones(app: Flask, office: Office, people: People, staff: Staff) -> None:
    """Teacher, business account, closed account, nobody: the same pages, statuses and lock-out, try by try."""
    with app.app_context(), db.session.begin():
        closed = update(Account).where(Account.id == office.id_of(people["T02"])).values(closed_at=datetime.now(UTC))
        db.session.execute(closed)
    names = [people["T01"]["account"], people["T04"]["account"], staff("sub99math")["account"]]
    seen = []
    for name in (*names, people["T02"]["account"], "nobody01", "王小明", "x' OR 1=1 --"):
        browser = Browser(app)
        pages = [browser.log_in(name, "wrong") for _ in range(6)]
        seen.append([(page.status, same_but_for_seals(page), sorted(page.response.headers.keys())) for page in pages])
        assert [page.status for page in pages] == [403] * 5 + [429]
    assert all(one == seen[0] for one in seen)


def test_a_burst_of_guesses(app: Flask, people: People) -> None:
    """Attempts are counted before the password is checked: of 20 at the same time five are looked at."""

    def guess(count: int) -> int:
        return Browser(app, REMOTE_ADDR=f"198.51.100.{count}").log_in(people["T01"]["account"], f"guess {count}").status

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(guess, range(20)))
    assert sorted(statuses) == [403] * 5 + [429] * 15


def test_the_same_work_for_unknown_names(app: Flask, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """One Argon2 verification per attempt, whether the account exists or not; none once locked out or for huge input."""
    calls, verify = [], argon2.PasswordHasher.verify

    def counted(*arguments: Any) -> bool:  # of Argon2
        calls.append(1)
        return verify(*arguments)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    work = {}
    for name in (people["T01"]["account"], "nobody01"):
        calls.clear()
        fail(Browser(app), name, 7)
        work[name] = len(calls)
    assert set(work.values()) == {5}
    calls.clear()
    assert Browser(app).log_in(people["T03"]["account"], "x" * 1025).status == 403
    assert Browser(app).log_in("y" * 65, "x").status == 403
    assert calls == []


def test_an_older_hash_is_brought_up_to_date(app: Flask, office: Office, people: People) -> None:
    """A hash of lower cost works and is replaced at the log-in; a wrong password replaces nothing."""
    ident, password = office.id_of(people["T01"]), people["T01"]["password"]
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(password)
    with app.app_context(), db.session.begin():
        db.session.execute(update(Account).where(Account.id == ident).values(password_hash=weak))
    stored = select(Account.password_hash).where(Account.id == ident)
    assert Browser(app).log_in(people["T01"]["account"], "wrong").status == 403
    assert office.rows(stored) == [weak]
    assert is_in(Browser(app).log_in(people["T01"]["account"], password))
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in office.rows(stored)[0]
    assert is_in(Browser(app).log_in(people["T01"]["account"], password))
