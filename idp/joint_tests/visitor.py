"""A visitor with a browser of her own at a partner's test site, and at our pages as the site leads there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from idp.joint_tests.site import SiteDescription, TestAccount

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WAIT = 15_000
"""Milliseconds until a page counts as missing."""


class Unexpected(Exception):
    """Something is not as the test expects; the text says what, for people."""


@dataclass
class Visitor:
    """Walks; ``worst`` is the highest status that the site answered a page with."""

    page: "Page"
    site: SiteDescription
    issuer: str
    worst: int = 0
    answers: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Open the start of the log-in on the partner's site, which leads to our log-in page."""
        self.page.goto(self.site.start)
        if not self.page.url.startswith(self.issuer):
            raise Unexpected(f"登入起始網址沒有導向本網，而是停在 {self.page.url}")

    def log_in(self, who: TestAccount) -> None:
        """Type account and password."""
        self.page.fill("#username", who.account)
        self.page.fill("#password", who.password.get_secret_value())
        self.page.click("#login-submit")
        self.page.wait_for_load_state()

    def approve(self, leave_out: str | None = None) -> None:
        """Agree to what is asked, but for one item."""
        if self.page.locator("#consent-approve").count() == 0:
            return
        if leave_out is not None:
            self.page.uncheck(f"#item-{leave_out}")
        self.page.click("#consent-approve")
        self.page.wait_for_load_state()

    def decline(self) -> None:
        """Disagree."""
        if self.page.locator("#consent-deny").count() == 0:
            raise Unexpected("沒有出現同意頁，無法測試不同意的情形")
        self.page.click("#consent-deny")
        self.page.wait_for_load_state()

    def is_signed_in(self) -> bool:
        """Whether the partner's site shows that somebody is signed in, after its pages have settled."""
        self.page.wait_for_load_state("load")
        return self.page.locator(self.site.signed_in).count() > 0

    def is_at_home(self) -> bool:
        """Whether the site's front page shows that somebody is signed in."""
        self.page.goto(self.site.home)
        return self.is_signed_in()

    def is_out_within(self, seconds: int) -> bool:
        """Whether the site's front page soon shows nobody any more."""
        until = monotonic() + seconds
        while self.is_at_home():
            if monotonic() > until:
                return False
            self.page.wait_for_timeout(500)
        return True

    def must_be_back(self) -> None:
        """The browser is at the partner again, and what it shows is no crash."""
        if self.page.url.startswith(self.issuer):
            raise Unexpected("瀏覽器沒有回到合作網站")
        if self.worst >= 500:
            raise Unexpected(f"合作網站以錯誤 {self.worst} 回應")


@contextmanager
def visit(browser: "Browser", site: SiteDescription, issuer: str) -> Iterator[Visitor]:
    """Open a browser window that nobody used before."""
    context = browser.new_context(ignore_https_errors=False, locale="zh-TW")
    context.set_default_timeout(WAIT)
    page = context.new_page()
    visitor = Visitor(page, site, issuer)

    def note(response: object) -> None:
        url, status = response.url, response.status  # type: ignore[attr-defined]  # Playwright's response
        if not url.startswith(issuer) and response.request.is_navigation_request():  # type: ignore[attr-defined]
            visitor.worst = max(visitor.worst, status)

    page.on("response", note)
    try:
        yield visitor
    finally:
        context.close()
