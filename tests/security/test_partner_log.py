"""The page of a partner's engineer: who may see it, what it says, and its numbers."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from clients.diagnoses import MORE, OTHER, Advice, Call, ClientDiagnosis, Kind, note
from clients.diagnosis_list import PAGE, Wish, listed
from config.database import db
from config.days import last_days
from idp.languages import LANGUAGES
from idp.oidc.faults import FAULTS
from idp.pages.charts import DAYS_PER_LABEL, HEIGHT, WIDTH, bars, round_top
from idp.pages.diagnosis.phrases import PHRASES
from idp.pages.diagnosis.words import WORDS, line
from idp.sign_in_counts import DayCount, latest_sign_ins, sign_ins_per_day
from scopes.permissions import PERMISSIONS, Permission, Role
from scopes.roc import taipei_day, taipei_midnight
from tests.pages import Browser
from tests.protocol.wire import audited
from tests.rp import RelyingParty
from tests.spec.support import Client
from tests.spec.tokens import granted, lock, refreshing
from tests.support.office import People, Staff

LOG = "/partners/dream-n/log"
HAN = re.compile(r"[\u3400-\u9fff]")
STAFF = {"natadm01": 200, "nataud01": 200, "rcsouth01": 403}


@pytest.mark.no_database
def test_every_code_has_words() -> None:
    """What the protocol can raise and what is advised: each has words, and no words are for nothing."""
    assert set(WORDS) == {*FAULTS, *Advice, *Call, OTHER}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_words_in_both_languages(app: Flask, tag: str) -> None:
    """What happened and what to change, never empty, never the same; English without Chinese signs."""
    with app.test_request_context(f"/?ui_locales={tag}"):
        for code, texts in WORDS.items():
            happened, change = (str(text) for text in texts)
            assert happened != change
            assert {happened[-1], change[-1]} == {"." if tag == "en" else "。"}, code
            assert bool(HAN.search(happened + change)) is (tag != "en"), code
        assert tag != "en" or {str(text): name for name, text in PHRASES.items()} == {name: name for name in PHRASES}


def our_facts() -> Iterator[str]:
    """Yield every whole sentence that the protocol gives as received or expected, and every reason of a JWT."""
    for file in Path("idp/oidc").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                given = [word.value for word in node.keywords if word.arg in {"received", "expected"}]
                given = given if node.func.id == "ProtocolFault" else node.args if node.func.id == "BadJWT" else []
                yield from (str(one.value) for one in given if isinstance(one, ast.Constant) and " " in str(one.value))


@pytest.mark.no_database
def test_every_fact_of_ours_has_words() -> None:
    """The texts that we make ourselves are shown in the language of the page."""
    found = set(our_facts())
    assert len(found) > 40
    assert found - set(PHRASES) == {"an unknown client"}  # which has no log


def row(code: str, detail: dict[str, str], kind: Kind = Kind.REFUSED) -> ClientDiagnosis:
    """Return a diagnosis."""
    now = datetime(2030, 5, 5, 4, tzinfo=UTC)
    return ClientDiagnosis(code=code, kind=kind, detail=detail, first_at=now, last_at=now, count=3)


def test_facts_in_words(app: Flask) -> None:
    """Received and registered; an end as a day; our own phrases translated; a flood without details."""
    with app.test_request_context("/?ui_locales=zh-TW"):
        wrong = line(row("REQ-16", {"endpoint": "authorize", "received": "https://a/", "expected": "https://b/"}))
        ended = line(row("AUTH-03", {"received": "a secret that has ended", "expected": "2030-05-05 04:00:00+00:00"}))
        waived = line(row("ADV-05", {"expected": "2030-05-05"}, Kind.ADVICE))
        many = line(row("REQ-16", MORE))
        nonce = line(row("REQ-12", {"endpoint": "elsewhere", "expected": "20300505"}))
    assert [(fact.label, fact.value) for fact in wrong.facts][1:] == [("收到", "https://a/"), ("登記", "https://b/")]
    assert [(fact.label, fact.value) for fact in ended.facts] == [
        ("收到", "已失效的密鑰"),
        ("到期", "民國119年5月5日 12:00"),
    ]
    assert [(fact.label, fact.value) for fact in waived.facts] == [("到期", "民國119年5月5日")]
    assert (wrong.count, waived.count) == (3, 0)
    assert [fact.is_raw for fact in many.facts] == [False]
    assert [(fact.value, fact.is_raw) for fact in nonce.facts] == [("elsewhere", True), ("20300505", True)]


def test_who_may_see_it(app: Flask, staff: Staff, people: People) -> None:
    """Administrators and auditors; nobody else, and a stranger is led to the log-in page."""
    holders = {role for role, permissions in PERMISSIONS.items() if Permission.CLIENT_LOGS in permissions}
    assert holders == {Role.IDP_ADMIN, Role.AUDITOR}
    for account, status in STAFF.items():
        browser = Browser(app)
        browser.log_in(**staff(account))
        assert browser.get(LOG).status == status, account
        assert browser.get("/admin/partners").status == status, account
        assert browser.get("/partners/nobody/log").status == (404 if status == 200 else 403), account
        assert browser.get("/account").has("partner-logs-link") is (status == 200), account
    teacher = Browser(app)
    assert teacher.get(LOG).has("login-submit")
    teacher.log_in(people["T02"]["account"], people["T02"]["password"])
    assert teacher.get(LOG).status == 403
    assert len(audited(app, "client.log_viewed")) == 2


@pytest.fixture
def admin(browser: Browser, staff: Staff) -> Browser:
    """An administrator's browser."""
    browser.log_in(**staff("natadm01"))
    return browser


