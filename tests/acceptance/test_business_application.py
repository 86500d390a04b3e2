"""The application for a business account, through its pages (Art.3, Art.4, R-ACC-1, R-ACC-4, D-08)."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from config.database import db
from idp.accounts import accounts
from idp.accounts.accounts import AGREEMENT_VERSION
from idp.accounts.models import Account, AgreementAcceptance, BusinessKind, BusinessState
from idp.sessions import BrowserSession
from tests.pages import Browser
from tests.support.business import FOUNDATION, NEW, PASSWORD, SCHOOL, Registry, send
from tests.support.office import MakeApp, Office, People

TAKEN = "這個帳號名稱不能使用，請換一個。"
NOT_APPROVED = "業務帳號尚未經所屬區管中心審核通過，無法登入。"
FIELDS = [*("kind", "school", "unit", "county", "contact", "email", "username", "password", "repeated", "agreed")]


@pytest.fixture
def registry(app: Flask) -> Registry:
    """The business accounts."""
    return Registry(app)


def count(app: Flask, table: type[Account | BrowserSession]) -> int:
    """Return how many rows a table has."""
    with app.app_context(), db.session.begin():
        return db.session.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.mark.rule("R-ACC-4", "R-ACC-1", "AC-05", "D-08")
def test_a_school_applies(browser: Browser, registry: Registry, office: Office) -> None:
    """It waits for the fax: nobody is logged in, and the log-in is refused; the page says whom to fax it to."""
    browser.get("/login")
    browser.follow("apply-business-link")
    page = send(browser)
    assert page.text("application-state") == "待傳真"
    assert page.text("application-next") == "請列印申請表，用印後傳真至示範南區區管中心。"
    assert count(browser.app, BrowserSession) == 0
    assert browser.get("/account").has("login-submit")
    row = registry.detail("sch994601")
    assert (row.kind, row.role, row.state) == ("school", "school_staff", "pending_fax")
    assert (row.school_code, row.unit, row.county, row.counties) == (
        *("994601", "霧松縣雲門鄉梅溪國民小學", "霧松縣", []),
    )
    assert row.regional_centre_id == registry.id_of("rcsouth01")
    (account,) = office.rows(select(Account).where(Account.login_name == "sch994601"))
    assert (account.type, account.name, account.email) == ("business", "高小梅", "mei@example.edu.tw")
    assert (account.email_verified_at, account.is_test_account) == (None, False)
    (accepted,) = office.rows(select(AgreementAcceptance).where(AgreementAcceptance.account_id == account.id))
    assert accepted.version == AGREEMENT_VERSION
    (noted,) = registry.events("sch994601")
    assert (noted.action, noted.actor) == ("business.applied", "applicant")
    assert noted.detail == {"new": "pending_fax", "kind": "school"}
    assert browser.log_in(**NEW).text("login-error") == NOT_APPROVED


@pytest.mark.rule("D-08", "D-12")
@pytest.mark.parametrize(
    ("kind", "role", "centre", "area"),
    [
        ("regional_centre", "regional_approver", None, []),
        ("social_education_or_legal_person", "organiser", "rcnorth01", []),
        ("subject_centre", "organiser", "rcnorth01", []),
        ("other", "authority_staff", "rcnorth01", ["鯨嶼縣"]),
    ],
)
def test_other_kinds(
    kind: str, role: str, centre: str | None, area: list[str], browser: Browser, registry: Registry
) -> None:
    """The role follows from the kind, the regional centre from the county; a regional centre has none over it."""
    page = send(browser, FOUNDATION, kind=kind, school="994601")
    row = registry.detail("fdn000002")
    assert (row.kind, row.role, row.unit, row.county) == (kind, role, "財團法人測試基金會", "鯨嶼縣")
    assert (row.school_code, row.counties) == (None, area)
    assert row.regional_centre_id == (registry.id_of(centre) if centre else None)
    assert ("示範北區區管中心" if centre else "全國推廣中心") in page.text("application-centre")


@pytest.mark.rule("D-08")
def test_a_county_without_a_centre(browser: Browser, registry: Registry) -> None:
    """Where no active regional centre has the county, the national centre decides."""
    registry.set("rcnorth01", state="disabled")
    page = send(browser, FOUNDATION)
    assert "全國推廣中心" in page.text("application-next")
    assert registry.detail("fdn000002").regional_centre_id is None


FAULTY: list[tuple[dict[str, str], dict[str, str | None], list[str]]] = [
    (SCHOOL, {"kind": ""}, ["kind", "unit", "county"]),
    (FOUNDATION, {"kind": "idp_admin"}, ["kind"]),
    (SCHOOL, {"school": ""}, ["school"]),
    (SCHOOL, {"school": "999999"}, ["school"]),
    (SCHOOL, {"school": "994699"}, ["school"]),  # closed
    (FOUNDATION, {"unit": " "}, ["unit"]),
    (FOUNDATION, {"unit": "王" * 101}, ["unit"]),
    (FOUNDATION, {"unit": "王\u202e"}, ["unit"]),
    (FOUNDATION, {"county": "不存在縣"}, ["county"]),
    (SCHOOL, {"contact": ""}, ["contact"]),
    (SCHOOL, {"contact": "王" * 51}, ["contact"]),
    (SCHOOL, {"email": "nobody"}, ["email"]),
    (SCHOOL, {"email": "a@b"}, ["email"]),
    (SCHOOL, {"email": "a b@example.tw"}, ["email"]),
    (SCHOOL, {"email": "a@example.tw,b@example.tw"}, ["email"]),
    (SCHOOL, {"email": "a" * 60 + "@" + "example." * 30 + "tw"}, ["email"]),
    (SCHOOL, {"username": "1wang01"}, ["username"]),
    (SCHOOL, {"password": "short", "repeated": "short"}, ["password"]),
    (SCHOOL, {"password": "xx sch994601 yy", "repeated": "xx sch994601 yy"}, ["password"]),
    (SCHOOL, {"repeated": "another password"}, ["repeated"]),
    (SCHOOL, {"agreed": None}, ["agreed"]),
]


@pytest.mark.rule("AC-02", "D-06", "R-ACC-1")
@pytest.mark.parametrize(("given", "changes", "fields"), FAULTY)
def test_faulty_fields(
    given: dict[str, str], changes: dict[str, str | None], fields: list[str], browser: Browser
) -> None:
    """Each field has its own message, linked from the top; nothing is made; what was typed stays but the passwords."""
    before = count(browser.app, Account)
    page = send(browser, given, **changes)
    assert page.status == 400
    assert [name for name in FIELDS if page.has(f"{name}-error")] == fields
    for field in fields:
        assert page.text(f"{field}-error") in page.text("apply-error")
        assert f'href="#{field}"' in page.html
    assert count(browser.app, Account) == before
    kept, sent = dict(page.form_with("apply-submit").fields), {**given, **changes}
    offered = set(re.findall(r'<option value="(\w+)"', page.html))
    chosen = set(re.findall(r'<option value="(\w+)"(?: lang="zh-TW")? selected', page.html))
    assert chosen == {sent["kind"], sent["county"]} & offered
    assert (kept["password"], kept["repeated"]) == ("", "")
    for name in ("school", "unit", "contact", "email", "username"):
        assert kept[name] == sent[name]
    assert page.form_with("apply-submit").boxes["agreed"][2] == (sent["agreed"] == "yes")


@pytest.mark.rule("AC-10", "D-05")
@pytest.mark.parametrize("name", ["wang0101", "WANG0101", " Sub99Math "])
def test_a_name_that_is_or_was_somebodys(name: str, browser: Browser, office: Office, people: People) -> None:
    """AC-10: a closed account's name is refused in the same words as one in use, whatever kind of account it was."""
    in_use = send(browser, username=name)
    for account in (people["T01"], {"account": "sub99math"}):
        with office.app.app_context():
            accounts.close_account(office.id_of(account), actor="tests", now=datetime.now(UTC))
    closed = send(browser, username=name)
    assert {(page.status, page.text("username-error")) for page in (in_use, closed)} == {(400, TAKEN)}
    assert count(browser.app, BrowserSession) == 0


