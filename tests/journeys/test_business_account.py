"""A school gets its business account, in a real browser: application, sheet, fax, return, approval, log-in."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from scopes.roc import taipei_day
from tests.journeys.conftest import NewPage
from tests.journeys.steps import Album, log_in, press, sign_in_staff
from tests.support.demo import Demo, Person

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("demo")]
NEW: Person = {"account": "sch994303", "password": "blue-tiger eats 七 noodles"}
SCHOOL = "霧松縣立松濤高級中學"
NOT_APPROVED = "業務帳號尚未經所屬區管中心審核通過，無法登入。"


def apply(page: Page, demo: Demo) -> None:
    """Find the application from the log-in page, fill it in and send it."""
    page.goto(f"{demo.issuer}/login")
    press(page, "#apply-business-link")
    page.select_option("#kind", "school")
    page.fill("#school", f"994303 {SCHOOL}")
    page.fill("#contact", "宋小濤")
    page.fill("#email", "song@example.edu.tw")
    page.fill("#username", NEW["account"])
    page.fill("#password", NEW["password"])
    page.fill("#repeated", NEW["password"])
    page.check("#agreed")
    press(page, "#apply-submit")


def try_to_log_in(page: Page, demo: Demo, state: str) -> None:
    """The log-in is refused in the words of DOMAIN §1.3, and the applicant sees where she stands."""
    page.goto(f"{demo.issuer}/login")
    log_in(page, NEW)
    expect(page.locator("#login-error")).to_have_text(NOT_APPROVED)
    expect(page.locator("#application-state")).to_have_text(state)


def record_fax(page: Page, note: str) -> None:
    """Record the fax of today, in Taipei."""
    page.fill("#received-on", taipei_day(datetime.now(UTC)).isoformat())
    page.fill("#note", note)
    press(page, "#fax-submit")
    expect(page.locator("#state")).to_have_text("審核中")


@pytest.mark.rule("AC-05", "AC-07", "R-ACC-4", "D-07")
def test_from_application_to_log_in(demo: Demo, new_page: NewPage) -> None:
    """Refused until the regional centre approved, returned once on the way, and then she is in."""
    school, centre = new_page(), new_page()
    album = Album(school, "business-account")
    apply(school, demo)
    expect(school.locator("#application-next")).to_contain_text("傳真至示範南區區管中心")
    album.keep("applied")
    press(school, "#sheet-link")
    expect(school.locator("#sheet-to")).to_contain_text("示範南區區管中心")
    school.emulate_media(media="print")
    album.keep("sheet-on-paper")
    expect(school.locator(".site-header")).to_be_hidden()
    school.emulate_media(media="screen")
    try_to_log_in(school, demo, "待傳真")

    centre.goto(f"{demo.issuer}/login")
    demo.renew_codes("rcsouth01")
    sign_in_staff(centre, demo.staff("rcsouth01"))
    press(centre, "#approvals-link")
    press(centre, "#state-pending_fax")
    press(centre, f"#application-{NEW['account']}")
    record_fax(centre, "(08)123-4567")
    try_to_log_in(school, demo, "審核中")
    centre.click("#return summary")
    centre.fill("#returned-reason", "印章不清楚")
    press(centre, "#return-submit")
    expect(centre.locator("#state")).to_have_text("已退請補正")

    try_to_log_in(school, demo, "已退請補正")
    expect(school.locator("#application-reason")).to_contain_text("印章不清楚")
    press(school, "#application-link")
    school.fill("#contact", "宋大濤")
    press(school, "#correct-submit")
    expect(school.locator("#done")).to_be_visible()
    album.keep("corrected")

    record_fax(centre, "第二次")
    press(centre, "#approve-submit")
    expect(centre.locator("#state")).to_have_text("啟用")
    Album(centre, "business-centre").keep("approved")
    school.goto(f"{demo.issuer}/login")
    sign_in_staff(school, NEW)
    expect(school.locator("#unit")).to_contain_text(SCHOOL)
    expect(school.locator("#function-teacher_data")).to_contain_text("本校教師")
    album.keep("home")
