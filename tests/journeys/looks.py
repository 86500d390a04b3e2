"""What must hold of every face: language, one heading, keyboard, no mixture of languages."""

import re
from typing import Any, Literal

from playwright.sync_api import Page

from idp.demo.partners import PURPOSES, SITES
from idp.demo.people import SCHOOLS, TEACHERS, TITLES
from idp.demo.staff import STAFF
from tests.support.chromium import assert_accessible, assert_no_overflow

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
WIDE = re.compile(r"[\u3000-\u303f\uff00-\uffef]")
TAB_STOPS_MAX = 60

# Every text of the page and of its attributes that is not marked as Chinese.
TEXTS = """() => {
    const found = [document.title];
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        if (element.closest('[lang|="zh"]') || element.closest('noscript, script, style')) continue;
        if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
        else for (const name of ['alt', 'title', 'aria-label', 'placeholder', 'content'])
            if (element.hasAttribute(name)) found.push(element.getAttribute(name));
    }
    return found.map(text => text.trim()).filter(text => text);
}"""

# A click before may have moved the place from which Tab goes on.
FROM_THE_TOP = "() => { const top = document.body; top.tabIndex = -1; top.focus(); top.removeAttribute('tabindex'); }"

# What the keyboard is on, and whether one sees it.
FOCUSED = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const name = element.outerHTML.slice(0, 160);
    const seen = box.width > 0 && box.left >= -1 && box.right <= innerWidth + 1 && box.top >= -1 && box.bottom <= innerHeight + 1;
    return {name, seen, outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)};
}"""


def data_texts() -> list[str]:
    """Return the Chinese that may stand on an English page: names and data, the longest first."""
    found = {name for _, name, _, _ in SCHOOLS} | {name for _, name, _, _ in TITLES}
    found |= {service.note for teacher in TEACHERS for service in teacher.services if service.note}
    found |= {teacher.name for teacher in TEACHERS} | {staff.unit for staff in STAFF} | set(PURPOSES.values())
    for site in SITES:
        found |= {site.name, site.operating_unit, site.applicant_unit, site.purpose}
    return sorted(found, key=len, reverse=True)


def remains(page: Page, signs: re.Pattern[str]) -> list[str]:
    """Return the texts of an English page in which such signs remain after all names and data are taken away."""
    found = []
    for text in page.evaluate(TEXTS):
        rest = text
        for known in data_texts():
            rest = rest.replace(known, "")
        if signs.search(rest):
            found.append(text)
    return found


def assert_whole(page: Page) -> None:
    """Accessible and without sideways scrolling, wide and on a phone, light and dark; axe needs a page with script."""
    size = page.viewport_size
    assert size is not None
    looks: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 320), ("dark", 1280))
    for scheme, width in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        assert_no_overflow(page)
        assert_accessible(page)
    page.set_viewport_size(size)


def assert_one_heading(page: Page) -> None:
    """A page has one h1, with words in it."""
    assert page.locator("h1").count() == 1, page.url
    assert page.locator("h1").inner_text().strip()


def focused(page: Page) -> dict[str, Any] | None:
    """Return what the keyboard is on."""
    found: dict[str, Any] | None = page.evaluate(FOCUSED)
    return found


def assert_skip_link(page: Page) -> None:
    """WCAG 2.4.1: the first stop of the keyboard is a visible link that leads into the main part."""
    page.evaluate(FROM_THE_TOP)
    page.keyboard.press("Tab")
    first = focused(page)
    assert first is not None
    assert 'href="#main"' in first["name"], first
    assert first["seen"], f"the skip link is focused but not to be seen: {first}"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'main'")


def assert_focus_is_visible(page: Page) -> None:
    """WCAG 2.4.7, 2.4.11: every further stop is marked by an outline of at least 2 px and within the window."""
    visited = set()
    for _ in range(TAB_STOPS_MAX):
        page.keyboard.press("Tab")
        stop = focused(page)
        if stop is None or 'href="#main"' in stop["name"]:
            return
        visited.add(stop["name"])
        assert stop["outline"] >= 2, f"no visible focus: {stop}"
        assert stop["seen"], f"focused out of sight: {stop}"
    raise AssertionError(f"no end of tab stops: {visited}")
