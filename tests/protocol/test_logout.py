"""RP-initiated logout: at once where the hint proves the session, else a question (RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

import jwt
import pytest
from flask import Flask

from idp import keys
from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, add_partner, is_error_page, is_signed_in, later, leave, session_of
from tests.rp import RelyingParty, SignedIn

BYE = "http://127.0.0.1:8001/signed-out"


@pytest.fixture
def signed_in(dream_n: RelyingParty, browser: Browser, people: People) -> SignedIn:
    """T02 at dream-n."""
    return dream_n.sign_in(browser, people["T02"])


@pytest.mark.spec("OIDC RP-Initiated Logout 1.0", "2")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_hint_of_this_session_ends_it(
    app: Flask, dream_n: RelyingParty, browser: Browser, signed_in: SignedIn, method: str
) -> None:
    """No question; the browser goes back with the state, and the old cookie is dead on the server."""
    old = session_of(browser)
    assert is_signed_in(app, old)
    parameters = {"id_token_hint": signed_in.id_token, "post_logout_redirect_uri": BYE, "state": "a b&狀"}
    from_elsewhere = {"Origin": "http://127.0.0.1:8001", "Sec-Fetch-Site": "cross-site"}
    if method == "GET":
        page = leave(browser, **parameters)
    else:
        page = browser.post("/oidc/logout", parameters, headers=from_elsewhere)
    assert page.location == f"{BYE}?{urlencode({'state': 'a b&狀'})}"
    assert browser.http.get_cookie("session", domain="127.0.0.1") is None
    assert not is_signed_in(app, old)
    assert dream_n.userinfo(signed_in.access_token).status_code == 401
    request = dream_n.request(prompt="none")
    assert browser.get(request.url).answer["error"] == "login_required"


def test_without_an_address_the_page_says_so(browser: Browser, signed_in: SignedIn) -> None:
    """Nowhere to go: the page "signed out"."""
    assert leave(browser, id_token_hint=signed_in.id_token).has("logged-out")
    assert leave(browser).has("logged-out")


def test_without_state_none_is_sent(browser: Browser, signed_in: SignedIn) -> None:
    """The state is echoed only if one came."""
    assert leave(browser, id_token_hint=signed_in.id_token, post_logout_redirect_uri=BYE).location == BYE


def test_an_expired_hint_still_counts(browser: Browser, signed_in: SignedIn) -> None:
    """The provider accepts a hint whose exp has passed (§4)."""
    with later(minutes=25):
        page = leave(browser, id_token_hint=signed_in.id_token, post_logout_redirect_uri=BYE)
        assert page.location == BYE


QUESTIONS: tuple[dict[str, str], ...] = (
    {},
    {"client_id": "dream-n"},
    {"client_id": "dream-n", "post_logout_redirect_uri": BYE, "state": "s"},
    {"client_id": "nobody"},
    {"logout_hint": "lin0202", "ui_locales": "en"},
)


@pytest.mark.parametrize("parameters", QUESTIONS, ids=str)
def test_without_a_hint_the_person_is_asked(
    app: Flask, browser: Browser, signed_in: SignedIn, parameters: dict[str, str]
) -> None:
    """A link of anybody must not log her out; she decides."""
    assert signed_in.claims["name"] == "林予安"
    old = session_of(browser)
    page = leave(browser, **parameters)
    assert page.has("logout-confirm")
    assert page.has("logout-cancel")
    assert page.lang == parameters.get("ui_locales", "zh-TW")
    assert is_signed_in(app, old)
    assert browser.submit("logout-cancel").url == "/account"
    assert is_signed_in(app, old)
    leave(browser, **parameters)
    page = browser.submit("logout-confirm")
    if "post_logout_redirect_uri" in parameters:
        assert page.location == f"{BYE}?state=s"
    else:
        assert page.has("logged-out")
    assert not is_signed_in(app, old)


def test_a_hint_of_another_session_asks(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """The token of another browser, or of another person, does not end this session unasked."""
    elsewhere = dream_n.sign_in(Browser(app), people["T02"]).id_token
    stranger = dream_n.sign_in(Browser(app), people["T01"]).id_token
    dream_n.sign_in(browser, people["T02"])
    for hint in (elsewhere, stranger):
        page = leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
        assert page.has("logout-confirm")
        assert is_signed_in(app, session_of(browser))


UNREGISTERED = ("https://evil.example/", f"{BYE}/", f"{BYE}?x=1", BYE.upper(), "http://127.0.0.1:8001/callback", "/<b>")


@pytest.mark.parametrize("uri", UNREGISTERED)
def test_only_the_registered_address_is_gone_to(app: Flask, browser: Browser, signed_in: SignedIn, uri: str) -> None:
    """Exact match; another address gives a page that shows it escaped, and the session goes on."""
    for extra in ({"id_token_hint": signed_in.id_token}, {"client_id": "dream-n"}, {}):
        page = leave(browser, post_logout_redirect_uri=uri, **extra)
        assert is_error_page(page, "invalid_request")
        assert f'<code class="wrap">{escape(uri)}</code>' in page.html
    assert is_signed_in(app, session_of(browser))


def test_the_address_belongs_to_the_client(
    app: Flask, partner: PartnerOf, browser: Browser, signed_in: SignedIn
) -> None:
    """The address of another partner is none of this one's, and an address needs a client."""
    other = partner("county-study").redirect_uri.replace("/callback", "/signed-out")
    page = leave(browser, id_token_hint=signed_in.id_token, post_logout_redirect_uri=other)
    assert is_error_page(page, "invalid_request")
    assert is_error_page(leave(browser, post_logout_redirect_uri=BYE), "invalid_request")
    assert is_error_page(leave(browser, post_logout_redirect_uri=BYE, client_id="nobody"), "invalid_request")
    assert is_signed_in(app, session_of(browser))


