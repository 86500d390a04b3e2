"""What the journeys share: one running demo, one Chromium, and browsers that forget everything between two tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support import chromium
from tests.support.demo import Demo, demo_environment, running_demo

NewPage = Callable[..., Page]
expect.set_options(timeout=15_000)  # a machine may be busy
LOCALES = {"zh-TW": "zh-TW", "en": "en-GB"}


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo on free ports with data of its own."""
    with running_demo(demo_environment(tmp_path_factory.mktemp("demo"), request.config)) as running:
        yield running


@pytest.fixture(scope="session")
def named_demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose provider has a name and not an address, since WebAuthn knows no addresses."""
    environment = demo_environment(tmp_path_factory.mktemp("named-demo"), request.config)
    with running_demo(environment | {"ROAMING_ISSUER": f"http://localhost:{environment['PORT']}"}) as running:
        yield running


@pytest.fixture(scope="module")
def launched() -> Iterator[Browser]:
    """One Chromium for a file of tests."""
    with chromium.browser() as one:
        yield one


@pytest.fixture
def new_page(launched: Browser) -> Iterator[NewPage]:
    """Open a page in a browser of its own: no cookies, no script unless it is asked for."""
    contexts: list[BrowserContext] = []

    def open_page(language: str = "zh-TW", *, script: bool = False, **options: Any) -> Page:
        context = launched.new_context(
            locale=LOCALES[language], java_script_enabled=script, reduced_motion="reduce", **options
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A browser in Chinese, without script."""
    return new_page()
