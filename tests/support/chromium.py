"""A real Chromium for tests: screenshots, accessibility by axe-core, and no sideways scrolling."""

import contextlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import find_chromium

SCREENSHOTS = Path(__file__).resolve().parents[2] / "artefacts" / "screenshots"
FLAGS = (
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
WIDE_ELEMENTS = """() => [...document.querySelectorAll("body *")]
    .filter(element => element.getBoundingClientRect().right > innerWidth + 0.5)
    .slice(0, 5)
    .map(element => element.outerHTML.slice(0, 120))"""


@contextlib.contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    """Launch Chromium; one at a time per process, so keep it in a session's fixture."""
    path = find_chromium()
    if path is None:
        message = "no Chromium: on Debian apt-get install chromium, or name it in CHROMIUM"
        raise FileNotFoundError(message)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        try:
            yield launched
        finally:
            launched.close()


def screenshot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in artefacts/screenshots."""
    if not re.fullmatch(r"[\w.-]+", name):
        message = f"not a file name: {name!r}"
        raise ValueError(message)
    path = SCREENSHOTS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True)
    return path


def assert_accessible(page: Page) -> None:
    """Fail with every breach of WCAG 2.0 to 2.2, levels A and AA, that axe-core finds.

    The source is evaluated through the debugging protocol, which a page's Content-Security-Policy does not govern;
    a script element would be blocked by it.
    """
    page.evaluate(_axe())
    options = {"runOnly": {"type": "tag", "values": list(WCAG)}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)
    if not found["passes"] and not found["violations"]:
        pytest.fail(f"axe-core checked nothing on {page.url}")
    if found["violations"]:
        pytest.fail(f"{page.url} is not accessible:\n" + "\n".join(map(_describe, found["violations"])))


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def _describe(violation: dict[str, Any]) -> str:
    where = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"])
    return f"- {violation['id']} ({violation['impact']}) at {where}: {violation['help']}"


def assert_no_overflow(page: Page) -> None:
    """Fail when the page scrolls sideways in its present viewport (WCAG 1.4.10: 320 px)."""
    needed, width = page.evaluate("() => [document.scrollingElement.scrollWidth, innerWidth]")
    if needed > width:
        wide = "\n".join(page.evaluate(WIDE_ELEMENTS))
        pytest.fail(f"{page.url} needs {needed} px of {width}; too wide:\n{wide}")
