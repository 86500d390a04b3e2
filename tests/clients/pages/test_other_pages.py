"""Files, messages, technical sheets, tests, duties and the register, by their pages."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from clients.lifecycle import CaseState
from clients.procedure.policies import Point
from idp.mail.deliver import run_once
from scopes.roc import taipei_day
from tests.clients.pages.conftest import Pages
from tests.clients.pages.test_walk import today
from tests.clients.procedure.test_supplements import TITLE, added
from tests.pages import Browser
from tests.support.cases import ADMIN, ALL_MET, APPLICANT, FILE, OFFICER, Procedure
from tests.support.mail import Mailbox
from tests.support.office import MakeApp, Staff


def test_a_file_is_a_download(pages: Pages, procedure: Procedure) -> None:
    """Its own type, its own name, never shown within a page; others do not have it."""
    case = procedure.open()
    assert pages.attach(APPLICANT, case, "scan_report", name="掃描 v1.2.pdf").has("done")
    link = pages(APPLICANT).page.link("file-scan_report")
    response = pages(APPLICANT).get(link).response
    assert response.data == FILE
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert pages("ptnoff01").get(link).status == 404
    other = procedure.open()
    assert pages(APPLICANT).get(link.replace(f"/{case}/", f"/{other}/")).status == 404


@pytest.mark.parametrize("content", [b"MZ not a PDF", b"<html>"])
def test_a_file_of_another_kind_is_refused(pages: Pages, procedure: Procedure, content: bytes) -> None:
    """The page says what is needed; nothing is kept."""
    case = procedure.open()
    page = pages.attach(APPLICANT, case, "scan_report", content)
    assert page.status == 400
    assert "PDF" in page.text("file_scan_report-error")
    assert not pages(APPLICANT).get(f"/cases/{case}/files").has("file-scan_report")


def test_a_newer_file_counts_and_the_older_stays(pages: Pages, procedure: Procedure) -> None:
    """Append-only."""
    case = procedure.open()
    for name in ("first.pdf", "second.pdf"):
        pages.attach(APPLICANT, case, "scan_report", name=name)
    page = pages(APPLICANT).page
    assert "second.pdf" in page.text("newest")
    assert "first.pdf" not in page.text("newest")
    assert "first.pdf" in page.html


def test_a_conversation(pages: Pages, procedure: Procedure) -> None:
    """A reviewer asks about a field, the officer answers; an empty message is refused."""
    case = procedure.submitted()
    reviewer = pages("natrev01")
    reviewer.get(f"/cases/{case}/messages?field=site_purpose")
    reviewer.submit("send", text="目的是否包含研習？<b>")
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/messages")
    assert "網站設立目的" in officer.page.text("last")
    assert "目的是否包含研習？<b>" in officer.page.text("last")
    assert officer.submit("send", text="   ").status == 400
    officer.submit("send", text="是。")
    assert "是。" in officer.page.text("last")
    assert "有新訊息" in pages(ADMIN).get("/cases").html
    auditor = pages("nataud01").get(f"/cases/{case}/messages")
    assert not auditor.has("send")


def test_the_check_of_a_policy(pages: Pages, procedure: Procedure) -> None:
    """D-72: a reviewer keeps which points are there; a partner cannot."""
    case = procedure.submitted()
    reviewer = pages("natrev01")
    reviewer.get(f"/cases/{case}/form")
    reviewer.submit("policy-save", tick=(f"point_{Point.RIGHTS}",), note="缺保存期限")
    boxes = reviewer.page.form_with("policy-save").boxes
    assert boxes[f"point_{Point.RIGHTS}"][2]
    assert not boxes[f"point_{Point.RETENTION}"][2]
    assert reviewer.submit("policy-save", note="x" * 2001).status == 400
    assert reviewer.get(f"/cases/{case}/form").text("policy-note") == "缺保存期限"
    assert not pages(OFFICER).get(f"/cases/{case}/form").has("policy-save")


def test_lines_count_as_the_browser_counts_them(pages: Pages, procedure: Procedure) -> None:
    """A line end is one sign of the limit, although two are sent; one sign more is refused and still there."""
    case = procedure.submitted()
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/messages")
    assert officer.submit("send", text="字\r\n" * 1000).status == 200
    officer.get(f"/cases/{case}/messages")
    assert officer.submit("send", text="字\r\n" * 1000 + "字").status == 400
    assert len(officer.page.text("text")) > 1000
    admin = pages(ADMIN)
    admin.get(f"/cases/{case}/steps/X4")
    admin.submit("step-submit", tick=("reason_RT-01",), **dict[str, Any]({"text_RT-01": "字\r\n" * 1000}))
    assert procedure.state(case) is CaseState.RETURNED


def test_warnings_of_a_reviewer(pages: Pages, procedure: Procedure) -> None:
    """Code and name of the school, and an address elsewhere; the days of the scan worked out."""
    page = pages("natrev01").get(f"/cases/{procedure.submitted(officer_email='someone@mail.example')}/form")
    assert "學校名稱－用途說明" in page.text("concerns")
    assert "承辦人－電子信箱" in page.text("concerns")
    assert "民國108年6月30日到民國109年6月30日" in page.text("scan-window")
    assert "民國108年7月3日以後" in page.text("scan-window")
    assert not pages(APPLICANT).get(page.url).has("concerns")


def test_the_reviewer_checks_eligibility_again(pages: Pages, procedure: Procedure) -> None:
    """D-37: what the applicant answered stands beside the form, with the notes."""
    case = procedure.open()
    answers = {"criteria": {**ALL_MET["criteria"], "roles": {"is_met": True, "note": "由示範公司代為建置"}}}
    procedure.step(case, "X2", APPLICANT, answers)
    for reader in (ADMIN, "natrev01"):
        assert "由示範公司代為建置" in pages(reader).get(f"/cases/{case}/form").text("eligibility")
    assert not pages(APPLICANT).get(f"/cases/{case}/form").has("eligibility")


def test_a_sheet_is_judged_at_once(pages: Pages, procedure: Procedure) -> None:
    """Another host, http, a wrong method: each is named; what was typed stays; X10 waits for a good one."""
    case = procedure.approved()
    day = taipei_day(datetime.now(UTC)).isoformat()
    procedure.step(case, "X9", ADMIN, {"version": "1.0", "recipient": "陳承辦", "provided_on": day})
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/technical/test")
    wrong = "https://elsewhere.example/callback\nhttp://site.example/callback"
    page = officer.submit("sheet-save", redirect_uris=wrong)
    assert "support_contact: missing" in page.text("sheet-state")
    page = officer.submit("sheet-save", support_contact="02-12345678")
    assert "redirect_uris" in page.text("sheet-state")
    assert dict(page.form_with("sheet-save").fields)["redirect_uris"].split() == wrong.split()
    assert pages.step(ADMIN, case, "X10").status == 400
    assert procedure.state(case) == "docs_provided"
    good = "http://127.0.0.1:9999/callback"
    officer.get(f"/cases/{case}/technical/test")
    page = officer.submit("sheet-check", redirect_uris=good, backchannel_logout_uri="https://site.example/logout")
    assert "backchannel_logout_uri" in page.text("checked")
    assert pages.step(ADMIN, case, "X10").text("state") == "雙方測試中"
    assert officer.get(f"/cases/{case}/technical/test").status == 403


def test_only_addresses_of_the_case_are_called(pages: Pages, procedure: Procedure) -> None:
    """A sheet with faults is not tried out: nobody looks at other hosts through us."""
    case = procedure.approved()
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/technical/test")
    page = officer.submit(
        "sheet-check",
        redirect_uris="https://site.example/callback",
        backchannel_logout_uri="https://elsewhere.example/logout",
        support_contact="02-12345678",
    )
    assert "backchannel_logout_uri" in page.text("sheet-state")
    assert not page.has("checked-title")


def test_results_and_signatures(pages: Pages, procedure: Procedure) -> None:
    """A failed test after a passed one counts; signing waits until all have passed."""
    case = procedure.testing()
    procedure.pass_tests(case)
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/tests")
    officer.submit("fail-TC-3", note="顯示空白頁")
    assert "未通過" in officer.page.text("TC-3-title")
    assert pages.step(OFFICER, case, "X11").status == 400
    officer.get(f"/cases/{case}/tests")
    assert officer.submit("pass-TC-3", note="  ").status == 400
    officer.submit("pass-TC-3", note="已修正")
    assert pages.step(OFFICER, case, "X11").status == 200
    assert not pages(APPLICANT).get(f"/cases/{case}/tests").has("pass-TC-3")


def test_a_contact_is_verified_by_its_mail(make_app: MakeApp, mailbox: Mailbox, staff: Staff) -> None:
    """The link is in a mail to the new address; a scanner that opens it changes nothing; the button counts."""
    app = make_app(**mailbox.settings)
    case, pages = Procedure(app).live(), Pages(app, staff)
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/duties")
    contact = today("effective_on") | {"officer_name": "林承辦", "officer_phone": "07-7172930"}
    officer.submit("contact-submit", **contact, officer_email="lin@site.example.com")
    assert "等待確認電子信箱" in officer.page.text("contacts")
    link = mailed_link(app, mailbox, "lin@site.example.com")
    stranger = pages("rcsouth01")
    stranger.get(link)
    assert "等待確認電子信箱" in officer.get(f"/cases/{case}/duties").text("contacts")
    stranger.get(link)
    assert stranger.submit("verify").has("verified")
    assert "等待確認電子信箱" not in officer.get(f"/cases/{case}/duties").text("contacts")
    assert stranger.get(link[:-4] + "aaaa").status == 404


def mailed_link(app: Flask, mailbox: Mailbox, address: str) -> str:
    """Deliver what waits, and return the link of the mail to an address, within the site."""
    run_once(app)
    (mail,) = [one for one in mailbox.mails if one["To"] == address]
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"https?://[^/\s]+(/partners/contact\S+)", body.get_content())
    assert found
    return found[1]


def test_letters_of_confirmation(pages: Pages, procedure: Procedure) -> None:
    """An administrator records the letter and the reply; a wrong day or number says so."""
    case = procedure.live()
    browser = pages(ADMIN)
    browser.get(f"/cases/{case}/duties")
    assert browser.submit("confirm-submit", **{"letter_no": "12"} | today("letter_date")).status == 400
    browser.get(f"/cases/{case}/duties")
    assert browser.submit("confirm-submit", letter_no="示範師字第1100000303號").status == 400
    browser.get(f"/cases/{case}/duties")
    browser.submit("confirm-submit", letter_no="示範師字第1100000303號", **today("letter_date"))
    assert "前函覆" in browser.page.text("standing")
    browser.submit("confirm-submit", letter_no="示範教字第1100000404號", **today("letter_date"))
    assert "已確認" in browser.page.text("standing")
    assert not pages(APPLICANT).get(f"/cases/{case}/duties").has("confirm-submit")


def test_the_calendar(pages: Pages, procedure: Procedure) -> None:
    """What ends, for those who read all; not for partners."""
    procedure.live()
    assert "教師共學網" in pages("natrev01").get("/cases/calendar").text("rows")
    assert pages(APPLICANT).get("/cases/calendar").status == 403


def test_the_register_is_open_to_everybody(pages: Pages, procedure: Procedure) -> None:
    """Without log-in: name, unit, items and purposes; no names of people."""
    procedure.live()
    page = Browser(pages.app).get("/partners")
    assert "教師共學網" in page.html
    assert "研習報名與核發時數之身分確認" in page.html
    assert "陳承辦" not in page.html


def test_a_supplement_by_the_page(pages: Pages, procedure: Procedure) -> None:
    """X20: a case of its own, filled in as the running one; X19 is for the running one."""
    case = procedure.live()
    page = pages.step(APPLICANT, case, "X20")
    assert "補充案號" in page.html
    assert page.text("state") == "草稿"


@pytest.mark.parametrize("by", [APPLICANT, ADMIN])
def test_an_approved_supplement_is_done(pages: Pages, procedure: Procedure, by: str) -> None:
    """Its page leads to the case that it added to, asks nobody for anything, and offers no step."""
    case = procedure.live()
    more = added(procedure, case, ["title_code"], **TITLE)
    page = pages(by).get(f"/cases/{more}")
    assert f"案號 {case} 的合作" in page.text("supplement-done")
    assert (page.text("waits"), page.has("nothing-to-do")) == ("目前沒有待辦事項", False)
    assert not re.search(r'id="step-X\d+"', page.html)
    assert pages(by).get("/cases").has(f"case-{more}")
