"""Administration of accounts: search, state with rule and entry, log-in, sessions, factors by two people; audited."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from config.database import db
from idp.accounts.credentials import FactorReset
from tests.pages import Browser, Page
from tests.security.steps import enrol_totp, is_in, password_step
from tests.support.console import Keeper
from tests.support.office import Office, People, Staff

DAY = timedelta(days=1)


@pytest.fixture
def admin(app: Flask, staff: Staff) -> Browser:
    """Who is at the desk: natadm01."""
    browser = Browser(app)
    browser.log_in(**staff("natadm01"))
    return browser


def look(browser: Browser, office: Office, person: dict[str, str], day: date | str | None = None) -> Page:
    """Open an account's page, for a day if one is asked about."""
    return browser.get(f"/admin/accounts/{office.id_of(person)}" + (f"?day={day}" if day else ""))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("wang0101", ["wang0101"]),
        ("WANG", ["wang0101"]),
        ("曉晴", ["wang0101"]),
        ("wang0101@mail.example", ["wang0101"]),
        ("測試教師", ["rtest001", "rtest002"]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("nobody", []),
    ],
)
def test_search(text: str, found: list[str], admin: Browser, people: People) -> None:
    """By the beginning of the account name, a part of the name, or the whole address; signs of LIKE are plain signs."""
    page = admin.get("/admin/accounts", query_string={"q": text})
    accounts = [person["account"] for person in people.values()]
    assert sorted(one for one in accounts if page.has(f"account-{one}")) == found


@pytest.mark.rule("AC-12")
@pytest.mark.parametrize(
    ("key", "rule", "words"),
    [
        ("T01", "（規則第 2 列）", "994501"),
        ("T04", "（規則第 6 列）", "994502"),
        ("T05", "（規則第 1 列）", "993302"),
        ("T09", "（規則第 5 列）", "993501"),
        ("T12", "（規則第 7 列）", "沒有任何一筆"),
        ("T13", "（規則第 4 列）", "994699"),
        ("T14", "（規則第 3 列）", "993601"),
    ],
)
def test_why(key: str, rule: str, words: str, admin: Browser, office: Office, people: People) -> None:
    """One click: the state, the row of the rule, and the entry that decided it."""
    page = look(admin, office, people[key])
    assert rule in page.text("why-rule")
    assert words in page.text("why-entry")


