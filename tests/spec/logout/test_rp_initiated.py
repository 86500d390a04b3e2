"""RP-initiated logout beyond ``tests/protocol``: hints of every algorithm, and JWTs of ours that are no ID token."""

from datetime import UTC, datetime
from typing import Any

import pytest

from idp import keys
from tests.pages import Browser
from tests.protocol.wire import People, is_error_page, is_signed_in, leave, session_of
from tests.rp import RelyingParty, SignedIn
from tests.spec.logout.conftest import Back

SPEC = "OIDC RP-Initiated Logout 1.0"
BYE = "http://127.0.0.1:8001/signed-out"


@pytest.fixture
def signed_in(dream_n: RelyingParty, browser: Browser, people: People) -> SignedIn:
    """T02 at dream-n."""
    return dream_n.sign_in(browser, people["T02"])


def sign(back: Back, payload: dict[str, Any], alg: str = "RS256", **headers: str) -> str:
    """Sign by the provider's own key."""
    with back.app.app_context():
        return keys.sign(payload, alg, datetime.now(UTC), headers)


@pytest.mark.spec(SPEC, "4")
@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_hint_of_every_algorithm(back: Back, browser: Browser, signed_in: SignedIn, alg: str) -> None:
    """What we may sign an ID token with, we take as a hint."""
    old = session_of(browser)
    hint = sign(back, signed_in.claims, alg)
    assert leave(browser, id_token_hint=hint, client_id="dream-n", post_logout_redirect_uri=BYE).location == BYE
    assert not is_signed_in(back.app, old)


@pytest.mark.spec(SPEC, "2")
@pytest.mark.parametrize("missing", ["sub", "aud", "exp", "iat", "auth_time"])
def test_a_hint_must_be_an_id_token(back: Back, browser: Browser, signed_in: SignedIn, missing: str) -> None:
    """Signed user info or an authorization response is a JWT of ours as well, but proves no sign-in."""
    hint = sign(back, {name: value for name, value in signed_in.claims.items() if name != missing})
    assert is_error_page(leave(browser, id_token_hint=hint), "invalid_request")
    assert is_signed_in(back.app, session_of(browser))


@pytest.mark.spec("OIDC Back-Channel Logout 1.0", "2.4")
def test_a_logout_token_is_no_hint(back: Back, browser: Browser, signed_in: SignedIn) -> None:
    """Its typ keeps the two apart."""
    hint = sign(back, signed_in.claims, typ="logout+jwt")
    assert is_error_page(leave(browser, id_token_hint=hint), "invalid_request")
    assert is_signed_in(back.app, session_of(browser))


@pytest.mark.spec(SPEC, "2")
def test_after_a_new_log_in_the_old_hint_counts(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People, signed_in: SignedIn
) -> None:
    """The session is the same, so the ID token from before names it still."""
    page, request = dream_n.start(browser, people["T02"], prompt="login")
    dream_n.finish(page, request)
    assert leave(browser, id_token_hint=signed_in.id_token, post_logout_redirect_uri=BYE).location == BYE
    assert browser.get("/account").has("login-submit")
    assert back.app


@pytest.mark.spec(SPEC, "2")
@pytest.mark.spec(SPEC, "3")
def test_what_we_do_not_use_is_tolerated(browser: Browser, signed_in: SignedIn) -> None:
    """``logout_hint``, ``ui_locales`` and unknown parameters change nothing; state goes to the registered address only."""
    more = {"logout_hint": "someone", "ui_locales": "de en", "unknown": "x", "state": "s"}
    page = leave(browser, id_token_hint=signed_in.id_token, post_logout_redirect_uri=BYE, **more)
    assert page.location == f"{BYE}?state=s"
    page = leave(browser, id_token_hint=signed_in.id_token, state="secret-state")
    assert page.has("logged-out")
    assert "secret-state" not in page.html


@pytest.mark.spec(SPEC, "2")
def test_two_log_outs_at_once(back: Back, browser: Browser, signed_in: SignedIn) -> None:
    """The second finds nothing to end: partners are told once."""
    old = session_of(browser)
    leave(browser, id_token_hint=signed_in.id_token)
    browser.http.set_cookie("session", old, domain="127.0.0.1")
    assert leave(browser, id_token_hint=signed_in.id_token).has("logged-out")
    assert len(back.rows()) == 1
