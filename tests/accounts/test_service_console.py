"""The console at work: what a school sees and does, and what follows from it (DOMAIN §2)."""

from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from flask import Flask

from idp.accounts.models import BusinessState
from scopes.roc import format_roc, taipei_midnight
from tests.pages import Browser, Page
from tests.rp import RelyingParty
from tests.support.console import Keeper, roc, set_role
from tests.support.office import Office, People

DAY = timedelta(days=1)
NOT_OFFERED = {("title", "X"), ("kind", "x")}
NASTY = "<script>alert(1)</script>\"'&"


@pytest.fixture
def school(app: Flask) -> Keeper:
    """The school of T01, T08 and T16."""
    return Keeper(app, "sch994501")


def newest(office: Office, people: People, key: str) -> int:
    """Return the newest assignment of a teacher."""
    return office.services(people[key])[-1].id


def question(keeper: Keeper, ident: int, action: str, **fields: str) -> Page:
    """Send a form up to the question of what follows."""
    return keeper.send(f"/service/{ident}/{action}", {"reason": "公文", **fields})


@pytest.mark.rule("AC-19", "D-21", "D-31")
def test_the_new_school_confirms(
    app: Flask, office: Office, people: People, dream_n: RelyingParty, browser: Browser
) -> None:
    """AC-19: 993501 confirms T09: the next roaming login succeeds without any request by the teacher."""
    set_role(app, "sch993501", state=BusinessState.ACTIVE)
    page, _ = dream_n.start(browser, people["T09"])
    assert page.has("refusal-code")
    school, ident = Keeper(app, "sch993501"), newest(office, people, "T09")
    assert "hsu0909" in school.get("/service").text("register")
    page = school.get(f"/service/{ident}")
    assert page.text("service-state") == "服務單位資訊待確認"
    assert "規則第 5 列" in page.text("service-rule")
    page = school.browser.submit("confirm")
    assert page.text("done") == "已完成：確認資料正確"
    assert page.text("service-state") == "在職（完整功能）"
    assert dream_n.sign_in(Browser(app), people["T09"]).claims["inservice_school_code"] == "993501"
    (event,) = office.events("service.assignment.confirmed", people["T09"])
    assert event.actor == f"account:{office.id_of({'account': 'sch993501'})}"


