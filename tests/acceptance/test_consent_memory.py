"""How long a decision counts and when she is asked again (AC-79, D-52, D-53, D-56)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Desk, Office, People


@pytest.mark.rule("AC-79", "D-52")
def test_a_new_purpose(dream_n: RelyingParty, desk: Desk, browser: Browser, people: People) -> None:
    """AC-79: stored consent, then the partner's purpose text changes: the page is shown again, with the new text."""
    dream_n.sign_in(browser, people["T01"], untick=("item-school_name",))
    desk.set_item("dream-n", "name", purpose="統計之用", purpose_version=2)
    page, request = dream_n.start(browser, people["T01"])
    assert "統計之用" in page.text("about-name")
    boxes = page.form_with("consent-approve").boxes
    assert not boxes["item-school_name"][2], "what she declined stays declined"
    assert dream_n.finish(browser.submit("consent-approve"), request).claims["name"] == "王曉晴"
    assert dream_n.start(browser, people["T01"])[0].location


@pytest.mark.rule("AC-79", "D-52")
def test_a_new_purpose_without_a_page(dream_n: RelyingParty, desk: Desk, browser: Browser, people: People) -> None:
    """D-52: until she was asked, prompt=none gets consent_required and UserInfo of the old token lacks the item."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    desk.set_item("dream-n", "name", purpose="統計之用", purpose_version=2)
    assert browser.get(dream_n.request(prompt="none").url).answer["error"] == "consent_required"
    assert "name" not in dream_n.userinfo(token).get_json()


@pytest.mark.rule("D-52")
def test_twelve_months(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-52: a day before 12 months have passed no page is shown; when they have, it is."""
    start = datetime.now(UTC)
    year_later = start.replace(year=start.year + 1, day=min(start.day, 28))
    with time_machine.travel(start, tick=False):
        dream_n.sign_in(browser, people["T01"])
    with time_machine.travel(year_later - timedelta(days=1), tick=False):
        assert dream_n.start(Browser(browser.app), people["T01"])[0].location
    with time_machine.travel(year_later + timedelta(days=4), tick=False):
        assert dream_n.start(Browser(browser.app), people["T01"])[0].has("consent-approve")


@pytest.mark.rule("D-52")
def test_a_new_item(desk: Desk, browser: Browser, people: People) -> None:
    """D-52: a new item is asked; what she gave before stays ticked."""
    desk.put(items=["user_id", "name"]).sign_in(browser, people["T01"])
    partner = desk.put(items=["user_id", "name", "title_code"])
    page, request = partner.start(browser, people["T01"])
    assert page.has("item-title_code")
    signed_in = partner.finish(browser.submit("consent-approve", untick=("item-title_code",)), request)
    assert set(signed_in.userinfo) == {"sub", "name"}


@pytest.mark.rule("D-52")
def test_the_same_item_asked_for_later(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-52: an approved item that was never asked for is new when it is."""
    dream_n.sign_in(browser, people["T01"], scope="openid profile")
    assert dream_n.start(browser, people["T01"], scope="openid profile")[0].location
    page, _ = dream_n.start(browser, people["T01"], scope="openid profile inservice_title_name")
    assert page.has("item-title_name")


@pytest.mark.rule("D-53")
def test_prompt_consent(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-53: prompt=consent always shows the page, and once answered it is satisfied."""
    dream_n.sign_in(browser, people["T01"])
    page, request = dream_n.start(browser, people["T01"], prompt="consent")
    assert page.has("consent-approve")
    assert dream_n.finish(browser.submit("consent-approve"), request).claims["name"] == "王曉晴"


@pytest.mark.rule("D-53")
def test_prompt_none(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-53: prompt=none without stored consent: consent_required; with consent to fewer items too; with all: a code."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    request = dream_n.request(prompt="none")
    page = browser.get(request.url)
    assert (page.answer["error"], page.answer["state"]) == ("consent_required", request.state)
    dream_n.sign_in(browser, people["T01"], scope="openid profile")
    assert browser.get(dream_n.request(prompt="none").url).answer["error"] == "consent_required"
    request = dream_n.request(prompt="none", scope="openid profile")
    assert dream_n.finish(browser.get(request.url), request).claims["name"] == "王曉晴"


@pytest.mark.rule("D-56")
def test_a_changed_value_is_shown_once(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-56: a new school since the last login is shown once as information; no new consent."""
    dream_n.sign_in(browser, people["T01"])
    office.end(people["T01"], loaded_on - timedelta(days=1))
    office.add(people["T01"], "993501", loaded_on)
    page, request = dream_n.start(browser, people["T01"])
    assert page.has("changed-continue")
    assert not page.has("consent-approve")
    for text in ("993501", "星河市立望洋國民中學", "學校代碼", "學校名稱"):
        assert text in page.html
    assert "專任教師" not in page.html, "the title is as before"
    claims = dream_n.finish(browser.submit("changed-continue"), request).claims
    assert claims["inservice_school_code"] == "993501"
    assert dream_n.start(browser, people["T01"])[0].location


@pytest.mark.rule("D-56")
def test_a_changed_value_with_prompt_none(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-56: with prompt=none nothing is shown; the information waits for the next page."""
    dream_n.sign_in(browser, people["T01"])
    office.end(people["T01"], loaded_on - timedelta(days=1))
    office.add(people["T01"], "993501", loaded_on)
    request = dream_n.request(prompt="none")
    assert dream_n.finish(browser.get(request.url), request).claims["inservice_school_code"] == "993501"
    assert dream_n.start(browser, people["T01"])[0].has("changed-continue")


@pytest.mark.rule("D-56")
def test_a_declined_item_that_changed_is_no_news(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-56: only what the partner receives is worth telling."""
    dream_n.sign_in(browser, people["T01"], untick=("item-school_code", "item-school_name"))
    office.end(people["T01"], loaded_on - timedelta(days=1))
    office.add(people["T01"], "993501", loaded_on)
    assert dream_n.start(browser, people["T01"])[0].location
