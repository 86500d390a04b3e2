"""The console of regional centres and of the national centre: who may open it, lists, search, what forms keep."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from config.database import db
from idp.accounts import dossiers
from idp.accounts.models import Account, BusinessState
from scopes.business_functions import reach_of
from scopes.permissions import Role
from scopes.roc import taipei_day
from tests.pages import Browser
from tests.protocol.nasty import VALUES, check
from tests.support.business import FOUNDATION, Registry, act, send
from tests.support.office import People, Staff

TODAY = taipei_day(datetime.now(UTC)).isoformat()


@pytest.fixture
def registry(app: Flask) -> Registry:
    """The business accounts."""
    return Registry(app)


@pytest.fixture
def centre(app: Flask, staff: Staff) -> Browser:
    """The southern regional centre, logged in, at its console."""
    browser = Browser(app)
    browser.log_in(**staff("rcsouth01"))
    browser.get("/approvals")
    return browser


@pytest.mark.rule("D-12")
@pytest.mark.parametrize("account", ["wsedu001", "sch994501", "nataud01", "T01"])
def test_who_may_not(account: str, browser: Browser, registry: Registry, staff: Staff, people: People) -> None:
    """Only those with 帳號管理: nobody else sees a link, a list or an application, nor takes a step."""
    person = people[account] if account == "T01" else staff(account)
    browser.log_in(person["account"], person["password"], person.get("totp_secret"))
    assert not browser.page.has("approvals-link")
    ident = registry.id_of("sch993501")
    assert [browser.get(path).status for path in ("/approvals", f"/approvals/{ident}")] == [403, 403]
    browser.get("/account")
    assert act(browser, ident, "approved").status == 403
    assert registry.state("sch993501") is BusinessState.PENDING_REVIEW


def test_without_a_session(browser: Browser) -> None:
    """The log-in page, which leads back."""
    page = browser.get("/approvals?state=active")
    assert page.has("login-submit")
    assert dict(page.form_with("login-submit").fields)["next"] == "/approvals?state=active"


def test_a_step_needs_its_form(centre: Browser, registry: Registry) -> None:
    """No token, no step; an event that is none is refused; there is no change by GET."""
    ident = registry.id_of("sch993501")
    assert centre.post(f"/approvals/{ident}", {"event": "approved"}).status == 403
    centre.get("/approvals")
    for event in ("", "applied", "corrected", "nonsense"):
        assert act(centre, ident, event).status == 400
        centre.get("/approvals")
    centre.get(f"/approvals/{ident}?event=approved&done=approved")
    assert not centre.page.has("done")
    assert registry.state("sch993501") is BusinessState.PENDING_REVIEW
    for unknown in (0, 10**6, 2**31 - 1, 2**31, 10**30):
        centre.get("/approvals")
        assert act(centre, unknown, "approved").status == 404


@pytest.mark.rule("D-08")
def test_each_sees_its_own(centre: Browser, app: Flask, staff: Staff) -> None:
    """The list holds the own region; the national centre's holds everybody."""
    seen = {state: centre.follow(f"state-{state}").text("main") for state in BusinessState}
    assert "sch993501" in seen[BusinessState.PENDING_REVIEW]
    assert "sub99math" not in "".join(seen.values())
    assert "natadm01" not in "".join(seen.values())
    assert "fdn00001a" in seen[BusinessState.REJECTED]
    assert ("wsedu001" in seen[BusinessState.ACTIVE], "sch994501" in seen[BusinessState.ACTIVE]) == (True, True)
    national = Browser(app)
    national.log_in(**staff("natadm01"))
    page = national.get("/approvals?state=active")
    for account in ("rcnorth01", "rcsouth01", "wsedu001", "natadm02"):
        assert page.has(f"application-{account}")
    assert page.text("state-active") == "啟用 10"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("sch9935", True), ("SCH9935", True), ("望洋", True), ("星河", True), ("%", False), ("_", False),
        ("fdn00001a", False), ("sub99math", False), (" ", True),
    ],
)  # fmt: skip
def test_search(search: str, found: bool, centre: Browser) -> None:  # noqa: FBT001  # a column of the table
    """By account, unit, contact or county, in whatever letters; signs of SQL are signs."""
    page = centre.get("/approvals", query_string={"state": "pending_review", "q": search})
    assert page.has("application-sch993501") is found
    assert page.has("nothing") is not found
    assert page.text("state-pending_review") == f"審核中 {int(found)}"
    assert dict(page.form_with("search").fields)["q"] == search.strip()


def test_age(centre: Browser, registry: Registry) -> None:
    """How long it has been in its state: since the fax, since the return, since the application."""
    ident = registry.id_of("fdn00001a")
    long_ago = datetime.now(UTC) - timedelta(days=9)
    registry.set("fdn00001a", state="pending_fax", decision_reason="x", decided_at=long_ago)
    assert "5 天" in centre.get("/approvals?state=pending_review").text("applications")
    assert "9 天" in centre.get("/approvals?state=pending_fax").text("applications")
    registry.set("fdn00001a", decision_reason=None, decided_at=None)
    with centre.app.app_context(), db.session.begin():
        db.session.execute(update(Account).where(Account.id == ident).values(created_at=long_ago - timedelta(days=3)))
    assert "12 天" in centre.get("/approvals?state=pending_fax").text("applications")


