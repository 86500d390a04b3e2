"""What tests of refusals start from."""

from typing import Any

import pytest

from tests.pages import Browser
from tests.protocol.wire import People
from tests.rp import RelyingParty


@pytest.fixture
def code(dream_n: RelyingParty, browser: Browser, people: People) -> tuple[str, Any]:
    """A code of a good request, and the request."""
    page, request = dream_n.start(browser, people["T02"])
    page = browser.submit("consent-approve") if page.has("consent-approve") else page
    return dream_n.code_of(page, request), request
