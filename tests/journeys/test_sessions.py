"""A teacher sees where she is logged in and ends it, with several real browsers (D-11, DOMAIN §7.4)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.secrets_of import borrowed
from tests.journeys.steps import Album, open_log_in, press
from tests.support.demo import Demo, Person

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("demo")]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def teacher(demo: Demo) -> Iterator[Person]:
    """T06: locked under Article 5, which takes nothing of her security away."""
    with borrowed(demo, "T06") as person:
        yield person


def logged_in(new_page: NewPage, demo: Demo, teacher: Person, agent: str) -> Page:
    """Log in with a browser of a kind."""
    page = new_page(user_agent=agent)
    open_log_in(page, demo, teacher)
    expect(page.locator("#logout")).to_be_visible()
    return page


def assert_out(page: Page) -> None:
    """The next click leads to the log-in page."""
    press(page, "#security-link")
    expect(page.locator("#login-title")).to_be_visible()


@pytest.mark.rule("D-11")
def test_one_browser_ends_the_other(demo: Demo, new_page: NewPage, teacher: Person) -> None:
    """Device, address and times of each; the one that is ended is out at its next click, the other stays."""
    here, there = (logged_in(new_page, demo, teacher, agent) for agent in (FIREFOX, SAFARI))
    press(here, "#security-link")
    press(here, "#sessions-link")
    shown = here.locator(".given li")
    expect(shown).to_have_count(2)
    expect(shown.nth(0)).to_contain_text("Firefox · Windows")
    expect(shown.nth(0)).to_contain_text("這個裝置")
    expect(shown.nth(1)).to_contain_text("Mobile Safari · iOS")
    for words in ("位址 127.0.0.1", "登入於", "最近使用於"):
        expect(shown.nth(1)).to_contain_text(words)
    Album(here, "sessions").keep("two")
    assert shown.nth(0).locator("button").count() == 0
    press(here, ".given li:nth-child(2) button")
    expect(shown).to_have_count(1)
    assert_out(there)
    here.reload()
    expect(here.locator("#sessions-title")).to_be_visible()


@pytest.mark.rule("D-11")
def test_ending_all_others(demo: Demo, new_page: NewPage, teacher: Person) -> None:
    """One button for all of them."""
    here, *others = (logged_in(new_page, demo, teacher, agent) for agent in (FIREFOX, SAFARI, FIREFOX))
    here.goto(f"{demo.issuer}/account/sessions")
    expect(here.locator(".given li")).to_have_count(3)
    press(here, "#end-others")
    expect(here.locator(".given li")).to_have_count(1)
    expect(here.locator("#end-others")).to_have_count(0)
    for other in others:
        assert_out(other)


@pytest.mark.rule("D-11")
def test_a_log_out_is_gone_from_the_list(demo: Demo, new_page: NewPage, teacher: Person) -> None:
    """What she ended herself is not shown any more."""
    here, there = (logged_in(new_page, demo, teacher, agent) for agent in (FIREFOX, SAFARI))
    press(there, "#logout")
    here.goto(f"{demo.issuer}/account/sessions")
    expect(here.locator(".given li")).to_have_count(1)
