"""The browser helpers see what they are for, on a page whose policy forbids every script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.support import chromium

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.no_database, pytest.mark.xdist_group("chromium")]

GOOD = '<!doctype html><html lang="en"><title>Good</title><main><h1>Good</h1><p>Text</p></main></html>'
BAD = '<!doctype html><html><title>Bad</title><main><h1>Bad</h1><img src="x"><input></main></html>'
WIDE = GOOD.replace("Text", '<img alt="" width="900" height="9">')


@pytest.fixture(scope="module")
def launched() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium.browser() as one:
        yield one


@pytest.fixture
def page(launched: Browser) -> Iterator[Page]:
    """A phone-sized page; whatever it opens answers with the HTML that the path names, and the strictest policy."""
    pages = {"/good": GOOD, "/bad": BAD, "/wide": WIDE}
    context = launched.new_context(viewport={"width": 320, "height": 568})
    opened = context.new_page()
    opened.route(
        "**/*",
        lambda route: route.fulfill(
            body=pages.get(route.request.url.removeprefix("http://page.test"), ""),
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": "default-src 'none'"},
        ),
    )
    yield opened
    context.close()


def test_the_policy_is_in_force(page: Page) -> None:
    """A script element is blocked, so what the next tests show is not owed to a lax page."""
    page.goto("http://page.test/good")
    with pytest.raises(Error, match="Content Security Policy"):
        page.add_script_tag(content="1")


def test_a_good_page_is_accessible(page: Page) -> None:
    """Nothing is reported where nothing is wrong."""
    page.goto("http://page.test/good")
    chromium.assert_accessible(page)


def test_a_bad_page_is_reported_readably(page: Page) -> None:
    """Each violation has its rule, impact, place and help."""
    page.goto("http://page.test/bad")
    with pytest.raises(pytest.fail.Exception) as caught:
        chromium.assert_accessible(page)
    text = str(caught.value)
    assert "- image-alt (critical) at img: Images must have alternative text" in text
    assert "- label (critical) at input" in text
    assert "- html-has-lang (serious) at html" in text


def test_overflow_is_seen(page: Page) -> None:
    """A wide image makes the page scroll sideways; text does not."""
    page.goto("http://page.test/good")
    chromium.assert_no_overflow(page)
    page.goto("http://page.test/wide")
    with pytest.raises(pytest.fail.Exception, match=r'9\d\d px of 320[\s\S]*width="900"'):
        chromium.assert_no_overflow(page)


def test_screenshot_is_a_png_where_it_belongs(page: Page) -> None:
    """A picture lands in artefacts/screenshots; a name cannot lead elsewhere."""
    page.goto("http://page.test/good")
    path = chromium.screenshot(page, "support-good")
    assert path.parent == chromium.SCREENSHOTS
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="not a file name"):
        chromium.screenshot(page, "../elsewhere")
