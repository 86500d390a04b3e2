"""Polling: pending, slow down, expired, denied; and what an approval gives (RFC 8628 §3.4, §3.5)."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from config.database import db
from idp.oidc.device_grants import DeviceGrant
from idp.sign_ins import SignIn
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, later, token_error
from tests.rp import Request
from tests.spec.device.screen import Screen, approve, confirm, enter, screen
from tests.spec.signing import Keys
from tests.spec.support import Client
from tests.support.office import Office

START = datetime(2030, 1, 1, 4, tzinfo=UTC)


def interval_of(app: Flask) -> int:
    """Return the interval that holds now."""
    with app.app_context(), db.session.begin():
        return db.session.execute(select(DeviceGrant.interval)).scalar_one()


@pytest.mark.spec("RFC 8628", "3.4", "3.5")
@pytest.mark.spec("OIDC Core", "3.1.3.7")
def test_from_request_to_userinfo(app: Flask, browser: Browser, people: People) -> None:
    """Pending, then tokens: an ID token without nonce, UserInfo, the items that the teacher gave and no refresh token."""
    made = screen(app).begin()
    assert token_error(made.poll()) == "authorization_pending"
    assert approve(browser, made.code, people["T01"]).has("device-done")
    response = made.poll()
    body = response.get_json()
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    claims = made.client.verify(body["id_token"], Request(), body["access_token"])
    assert claims["amr"] == ["pwd"]
    assert "nonce" not in claims
    userinfo = made.client.userinfo(body["access_token"]).get_json()
    assert userinfo == {"sub": claims["sub"], "name": "王曉晴", "inservice_school_code": "994501"}
    assert body["scope"] == "openid profile inservice_school_code"
    assert "refresh_token" not in body


@pytest.mark.spec("RFC 8628", "3.5")
def test_slow_down(app: Flask) -> None:
    """Whoever polls faster than the interval must wait five seconds longer, each time, for good."""
    with time_machine.travel(START, tick=False) as clock:
        made = screen(app).begin()

        def poll_after(seconds: float) -> str:
            clock.shift(seconds)
            return token_error(made.poll())

        assert [poll_after(0), poll_after(5)] == ["authorization_pending"] * 2
        assert [poll_after(4.9), interval_of(app)] == ["slow_down", 10]
        assert [poll_after(9), interval_of(app)] == ["slow_down", 15]
        assert [poll_after(15), interval_of(app)] == ["authorization_pending", 15]
        assert poll_after(14) == "slow_down"


@pytest.mark.spec("RFC 8628", "3.5")
def test_an_answer_is_never_held_back(app: Flask, browser: Browser, people: People) -> None:
    """Once it is decided, even an early poll gets it: slow_down is a kind of pending."""
    made = screen(app).begin()
    made.poll()
    approve(browser, made.code, people["T01"])
    assert made.poll().status_code == 200


@pytest.mark.spec("RFC 8628", "3.5")
def test_expired(app: Flask, browser: Browser, people: People) -> None:
    """After ten minutes the device is told to start anew, approved or not; the teacher finds the code no more."""
    made, other = screen(app).begin(), screen(app).begin()
    assert approve(browser, other.code, people["T01"]).has("device-done")
    with later(minutes=10, seconds=1):
        assert [token_error(one.poll()) for one in (made, other)] == ["expired_token"] * 2
        assert enter(Browser(app), made.code).has("device-error")


@pytest.mark.spec("RFC 8628", "3.5")
def test_the_minute_of_codes_does_not_apply(app: Flask, browser: Browser, people: People) -> None:
    """A device that polls nine minutes later still gets its tokens."""
    made = screen(app).begin()
    approve(browser, made.code, people["T01"])
    with later(minutes=9):
        assert made.poll().status_code == 200


@pytest.mark.spec("RFC 8628", "3.5")
def test_denied(app: Flask, browser: Browser) -> None:
    """The teacher refuses on the confirmation page: access_denied, however often the device asks."""
    made = screen(app).begin()
    enter(browser, made.code)
    assert browser.submit("device-deny").has("device-denied")
    assert [token_error(made.poll()) for _ in range(2)] == ["access_denied"] * 2
    assert enter(browser, made.code).has("device-error")


@pytest.mark.spec("RFC 8628", "3.5")
def test_consent_declined(app: Flask, browser: Browser, people: People) -> None:
    """She confirms the device, and then declines on the consent page."""
    made = screen(app).begin()
    assert confirm(browser, made.code, people["T01"]).has("consent-deny")
    assert browser.submit("consent-deny").has("device-denied")
    assert token_error(made.poll()) == "access_denied"


@pytest.mark.spec("RFC 8628", "3.5")
def test_once_only(app: Flask, browser: Browser, people: People) -> None:
    """A device code gives tokens once; asking again does the first ones no harm."""
    made = screen(app).begin()
    approve(browser, made.code, people["T01"])
    token = made.poll().get_json()["access_token"]
    assert token_error(made.poll()) == "invalid_grant"
    assert made.client.userinfo(token).status_code == 200


@pytest.mark.spec("RFC 8628", "3.4")
def test_codes_of_nobody_and_of_others(app: Flask, browser: Browser, people: People) -> None:
    """Unknown, missing, and another client's: the owner is not disturbed."""
    made, other = screen(app).begin(), screen(app, client_id="others")
    approve(browser, made.code, people["T01"])
    other.answer = made.answer
    assert token_error(other.poll()) == "invalid_grant"
    assert token_error(made.poll(device_code="x" * 43)) == "invalid_grant"
    assert token_error(made.poll(device_code=None)) == "invalid_request"
    assert token_error(made.poll(device_code=made.code)) == "invalid_grant"
    assert made.poll().status_code == 200


