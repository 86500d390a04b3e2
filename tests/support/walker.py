"""A browser without script over real HTTP, for relying parties that need no Chromium.

It follows redirects anywhere, reads pages and sends their forms.
"""

from collections.abc import Callable
from urllib.parse import urlencode, urljoin

import httpx
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from tests.pages import Page
from tests.support.demo import Person

REDIRECTS = 20


class Walker:
    """Keeps cookies as browsers do: by host, whatever the port."""

    def __init__(self) -> None:
        self._http = httpx.Client(trust_env=False, timeout=30)
        self.page: Page

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def open(self, url: str, stop: str | None = None) -> Page:
        """Open a URL and follow redirects; a redirect to an address that begins with ``stop`` is where it ends."""
        return self._follow(self._http.get(url), stop)

    def follow(self, link: str, stop: str | None = None) -> Page:
        """Click a link of the current page."""
        return self.open(urljoin(self.page.url, self.page.link(link)), stop)

    def submit(self, button: str, stop: str | None = None, **fields: str) -> Page:
        """Press a button of the current page after filling fields in."""
        form = self.page.form_with(button)
        data = [(name, fields.pop(name, value)) for name, value in form.fields]
        data += [(name, value) for name, value, checked in form.boxes.values() if checked]
        data += [pair for pair in [form.buttons[button]] if pair[0]]
        assert not fields, f"no such fields: {fields}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": _origin(self.page.url)}
        target = urljoin(self.page.url, form.action)
        return self._follow(self._http.post(target, content=urlencode(data), headers=headers), stop)

    def _follow(self, answer: httpx.Response, stop: str | None) -> Page:
        for _ in range(REDIRECTS):
            target = urljoin(str(answer.url), answer.headers.get("Location", ""))
            if not answer.is_redirect or (stop is not None and target.startswith(stop)):
                break
            answer = self._http.get(target)
        shown = TestResponse([answer.content], str(answer.status_code), _headers(answer), Request({}))
        self.page = Page(shown, str(answer.url))
        return self.page

    def sign_in(self, url: str, person: Person, stop: str | None = None) -> Page:
        """Open a URL that leads to the provider; log in and approve all items if asked."""
        page = self.open(url, stop)
        if page.has("login-submit"):
            page = self.submit("login-submit", stop, username=person["account"], password=person["password"])
        if page.has("consent-approve"):
            page = self.submit("consent-approve", stop)
        return page

    def browse(self, person: Person, callback: str) -> Callable[[str], str]:
        """Return what takes an authorization URL and gives the address that the browser is sent back to."""

        def browse(url: str) -> str:
            page = self.sign_in(url, person, callback)
            if page.has("refusal-return"):
                page = self.follow("refusal-return", callback)
            assert page.location is not None, f"{page.status} {page.url}: {page.html[:4000]}"
            return page.location

        return browse


def _headers(answer: httpx.Response) -> Headers:
    """Return the headers without those that spoke of the body's way here."""
    gone = {"content-encoding", "content-length", "transfer-encoding"}
    return Headers([(name, value) for name, value in answer.headers.multi_items() if name not in gone])


def _origin(url: str) -> str:
    parts = httpx.URL(url)
    return f"{parts.scheme}://{parts.netloc.decode()}"
