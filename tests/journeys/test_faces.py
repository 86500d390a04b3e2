"""Every page in both languages, light and dark, wide and narrow: accessible, whole, and in one language."""

from typing import Literal

import pytest
from playwright.sync_api import ConsoleMessage, Error, Page, Response, ViewportSize

from tests.journeys import (
    faces_account,
    faces_admin,
    faces_business,
    faces_cases,
    faces_cooperation,
    faces_device,
    faces_partner,
    faces_security,
    faces_service,
    faces_sign_in,
    faces_site,
)
from tests.journeys.conftest import NewPage
from tests.journeys.faces import FACES, Face, Visitor
from tests.journeys.looks import HAN, WIDE, assert_focus_is_visible, assert_one_heading, assert_skip_link, remains
from tests.support.chromium import assert_accessible, assert_no_overflow, screenshot
from tests.support.demo import Demo

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.no_database]

SIZES: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 320, "height": 568}}
LOOKS: dict[str, tuple[Literal["light", "dark"], str]] = {"zh-TW": ("light", "narrow"), "en": ("dark", "wide")}
"""Each page is examined in every language, scheme and size; what a language changes is the length of texts, so that
whether a page fits is asked in both sizes of both languages.
"""
BOOKS = (
    *(faces_sign_in, faces_account, faces_security, faces_business, faces_admin),
    *(faces_device, faces_service, faces_site, faces_partner, faces_cases, faces_cooperation),
)


class Witness:
    """Hears what the browser complains about, and remembers how the last page was answered."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.status = 0
        page.on("console", self._hear)
        page.on("pageerror", self._fail)
        page.on("response", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        is_page = "Failed to load resource" in message.text and message.location["url"] == self.page.url
        if message.type in {"error", "warning"} and not is_page:
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _fail(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _see(self, response: Response) -> None:
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
            self.status = response.status


def known_faces() -> list[Face]:
    """Return all faces; each book notes its own when it is imported."""
    assert {visit.visit.__module__ for visit in FACES} == {book.__name__ for book in BOOKS}
    return FACES


@pytest.mark.parametrize("language", ["zh-TW", "en"])
@pytest.mark.parametrize("face", known_faces(), ids=lambda face: face.name)
def test_face(demo: Demo, new_page: NewPage, subtests: pytest.Subtests, face: Face, language: str) -> None:
    """See the docstrings of what is asserted."""
    page = new_page(language, script=True, viewport=SIZES["wide"])
    witness = Witness(page)
    face.visit(Visitor(page, demo, language))
    page.wait_for_load_state()
    assert witness.status == face.status
    with subtests.test("words"):
        assert page.locator("html").get_attribute("lang") == language
        assert_one_heading(page)
        assert language != "en" or remains(page, HAN) == []
    scheme, size = LOOKS[language]
    page.emulate_media(color_scheme=scheme)
    for each in sorted(SIZES, key=size.__eq__):
        page.set_viewport_size(SIZES[each])
        with subtests.test(f"fits, {each}"):
            assert_no_overflow(page)
    screenshot(page, f"{face.name}-{language}-{scheme}-{size}")
    with subtests.test(f"accessible, {scheme}"):
        assert_accessible(page)
    with subtests.test("keyboard"):
        assert_skip_link(page)
        assert_focus_is_visible(page)
    with subtests.test("console"):
        assert witness.complaints == []


@pytest.mark.parametrize(
    "name",
    [
        *("login-for-partner", "consent-of-several-schools", "refusal-no-school", "consents"),
        *("security-with-factors", "sessions", "admin-account", "admin-account-business"),
    ],
)
def test_english_pages_have_no_full_width_signs(demo: Demo, new_page: NewPage, name: str) -> None:
    """Blanks, brackets and bars of English pages are English too."""
    page = new_page("en", script=True)
    next(face for face in FACES if face.name == name).visit(Visitor(page, demo, "en"))
    page.wait_for_load_state()
    assert remains(page, WIDE) == []
