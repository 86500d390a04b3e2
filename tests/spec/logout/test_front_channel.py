"""Front-channel logout: the last page opens partners' logout addresses in frames (Front-Channel Logout 1.0)."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.pages import Browser, Page
from tests.protocol.wire import PartnerOf, People, add_partner, is_signed_in, later, leave, session_of
from tests.rp import RelyingParty
from tests.spec.logout.conftest import Back

SPEC = "OIDC Front-Channel Logout 1.0"
BYE = "http://127.0.0.1:8001/signed-out"
ADDRESS = "https://dream-n.example/logout?x=1"


def frames(page: Page) -> list[str]:
    """Return the addresses of the frames."""
    return [unescape(source) for source in re.findall(r'<iframe src="([^"]*)"', page.html)]


def sources(page: Page) -> list[str] | None:
    """Return what the page's policy lets into frames; None: the default, nothing."""
    rules = dict(
        part.strip().partition(" ")[::2] for part in page.response.headers["Content-Security-Policy"].split(";")
    )
    assert rules["default-src"] == "'none'"
    assert "script-src" not in rules
    return rules["frame-src"].split() if "frame-src" in rules else None


@pytest.fixture
def signed_in(back: Back, dream_n: RelyingParty, browser: Browser, people: People) -> dict[str, str]:
    """T02 at dream-n, which has a front-channel address; its claims and the ID token as ``hint``."""
    back.amend("dream-n", frontchannel_logout_uri=ADDRESS)
    found = dream_n.sign_in(browser, people["T02"])
    return {"sid": found.claims["sid"], "iss": found.claims["iss"], "hint": found.id_token}


@pytest.mark.spec(SPEC, "2")
def test_our_own_logout(browser: Browser, signed_in: dict[str, str]) -> None:
    """One hidden frame, whose origin alone the policy allows; no script, nowhere to lead on to."""
    assert signed_in
    browser.get("/account")
    page = browser.submit("logout")
    assert page.has("logged-out")
    assert frames(page) == [ADDRESS]
    assert sources(page) == ["https://dream-n.example"]
    assert not page.has("logout-continue")
    assert "http-equiv" not in page.html
    assert "<script" not in page.html


@pytest.mark.spec(SPEC, "2")
@pytest.mark.spec(SPEC, "4")
def test_issuer_and_session_are_named_if_asked_for(back: Back, browser: Browser, signed_in: dict[str, str]) -> None:
    """``frontchannel_logout_session_required``: iss and sid, appended to the query that is registered."""
    back.amend("dream-n", frontchannel_logout_session_required=True)
    (frame,) = frames(leave(browser, id_token_hint=signed_in["hint"]))
    assert frame.startswith(f"{ADDRESS}&")
    assert parse_qsl(urlsplit(frame).query) == [("x", "1"), ("iss", signed_in["iss"]), ("sid", signed_in["sid"])]


@pytest.mark.spec(SPEC, "2")
def test_the_way_back_waits_for_the_frames(browser: Browser, signed_in: dict[str, str]) -> None:
    """The page leads on to the registered address with the state, after 3 s by itself or at once by its link."""
    old = session_of(browser)
    page = leave(browser, id_token_hint=signed_in["hint"], post_logout_redirect_uri=BYE, state='a&"<b>')
    assert page.status == 200
    assert frames(page) == [ADDRESS]
    target = BYE + "?" + urlencode({"state": 'a&"<b>'})
    assert page.link("logout-continue") == target
    (refresh,) = re.findall(r'<meta http-equiv="refresh" content="([^"]*)">', page.html)
    assert unescape(refresh) == f"3; url={target}"
    assert not is_signed_in(browser.app, old)


def test_after_the_question_too(browser: Browser, signed_in: dict[str, str]) -> None:
    """No frame before she has confirmed."""
    assert signed_in
    page = leave(browser, client_id="dream-n", post_logout_redirect_uri=BYE, state="s")
    assert frames(page) == []
    page = browser.submit("logout-confirm")
    assert frames(page) == [ADDRESS]
    assert page.link("logout-continue") == f"{BYE}?state=s"


@pytest.mark.spec(SPEC, "2")
def test_every_client_of_the_session_has_a_frame(
    back: Back, partner: PartnerOf, browser: Browser, people: People, signed_in: dict[str, str]
) -> None:
    """Those that she signed in at from this session and that have an address; each origin once; no other client."""
    other = add_partner(back.app, client_id="o", frontchannel_logout_uri="https://rp.test/a", items=["name"])
    same = add_partner(back.app, client_id="s", frontchannel_logout_uri="https://rp.test/b", items=["name"])
    never = add_partner(back.app, client_id="never", frontchannel_logout_uri="https://never.test/", items=["name"])
    never.sign_in(Browser(back.app), people["T02"])
    for rp in (other, same, partner("county-study")):
        rp.sign_in(browser, people["T02"])
    page = leave(browser, id_token_hint=signed_in["hint"])
    assert frames(page) == [ADDRESS, "https://rp.test/a", "https://rp.test/b"]
    assert sources(page) == ["https://dream-n.example", "https://rp.test"]


def test_without_frames_the_browser_goes_at_once(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Nobody has an address: a redirect, and our own page holds no frame."""
    token = dream_n.sign_in(browser, people["T02"]).id_token
    assert leave(browser, id_token_hint=token, post_logout_redirect_uri=BYE).location == BYE
    page = browser.get("/logged-out")
    assert (frames(page), sources(page)) == ([], None)


def test_an_old_or_forged_last_page_only_says_so(browser: Browser, signed_in: dict[str, str]) -> None:
    """Neither frames nor a way on: what the page does comes sealed and lasts five minutes."""
    url = leave(browser, id_token_hint=signed_in["hint"], post_logout_redirect_uri=BYE).url
    assert frames(browser.get(url)) == [ADDRESS]
    for forged in ("/logged-out?f=x", url[:-2], url.replace("f=", "f=A"), "/logged-out?f=%00"):
        assert frames(browser.get(forged)) == []
    with later(minutes=6):
        page = browser.get(url)
        assert page.has("logged-out")
        assert (frames(page), page.has("logout-continue")) == ([], False)


@pytest.mark.spec(SPEC, "3")
@pytest.mark.spec("OIDC Back-Channel Logout 1.0", "2.1")
def test_both_are_announced(browser: Browser) -> None:
    """With session identifiers."""
    data = browser.http.get("/.well-known/openid-configuration").get_json()
    for channel in ("back", "front"):
        assert data[f"{channel}channel_logout_supported"] is True
        assert data[f"{channel}channel_logout_session_supported"] is True
    assert "sid" in data["claims_supported"]