def test_pages(centre: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long lists come in pages, who waits longest first."""
    monkeypatch.setattr(dossiers, "PAGE", 2)
    for number in range(3):
        send(Browser(app), FOUNDATION, county="霧松縣", username=f"fdn00010{number}")
    first = centre.get("/approvals?state=pending_fax")
    assert [first.has(f"application-fdn00010{number}") for number in range(3)] == [True, True, False]
    second = centre.follow("more")
    assert [second.has(f"application-fdn00010{number}") for number in range(3)] == [False, False, True]
    assert not second.has("more")
    assert centre.follow("newer").has("more")
    for page in ("0", "-1", "x", "9" * 30):
        assert centre.get(f"/approvals?state=nonsense&page={page}").status == 200


@pytest.mark.rule("D-07")
@pytest.mark.parametrize("event", ["returned", "rejected"])
def test_a_reason_is_needed(event: str, centre: Browser, registry: Registry) -> None:
    """The error stands beside its own field, whose form is open; a reason that is too long is kept."""
    ident = registry.id_of("sch993501")
    page = act(centre, ident, event, reason=" \r\n ")
    assert (page.status, page.text(f"{event}-reason-error")) == (400, "請填原因，最多 500 個字。")
    assert page.html.count('<details class="step" open') == 1
    page = act(centre, ident, event, reason="字" * 501)
    assert page.text(f"{event}-reason") == "字" * 501
    other = {"returned": "rejected", "rejected": "returned"}[event]
    assert page.text(f"{other}-reason") == ""
    assert registry.state("sch993501") is BusinessState.PENDING_REVIEW
    act(centre, ident, event, reason="<b>第一行</b>\r\n第二行")
    assert registry.detail("sch993501").decision_reason == "<b>第一行</b>\n第二行"
    assert "<b>" not in centre.page.html


def test_somebody_was_faster(centre: Browser, registry: Registry) -> None:
    """The page shows the state of now, and that nothing was done."""
    ident = registry.id_of("sch993501")
    centre.get(f"/approvals/{ident}")
    registry.set("sch993501", state=BusinessState.ACTIVE)
    page = centre.submit("approve-submit")
    assert (page.status, page.text("state"), page.has("approve-submit")) == (409, "啟用", False)
    assert page.text("approval-error").startswith("這個帳號的狀態已經改變")


def test_nobody_decides_on_herself(app: Flask, registry: Registry, staff: Staff) -> None:
    """The national centre cannot shut itself out, nor may anybody decide on the own account."""
    national = Browser(app)
    national.log_in(**staff("natadm01"))
    page = national.get(f"/approvals/{registry.id_of('natadm01')}")
    assert not page.has("disable-submit")
    page = act(national, registry.id_of("natadm01"), "disabled", reason="x", confirmed="yes")
    assert page.text("approval-error") == "不能處理自己的帳號，請由另一位承辦人處理。"
    assert registry.state("natadm01") is BusinessState.ACTIVE


@pytest.mark.rule("R-ACC-1", "D-03")
def test_the_agreement_comes_first(centre: Browser, registry: Registry) -> None:
    """Who has not accepted the current agreement is led to it before the console."""
    with centre.app.app_context(), db.session.begin():
        own = Account.id == registry.id_of("rcsouth01")
        db.session.execute(update(Account).where(own).values(agreement_version=0))
    assert centre.get("/approvals").url.startswith("/agreement")


@pytest.mark.rule("D-12")
@pytest.mark.parametrize("account", ["rcsouth01", "sch994501", "wsedu001", "natadm01", "nataud01"])
def test_functions_on_the_home_page(account: str, browser: Browser, registry: Registry, staff: Staff) -> None:
    """Art.5(3): the home page lists what this account may do, as D-12 has it; an auditor has no row there."""
    browser.log_in(**staff(account))
    row = registry.detail(account)
    expected = [function.id for function, _ in reach_of(row.kind, Role(row.role))]
    assert [function for function in expected if not browser.page.has(f"function-{function}")] == []
    assert browser.page.has("functions") is (account != "nataud01")
    assert row.unit in browser.page.text("unit")


def test_the_language_link_leads_back(centre: Browser, registry: Registry) -> None:
    """After a refused step it leads back to the application."""
    ident = registry.id_of("sch993501")
    page = act(centre, ident, "returned", reason="")
    assert f'/language/en?next=/approvals/{ident}"' in page.html.replace("%2F", "/")


def test_hostile_input(centre: Browser, registry: Registry) -> None:
    """Whatever stands in a field or in the address, the answer is a page or a refusal, never an error of ours."""
    ident = registry.id_of("sch993501")
    centre.get("/approvals")
    token = dict(centre.page.forms[0].fields)["form_token"]
    fields = ("received_on", "note", "reason", "counties", "confirmed")
    for value in VALUES:
        check(centre.get("/approvals", query_string=dict.fromkeys(("state", "q", "page", "done"), value)).response)
        for event in ("returned", "fax_received", value):
            sent = {**dict.fromkeys(fields, value), "form_token": token, "event": event}
            check(centre.post(f"/approvals/{ident}", sent).response, sent)
        registry.set("sch993501", state=BusinessState.PENDING_FAX)
        sent = {**dict.fromkeys(fields, value), "form_token": token, "event": "fax_received", "received_on": TODAY}
        check(centre.post(f"/approvals/{ident}", sent).response, sent)
        registry.set("sch993501", state=BusinessState.PENDING_REVIEW, fax_received_on=None)
    assert centre.get("/account").has("logout")
