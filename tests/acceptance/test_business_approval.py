"""Approval of business accounts through the console and the log-in page (Art.4, AC-05 … AC-10, D-07, D-08)."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from idp.accounts.models import BusinessState
from scopes.roc import taipei_day
from tests.pages import Browser, Page
from tests.rp import RelyingParty
from tests.security.steps import enrol_totp
from tests.support.business import FOUNDATION, NEW, Registry, act, send
from tests.support.office import Office, Staff

NOT_APPROVED = "業務帳號尚未經所屬區管中心審核通過，無法登入。"
TODAY = taipei_day(datetime.now(UTC)).isoformat()


@pytest.fixture
def registry(app: Flask) -> Registry:
    """The business accounts."""
    return Registry(app)


def console(app: Flask, person: dict[str, str]) -> Browser:
    """Log somebody in and open the console from her home page."""
    browser = Browser(app)
    browser.log_in(**person)
    browser.follow("approvals-link")
    return browser


def log_in(app: Flask, person: dict[str, str]) -> Page:
    """Try to log in from another browser."""
    return Browser(app).log_in(**person)


@pytest.mark.rule("AC-05", "AC-07", "AC-08", "R-ACC-4")
def test_from_application_to_log_in(app: Flask, registry: Registry, staff: Staff, office: Office) -> None:
    """AC-05, AC-08, AC-07: no log-in before the approval, no approval before the fax; then she is in."""
    send(Browser(app))
    ident = registry.id_of("sch994601")
    assert log_in(app, NEW).text("login-error") == NOT_APPROVED
    centre = console(app, staff("rcsouth01"))
    centre.follow("state-pending_fax")
    page = centre.follow("application-sch994601")
    assert (page.text("state"), page.has("approve-submit"), page.has("disable-submit")) == ("待傳真", False, False)
    page = act(centre, ident, "approved")
    assert (page.status, page.text("approval-error")[:9]) == (409, "這個帳號的狀態已經")
    assert registry.state("sch994601") is BusinessState.PENDING_FAX
    centre.get(f"/approvals/{ident}")
    page = centre.submit("fax-submit", received_on=TODAY, note="(08)123-4567")
    assert (page.text("done"), page.text("state")) == ("已登記傳真", "審核中")
    assert "(08)123-4567" in page.text("fax")
    assert log_in(app, NEW).text("login-error") == NOT_APPROVED
    page = centre.submit("approve-submit")
    assert (page.text("done"), page.text("state")) == ("已審核通過", "啟用")
    assert log_in(app, NEW).url == "/account"
    actions = [event.action.removeprefix("business.") for event in registry.events("sch994601")]
    assert actions == ["applied", "fax_received", "approved"]
    for text in ("網路申請", "登記傳真", "審核通過", "rcsouth01", "申請人"):
        assert text in page.text("history")
    assert office.events("business.viewed", {"account": "sch994601"})


@pytest.mark.rule("AC-05")
@pytest.mark.parametrize("account", ["sub99math", "sch993501", "fdn00001a"])
def test_not_approved(account: str, app: Flask, staff: Staff) -> None:
    """AC-05: ``pending_fax``, ``pending_review`` and ``rejected`` alike: refused, and no session is opened."""
    browser = Browser(app)
    page = browser.log_in(**staff(account))
    assert (page.status, page.text("login-error")) == (403, NOT_APPROVED)
    assert browser.get("/approvals").has("login-submit")


@pytest.mark.rule("AC-06", "D-08")
@pytest.mark.parametrize("event", ["fax_received", "approved", "returned", "rejected", "disabled"])
def test_another_regions_centre(event: str, app: Flask, registry: Registry, staff: Staff) -> None:
    """AC-06: for another region's centre sch993501 does not exist, neither to see nor to decide on."""
    ident = registry.id_of("sch993501")
    other = console(app, staff("rcnorth01"))
    assert "sch993501" not in other.page.html
    assert "sch993501" not in other.get("/approvals?state=pending_review&q=sch993501").text("main")
    assert other.get(f"/approvals/{ident}").status == 404
    other.get("/approvals")
    fields = {"received_on": TODAY, "reason": "x", "confirmed": "yes"}
    assert act(other, ident, event, **fields).status == 404
    assert registry.state("sch993501") is BusinessState.PENDING_REVIEW
    assert registry.events("sch993501") == []
    assert log_in(app, staff("sch993501")).text("login-error") == NOT_APPROVED