def test_the_query_of_a_registered_address_is_kept(app: Flask, browser: Browser, people: People) -> None:
    """The state is appended to it."""
    rp = add_partner(app, post_logout_redirect_uris=["https://rp.test/bye?x=1"])
    token = rp.sign_in(browser, people["T01"]).id_token
    page = leave(browser, id_token_hint=token, post_logout_redirect_uri="https://rp.test/bye?x=1", state="s")
    assert page.location == "https://rp.test/bye?x=1&state=s"


def _resigned(token: str, **changes: str) -> str:
    """Sign the same claims with a secret of the attacker's."""
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    headers: Mapping[str, str] = jwt.get_unverified_header(token)
    return jwt.encode(claims, "x" * 32, "HS256", headers={"kid": headers["kid"]})


def test_a_broken_hint_stops_everything(app: Flask, browser: Browser, signed_in: SignedIn) -> None:
    """A hint that we did not sign gives a page; the session goes on."""
    token = signed_in.id_token
    unsigned = jwt.encode(jwt.decode(token, options={"verify_signature": False}), "", "none")
    broken = [token[:-8] + "AAAAAAAA", token.rsplit(".", 1)[0] + ".", unsigned, _resigned(token)]
    broken += ["x", "..", "a.b.c", "提示", "e30.e30.e30", "W10.W10.W10", "bnVsbA.e30.x"]
    for hint in broken:
        for extra in ({}, {"post_logout_redirect_uri": BYE, "client_id": "dream-n"}):
            assert is_error_page(leave(browser, id_token_hint=hint, **extra), "invalid_request")
    assert is_signed_in(app, session_of(browser))


def test_a_hint_of_another_issuer_is_broken(app: Flask, browser: Browser, signed_in: SignedIn) -> None:
    """Our key alone is not enough: the issuer must be ours too."""
    claims = jwt.decode(signed_in.id_token, options={"verify_signature": False}) | {"iss": "https://other.example"}
    with app.app_context():
        key = keys.ring()[0]
    hint = jwt.encode(claims, key.private, "RS256", headers={"kid": key.kid})
    assert is_error_page(leave(browser, id_token_hint=hint), "invalid_request")


def test_client_id_must_be_that_of_the_hint(app: Flask, browser: Browser, signed_in: SignedIn) -> None:
    """§2: a client_id that is not the audience of the hint is an error."""
    hint = signed_in.id_token
    assert is_error_page(leave(browser, id_token_hint=hint, client_id="county-study"), "invalid_request")
    assert is_signed_in(app, session_of(browser))
    assert leave(browser, id_token_hint=hint, client_id="dream-n").has("logged-out")
