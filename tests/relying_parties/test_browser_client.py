"""oidc-client-ts, a public client in real Chromium, signs teachers in: CORS, PKCE, no secret anywhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.steps import approve, log_in, press
from tests.relying_parties.node import stock
from tests.relying_parties.page_server import PageServer, serve_pages
from tests.support import chromium
from tests.support.demo import Demo

pytestmark = [pytest.mark.needs("chromium", "node-packages"), pytest.mark.xdist_group("relying-parties")]
SITE = Path(__file__).resolve().with_name("spa")
LIBRARY = stock.FOLDER / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"


@pytest.fixture(scope="module")
def launched() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium.browser() as one:
        yield one


@pytest.fixture
def page(launched: Browser) -> Iterator[Page]:
    """A browser with script that has forgotten everything."""
    context = launched.new_context(locale="zh-TW", reduced_motion="reduce")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def site() -> Iterator[PageServer]:
    """The site's files, with the library as npm ships it for browsers."""
    files = {one.name: one.read_bytes() for one in SITE.iterdir()}
    with serve_pages(files | {"oidc-client-ts.js": LIBRARY.read_bytes()}) as server:
        yield server


def register(demo: Demo, site: PageServer, client_id: str, **metadata: Any) -> None:
    """Register the site as a public client and tell it what it is."""
    redirect_uri = f"{site.url}/"
    public = {"token_endpoint_auth_method": "none", "client_secret": None}
    demo.add_partner(client_id, redirect_uri, **public, **metadata)
    settings = {
        "authority": demo.issuer,
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid profile inservice_school_code",
        "loadUserInfo": "dpop_bound_access_tokens" not in metadata,
        "dpop": "dpop_bound_access_tokens" in metadata,
    }
    site.files["settings.json"] = json.dumps(settings).encode()


def shown(page: Page) -> dict[str, str]:
    """Wait until the site has finished, and return what it shows."""
    page.wait_for_selector("#done, #failed", state="attached")
    assert page.locator("#failed").count() == 0, page.inner_text("#failed")
    return {one.get_attribute("id") or "": one.inner_text() for one in page.locator("dd").all()}


@pytest.mark.spec("RFC 6749", "2.1")
@pytest.mark.spec("RFC 7636", "4.6")
@pytest.mark.parametrize(
    ("client_id", "metadata", "token_type"),
    [("spa-bearer", {}, "Bearer"), ("spa-dpop", {"dpop_bound_access_tokens": True}, "DPoP")],
    ids=["bearer", "dpop"],
)
def test_it_signs_in(
    demo: Demo, page: Page, site: PageServer, client_id: str, metadata: dict[str, Any], token_type: str
) -> None:
    """Discovery, token and UserInfo across origins; with DPoP the code is bound to the browser's key too."""
    register(demo, site, client_id, **metadata)
    page.goto(f"{site.url}/")
    press(page, "#login")
    log_in(page, demo.teacher("T03"))
    approve(page)
    found = shown(page)
    assert (found["claim-name"], found["token-type"]) == ("陳柏睿", token_type)
    assert len(found["claim-inservice_school_code"]) == 6


def test_a_locked_teacher_is_refused(demo: Demo, page: Page, site: PageServer) -> None:
    """The library reports access_denied."""
    register(demo, site, "spa-refused")
    page.goto(f"{site.url}/")
    press(page, "#login")
    log_in(page, demo.teacher("T10"))
    press(page, "#refusal-return")
    page.wait_for_selector("#failed", state="attached")
    assert page.inner_text("#failed") == "ErrorResponse: access_denied"