@pytest.mark.rule("AC-07", "D-08")
def test_its_own_centre(app: Flask, staff: Staff) -> None:
    """AC-07: its own regional centre approves sch993501, whose fax is recorded; it can log in."""
    centre = console(app, staff("rcsouth01"))
    centre.follow("application-sch993501")
    centre.submit("approve-submit")
    assert log_in(app, staff("sch993501")).url == "/account"


@pytest.mark.rule("AC-08")
def test_without_a_recorded_fax(app: Flask, registry: Registry, staff: Staff) -> None:
    """AC-08: approval without a recorded fax is refused with the reason."""
    registry.set("sch993501", fax_received_on=None)
    centre = console(app, staff("rcsouth01"))
    centre.follow("application-sch993501")
    page = centre.submit("approve-submit")
    assert (page.status, page.text("approval-error")) == (400, "還沒有登記傳真，不能審核。")
    assert registry.state("sch993501") is BusinessState.PENDING_REVIEW


@pytest.mark.rule("D-08")
def test_the_national_centre(app: Flask, registry: Registry, staff: Staff) -> None:
    """It sees every account, but decides only where no regional centre does."""
    national = console(app, staff("natadm01"))
    page = national.follow("application-sch993501")
    assert page.text("decider") == "由示範南區區管中心審核。"
    assert not page.has("approve-submit")
    page = act(national, registry.id_of("sch993501"), "approved")
    assert (page.status, page.text("approval-error")) == (400, "這個帳號由其所屬區管中心審核。")
    registry.set("rcsouth01", state="disabled")
    national.get(f"/approvals/{registry.id_of('sch993501')}")
    assert national.submit("approve-submit").text("state") == "啟用"


@pytest.mark.rule("D-08")
def test_a_new_regional_centre(app: Flask, registry: Registry, staff: Staff) -> None:
    """The national centre records its fax and gives it counties that no other centre has; then it works on them."""
    registry.set("rcnorth01", state="disabled")
    made = {"account": "fdn000002", "password": NEW["password"]}
    send(Browser(app), FOUNDATION, kind="regional_centre", unit="新北區區管中心")
    national = console(app, staff("natadm01"))
    national.get(f"/approvals/{registry.id_of('fdn000002')}")
    national.submit("fax-submit", received_on=TODAY)
    assert national.page.form_with("approve-submit").boxes == {"county-1": ("counties", "鯨嶼縣", False)}
    page = national.submit("approve-submit")
    assert (page.status, page.text("counties-error")) == (400, "請至少選擇一個縣市。")
    page = national.submit("approve-submit", pick="county-1")
    assert page.text("state") == "啟用"
    centre = Browser(app)
    assert centre.log_in(**made).has("factor-due")  # D-74: her role needs a second factor first
    enrol_totp(centre)
    centre.get("/account")
    centre.follow("approvals-link")
    centre.follow("state-pending_fax")
    assert centre.follow("application-sub99math").has("fax-submit")


@pytest.mark.rule("D-07", "AC-05")
def test_return_and_second_fax(app: Flask, registry: Registry, staff: Staff) -> None:
    """Returned with a reason: she reads it, corrects, faxes again; the first fax counts no more."""
    send(Browser(app))
    ident = registry.id_of("sch994601")
    centre = console(app, staff("rcsouth01"))
    centre.get(f"/approvals/{ident}")
    centre.submit("fax-submit", received_on=TODAY)
    page = act(centre, ident, "returned", reason="印章不清楚")
    assert (page.text("state"), page.text("fax")) == ("已退請補正", "還沒有登記")
    applicant = Browser(app)
    assert applicant.log_in(**NEW).text("application-reason") == "原因：印章不清楚"
    applicant.follow("application-link")
    applicant.submit("correct-submit", contact="林新人")
    centre.get("/approvals?state=pending_fax")
    assert "已退請補正" in centre.page.text("applications")
    page = centre.follow("application-sch994601")
    assert "林新人" in page.html
    centre.submit("fax-submit", received_on=TODAY)
    assert centre.submit("approve-submit").text("state") == "啟用"
    assert log_in(app, NEW).url == "/account"


