"""A code lives 60 seconds and once; what it gave dies with its misuse (RFC 6749 §4.1.2, DOMAIN §4.8 row 9)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from config.database import db
from idp.sign_ins import SignIn
from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, add_partner, later, sign_on, token_error
from tests.rp import RelyingParty


def _is_dead(rp: RelyingParty, access_token: str) -> bool:
    answer = rp.userinfo(access_token)
    return answer.status_code == 401 and 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.spec("RFC 6749", "4.1.2")
def test_a_replayed_code_kills_what_it_gave(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """The second redemption is invalid_grant, and the access token of the first is dead; a third changes nothing."""
    code, request = sign_on(dream_n, browser, people["T02"])
    first = dream_n.exchange(code, request)
    assert first.status_code == 200
    assert dream_n.userinfo(first.get_json()["access_token"]).status_code == 200
    for _ in range(2):
        assert token_error(dream_n.exchange(code, request)) == "invalid_grant"
        assert _is_dead(dream_n, first.get_json()["access_token"])


def test_a_replay_leaves_other_sign_ins_alone(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Only what came from this code is revoked."""
    other = dream_n.sign_in(browser, people["T02"])
    code, request = sign_on(dream_n, browser, people["T02"])
    dream_n.exchange(code, request)
    dream_n.exchange(code, request)
    assert dream_n.userinfo(other.access_token).status_code == 200
    assert dream_n.sign_in(browser, people["T02"]).claims["sub"] == other.claims["sub"]


def test_another_spelling_is_the_same_code(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A blob that decodes to the same code counts as that code: it gives no second token."""
    code, request = sign_on(dream_n, browser, people["T02"])
    answers = [dream_n.exchange(spelling, request) for spelling in (code, code + "A", code + "==", code.rstrip("="))]
    assert [answer.status_code for answer in answers] == [200, 400, 400, 400]
    assert token_error(answers[1]) == "invalid_grant"


@pytest.mark.spec("RFC 6749", "4.1.3")
def test_a_thief_cannot_kill_a_sign_in(
    dream_n: RelyingParty, partner: PartnerOf, browser: Browser, people: People
) -> None:
    """Who replays a code without being its client, or without its verifier, revokes nothing."""
    code, request = sign_on(dream_n, browser, people["T02"])
    token = dream_n.exchange(code, request).get_json()["access_token"]
    partner("county-study").exchange(code, request)
    dream_n.exchange(code, request, code_verifier="w" * 43)
    dream_n.exchange(code, request, redirect_uri="https://evil.example/")
    assert dream_n.userinfo(token).status_code == 200


@pytest.mark.spec("RFC 6749", "4.1.2", "4.1.3")
def test_a_code_lives_sixty_seconds(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """At 59 seconds it is good, at 61 it is not."""
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:
        good, bad = (sign_on(dream_n, browser, people["T02"]) for _ in range(2))
        clock.move_to(start + timedelta(seconds=59))
        assert dream_n.exchange(*good).status_code == 200
        clock.move_to(start + timedelta(seconds=61))
        assert token_error(dream_n.exchange(*bad)) == "invalid_grant"
        clock.move_to(start)
        assert dream_n.exchange(*bad).status_code == 200


def test_an_expired_code_that_comes_again_kills_what_it_gave(
    dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """A replay after the 60 seconds is a replay too."""
    code, request = sign_on(dream_n, browser, people["T02"])
    token = dream_n.exchange(code, request).get_json()["access_token"]
    with later(seconds=61):
        assert dream_n.userinfo(token).status_code == 200
        assert token_error(dream_n.exchange(code, request)) == "invalid_grant"
        assert _is_dead(dream_n, token)


def test_a_code_dies_with_the_session(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Who logs out before the exchange is not signed in."""
    code, request = sign_on(dream_n, browser, people["T02"])
    browser.get("/account")
    browser.submit("logout")
    assert token_error(dream_n.exchange(code, request)) == "invalid_grant"
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    assert token_error(dream_n.exchange(code, request)) == "invalid_grant"


@pytest.mark.rule("D-54")
def test_a_code_dies_with_the_consent(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A code from before a withdrawal stays void, even when consent is given again."""
    code, request = sign_on(dream_n, browser, people["T02"])
    page = browser.get("/account/consents")
    form = next(form for form in page.forms if form.action.endswith("/dream-n/withdraw"))
    browser.post(form.action, dict(form.fields))
    assert dream_n.sign_in(browser, people["T02"]).claims["name"] == "林予安"
    assert token_error(dream_n.exchange(code, request)) == "invalid_grant"


@pytest.mark.rule("D-41")
@pytest.mark.spec("RFC 9700", "4.8")
def test_a_waiver_of_pkce_ends_on_its_day(app: Flask, browser: Browser, people: People) -> None:
    """D-41: the holder may leave PKCE out until the date; a challenge that was sent binds, one that was not cannot."""
    today = datetime.now(UTC).date()
    rp = add_partner(app, pkce_waived_until=(today + timedelta(days=2)).isoformat())
    without: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
    code, request = sign_on(rp, browser, people["T01"], **without)
    assert token_error(rp.exchange(code, request)) == "invalid_grant"
    assert rp.exchange(code, request, code_verifier=None).status_code == 200
    code, request = sign_on(rp, browser, people["T01"])
    assert token_error(rp.exchange(code, request, code_verifier=None)) == "invalid_request"
    assert rp.exchange(code, request).status_code == 200
    with later(days=4):
        page, _ = rp.start(browser, people["T01"], **without)
        assert page.answer["error"] == "invalid_request"


def test_no_code_and_no_token_is_stored(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """The sign-in keeps digests; a code leaves no trace until it is redeemed."""
    code, request = sign_on(dream_n, browser, people["T02"])
    with app.app_context(), db.session.begin():
        assert db.session.query(SignIn).count() == 0
    token = dream_n.exchange(code, request).get_json()["access_token"]
    with app.app_context(), db.session.begin():
        stored = str(db.session.execute(SignIn.__table__.select()).mappings().one())
    assert token not in stored
    assert code not in stored
