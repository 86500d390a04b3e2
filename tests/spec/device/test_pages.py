"""What the teacher sees and does (RFC 8628 §3.3), and how guessing and phishing are met (§5.1, §5.4)."""

from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
import qrcode
from flask import Flask
from qrcode.image.svg import SvgPathFillImage

from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, audited, is_error_page, later, token_error
from tests.spec.device.screen import approve, confirm, enter, scanned, screen
from tests.support.office import Desk, Staff

WRONG = "找不到這個代碼。請看裝置上的代碼再輸入一次，或在裝置上重新開始。"


@pytest.mark.spec("RFC 8628", "3.3", "5.4")
def test_the_confirmation_page(app: Flask, browser: Browser) -> None:
    """It names partner, device, address and time, repeats the code, and warns; nobody needs to be logged in yet."""
    made = screen(app).begin(device_name="<b>白板</b>")
    page = enter(browser, made.code)
    assert page.text("client-info").startswith("測試合作網站 營運單位：")
    assert page.text("device-code") == made.code
    assert page.text("device-name") == "<b>白板</b>"
    assert page.text("device-address") == "127.0.0.1"
    assert page.text("device-time").startswith("民國")
    assert "請按「拒絕」" in page.text("device-warning")
    assert not page.has("login-submit")


@pytest.mark.spec("RFC 8628", "3.3.1")
def test_a_scanned_code_is_filled_in_only(app: Flask, browser: Browser) -> None:
    """The QR code's address fills the code in; looking it up and confirming stay acts of the teacher."""
    made = screen(app).begin()
    page = browser.get(scanned(made))
    assert dict(page.form_with("device-submit").fields)["user_code"] == made.code
    assert not page.has("device-confirm")
    assert browser.submit("device-submit").has("device-confirm")


@pytest.mark.spec("RFC 8628", "3.3", "6.1")
@pytest.mark.parametrize("typed", ["{0}{1}", "{0} {1}", "{0}-{1}", " {0}--{1}. ", "{2}{3}", "{4}－{5}"])
def test_ways_of_typing(typed: str, app: Flask, browser: Browser) -> None:
    """Case, dashes and blanks make no difference, nor do full-width letters of a Chinese keyboard."""
    made = screen(app).begin()
    first, last = made.code.split("-")
    wide = ["".join(chr(ord(sign) + 0xFEE0) for sign in half) for half in (first, last)]
    assert enter(browser, typed.format(first, last, first.lower(), last.lower(), *wide)).has("device-confirm")


@pytest.mark.spec("RFC 8628", "5.1")
def test_a_wrong_code_never_tells_why(app: Flask, people: People) -> None:
    """Malformed, unknown, expired, refused and answered codes get the same words."""
    refused, answered, old = screen(app).begin(), screen(app).begin(), screen(app).begin()
    browser = Browser(app)
    enter(browser, refused.code)
    browser.submit("device-deny")
    approve(Browser(app), answered.code, people["T01"])
    with later(minutes=11):
        expired = enter(Browser(app), old.code)
    pages = [expired, *(enter(Browser(app), code) for code in ("BBBB-BBBB", "x", refused.code, answered.code))]
    assert {(page.status, page.text("device-error")) for page in pages} == {(400, WRONG)}


@pytest.mark.spec("RFC 8628", "5.1")
def test_guesses_of_one_browser(app: Flask, browser: Browser) -> None:
    """Five wrong codes in a browser: then not even the right one, for 15 minutes; others are not held up."""
    made = screen(app).begin()
    assert [enter(browser, f"BBBB-BBB{sign}").status for sign in "BCDFG"] == [400] * 5
    assert enter(browser, made.code).status == 429
    assert enter(Browser(app), made.code).has("device-confirm")
    with later(minutes=16):
        assert enter(browser, screen(app).begin().code).has("device-confirm")