@pytest.mark.rule("D-07", "D-05")
def test_rejection_is_final(app: Flask, registry: Registry, staff: Staff) -> None:
    """Rejected with a reason: no step is left, the name stays taken, and another name may apply."""
    send(Browser(app))
    registry.set("sch994601", state=BusinessState.PENDING_REVIEW)
    centre = console(app, staff("rcsouth01"))
    ident = registry.id_of("sch994601")
    assert act(centre, ident, "rejected", reason="不是本校人員").text("state") == "不通過"
    assert not [form for form in centre.page.forms if form.action == f"/approvals/{ident}"]
    page = log_in(app, NEW)
    assert (page.text("login-error"), page.text("application-reason")) == (NOT_APPROVED, "原因：不是本校人員")
    assert send(Browser(app)).has("username-error")
    assert send(Browser(app), username="sch994602").has("application-state")


@pytest.mark.rule("D-07")
def test_disabling_ends_sessions(app: Flask, registry: Registry, staff: Staff, office: Office) -> None:
    """Only the national centre, with reason and confirmation: whoever is logged in is out at once, and stays out."""
    school = Browser(app)
    assert school.log_in(**staff("sch994501")).url == "/account"
    ident = registry.id_of("sch994501")
    centre = console(app, staff("rcsouth01"))
    assert not centre.get(f"/approvals/{ident}").has("disable-submit")
    assert act(centre, ident, "disabled", reason="x", confirmed="yes").status == 400
    national = console(app, staff("natadm01"))
    national.get(f"/approvals/{ident}")
    page = act(national, ident, "disabled", reason="單位裁撤")
    assert (page.status, page.has("confirmed-error"), "單位裁撤" in page.html) == (400, True, True)
    assert school.get("/account").url == "/account"
    page = act(national, ident, "disabled", reason="單位裁撤", confirmed="yes")
    assert page.text("state") == "停用"
    assert school.get("/account").has("login-submit")
    assert log_in(app, staff("sch994501")).text("login-error") == NOT_APPROVED
    assert len(office.events("session.ended", {"account": "sch994501"})) == 1


@pytest.mark.rule("D-07")
def test_a_disabled_account_is_nobody(app: Flask, registry: Registry, staff: Staff) -> None:
    """Even a session that was opened at that very moment is worth nothing."""
    school = Browser(app)
    school.log_in(**staff("sch994501"))
    registry.set("sch994501", state=BusinessState.DISABLED)
    assert school.get("/account").has("login-submit")


@pytest.mark.rule("AC-09", "D-02")
def test_an_approved_account_does_not_roam(dream_n: RelyingParty, app: Flask, registry: Registry, staff: Staff) -> None:
    """AC-09: an account that has just been approved gets access_denied at dream-n like every business account."""
    centre = console(app, staff("rcsouth01"))
    act(centre, registry.id_of("sch993501"), "approved")
    browser = Browser(app)
    page, _ = dream_n.start(browser, staff("sch993501"))
    assert page.text("refusal-code") == "IS-BUS-01"
    assert browser.follow("refusal-return").answer["error"] == "access_denied"


@pytest.mark.rule("AC-05")
def test_a_sign_in_with_an_account_that_waits(dream_n: RelyingParty, app: Flask, staff: Staff) -> None:
    """On the way to a partner the refusal is the same, and the sign-in can still be given up or gone on with."""
    browser = Browser(app)
    page, _ = dream_n.start(browser, staff("sub99math"))
    assert (page.text("login-error"), page.text("application-state")) == (NOT_APPROVED, "待傳真")
    assert browser.follow("login-cancel").answer["error"] == "access_denied"


@pytest.mark.rule("D-07")
def test_a_fax_of_another_day(app: Flask, registry: Registry, staff: Staff) -> None:
    """The day stands beside its field, and what was typed stays."""
    centre = console(app, staff("rcnorth01"))
    ident = registry.id_of("sub99math")
    tomorrow = (taipei_day(datetime.now(UTC)) + timedelta(days=1)).isoformat()
    for day in (tomorrow, "2000-01-01", "109/06/23", ""):
        page = act(centre, ident, "fax_received", received_on=day, note="第 7 號")
        assert (page.status, page.has("received-on-error")) == (400, True), day
        kept = dict(page.form_with("fax-submit").fields)
        assert (kept["received_on"], kept["note"]) == (day, "第 7 號")
    page = act(centre, ident, "fax_received", received_on=TODAY, note="字" * 201)
    assert page.has("note-error")
    assert registry.state("sub99math") is BusinessState.PENDING_FAX
