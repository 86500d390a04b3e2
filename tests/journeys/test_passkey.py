"""A teacher logs in with a passkey: Chromium with a virtual authenticator, the provider under a name (D-74, WebAuthn)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.looks import assert_whole
from tests.journeys.secrets_of import borrowed
from tests.journeys.steps import Album, log_out, open_log_in, press
from tests.support.demo import Demo, Person

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("named-demo")]
KIND = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Device:
    """A device with a screen lock, which holds passkeys."""

    session: CDPSession
    ident: str

    @classmethod
    def of(cls, page: Page) -> "Device":
        """Build one into the browser of a page."""
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": KIND})
        return cls(session, made["authenticatorId"])

    def passkeys(self) -> list[dict[str, Any]]:
        """Return what it holds."""
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.ident})
        held: list[dict[str, Any]] = found["credentials"]
        return held

    def know_finger(self, *, known: bool) -> None:
        """Let it know its user's finger, or not."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.ident, "isUserVerified": known})


@pytest.fixture
def teacher(named_demo: Demo) -> Iterator[Person]:
    """T02, who has no second factor."""
    with borrowed(named_demo, "T02") as person:
        yield person


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A browser with script, which passkeys need."""
    return new_page(script=True, viewport={"width": 1280, "height": 800})


def enrol(page: Page, demo: Demo, teacher: Person) -> None:
    """Log in by password and make a passkey."""
    open_log_in(page, demo, teacher)
    page.goto(f"{demo.issuer}/account/security")
    press(page, "#passkey-add")
    page.fill("#name", "辦公室電腦")
    press(page, "#passkey-create")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    press(page, "#factor-on")


def log_in_by_passkey(page: Page, demo: Demo) -> None:
    """Press the one button."""
    page.goto(f"{demo.issuer}/login")
    press(page, "#passkey-submit")


@pytest.mark.rule("D-74")
def test_log_in_without_a_password(named_demo: Demo, page: Page, new_page: NewPage, teacher: Person) -> None:
    """Made once, it opens the account without a word typed; the password alone opens nothing any more."""
    device, album = Device.of(page), Album(page, "passkey")
    enrol(page, named_demo, teacher)
    (held,) = device.passkeys()
    assert (held["rpId"], held["isResidentCredential"]) == ("localhost", True)
    expect(page.locator(".given")).to_contain_text("辦公室電腦")
    album.keep("security")
    log_out(page)
    log_in_by_passkey(page, named_demo)
    expect(page.locator("#logout")).to_be_visible()
    page.goto(f"{named_demo.issuer}/account/security")
    expect(page.locator(".given")).to_contain_text("上次使用於")
    stranger = new_page()
    open_log_in(stranger, named_demo, teacher)
    expect(stranger.locator("#second-factor-title")).to_be_visible()


@pytest.mark.rule("D-74")
def test_removal(named_demo: Demo, page: Page, teacher: Person) -> None:
    """The device still holds it, but the provider knows it no more; the password is enough again."""
    device = Device.of(page)
    enrol(page, named_demo, teacher)
    press(page, "[id^=passkey-remove-]")
    expect(page.locator("[id^=passkey-remove-]")).to_have_count(0)
    log_out(page)
    assert len(device.passkeys()) == 1
    log_in_by_passkey(page, named_demo)
    expect(page.locator("#login-error")).to_contain_text("通行金鑰驗證沒有成功")
    open_log_in(page, named_demo, teacher)
    expect(page.locator("#logout")).to_be_visible()


def test_whoever_only_holds_the_device(named_demo: Demo, page: Page, teacher: Person) -> None:
    """Without finger or PIN the device answers nothing, and the page says so and stays."""
    device = Device.of(page)
    enrol(page, named_demo, teacher)
    log_out(page)
    device.know_finger(known=False)
    page.goto(f"{named_demo.issuer}/login")
    page.click("#passkey-submit")
    expect(page.locator("[data-passkey-failed]")).to_be_visible()
    expect(page.locator("[data-passkey-failed]")).to_be_focused()
    assert_whole(page)
    device.know_finger(known=True)
    press(page, "#passkey-submit")
    expect(page.locator("#logout")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_the_pages_of_passkeys(named_demo: Demo, new_page: NewPage, teacher: Person, language: str) -> None:
    """Where to make one, and the log-in page with its button: accessible and whole."""
    page = new_page(language, script=True, viewport={"width": 320, "height": 568})
    album = Album(page, f"passkey-{language}")
    page.goto(f"{named_demo.issuer}/login")
    expect(page.locator("#passkey-submit")).to_be_visible()
    album.keep("log-in")
    assert_whole(page)
    open_log_in(page, named_demo, teacher)
    page.goto(f"{named_demo.issuer}/account/security/passkey")
    expect(page.locator("#passkey-create")).to_be_visible()
    album.keep("form")
    assert_whole(page)


def test_without_script(named_demo: Demo, new_page: NewPage, teacher: Person) -> None:
    """No button that does nothing at the log-in page, and words where a passkey is to be made."""
    page = new_page()
    page.goto(f"{named_demo.issuer}/login")
    expect(page.locator("#passkey-submit")).to_be_hidden()
    open_log_in(page, named_demo, teacher)
    page.goto(f"{named_demo.issuer}/account/security/passkey")
    expect(page.locator("noscript .alert")).to_be_visible()
