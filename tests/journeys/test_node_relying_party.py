"""npm openid-client, unmodified and with every check on, signs a teacher in at the running provider."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.journeys.steps import approve, log_in, press
from tests.relying_parties.node import stock
from tests.support.demo import Demo

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.needs("node"), pytest.mark.xdist_group("demo")]


class Arrival(BaseHTTPRequestHandler):
    """Shows a page at the callback."""

    def do_GET(self) -> None:
        """Say that the answer came."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so by the library
        """Say nothing: the address holds a code."""


@pytest.fixture(scope="module")
def callback() -> Iterator[str]:
    """Serve a partner's callback and return its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Arrival) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/cb"
        server.shutdown()


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_it_signs_in(demo: Demo, page: Page, callback: str, method: str) -> None:
    """Discovery, request with PKCE, log-in and consent in Chromium, code exchange, ID token, UserInfo."""
    client = demo.add_partner(f"node-{method.replace('_', '-')}", callback, token_endpoint_auth_method=method)

    def browse(url: str) -> str:
        page.goto(url)
        log_in(page, demo.teacher("T03"))
        approve(page)
        return page.url

    request = {
        "issuer": demo.issuer,
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "redirect_uri": callback,
        "scope": "openid profile inservice_school_code",
        "token_endpoint_auth_method": method,
    }
    answer = stock.sign_in(request, browse)
    assert "error" not in answer, answer
    claims = answer["claims"]
    assert (claims["iss"], claims["aud"], claims["name"]) == (demo.issuer, client["client_id"], "陳柏睿")
    assert answer["userinfo"] == {
        "sub": claims["sub"],
        "name": "陳柏睿",
        "inservice_school_code": claims["inservice_school_code"],
    }


def test_a_locked_teacher_is_refused(demo: Demo, page: Page, callback: str) -> None:
    """T10 is not in service: it learns access_denied, with state and iss checked by the library, and nothing more."""
    client = demo.add_partner("node-refused", callback)

    def browse(url: str) -> str:
        page.goto(url)
        log_in(page, demo.teacher("T10"))
        press(page, "#refusal-return")
        return page.url

    facts = {"issuer": demo.issuer, "redirect_uri": callback, "scope": "openid profile"}
    answer = stock.sign_in(facts | {name: client[name] for name in ("client_id", "client_secret")}, browse)
    assert answer["error"]["error"] == "access_denied"
    assert "service" not in str(answer["error"]["error_description"])
