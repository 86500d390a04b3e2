"""Refresh tokens: rotated, one family, eight hours, every use judged again (RFC 6749 §6, RFC 9700 §4.14, D-26)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import MakeApp, People
from tests.spec.support import Client, client
from tests.spec.tokens import (
    Answer,
    answer_of,
    fault,
    granted,
    is_dead,
    lock,
    refreshing,
    revoke,
    twin,
    unlock,
)

HOURS = timedelta(hours=8)
VOID, SPENT = ("invalid_grant", "REF-01"), ("invalid_grant", "REF-02")


@pytest.fixture
def rp(app: Flask) -> Client:
    """A confidential client with refresh tokens."""
    return refreshing(app)


@pytest.fixture
def first(rp: Client, browser: Browser, people: People) -> Answer:
    """The token answer of a sign-in of T01."""
    return granted(rp, browser, people["T01"])


@pytest.mark.rule("D-26")
@pytest.mark.spec("RFC 6749", "6")
def test_only_who_registered_them_gets_them(app: Flask, browser: Browser, people: People) -> None:
    """D-26: off by default, whatever the scope asks for; on where the grant is registered, whatever it asks for."""
    without, with_ = client(app, client_id="without"), refreshing(app, client_id="with")
    scope = f"{without.scope} offline_access"
    assert "refresh_token" not in granted(without, browser, people["T01"], scope=scope)
    assert fault(without.refresh("x")) == ("unauthorized_client", "REQ-13")
    assert "refresh_token" in granted(with_, browser, people["T01"])


@pytest.mark.spec("RFC 6749", "6", "5.1")
@pytest.mark.spec("OIDC Core", "12.2")
def test_a_refresh_gives_everything_anew(rp: Client, first: Answer) -> None:
    """A new access token that works, a new refresh token, a new ID token; members as in the first answer."""
    second = answer_of(rp.refresh(first["refresh_token"]))
    assert set(second) == set(first)
    for name in ("access_token", "refresh_token", "id_token"):
        assert second[name] != first[name]
    assert (second["token_type"], second["expires_in"], second["scope"]) == ("Bearer", 600, first["scope"])
    for one in (first, second):
        assert rp.userinfo(one["access_token"]).get_json()["name"] == "王曉晴"


@pytest.mark.spec("OIDC Core", "12.2")
def test_the_id_token_stays_honest(rp: Client, first: Answer) -> None:
    """Same iss, sub, aud, sid, auth_time, acr, amr; a later iat; no nonce, for nobody asked for this one."""
    _, before = rp.opened(first["id_token"])
    assert "nonce" in before
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=50)):
        second = answer_of(rp.refresh(first["refresh_token"]))
        _, after = rp.opened(second["id_token"])
    stays = ("iss", "sub", "aud", "sid", "auth_time", "acr", "amr", "name", "inservice_school_code")
    assert {name: after[name] for name in stays} == {name: before[name] for name in stays}
    assert after["iat"] >= before["iat"] + 3000
    assert after["at_hash"] != before["at_hash"]
    assert "nonce" not in after


@pytest.mark.spec("OIDC Core", "2", "12.2")
def test_auth_time_is_that_of_its_own_log_in(rp: Client, browser: Browser, people: People) -> None:
    """A silent sign-in keeps it, a new log-in moves it, and a refresh token from before tells the old one."""
    start = datetime.now(UTC).replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        first = granted(rp, browser, people["T01"])
        clock.shift(600)
        silent = granted(rp, browser, people["T01"], prompt="none")
        clock.shift(600)
        anew = granted(rp, browser, people["T01"], prompt="login")
        answers = [first, silent, anew, *(answer_of(rp.refresh(one["refresh_token"])) for one in (first, silent, anew))]
        times = [rp.opened(one["id_token"])[1]["auth_time"] for one in answers]
    at = int(start.timestamp())
    assert times == [at, at, at + 1200] * 2


@pytest.mark.spec("RFC 6749", "6")
def test_the_scope_may_shrink_but_never_grow(rp: Client, browser: Browser, people: People) -> None:
    """What was granted or less; what is more, unknown or never granted is invalid_scope and consumes nothing."""
    first = granted(rp, browser, people["T01"], scope="openid profile")
    for wider in ("openid profile inservice_school_code", "openid email", "inservice_title_code", "openid  é"):
        assert fault(rp.refresh(first["refresh_token"], scope=wider)) == ("invalid_scope", "SCOPE-03")
    narrow = answer_of(rp.refresh(first["refresh_token"], scope="openid"))
    assert narrow["scope"] == "openid"
    assert set(rp.userinfo(narrow["access_token"]).get_json()) == {"sub"}
    assert "name" not in rp.opened(narrow["id_token"])[1]
    again = answer_of(rp.refresh(narrow["refresh_token"]))
    assert again["scope"] == "openid profile", "a refresh without scope gives what was granted first"


@pytest.mark.spec("RFC 9700", "4.14")
@pytest.mark.rule("D-26")
def test_reuse_kills_the_family(rp: Client, first: Answer) -> None:
    """A token that was rotated away and comes again ends every token of the family, the newest too."""
    second = answer_of(rp.refresh(first["refresh_token"]))
    third = answer_of(rp.refresh(second["refresh_token"]))
    assert fault(rp.refresh(first["refresh_token"])) == SPENT
    assert [is_dead(rp, one["access_token"]) for one in (first, second, third)] == [True] * 3
    assert fault(rp.refresh(third["refresh_token"])) == VOID
    assert fault(rp.refresh(second["refresh_token"])) == SPENT


@pytest.mark.spec("RFC 9700", "4.14")
def test_other_families_live_on(rp: Client, first: Answer, browser: Browser, people: People) -> None:
    """Misuse ends what came of this one authorization only."""
    other = granted(rp, browser, people["T01"])
    answer_of(rp.refresh(first["refresh_token"]))
    assert fault(rp.refresh(first["refresh_token"])) == SPENT
    assert rp.userinfo(other["access_token"]).status_code == 200
    answer_of(rp.refresh(other["refresh_token"]))


@pytest.mark.spec("RFC 9700", "4.14")
def test_reuse_is_noticed_after_a_restart(make_app: MakeApp, people: People) -> None:
    """Nothing is kept in memory: another process on the same database knows what was used, and kills as well."""
    app = make_app()
    rp = refreshing(app)
    first = granted(rp, Browser(app), people["T01"])
    restarted = twin(rp, make_app())
    second = answer_of(restarted.refresh(first["refresh_token"]))
    assert fault(twin(rp, make_app()).refresh(first["refresh_token"])) == SPENT
    assert is_dead(rp, second["access_token"])
    assert fault(restarted.refresh(second["refresh_token"])) == VOID


@pytest.mark.spec("RFC 6749", "4.1.2")
@pytest.mark.spec("RFC 9700", "4.5", "4.14")
def test_a_late_replay_of_the_code_still_kills(rp: Client, browser: Browser, people: People) -> None:
    """The record of a code outlives it: its replay hours later ends what was refreshed meanwhile."""
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], request), request)
    answer = answer_of(rp.exchange(code, request))
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=3)):
        later = answer_of(rp.refresh(answer["refresh_token"]))
        assert fault(rp.exchange(code, request)) == ("invalid_grant", "CODE-01")
        assert is_dead(rp, later["access_token"])
        assert fault(rp.refresh(later["refresh_token"])) == VOID


@pytest.mark.rule("D-26")
def test_eight_hours_whatever_happens(make_app: MakeApp, people: People) -> None:
    """Rotation does not move the end: at 7:59:59 the newest token is good, at 8:00:00 it is not."""
    app = make_app(session_lifetime=30 * 3600)
    rp, start = refreshing(app), datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:
        newest = granted(rp, Browser(app), people["T01"])["refresh_token"]
        for passed in (timedelta(hours=2), timedelta(hours=5), HOURS - timedelta(seconds=1)):
            clock.move_to(start + passed)
            newest = answer_of(rp.refresh(newest))["refresh_token"]
        clock.move_to(start + HOURS)
        assert fault(rp.refresh(newest)) == VOID


def test_an_idle_session_does_not_end_them(rp: Client, first: Answer, browser: Browser) -> None:
    """Who does nothing here for an hour must log in again, but the partner may refresh until the session's end."""
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        assert "error=login_required" in (browser.get(rp.request(prompt="none").url).location or "")
        second = answer_of(rp.refresh(first["refresh_token"]))
        assert rp.userinfo(second["access_token"]).status_code == 200