@pytest.mark.spec("RFC 8628", "5.1")
def test_guesses_of_one_session(app: Flask, browser: Browser, people: People) -> None:
    """Who is signed in is counted by her session, and right codes count nothing."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    for _ in range(6):
        assert enter(browser, screen(app).begin().code).has("device-confirm")
    assert [enter(browser, "BBBB-BBBB").status for _ in range(6)] == [400] * 5 + [429]


@pytest.mark.spec("RFC 8628", "5.1")
def test_guesses_of_one_address(make_app: MakeApp) -> None:
    """A new browser for every guess does not help: the address is counted too."""
    app = make_app(login_failures_per_address=10)
    made = screen(app).begin()
    assert [enter(Browser(app), "BBBB-BBBB").status for _ in range(11)] == [400] * 10 + [429]
    assert enter(Browser(app), made.code).status == 429
    assert enter(Browser(app, REMOTE_ADDR="203.0.113.9"), made.code).has("device-confirm")


@pytest.mark.spec("RFC 8628", "3.3")
def test_everything_of_a_sign_in_happens(app: Flask, browser: Browser, people: People) -> None:
    """Log-in, agreement, consent with the partner's purposes; she may leave an item out."""
    made = screen(app).begin()
    page = confirm(browser, made.code, people["T01"])
    assert page.has("consent-approve")
    assert "測試合作網站" in page.text("client-info")
    assert browser.submit("consent-approve", untick=("item-school_code",)).has("device-done")
    token = made.poll().get_json()["access_token"]
    assert set(made.client.userinfo(token).get_json()) == {"sub", "name"}
    second = screen(app).begin()
    assert confirm(browser, second.code, people["T01"]).has("device-done"), "signed in and consented: nothing is asked"


@pytest.mark.rule("AC-22", "D-17", "D-18")
@pytest.mark.spec("RFC 8628", "3.3")
@pytest.mark.parametrize("key", ["T04", "T14"])
def test_article_5(key: str, app: Flask, browser: Browser, people: People) -> None:
    """A locked or unverified teacher reads why on her telephone; the device learns access_denied alone, as anybody."""
    made = screen(app).begin()
    page = confirm(browser, made.code, people[key])
    assert (page.status, page.has("refusal-code")) == (403, True)
    assert token_error(made.poll()) == "authorization_pending"
    assert browser.follow("refusal-return").has("device-denied")
    answer = made.poll()
    assert token_error(answer) == "access_denied"
    assert answer.get_json()["error_description"] == "The end-user could not be authorized for this client. [DEV-04]"


@pytest.mark.spec("RFC 8628", "3.3")
def test_business_accounts_do_not_roam(app: Flask, browser: Browser, staff: Staff) -> None:
    """D-02: also not by a device."""
    page = confirm(browser, screen(app).begin().code, staff("sch994501"))
    assert page.text("refusal-code") == "IS-BUS-01"


@pytest.mark.spec("RFC 8628", "3.3")
def test_log_in_cancelled(app: Flask, browser: Browser) -> None:
    """Giving up at the log-in page ends it for the device."""
    made = screen(app).begin()
    enter(browser, made.code)
    assert browser.submit("device-confirm").has("login-submit")
    assert browser.follow("login-cancel").has("device-denied")
    assert token_error(made.poll()) == "access_denied"


@pytest.mark.spec("RFC 8628", "3.3")
def test_the_case_closes_meanwhile(app: Flask, browser: Browser, desk: Desk) -> None:
    """A partner that is closed after the code was shown is refused like at any sign-in."""
    made = screen(app).begin()
    enter(browser, made.code)
    desk.set_case("screens", state="suspended")
    page = browser.submit("device-confirm")
    assert page.text("refusal-code") == "IS-SITE-01"


