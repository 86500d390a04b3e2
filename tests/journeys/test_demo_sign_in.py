"""A teacher signs in at the partner site, in a real browser, as somebody who tries the demo would."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.steps import (
    UUID,
    Album,
    approve,
    claims_at_site,
    forget_consent,
    log_in,
    sign_in_at_site,
    start_at_site,
    withdraw,
)
from tests.support.demo import Demo

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("demo")]

SCHOOL_ITEMS = {"inservice_school_code", "inservice_school_name", "inservice_title_name"}
T01_CLAIMS = {
    "name": "王曉晴",
    "inservice_school_code": "994501",
    "inservice_school_name": "霧松縣立晨曦國民中學",
    "inservice_title_name": "專任教師",
}


@pytest.mark.rule("AC-11", "AC-76")
@pytest.mark.parametrize("script", [False, True], ids=["without-script", "with-script"])
def test_t01_signs_in_for_the_first_time(demo: Demo, new_page: NewPage, *, script: bool) -> None:
    """Login button, log-in, consent, and the partner knows exactly the five approved items."""
    person = demo.teacher("T01")
    forget_consent(new_page(), demo, person)
    page = new_page(script=script)
    album = Album(page, f"t01-{'script' if script else 'noscript'}")
    page.goto(demo.site)
    album.keep("demo-site")
    page.click("#login-button")
    expect(page.locator("#login-title")).to_be_visible()
    expect(page.locator("#client-info")).to_contain_text("夢的N次方（示範站）")
    album.keep("log-in")
    log_in(page, person)
    expect(page.locator("#client-info")).to_contain_text("夢的N次方（示範站）")
    for value in T01_CLAIMS.values():
        expect(page.locator(".items")).to_contain_text(value)
    expect(page.locator(".items")).to_contain_text("報名名單顯示服務學校")
    assert page.locator(".notice-points dt").count() == 6
    album.keep("consent")
    approve(page)
    expect(page.locator("#signed-in")).to_be_visible()
    album.keep("signed-in")
    claims = claims_at_site(page)
    assert UUID.fullmatch(claims.pop("sub"))
    assert claims == T01_CLAIMS


@pytest.mark.rule("AC-71")
def test_second_sign_in_goes_straight_through(demo: Demo, page: Page, new_page: NewPage) -> None:
    """Logged in and asked before, she is asked nothing, and the partner recognises her; so too from elsewhere."""
    person = demo.teacher("T01")
    sign_in_at_site(page, demo, person)
    first = claims_at_site(page)
    page.goto(f"{demo.site}/login")
    assert page.url == f"{demo.site}/"
    assert claims_at_site(page) == first
    elsewhere = new_page()
    start_at_site(elsewhere, demo)
    log_in(elsewhere, person)
    assert claims_at_site(elsewhere)["sub"] == first["sub"]


def test_t02_consented_before(demo: Demo, page: Page) -> None:
    """The demo data hold a consent of T02: log-in, and no question (DOMAIN §9.3)."""
    start_at_site(page, demo)
    log_in(page, demo.teacher("T02"))
    assert claims_at_site(page)["name"] == "林予安"


@pytest.mark.rule("AC-75")
def test_t03_picks_her_other_school(demo: Demo, page: Page) -> None:
    """Code, name and title all belong to the school that she picks."""
    person = demo.teacher("T03")
    forget_consent(page, demo, person)
    start_at_site(page, demo)
    log_in(page, person)
    page.get_by_label("991301").check()
    Album(page, "t03").keep("picks-991301")
    approve(page)
    claims = claims_at_site(page)
    assert {name: claims[name] for name in SCHOOL_ITEMS} == {
        "inservice_school_code": "991301",
        "inservice_school_name": "私立禾光高級中學",
        "inservice_title_name": "兼任教師",
    }


@pytest.mark.rule("AC-77")
def test_t01_declines_the_name_of_her_school(demo: Demo, page: Page) -> None:
    """One item declined: the sign-in succeeds without it, and the consent list says so."""
    person = demo.teacher("T01")
    forget_consent(page, demo, person)
    start_at_site(page, demo)
    log_in(page, person)
    approve(page, declined={"school_name"})
    assert set(claims_at_site(page)) == {"sub", *T01_CLAIMS} - {"inservice_school_name"}
    page.goto(f"{demo.issuer}/account/consents")
    expect(page.locator("#consent-dream-n .mark-no")).to_have_text("學校名稱")


@pytest.mark.rule("D-54")
def test_withdrawn_consent_is_asked_again(demo: Demo, page: Page) -> None:
    """After a withdrawal in 「我的授權」 the next sign-in asks, and afterwards she is the same member."""
    person = demo.teacher("T11")
    sign_in_at_site(page, demo, person)
    before = claims_at_site(page)["sub"]
    withdraw(page, demo, "dream-n")
    expect(page.locator("#consent-dream-n")).to_contain_text("撤回")
    page.goto(f"{demo.site}/login")
    expect(page.locator("#consent-approve")).to_be_visible()
    approve(page)
    assert claims_at_site(page)["sub"] == before


def test_log_out_at_the_site_ends_the_session_at_the_provider(demo: Demo, page: Page) -> None:
    """RP-initiated logout: signed out here and there, and the next sign-in needs the password."""
    sign_in_at_site(page, demo, demo.teacher("T02"))
    page.goto(f"{demo.issuer}/account")
    expect(page.locator("#service-state")).to_be_visible()
    page.goto(demo.site)
    page.click("#logout-button")
    expect(page.locator("#signed-out")).to_be_visible()
    assert page.url.startswith(f"{demo.site}/signed-out")
    expect(page.locator("main")).to_contain_text("教師進修網也已完成您的登出要求")
    page.goto(f"{demo.issuer}/account")
    expect(page.locator("#login-submit")).to_be_visible()
    page.goto(f"{demo.site}/login")
    expect(page.locator("#login-submit")).to_be_visible()