@pytest.mark.rule("D-29")
def test_a_late_end(
    school: Keeper, office: Office, people: People, dream_n: RelyingParty, browser: Browser, loaded_on: date
) -> None:
    """D-29: the page says how late it is; the lock counts from now on, sign-ins in between are listed."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    ident, last = newest(office, people, "T01"), loaded_on - 41 * DAY
    page = question(school, ident, "end", last_day=roc(last), cause="transferred")
    assert page.text("last-day") == format_roc(last)
    assert "遲了 40 天" in page.text("late")
    assert "立即" in page.text("consequence")
    assert dream_n.userinfo(token).status_code == 200
    page = school.browser.submit("confirmed")
    assert (page.text("done"), page.text("status")) == ("已完成：登錄服務結束", "已結束（轉校）")
    assert dream_n.userinfo(token).status_code == 401
    (late,) = office.events("roaming.after_the_fact", people["T01"])
    assert late.detail["since"] == (last + DAY).isoformat()
    (ended,) = office.events("service.assignment.ended", people["T01"])
    assert (ended.detail["new"]["end_date"], ended.detail["reason"]) == (last.isoformat(), "公文")


@pytest.mark.rule("D-30", "AC-24")
def test_an_early_end(
    school: Keeper, office: Office, people: People, dream_n: RelyingParty, browser: Browser, loaded_on: date
) -> None:
    """D-30: the page says when; nothing happens before 00:00 of the day after the last one."""
    last, ident = loaded_on + 30 * DAY, newest(office, people, "T01")
    page = question(school, ident, "end", last_day=last.isoformat(), cause="retired")
    assert f"{format_roc(last + DAY)} 00:00" in page.text("consequence")
    assert not page.has("late")
    school.browser.submit("confirmed")
    with time_machine.travel(taipei_midnight(last + DAY) - timedelta(seconds=1), tick=False):
        assert dream_n.sign_in(Browser(browser.app), people["T01"]).claims["name"] == "王曉晴"
    with time_machine.travel(taipei_midnight(last + DAY), tick=False):
        page, _ = dream_n.start(Browser(browser.app), people["T01"])
        assert page.has("refusal-code")


@pytest.mark.rule("D-23")
@pytest.mark.parametrize(
    ("key", "action", "words"),
    [("T03", "end", "不會因此鎖定"), ("T03", "suspend", "立即"), ("T10", "end", "本來就是鎖定的")],
    ids=["one of two ends", "suspended at the primary", "locked anyway"],
)
def test_the_question_tells_the_truth(
    key: str, action: str, words: str, office: Office, people: People, loaded_on: date
) -> None:
    """D-23: one of several ends: no lock; a suspension at the primary school: lock, in spite of the other."""
    centre, before = Keeper(office.app, "natadm01"), office.state(people[key], loaded_on).state
    fields = {"last_day": roc(loaded_on - DAY), "cause": "departed", "first_day": roc(loaded_on), "until": ""}
    page = question(centre, office.services(people[key])[0].id, action, **fields)
    assert words in page.text("consequence")
    centre.browser.submit("confirmed")
    is_locked = office.state(people[key], loaded_on).state == "locked"
    assert is_locked is (words != "不會因此鎖定")
    assert before == ("locked" if key == "T10" else "unlocked")


@pytest.mark.parametrize("action", ["end", "suspend"])
def test_nothing_happens_before_the_answer(action: str, school: Keeper, office: Office, people: People) -> None:
    """The question changes nothing; 返回修改 leads back to the form with all that was typed."""
    ident = newest(office, people, "T16")
    fields = {"last_day": "116/1/31", "cause": "retired", "first_day": "116/1/31", "until": "116/2/1", "reason": NASTY}
    page = school.send(f"/service/{ident}/{action}", fields)
    assert page.has("consequence")
    page = school.browser.submit("edit")
    assert page.has("send")
    html = unescape(page.html)
    assert "116/1/31" in html
    assert NASTY in html
    assert office.services(people["T16"])[0].end_date is None
    assert office.services(people["T16"])[0].suspended_from is None


@pytest.mark.parametrize(
    ("action", "fields", "faulty"),
    [
        ("end", {"last_day": "115/02/30", "cause": "retired"}, {"last_day"}),
        ("end", {"last_day": "", "cause": "", "reason": ""}, {"last_day", "cause", "reason"}),
        ("end", {"last_day": "80/1/1", "cause": "retired"}, {"last_day"}),
        ("suspend", {"first_day": "115/1/2", "until": "115/1/1"}, {"until"}),
        ("suspend", {"first_day": "80/1/1", "until": ""}, {"first_day"}),
        (
            "suspend",
            {"first_day": "yesterday", "until": "tomorrow", "reason": "x" * 501},
            {"first_day", "until", "reason"},
        ),
        (
            "correct",
            {"title": "X", "kind": "x", "started": "x", "note": "x" * 201},
            {"title", "kind", "started", "note"},
        ),
        ("correct", {"title": "J40", "kind": "primary", "started": "105/8/1", "note": "商借"}, {""}),
    ],
)
def test_faults_stand_beside_their_fields(
    action: str, fields: dict[str, str], faulty: set[str], school: Keeper, office: Office, people: People
) -> None:
    """Each fault beside its field, all that was typed kept but for choices that are not offered, and nothing written."""
    page = school.send(
        f"/service/{newest(office, people, 'T16')}/{action}", {"reason": "公文", "step": "confirmed", **fields}
    )
    assert page.status in {400, 409}
    if action != "correct" or "" not in faulty:
        assert {name for name in (*fields, "reason") if page.has(f"{name}-error")} == faulty
    assert page.has("form-error")
    form = page.form_with("send")
    held = dict(form.fields) | {name: value for name, value, checked in form.boxes.values() if checked}
    typed = {name: "" if (name, value) in NOT_OFFERED else value for name, value in fields.items()}
    assert {name: held.get(name, "")[:200] for name in fields} == {name: value[:200] for name, value in typed.items()}
    assert office.events("service.assignment.ended") == office.events("service.assignment.changed") == []


@pytest.mark.rule("D-31")
@pytest.mark.parametrize("action", ["refuse", "end", "suspend", "correct", "reopen", "lift", "unsuspend"])
def test_every_form_demands_a_reason(action: str, app: Flask, office: Office, people: People) -> None:
    """D-31: 理由 is asked for by every form; without it the form is shown again."""
    key = {"refuse": "T14", "lift": "T05", "unsuspend": "T05", "reopen": "T10"}.get(action, "T16")
    page = Keeper(app, "natadm01").act(newest(office, people, key), action, reason=" ")
    assert (page.status, page.has("reason-error")) == (400, True)


@pytest.mark.parametrize(
    ("key", "action", "words"),
    [
        ("T16", "confirm", "已經確認過"),
        ("T16", "refuse", "請登錄服務結束"),
        ("T16", "reopen", "沒有最後在職日"),
        ("T16", "lift", "沒有停職紀錄"),
        ("T16", "unsuspend", "沒有停職紀錄"),
    ],
)
def test_what_the_rules_do_not_have(
    key: str, action: str, words: str, school: Keeper, office: Office, people: People
) -> None:
    """A change that is not possible is not offered; sent all the same, it is refused with the reason."""
    ident = newest(office, people, key)
    page = school.get(f"/service/{ident}")
    assert not page.has(action)
    if action != "confirm":
        assert school.get(f"/service/{ident}/{action}").url == f"/service/{ident}"
    page = school.act(ident, action, lifted="115/1/1")
    assert page.status == 409
    assert words in page.text("refusal" if action == "confirm" else "form-error")


@pytest.mark.rule("D-31")
def test_the_history_tells_who_changed_what_and_why(
    school: Keeper, office: Office, people: People, loaded_on: date
) -> None:
    """Who, when, old and new value, reason; in the words of the page, and nothing of other assignments."""
    ident = newest(office, people, "T16")
    school.act(ident, "correct", title="J21", kind="additional", started="105/8/2", note=NASTY, reason=NASTY)
    school.act(ident, "end", last_day=roc(loaded_on), cause="retired")
    page = school.act(ident, "reopen")
    history = page.text("history")
    for words in (
        "更正資料",
        "職稱：專任教師 → 教師兼組長",
        "主聘／兼任：主聘 → 兼任",
        "民國105年8月1日 → 民國105年8月2日",
    ):
        assert words in history
    for words in ("登錄服務結束", "異動原因：– → 退休", "撤銷服務結束", "霧松縣立晨曦國民中學", f"理由：{NASTY}"):
        assert words in history
    assert "<script>" not in page.html
    assert school.get(f"/service/{newest(office, people, 'T01')}").has("history") is False


@pytest.mark.rule("D-34")
def test_a_closed_school(app: Flask, office: Office, people: People) -> None:
    """D-34: T13's page names row 4, and her record says that the school is closed."""
    authority = Keeper(app, "wsedu001")
    page = authority.get(f"/service/{newest(office, people, 'T13')}")
    assert page.text("status") == "學校已停辦"
    assert page.text("service-state").endswith("無服務學校")
    assert "規則第 4 列" in page.text("service-rule")


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_days_are_shown_as_they_may_be_typed(language: str, school: Keeper, office: Office, people: People) -> None:
    """The form of a correction starts with the day in the way of the language."""
    page = school.get(f"/service/{newest(office, people, 'T16')}/correct", headers={"Accept-Language": language})
    assert f'value="{"2016-08-01" if language == "en" else "105/08/01"}"' in page.html


def test_the_way_in(school: Keeper, app: Flask, people: People) -> None:
    """From the business account's home to the list; teachers find their correction requests on theirs."""
    school.get("/account")
    assert school.browser.follow("service-data").url == "/service"
    teacher = Keeper(app, people["T04"]["account"])
    teacher.get("/account")
    assert teacher.browser.follow("corrections").url == "/account/corrections"


def test_whoever_has_not_accepted_the_agreement_accepts_first(school: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-ACC-1: also before the console."""
    monkeypatch.setattr("idp.accounts.accounts.AGREEMENT_VERSION", 2)
    assert school.get("/service").url.startswith("/agreement")
