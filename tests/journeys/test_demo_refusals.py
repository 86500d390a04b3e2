"""A sign-in that ends without a sign-in: refused by Article 5, declined, mistyped, or the wrong kind of account."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.steps import Album, approve, claims_at_site, forget_consent, log_in, start_at_site
from tests.support.demo import Demo

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("demo")]

REFUSED = {
    "zh-TW": (
        "目前無法漫遊登入",
        (
            "目前無法漫遊登入「夢的N次方（示範站）」。您的教師個人帳號處於「未在職」期間，依《全國教師在職進修資訊網進修研習活動"
            "使用管理規定》第5條第2款，僅提供查詢研習紀錄功能。請洽服務學校或所屬教育行政主管機關更新服務單位資訊；"
            "資訊完整正確後即恢復完整功能。（代碼：IS-LOCK-01）"
        ),
    ),
    "en": (
        "You cannot sign in at present",
        (
            'You cannot sign in to "夢的N次方（示範站）" at present. Your teacher account is recorded as "not in service". '
            "Under Article 5(2) of the usage rules it is limited to querying study records. Please ask your service school "
            "or education authority to update your service information; full function returns as soon as it is complete "
            "and correct. (Code: IS-LOCK-01)"
        ),
    ),
}


@pytest.mark.rule("AC-16", "AC-36")
@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_t10_is_refused_and_the_site_learns_no_reason(demo: Demo, new_page: NewPage, language: str) -> None:
    """The refusal page says why; its button leads to the partner's page, which knows of a refusal and no more."""
    page = new_page(language)
    album = Album(page, f"t10-{language}")
    start_at_site(page, demo)
    log_in(page, demo.teacher("T10"))
    title, text = REFUSED[language]
    expect(page.locator("#refusal-title")).to_have_text(title)
    expect(page.locator("#refusal-text")).to_have_text(text)
    expect(page.locator("#refusal-code")).to_have_text("IS-LOCK-01")
    assert page.locator("html").get_attribute("lang") == language
    album.keep("refusal")
    page.click("#refusal-return")
    expect(page.locator("#login-refused")).to_be_visible()
    assert page.url.startswith(f"{demo.site}/callback?error=access_denied")
    for told in (page.url, page.content()):
        assert not any(word in told for word in ("IS-LOCK", "未在職", "not in service", "not_in_service", "退休"))
    album.keep("site")


def test_t10_still_reads_his_records(demo: Demo, page: Page) -> None:
    """Locked, he may log in to the Network and query his study records; another function is refused."""
    page.goto(f"{demo.issuer}/login")
    log_in(page, demo.teacher("T10"))
    expect(page.locator("#service-state")).to_have_text("未在職")
    page.goto(f"{demo.issuer}/account/functions/view_own_records")
    expect(page.locator("#function-refused")).to_have_count(0)
    page.goto(f"{demo.issuer}/account/functions/register_online")
    expect(page.locator("#function-refused")).to_contain_text("本功能暫停提供")


@pytest.mark.rule("AC-78")
def test_t01_declines_everything(demo: Demo, page: Page) -> None:
    """不同意: back at the site without a sign-in; she may try again and is asked again."""
    person = demo.teacher("T01")
    forget_consent(page, demo, person)
    start_at_site(page, demo)
    log_in(page, person)
    page.click("#consent-deny")
    expect(page.locator("#login-refused")).to_be_visible()
    Album(page, "t01-declines").keep("site")
    page.click("#login-again")
    approve(page)
    assert claims_at_site(page)["name"] == "王曉晴"


@pytest.mark.rule("AC-09")
def test_business_account_does_not_roam(demo: Demo, page: Page) -> None:
    """An active business account logs in but is refused at the partner (D-02)."""
    start_at_site(page, demo)
    log_in(page, demo.staff("sch994501"))
    expect(page.locator("#refusal-code")).to_have_text("IS-BUS-01")
    page.click("#refusal-return")
    expect(page.locator("#login-refused")).to_be_visible()


@pytest.mark.rule("AC-05")
def test_business_account_that_waits_for_approval(demo: Demo, page: Page) -> None:
    """Its log-in is refused with the words of DOMAIN §1.3."""
    page.goto(f"{demo.issuer}/login")
    log_in(page, demo.staff("sub99math"))
    expect(page.locator("#login-error")).to_have_text("業務帳號尚未經所屬區管中心審核通過，無法登入。")


def test_wrong_password_and_then_the_right_one(demo: Demo, page: Page) -> None:
    """The name stays, the password goes, the sign-in goes on."""
    person = demo.teacher("T02")
    start_at_site(page, demo)
    log_in(page, person | {"password": "wrong"})
    expect(page.locator("#login-error")).to_have_text("帳號或密碼不正確。請檢查後再試一次。")
    expect(page.locator("#username")).to_have_value(person["account"])
    expect(page.locator("#password")).to_have_value("")
    expect(page.locator("#client-info")).to_contain_text("夢的N次方（示範站）")
    log_in(page, person)
    assert claims_at_site(page)["name"] == person["name"]


def test_cancel_at_the_log_in_page(demo: Demo, page: Page) -> None:
    """Whoever does not want to log in comes back to the site."""
    start_at_site(page, demo)
    page.click("#login-cancel")
    expect(page.locator("#login-refused")).to_be_visible()