def test_the_page(app: Flask, admin: Browser, dream_n: RelyingParty, people: People) -> None:
    """A sign-in, a fault and its words, filters that match and filters that do not; no name of anybody."""
    dream_n.sign_in(Browser(app), people["T02"])
    Browser(app).get(dream_n.request(redirect_uri="https://evil.test/<b>?state=s3").url)
    page = admin.get(LOG)
    assert "https://evil.test/&lt;b&gt;?state=…" in page.html
    assert str(WORDS["REQ-16"][1]) in page.html
    assert (page.text("good-title"), page.has("latest")) == ("成功登入", True)
    assert people["T02"]["account"] not in page.html
    assert people["T02"]["name"] not in page.html
    today = taipei_day(datetime.now(UTC))
    assert admin.get(f"{LOG}?code=REQ-16&day={today}").has("lines")
    assert admin.get(f"{LOG}?code=REQ-03").has("no-lines")
    assert admin.get(f"{LOG}?day={today - timedelta(days=2)}").has("no-lines")
    wrong = admin.get(f"{LOG}?day=%22%3E&page=x")
    assert wrong.has("day-error")
    assert wrong.has("lines")
    assert "1" in admin.get("/admin/partners").text("clients")


def test_pages_of_the_page(app: Flask, admin: Browser) -> None:
    """Fifty at a time; the filters stay."""
    with app.app_context():
        for number in range(PAGE + 1):
            note("dream-n", "REQ-16", Kind.REFUSED, {"received": f"x{number}"}, datetime.now(UTC))
    first = admin.get(f"{LOG}?code=REQ-16")
    assert (first.has("older"), first.has("newer")) == (True, False)
    assert "code=REQ-16&amp;page=2#log" in first.html
    last = admin.get(f"{LOG}?code=REQ-16&page=2")
    assert (last.has("older"), last.has("newer")) == (False, True)
    assert last.html.count('class="diagnosis ') == 1
    assert admin.get(f"{LOG}?page=99999").has("no-lines")


def test_sign_ins_per_day(app: Flask, browser: Browser, people: People) -> None:
    """By the day in Taipei: sign-ins and teachers; what was refused or refreshed is none."""
    rp = refreshing(app)
    midnight = taipei_midnight(taipei_day(datetime.now(UTC)) + timedelta(days=1))
    with time_machine.travel(midnight - timedelta(minutes=5), tick=True):
        given = granted(rp, browser, people["T02"])
        assert rp.refresh(given["refresh_token"]).status_code == 200
    with time_machine.travel(midnight + timedelta(minutes=5), tick=True):
        granted(rp, browser, people["T02"])
        granted(rp, browser, people["T02"])
        granted(rp, Browser(app), people["T01"])
        burnt(app, rp, browser, people)
    days = last_days(taipei_day(midnight), 3)
    with app.app_context(), db.session.begin():
        assert sign_ins_per_day(rp.client_id, days) == {days[1]: DayCount(1, 1), days[2]: DayCount(3, 2)}
        assert sign_ins_per_day("dream-n", days) == {}
        assert len(latest_sign_ins(rp.client_id, 10)) == 4
        assert "name" in latest_sign_ins(rp.client_id, 1)[0][1]


def burnt(app: Flask, rp: Client, browser: Browser, people: People) -> None:
    """Burn a code: its teacher was locked before it was redeemed."""
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T02"], request), request)
    lock(app, people["T02"])
    assert rp.exchange(code, request).status_code == 400


def test_an_index_serves_the_counts(app: Flask) -> None:
    """Neither counting nor listing reads the whole log: the database says by what it finds the rows."""
    days = last_days(taipei_day(datetime.now(UTC)), 30)
    plans = {
        "ix_sign_in_client_id_issued_at": (
            lambda: sign_ins_per_day("dream-n", days),
            lambda: latest_sign_ins("dream-n", 10),
        ),
        "ix_client_diagnosis_client_id_last_at": (lambda: listed("dream-n", Wish()),),
    }
    for index, questions in plans.items():
        for question in questions:
            assert index in plan_of(app, question), index


def plan_of(app: Flask, question: Callable[[], object]) -> str:
    """Return how the database goes about the statement of a question."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    with app.app_context(), db.session.begin():
        connection = db.session.connection()
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:  # a table of a few rows is read whole unless that is forbidden
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        event.listen(db.engine, "before_cursor_execute", hear)
        try:
            question()
        finally:
            event.remove(db.engine, "before_cursor_execute", hear)
        ((statement, parameters),) = asked
        rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{statement}", parameters)
        return "\n".join(str(row) for row in rows)


@pytest.mark.no_database
def test_bars() -> None:
    """Within the picture, in order, as tall as their number; the last day has a label, and so has every week before."""
    days = last_days(date(2030, 5, 5), 30)
    drawn = bars(days, [0] * 28 + [5, 10])
    assert [one.number for one in drawn.bars[-2:]] == [5, 10]
    assert drawn.bars[-1].height == 2 * drawn.bars[-2].height == drawn.base - drawn.lines[2].at
    assert drawn.bars[0].height == 0
    assert all(drawn.left <= bar.x and bar.x + bar.width <= WIDTH and 0 <= bar.y <= HEIGHT for bar in drawn.bars)
    assert [bar.x for bar in drawn.bars] == sorted(bar.x for bar in drawn.bars)
    assert [mark.text for mark in drawn.lines] == ["0", "5", "10"]
    assert (drawn.days[-1].text, drawn.days[-2].text, DAYS_PER_LABEL) == ("5/5", "4/28", 7)
    assert [round_top(most) for most in (0, 1, 2, 3, 5, 11, 40, 41, 4001)] == [2, 2, 2, 4, 10, 20, 40, 100, 10_000]