@pytest.mark.rule("D-29")
def test_a_past_day(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """A late entry: the day is answered as it was known then, and as it is known now."""
    with time_machine.travel(datetime.now(UTC) + 10 * DAY):
        office.end(people["T01"], loaded_on - DAY)
    with time_machine.travel(datetime.now(UTC) + 11 * DAY):
        page = look_later(app, office, people["T01"], loaded_on + 5 * DAY)
        assert "在職（完整功能）" in page.text("why-state")
        assert "未在職" in page.text("why-late")
        after = look_later(app, office, people["T01"], loaded_on + 10 * DAY)
        assert "未在職" in after.text("why-state")
        assert not after.has("why-late")


def look_later(app: Flask, office: Office, person: dict[str, str], day: date) -> Page:
    """Look from a session of then."""
    return look(Keeper(app, "natadm01").browser, office, person, day)


def test_entries_that_came_later_were_not_known(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """T12 gets a school later: then there was none."""
    with time_machine.travel(datetime.now(UTC) + 3 * DAY):
        office.add(people["T12"], "994601", loaded_on - 5 * DAY)
        page = look_later(app, office, people["T12"], loaded_on)
        assert "無服務學校" in page.text("why-state")
        assert "在職（完整功能）" in page.text("why-late")


@pytest.mark.parametrize("typed", ["yesterday", "2026-13-01", "115/02/30", "<b>"])
def test_a_day_that_is_none(typed: str, admin: Browser, office: Office, people: People) -> None:
    """Said beside the field; what was typed stays."""
    page = admin.get(f"/admin/accounts/{office.id_of(people['T01'])}", query_string={"day": typed})
    assert page.status == 200
    assert page.has("day-error")


@pytest.mark.rule("D-33")
def test_letting_somebody_in_again(admin: Browser, app: Flask, office: Office, people: People) -> None:
    """The lock-out is lifted, on a known device and everywhere; logged with who did it."""
    person = people["T01"]
    known = Browser(app)
    known.log_in(person["account"], person["password"])
    known.submit("logout")
    for browser in (known, Browser(app)):
        for _ in range(6):
            browser.log_in(person["account"], "wrong")
    look(admin, office, person)
    admin.submit("let-in")
    for browser in (known, Browser(app)):
        assert browser.log_in(person["account"], person["password"]).url == "/account"
    (event,) = office.events("login.let_in", person)
    assert event.actor == f"account:{office.id_of({'account': 'natadm01'})}"


def test_ending_sessions(admin: Browser, app: Flask, office: Office, people: People) -> None:
    """All of hers, by the administrator."""
    hers = Browser(app)
    hers.log_in(people["T01"]["account"], people["T01"]["password"])
    look(admin, office, people["T01"])
    admin.submit("end-all")
    assert not is_in(hers)
    (event,) = office.events("session.ended", people["T01"])
    assert event.actor != f"account:{office.id_of(people['T01'])}"


def ask(admin: Browser, office: Office, person: dict[str, str]) -> Page:
    """Ask for a reset of somebody's factors."""
    look(admin, office, person)
    return admin.submit("reset-ask", reason="身分證正本，視訊確認")


def test_a_reset_takes_two(admin: Browser, app: Flask, office: Office, people: People, staff: Staff) -> None:
    """Who asked has no button and no way; a second administrator approves; then the password is enough, and she is told."""
    teacher = Browser(app)
    teacher.log_in(people["T01"]["account"], people["T01"]["password"])
    enrol_totp(teacher)
    page = ask(admin, office, people["T01"])
    assert page.has("reset-waits")
    assert not page.has("reset-approve")
    second = Browser(app)
    second.log_in(**staff("natadm02"))
    look(second, office, people["T01"])
    second.submit("reset-approve")
    assert not is_in(teacher)
    assert Browser(app).log_in(people["T01"]["account"], people["T01"]["password"]).url == "/account"
    assert office.messages(people["T01"])[-1].code == "SEC-FACTORS-RESET"
    (approved,) = office.events("factor.reset_approved", people["T01"])
    (asked,) = office.events("factor.reset_asked", people["T01"])
    assert approved.actor != asked.actor


def decide(browser: Browser, office: Office, person: dict[str, str], decision: str) -> Page:
    """Send a decision by hand."""
    with office.app.app_context(), db.session.begin():
        ident = db.session.scalars(select(FactorReset.id).order_by(FactorReset.id.desc())).first()
    token = dict(look(browser, office, person).form_with("logout").fields)["form_token"]
    path = f"/admin/accounts/{office.id_of(person)}/resets/{ident}"
    return browser.post(path, {"form_token": token, "decision": decision})


def test_who_asked_cannot_approve_by_hand(admin: Browser, app: Flask, office: Office, people: People) -> None:
    """Without the button either: 403, and the factor is asked for as before."""
    teacher = Browser(app)
    teacher.log_in(people["T01"]["account"], people["T01"]["password"])
    enrol_totp(teacher)
    ask(admin, office, people["T01"])
    page = decide(admin, office, people["T01"], "approve")
    assert (page.status, page.has("admin-error")) == (403, True)
    assert is_in(teacher)
    assert password_step(Browser(app), people["T01"]).has("otp-submit")


def test_nobody_resets_herself(app: Flask, office: Office, staff: Staff, admin: Browser) -> None:
    """Neither asks for herself, nor approves what another asked for her."""
    token = dict(look(admin, office, {"account": "natadm01"}).form_with("logout").fields)["form_token"]
    own = f"/admin/accounts/{office.id_of({'account': 'natadm01'})}/reset-factors"
    assert admin.post(own, {"form_token": token, "reason": "x"}).status == 403
    ask(admin, office, {"account": "natadm02"})
    second = Browser(app)
    second.log_in(**staff("natadm02"))
    assert decide(second, office, {"account": "natadm02"}, "approve").status == 403


def test_a_decision_is_made_once(app: Flask, office: Office, people: People, staff: Staff, admin: Browser) -> None:
    """Declined is declined; who asked may take it back so."""
    teacher = Browser(app)
    teacher.log_in(people["T01"]["account"], people["T01"]["password"])
    enrol_totp(teacher)
    ask(admin, office, people["T01"])
    assert ask_again(admin, office, people["T01"]).status == 403
    admin.submit("reset-decline")
    assert not look(admin, office, people["T01"]).has("reset-waits")
    second = Browser(app)
    second.log_in(**staff("natadm02"))
    assert decide(second, office, people["T01"], "approve").status == 403
    assert is_in(teacher)


def ask_again(browser: Browser, office: Office, person: dict[str, str]) -> Page:
    """Ask by hand although one waits."""
    token = dict(look(browser, office, person).form_with("logout").fields)["form_token"]
    path = f"/admin/accounts/{office.id_of(person)}/reset-factors"
    page = browser.post(path, {"form_token": token, "reason": "again"})
    look(browser, office, person)
    return page


@pytest.mark.parametrize("action", ["let-in", "end-sessions", "reset-factors"])
def test_an_auditor_reads_and_changes_nothing(
    action: str, app: Flask, office: Office, people: People, staff: Staff
) -> None:
    """The auditor sees the page without a button; by hand she gets 403. Each look is logged."""
    hers = Browser(app)
    hers.log_in(people["T01"]["account"], people["T01"]["password"])
    auditor = Browser(app)
    auditor.log_in(**staff("nataud01"))
    page = look(auditor, office, people["T01"])
    assert page.status == 200
    assert not {"let-in", "end-all", "reset-ask"} & {name for form in page.forms for name in form.buttons}
    token = dict(page.form_with("logout").fields)["form_token"]
    path = f"/admin/accounts/{office.id_of(people['T01'])}/{action}"
    assert auditor.post(path, {"form_token": token, "reason": "x"}).status == 403
    assert is_in(hers)
    assert len(office.events("account.viewed", people["T01"])) == 1


@pytest.mark.parametrize("account", ["T01", "sch994501", "wsedu001", "rcsouth01"])
def test_nobody_else(account: str, app: Flask, office: Office, people: People, staff: Staff) -> None:
    """Teachers, schools, authorities, regional centres: 403."""
    person = people[account] if account in people else staff(account)
    browser = Browser(app)
    browser.log_in(person["account"], person["password"], person.get("totp_secret"))
    assert browser.get("/admin/accounts").status == 403
    assert look(browser, office, people["T04"]).status == 403