def test_the_end_of_the_session_ends_them(make_app: MakeApp, people: People) -> None:
    """The session's absolute limit ends refresh and access tokens, though their own time is not over."""
    app = make_app(session_lifetime=3600)
    rp, start = refreshing(app), datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:
        answer = granted(rp, Browser(app), people["T01"])
        clock.shift(3599)
        answer = answer_of(rp.refresh(answer["refresh_token"]))
        assert rp.userinfo(answer["access_token"]).status_code == 200
        clock.shift(1)
        assert is_dead(rp, answer["access_token"])
        assert fault(rp.refresh(answer["refresh_token"])) == VOID


@pytest.mark.rule("AC-32", "D-26")
def test_a_lock_revokes_the_family(app: Flask, rp: Client, first: Answer, people: People) -> None:
    """AC-32: invalid_grant, the family is revoked, and restoration brings nothing of it back."""
    lock(app, people["T01"])
    assert fault(rp.refresh(first["refresh_token"])) == VOID
    unlock(app, people["T01"])
    assert fault(rp.refresh(first["refresh_token"])) == VOID
    assert is_dead(rp, first["access_token"])


@pytest.mark.spec("RFC 6749", "6", "10.4")
def test_a_token_belongs_to_its_client(app: Flask, rp: Client, first: Answer) -> None:
    """Another client cannot use it, nor burn it; what is no refresh token of ours is none."""
    thief = refreshing(app, client_id="thief")
    assert fault(thief.refresh(first["refresh_token"])) == VOID
    for none in ("x", first["access_token"], first["id_token"], first["refresh_token"][:-5], "é"):
        assert fault(rp.refresh(none)) == VOID
    assert fault(rp.refresh("")) == ("invalid_request", "REQ-14")
    answer_of(rp.refresh(first["refresh_token"]))


def test_a_code_is_no_refresh_token(rp: Client, browser: Browser, people: People) -> None:
    """Neither goes for the other, though both are sealed by us."""
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], request), request)
    assert fault(rp.refresh(code)) == VOID
    answer = answer_of(rp.exchange(code, request))
    assert fault(rp.exchange(answer["refresh_token"], request)) == ("invalid_grant", "CODE-01")


@pytest.mark.spec("RFC 6749", "6")
@pytest.mark.spec("RFC 9700", "4.14")
def test_revoked_is_revoked(rp: Client, first: Answer) -> None:
    """What the partner revoked is not refreshed, by no token of the family."""
    second = answer_of(rp.refresh(first["refresh_token"]))
    revoke(rp, first["access_token"])
    assert fault(rp.refresh(second["refresh_token"])) == VOID
    assert is_dead(rp, second["access_token"])