def test_many_applications_from_one_address(make_app: MakeApp) -> None:
    """Trying names out is counted with the applications of teachers; other faults tell nothing and are not counted."""
    browser = Browser(make_app(login_failures_per_address=10))
    for _ in range(12):
        assert send(browser, contact="").status == 400
    assert [send(browser, username="wang0101").status for _ in range(12)] == [400] * 10 + [429] * 2
    assert send(browser).text("apply-error").startswith("從這個網路位址申請的次數過多")


def test_no_other_site_can_apply(browser: Browser) -> None:
    """The form needs its token."""
    assert browser.post("/account/apply/business", SCHOOL).status == 403


@pytest.mark.rule("D-02", "R-ACC-2", "D-04")
def test_what_else_is_sent_along(browser: Browser, registry: Registry) -> None:
    """Role, state, centre and type are nobody's to choose."""
    extra = {"role": "idp_admin", "state": "active", "regional_centre_id": "1", "type": "teacher_personal"}
    send(browser, SCHOOL | extra | {"counties": "霧松縣", "is_test_account": "1"})
    row = registry.detail("sch994601")
    assert (row.role, row.state, row.counties) == ("school_staff", "pending_fax", [])


@pytest.mark.rule("R-ACC-4")
def test_the_sheet(browser: Browser) -> None:
    """What is printed, sealed and faxed: account, unit, contact, agreement, and where it goes; never the password."""
    send(browser)
    page = browser.follow("sheet-link")
    assert page.text("sheet-to") == "傳真至：示範南區區管中心"
    assert page.text("sheet-account") == "sch994601"
    for text in ("霧松縣雲門鄉梅溪國民小學", "994601", "高小梅", "mei@example.edu.tw", "單位用印", "不轉借他人"):
        assert text in page.html
    assert PASSWORD not in page.html
    assert browser.follow("back").has("application-state")


