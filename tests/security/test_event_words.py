"""The national centre reads the audit log of an account in words, not in codes (DOMAIN §7.4)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config.audit import record
from config.database import db
from idp.accounts.approvals import Event
from idp.pages.event_words import ACTIONS
from tests.pages import Browser
from tests.security.steps import enrol_totp
from tests.support.office import Office, People, Staff

ABOUT_OTHERS = ("case.", "client.", "demo.", "jobs.", "key.", "login.passkey_failed", "release.", "scope.")
"""Events whose subject is no account that is known."""
PLACES = {"record": 0, "_note": 1, "tell": 2, "Event": 0}
"""Functions that are told an action, and as which argument."""


def recorded() -> Iterator[str]:
    """Yield every action that the source names in full where it is logged."""
    for folder in ("idp", "consent", "clients"):
        for file in Path(folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PLACES:
                    yield from texts(node.args[PLACES[node.func.id] :][:1])


def texts(arguments: list[ast.expr]) -> Iterator[str]:
    """Yield the action, if it is written there."""
    for argument in arguments:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and "." in argument.value:
            yield argument.value


@pytest.mark.no_database
def test_every_event_has_words() -> None:
    """Whatever the log may say of an account."""
    found = {action for action in recorded() if not action.startswith(ABOUT_OTHERS)}
    assert len(found) > 30
    assert sorted(found - ACTIONS.keys()) == []
    assert {f"business.{event}" for event in Event} <= ACTIONS.keys()


@pytest.fixture
def admin(app: Flask, staff: Staff) -> Browser:
    """Who is at the desk: natadm01."""
    browser = Browser(app)
    browser.log_in(**staff("natadm01"))
    return browser


def shown(admin: Browser, office: Office, person: dict[str, str]) -> str:
    """Return what the page says happened."""
    return admin.get(f"/admin/accounts/{office.id_of(person)}").text("events")


def test_log_ins_and_factors(admin: Browser, app: Flask, office: Office, people: People) -> None:
    """What happened, by whom, from where, by what means; nothing of the machine's names."""
    person, browser = people["T01"], Browser(app, REMOTE_ADDR="192.0.2.7")
    browser.log_in(person["account"], "wrong")
    browser.log_in(person["account"], person["password"])
    enrol_totp(browser)
    page = shown(admin, office, person)
    for words in ("密碼不正確", "未登入的人", "本人", "位址 192.0.2.7", "方式：密碼", "加上驗證碼產生器", "建立帳號"):
        assert words in page
    assert "login." not in page
    assert "account:" not in page
    assert "natadm01" in shown(admin, office, person)


def test_changes_and_reasons(admin: Browser, app: Flask, office: Office, people: People) -> None:
    """Changes with old and new, a code of a reason as the reason, partners and functions by name."""
    person = people["T01"]
    subject = f"account:{office.id_of(person)}"
    old, new = {"end_date": None, "kind": "primary"}, {"end_date": "2026-08-01", "kind": "primary"}
    state = {"old": {"state": "unlocked", "reason": None}, "new": {"state": "locked", "reason": "not_in_service"}}
    with app.app_context(), db.session.begin():
        record(
            "service.assignment.ended",
            actor="import",
            subject=subject,
            detail={"old": old, "new": new, "reason": "調校"},
        )
        record("service.lock.begin", actor="system", subject=subject, detail=state)
        record(
            "roaming.refused", actor=subject, subject=subject, client_id="dream-n", detail={"reason": "not_in_service"}
        )
        record("function.refused", actor=subject, subject=subject, detail={"function": "roaming_login"})
        record("account.changed", actor="client:dream-n", subject=subject, detail={"items": ["name", "email"]})
        record("something.new", actor="account:999999", subject=subject)
    page = shown(admin, office, person)
    for words in (
        *("最後在職日：– → 民國115年8月1日", "理由：調校", "→ 未在職", "拒絕漫遊登入", "合作網站：夢的N次方（示範站）"),
        *("功能：", "name、email", "import", "something.new", "account:999999"),
    ):
        assert words in page
    assert "not_in_service" not in page


def test_an_application_in_words(admin: Browser, app: Flask, office: Office) -> None:
    """A business account: old and new state."""
    person = {"account": "sub99math"}
    subject = f"account:{office.id_of(person)}"
    with app.app_context(), db.session.begin():
        detail = {"old": "pending_fax", "new": "pending_review"}
        record("business.fax_received", actor="cli", subject=subject, detail=detail)
    page = shown(admin, office, person)
    assert "已登記傳真" in page
    assert "狀態：待傳真 → 審核中" in page
    assert "系統管理指令" in page
