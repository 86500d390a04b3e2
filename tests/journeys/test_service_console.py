"""A school ends a service while the teacher is signed in at the partner site, in two real browsers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from scopes.roc import roc_slash, taipei_day
from tests.journeys.conftest import NewPage
from tests.journeys.steps import Album, log_in, press, sign_in_at_site
from tests.support.demo import Demo

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("demo")]


@pytest.fixture
def t01_in_service(demo: Demo) -> Iterator[None]:
    """Give T01 back to the other journeys afterwards."""
    yield
    demo.idp("dev", "unlock", "wang0101")


def find(page: Page, demo: Demo, account: str) -> None:
    """Log in as her school and open her newest service record, found by her account name."""
    page.goto(f"{demo.issuer}/login")
    log_in(page, demo.staff("sch994501"))
    press(page, "#service-data")
    page.get_by_role("link", name="全部").click()
    page.fill("#q", account)
    press(page, "#search")
    press(page, ".register-name >> nth=0")


@pytest.mark.rule("AC-33", "D-25", "D-27", "D-29", "D-31")
@pytest.mark.usefixtures("t01_in_service")
def test_the_school_ends_a_service(demo: Demo, page: Page, new_page: NewPage) -> None:
    """T01 is signed out at the partner within seconds, cannot come back, and keeps her study records."""
    sign_in_at_site(page, demo, demo.teacher("T01"))
    school = new_page()
    album = Album(school, "school-ends-a-service")
    find(school, demo, "wang0101")
    expect(school.locator("#service-state")).to_have_text("在職（完整功能）")
    album.keep("record")
    press(school, "#end")
    last_day = taipei_day(datetime.now(UTC)) - timedelta(days=1)
    school.fill("#last_day", roc_slash(last_day))
    school.check("#cause-transferred")
    school.fill("#reason", "示範人字第1150000001號")
    album.keep("form")
    press(school, "#send")
    expect(school.locator("#consequence")).to_contain_text("立即")
    expect(school.locator("#consequence")).to_contain_text("合作網站會一併登出")
    page.goto(demo.site)
    expect(page.locator("#signed-in")).to_be_visible()
    album.keep("question")
    press(school, "#confirmed")
    expect(school.locator("#service-state")).to_contain_text("未在職")
    expect(school.locator("#history")).to_contain_text("示範人字第1150000001號")
    album.keep("done")
    assert_signed_out(page, demo)
    page.goto(f"{demo.site}/login")
    expect(page.locator("#refusal-code")).to_be_visible()
    page.goto(f"{demo.issuer}/account/functions/view_own_records")
    expect(page.locator("h1")).to_be_visible()


def assert_signed_out(page: Page, demo: Demo) -> None:
    """The site says 已登出 on a load within seconds, and afterwards is the site of a stranger."""
    for _ in range(20):
        page.goto(demo.site)
        if page.locator("#ended").count():
            break
        page.wait_for_timeout(500)
    expect(page.locator("#ended")).to_contain_text("已登出")
    Album(page, "t01-signed-out").keep("ended")
    page.goto(demo.site)
    expect(page.locator("#login-button")).to_be_visible()


@pytest.mark.rule("D-11", "D-31")
def test_a_locked_teacher_asks_and_is_answered(demo: Demo, page: Page, new_page: NewPage) -> None:
    """T08, who is locked, asks her school; it answers; she reads it. No script anywhere."""
    page.goto(f"{demo.issuer}/login")
    log_in(page, demo.teacher("T08"))
    press(page, "#corrections")
    page.check("#about-none")
    page.fill("#school", "994501")
    page.fill("#wish", "我仍在職，請更正。")
    press(page, "#send")
    expect(page.locator("#requests li").first).to_contain_text("等候答覆")
    school = new_page()
    school.goto(f"{demo.issuer}/login")
    log_in(school, demo.staff("sch994501"))
    press(school, "#service-data")
    school.get_by_role("link", name="更正申請").click()
    press(school, ".register-name >> nth=0")
    expect(school.locator("#wish")).to_have_text("我仍在職，請更正。")
    school.check("#outcome-declined")
    school.fill("#answer", "您已調校，請洽新學校。")
    press(school, "#send")
    expect(school.locator("#done")).to_be_visible()
    page.goto(f"{demo.issuer}/account")
    expect(page.locator("main")).to_contain_text("更正申請已有答覆")
    page.goto(f"{demo.issuer}/account/corrections")
    expect(page.locator("#requests li").first).to_contain_text("您已調校，請洽新學校。")
