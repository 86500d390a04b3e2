"""A teacher secures her log-in with an authenticator app, in a real browser without script (D-74)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.secrets_of import borrowed
from tests.journeys.steps import Album, log_out, open_log_in, press, prove
from tests.pages import codes
from tests.support.demo import Demo, Person

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("demo")]


@pytest.fixture
def teacher(demo: Demo) -> Iterator[Person]:
    """T02, who has no second factor."""
    with borrowed(demo, "T02") as person:
        yield person


def enrol(page: Page, album: Album) -> tuple[str, list[str]]:
    """Go from her account to the QR code, type the app's code in; return the secret and the recovery codes."""
    press(page, "#security-link")
    press(page, "#totp-add")
    assert page.evaluate("() => document.querySelector('img.qr').naturalWidth") > 0
    secret = page.locator("#totp-secret").inner_text().replace(" ", "")
    page.fill("#otp", next(codes(secret)))
    press(page, "#totp-submit")
    album.keep("recovery-codes")
    return secret, page.locator("#recovery-codes code").all_inner_texts()


@pytest.mark.rule("D-74")
def test_from_the_qr_code_to_the_next_log_in(demo: Demo, page: Page, teacher: Person) -> None:
    """The recovery codes are seen once; from then on the password alone opens nothing, password and code do."""
    album = Album(page, "second-factor")
    open_log_in(page, demo, teacher)
    secret, recovery = enrol(page, album)
    assert len(set(recovery)) == 10
    press(page, "#factor-on")
    expect(page.locator("#totp-on")).to_be_visible()
    expect(page.locator("#recovery-left")).to_contain_text("10")
    assert not [code for code in recovery if code in page.content()]
    log_out(page)

    open_log_in(page, demo, teacher)
    expect(page.locator("#second-factor-title")).to_be_visible()
    page.goto(f"{demo.issuer}/account")
    expect(page.locator("#login-title")).to_be_visible()
    open_log_in(page, demo, teacher)
    prove(page, next(codes(secret)))
    expect(page.locator("#otp-error")).to_contain_text("已經用過")
    album.keep("code-used-before")
    prove(page, list(codes(secret))[1])
    expect(page.locator("#logout")).to_be_visible()


@pytest.mark.rule("D-74")
def test_a_recovery_code_counts_once(demo: Demo, page: Page, new_page: NewPage, teacher: Person) -> None:
    """Without the telephone: one of the ten opens the account, and never again."""
    open_log_in(page, demo, teacher)
    _, recovery = enrol(page, Album(page, "recovery"))
    other = new_page()
    open_log_in(other, demo, teacher)
    prove(other, recovery[0])
    other.goto(f"{demo.issuer}/account/security")
    expect(other.locator("#recovery-left")).to_contain_text("9")
    log_out(other)
    open_log_in(other, demo, teacher)
    prove(other, recovery[0])
    expect(other.locator("#otp-error")).to_be_visible()
    other.goto(f"{demo.issuer}/account")
    expect(other.locator("#login-title")).to_be_visible()
    open_log_in(other, demo, teacher)
    prove(other, recovery[1].upper())
    expect(other.locator("#logout")).to_be_visible()


@pytest.mark.rule("D-74")
def test_removal(demo: Demo, page: Page, teacher: Person) -> None:
    """She takes it away again, and is asked for the password only."""
    open_log_in(page, demo, teacher)
    enrol(page, Album(page, "removal"))
    press(page, "#factor-on")
    press(page, "#totp-remove")
    expect(page.locator("#totp-add")).to_be_visible()
    expect(page.locator("#recovery-left")).to_have_count(0)
    log_out(page)
    open_log_in(page, demo, teacher)
    expect(page.locator("#logout")).to_be_visible()