@pytest.mark.spec("RFC 8628", "3.5")
@pytest.mark.parametrize("workers", [1, 2])
def test_many_polls_at_once(workers: int, make_app: MakeApp, people: People) -> None:
    """Of ten polls at the same moment one gets tokens, and they are good."""
    apps = [make_app() for _ in range(workers)]
    made = screen(apps[0]).begin()
    approve(Browser(apps[0]), made.code, people["T01"])
    racers = [Screen(client_of(made, apps[number % workers])) for number in range(10)]
    for racer in racers:
        racer.answer = made.answer
    answers = race(racers)
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9
    assert {token_error(answer) for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    (won,) = [answer.get_json() for answer in answers if answer.status_code == 200]
    assert made.client.userinfo(won["access_token"]).status_code == 200
    with apps[0].app_context(), db.session.begin():
        assert db.session.execute(select(func.count()).select_from(SignIn)).scalar_one() == 1


def client_of(made: Screen, app: Flask) -> Client:
    """Return the client with a back channel of its own."""
    return Client(app, {**made.client.metadata, "scopes": made.client.scope.split()}, made.client.keys)


def race(racers: list[Screen]) -> list[TestResponse]:
    """Let all poll at the same moment."""
    start, answers = Barrier(len(racers)), []

    def run(racer: Screen) -> None:
        start.wait()
        answers.append(racer.poll())

    threads = [Thread(target=run, args=(racer,)) for racer in racers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.rule("D-25", "D-28", "AC-30")
@pytest.mark.spec("RFC 8628", "3.5")
@pytest.mark.parametrize("later_school", [None, "994502"])
def test_a_lock_reaches_it(
    later_school: str | None, app: Flask, browser: Browser, people: People, office: Office
) -> None:
    """Art.5(2), D-25: locked between approval and poll: no tokens, not even if all is well again by then."""
    made = screen(app).begin()
    approve(browser, made.code, people["T01"])
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    office.end(people["T01"], yesterday)
    if later_school:
        office.add(people["T01"], later_school, yesterday + timedelta(days=1))
    assert token_error(made.poll()) == "invalid_grant"
    assert token_error(made.poll()) == "invalid_grant"


@pytest.mark.rule("D-54")
@pytest.mark.spec("RFC 8628", "3.5")
def test_a_withdrawal_and_a_log_out_reach_it(app: Flask, browser: Browser, people: People) -> None:
    """What the teacher ends between approval and poll is ended."""
    made, other = screen(app).begin(), screen(app).begin()
    approve(browser, made.code, people["T01"])
    browser.get("/account/consents")
    withdraw(browser)
    assert token_error(made.poll()) == "invalid_grant"
    approve(browser, other.code, people["T01"])
    browser.get("/account")
    browser.submit("logout")
    assert token_error(other.poll()) == "invalid_grant"


@pytest.mark.spec("RFC 9449", "5")
@pytest.mark.spec("RFC 8628", "3.4")
def test_bound_tokens(app: Flask, browser: Browser, people: People) -> None:
    """A DPoP client proves its key at every poll, and its tokens are bound to it."""
    made = screen(app, Keys.generate("ES256", 4), dpop_bound_access_tokens=True).begin()
    assert token_error(made.poll()) == "authorization_pending"
    approve(browser, made.code, people["T01"])
    body = made.poll().get_json()
    assert body["token_type"] == "DPoP"
    assert made.client.userinfo(body["access_token"]).status_code == 200
    stolen = {"Authorization": f"Bearer {body['access_token']}"}
    assert made.client.back_channel.get("/oidc/userinfo", headers=stolen).status_code == 401


@pytest.mark.spec("RFC 8628", "3.4")
def test_refresh_tokens(app: Flask, browser: Browser, people: People) -> None:
    """A client that has refresh tokens gets one here too, and it works."""
    grants = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]
    made = screen(app, grant_types=grants).begin()
    approve(browser, made.code, people["T01"])
    token = made.poll().get_json()["refresh_token"]
    assert made.client.refresh(token).status_code == 200


def withdraw(browser: Browser) -> None:
    """Withdraw the one consent."""
    form = next(form for form in browser.page.forms if form.action.endswith("/screens/withdraw"))
    browser.post(form.action, dict(form.fields))
