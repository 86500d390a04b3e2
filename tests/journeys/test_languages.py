"""The language switch changes the words of a page and nothing else."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.steps import approve, claims_at_site, forget_consent, log_in, start_at_site
from tests.support.demo import Demo

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("demo"), pytest.mark.no_database]


def switch(page: Page, language: str) -> None:
    """Click the other language, and see that it is now the page's."""
    page.click(f".tools a[hreflang={language}]")
    assert page.locator("html").get_attribute("lang") == language


def test_switch_keeps_the_sign_in(demo: Demo, page: Page) -> None:
    """Log-in and consent pages stay what they are, in the other language, and the sign-in goes on."""
    person = demo.teacher("T07")
    forget_consent(page, demo, person)
    start_at_site(page, demo)
    switch(page, "en")
    expect(page.locator("#login-title")).to_have_text("Sign in to the Network")
    expect(page.locator("#client-info")).to_contain_text("夢的N次方（示範站）")
    log_in(page, person)
    expect(page.locator("#consent-approve")).to_be_visible()
    switch(page, "zh-TW")
    expect(page.locator("#consent-approve")).to_have_text("同意並繼續")
    approve(page)
    assert claims_at_site(page)["inservice_school_code"] == "994602"


def test_switch_on_the_refusal_page(demo: Demo, page: Page) -> None:
    """The refusal is said in the other language, with the same code and a way back."""
    start_at_site(page, demo)
    log_in(page, demo.teacher("T12"))
    switch(page, "en")
    expect(page.locator("#refusal-text")).to_contain_text("no service school")
    expect(page.locator("#refusal-code")).to_have_text("IS-LOCK-02")
    page.click("#refusal-return")
    expect(page.locator("#login-refused")).to_be_visible()


def test_switch_after_a_wrong_password_keeps_the_sign_in(demo: Demo, page: Page) -> None:
    """She who reads the error in the other language is still on her way to the partner."""
    start_at_site(page, demo)
    log_in(page, demo.teacher("T02") | {"password": "wrong"})
    switch(page, "en")
    expect(page.locator("#login-title")).to_be_visible()
    expect(page.locator("#client-info")).to_contain_text("夢的N次方（示範站）")


def test_the_partner_site_passes_its_language_on(demo: Demo, new_page: NewPage) -> None:
    """English chosen at the site: the provider speaks English too, whatever the browser prefers (ui_locales)."""
    page = new_page("zh-TW")
    page.goto(f"{demo.site}/?lang=en")
    page.click("#login-button")
    assert page.locator("html").get_attribute("lang") == "en"
    log_in(page, demo.teacher("T13"))
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_language_is_remembered(demo: Demo, new_page: NewPage) -> None:
    """What she chose prevails over the browser's preference."""
    page = new_page("zh-TW")
    page.goto(f"{demo.issuer}/login")
    switch(page, "en")
    page.goto(f"{demo.issuer}/logged-out")
    assert page.locator("html").get_attribute("lang") == "en"