def test_the_link_is_for_this_browser_and_for_a_while(browser: Browser) -> None:
    """Another browser, half an hour later, or another blob: log in with the password instead."""
    page = send(browser)
    assert browser.get(page.url).status == 200
    lost = [Browser(browser.app).get(page.url), browser.get("/account/application?a=x")]
    lost += [browser.get("/account/application"), browser.get("/account/application/sheet")]
    with time_machine.travel(datetime.now(UTC).timestamp() + 1801):
        lost.append(browser.get(page.url))
    assert {(one.status, one.text("error-code")) for one in lost} == {(400, "invalid_request")}
    assert all("輸入帳號和密碼" in one.text("error-message") for one in lost)


@pytest.mark.rule("AC-05", "D-07")
@pytest.mark.parametrize(
    ("state", "shown", "step"),
    [
        (BusinessState.PENDING_FAX, "已退請補正", "重新傳真至示範南區區管中心"),
        (BusinessState.REJECTED, "不通過", "請用新的帳號名稱"),
        (BusinessState.DISABLED, "停用", "請洽全國推廣中心"),
    ],
)
def test_the_applicant_reads_why(
    state: BusinessState, shown: str, step: str, browser: Browser, registry: Registry
) -> None:
    """The right password shows the refusal, the state, the reason and what to do; a wrong one shows nothing."""
    send(browser)
    registry.set("sch994601", state=state, decision_reason="印章\n不清楚")
    other = Browser(browser.app)
    page = other.log_in("sch994601", "wrong")
    assert not page.has("application")
    assert "印章" not in page.html
    page = other.log_in(**NEW)
    assert (page.status, page.text("login-error")) == (403, NOT_APPROVED)
    assert (page.text("application-state"), page.text("application-reason")) == (shown, "原因：印章 不清楚")
    assert step in page.text("application-next")
    page = other.follow("application-link")
    assert (page.status, page.text("application-state")) == (200, shown)
    assert page.has("correct-submit") == (state is BusinessState.PENDING_FAX)


@pytest.mark.rule("D-07", "R-ACC-2", "D-04")
def test_correcting_after_a_return(browser: Browser, registry: Registry, office: Office) -> None:
    """She corrects the contact and prints again; kind, unit and account name stay, whatever is sent."""
    send(browser)
    registry.set("sch994601", state=BusinessState.PENDING_FAX, decision_reason="聯絡人不對")
    other = Browser(browser.app)
    other.log_in(**NEW)
    other.follow("application-link")
    page = other.submit("correct-submit", contact="", email="x")
    assert (page.status, page.has("contact-error"), page.has("email-error")) == (400, True, True)
    form = page.form_with("correct-submit")
    assert dict(form.fields)["email"] == "x"
    extra = {"contact": "林新人", "email": "lin@example.edu.tw", "username": "othername1", "unit": "另一校"}
    page = other.post(form.action, dict(form.fields) | extra | {"kind": "other"})
    assert page.has("done")
    assert "林新人" in other.follow("sheet-link").html
    (account,) = office.rows(select(Account).where(Account.name == "林新人"))
    assert (account.login_name, account.email, account.type) == ("sch994601", "lin@example.edu.tw", "business")
    row = registry.detail("sch994601")
    assert (row.kind, row.unit) == (BusinessKind.SCHOOL, "霧松縣雲門鄉梅溪國民小學")
    assert registry.events("sch994601")[-1].detail["changed"] == ["name", "email"]


@pytest.mark.rule("D-07")
def test_correcting_too_late(browser: Browser, registry: Registry) -> None:
    """The next fax came in the meantime: nothing is changed, and the page says so."""
    send(browser)
    registry.set("sch994601", decision_reason="聯絡人不對")
    browser.get(browser.page.url)
    registry.set("sch994601", state=BusinessState.PENDING_REVIEW, decision_reason=None)
    page = browser.submit("correct-submit", contact="林新人")
    assert (page.status, page.has("application-error"), page.text("application-state")) == (409, True, "審核中")


def test_languages(browser: Browser) -> None:
    """The link for the other language leads back to the form, and to the state of the application."""
    page = send(browser, contact="")
    assert "/language/en?next=/account/apply/business" in page.html.replace("%2F", "/")
    page = send(browser)
    assert "/language/en?next=/account/application?a" in page.html.replace("%2F", "/").replace("%3F", "?")
