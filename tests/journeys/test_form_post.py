"""``response_mode=form_post``: the answer reaches the partner as a POST, by itself or by a button."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NewPage
from tests.journeys.steps import approve, log_in
from tests.support.authorization import authorization_url
from tests.support.demo import Demo

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("demo")]


class Callback(ThreadingHTTPServer):
    """A partner that shows a page at its callback and keeps what was posted."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.posted: list[dict[str, list[str]]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/callback"


class Receiver(BaseHTTPRequestHandler):
    """Answers one request of the browser."""

    server: Callback

    def do_POST(self) -> None:
        """Keep the form."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(parse_qs(body.decode()))
        page = b"<!doctype html><title>Partner</title><h1 id='arrived'>arrived</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so by the library
        """Say nothing."""


@contextlib.contextmanager
def callback_server() -> Iterator[Callback]:
    """Run a partner's callback."""
    with Callback() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.spec("OAuth Form Post", "2")
@pytest.mark.parametrize("script", [False, True], ids=["without-script", "with-script"])
def test_the_answer_is_posted(demo: Demo, new_page: NewPage, *, script: bool) -> None:
    """Code, state and issuer arrive in the body and nothing in the address."""
    page = new_page(script=script)
    with callback_server() as partner:
        client = demo.add_partner(f"form-post-{'script' if script else 'noscript'}", partner.url)
        page.goto(authorization_url(demo.issuer, client, response_mode="form_post", state="st 1&x"))
        log_in(page, demo.teacher("T15"))
        approve(page)
        if not script:
            page.click("form#answer button")
        expect(page.locator("#arrived")).to_be_visible()
        assert page.url == partner.url
        (posted,) = partner.posted
    assert set(posted) == {"code", "state", "iss"}
    assert (posted["state"], posted["iss"]) == (["st 1&x"], [demo.issuer])


def test_a_refusal_is_posted_too(demo: Demo, new_page: NewPage) -> None:
    """Errors take the same way."""
    page = new_page(script=True)
    with callback_server() as partner:
        client = demo.add_partner("form-post-refusal", partner.url)
        page.goto(authorization_url(demo.issuer, client, response_mode="form_post", state="s"))
        log_in(page, demo.teacher("T10"))
        page.click("#refusal-return")
        expect(page.locator("#arrived")).to_be_visible()
        (posted,) = partner.posted
    assert (posted["error"], posted["state"], posted["iss"]) == (["access_denied"], ["s"], [demo.issuer])