@pytest.mark.spec("RFC 8628", "5.4")
def test_confirming_needs_a_form_of_ours(app: Flask, browser: Browser) -> None:
    """No other site can confirm or refuse: form token, and a question that works in this browser alone."""
    made = screen(app).begin()
    page = enter(browser, made.code)
    question = parse_qs(urlsplit(page.url).query)["d"][0]
    for path, data in (
        ("/device/confirm", {"d": question, "answer": "confirm"}),
        ("/device", {"user_code": made.code}),
    ):
        assert is_error_page(browser.post(path, data), "invalid_request", 403)
    other = Browser(app)
    assert other.get(f"/device/confirm?d={question}").has("device-over")
    fields = dict(other.get("/device").form_with("device-submit").fields)
    assert other.post("/device/confirm", {**fields, "d": question, "answer": "confirm"}).has("device-over")
    assert other.post("/device/confirm", {**fields, "d": "x"}).has("device-over")
    assert browser.get(f"/device/confirm?d={question}").has("device-confirm")


@pytest.mark.spec("RFC 8628", "3.3")
def test_two_teachers_at_one_screen(app: Flask, people: People) -> None:
    """Who is done first counts; the other is told that the code is used up."""
    made, one, two = screen(app).begin(), Browser(app), Browser(app)
    assert confirm(one, made.code, people["T01"]).has("consent-approve")
    assert confirm(two, made.code, people["T02"]).has("consent-approve")
    assert two.submit("consent-approve").has("device-done")
    assert one.submit("consent-approve").has("device-over")
    token = made.poll().get_json()["access_token"]
    assert made.client.userinfo(token).get_json()["name"] == people["T02"]["name"]


@pytest.mark.spec("RFC 8628", "3.3")
def test_answered_meanwhile(app: Flask, browser: Browser) -> None:
    """The buttons of a page that is out of date change nothing and say so."""
    made, other = screen(app).begin(), Browser(app)
    enter(browser, made.code)
    enter(other, made.code)
    other.submit("device-deny")
    stale = browser.page
    assert browser.submit("device-confirm").has("device-over")
    browser.page = stale
    assert browser.submit("device-deny").has("device-over")


@pytest.mark.spec("RFC 8628", "3.3")
def test_no_request_can_name_a_device(app: Flask, browser: Browser, people: People) -> None:
    """A parameter of our own name in an authorization request is not believed: the code goes to the redirect_uri."""
    made = screen(app).begin()
    page, request = made.client.start(browser, people["T01"], _device="1")
    page = browser.submit("consent-approve")
    assert made.client.code_of(page, request)
    assert token_error(made.poll()) == "authorization_pending"


@pytest.mark.spec("RFC 8628", "3.3.1")
def test_the_picture(browser: Browser) -> None:
    """A QR code of our own address for a code of the right form, whether it exists or not; for nothing else."""
    answer = browser.http.get("/device/qr.svg?user_code=bcdf-ghjk", base_url=browser.issuer)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert ET.fromstring(answer.get_data()).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  # our own
    expected = qrcode.make("http://127.0.0.1:8000/device?user_code=BCDF-GHJK", image_factory=SvgPathFillImage)
    assert answer.get_data() == expected.to_string()
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    for query in ("", "?user_code=", "?user_code=AAAA-AAAA", "?user_code=BCDF", "?user_code=https://evil.test"):
        assert browser.get(f"/device/qr.svg{query}").status == 404


@pytest.mark.spec("RFC 8628", "3.3")
def test_last_pages(browser: Browser) -> None:
    """There are three endings and no other."""
    for what in ("done", "denied", "over"):
        assert browser.get(f"/device/{what}").has(f"device-{what}")
    assert browser.get("/device/other").status == 404


@pytest.mark.spec("RFC 8628", "3.3")
def test_a_refusal_is_audited(app: Flask, browser: Browser, people: People) -> None:
    """DOMAIN §2.8: a teacher who is refused at a device leaves the same trace."""
    confirm(browser, screen(app).begin().code, people["T04"])
    (event,) = audited(app, "roaming.refused")
    assert (event.client_id, event.detail["obstacle"]) == ("screens", "locked")
