"""The worker: once each, again after failures, a day long, and no partner waits for another (D-27)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import OperationalError

from idp.logout import courier, deliveries
from idp.logout.courier import AT_ONCE_PER_CLIENT, Courier
from idp.logout.deliveries import LEASE, next_due, next_try, take
from tests.pages import Browser
from tests.protocol.wire import MakeApp, PartnerOf, People, audited, leave
from tests.rp import RelyingParty
from tests.spec.logout.conftest import Back
from tests.spec.logout.receiver import listening, wait_for
from tests.spec.tokens import lock
from tests.support.diagnoses import kept

SPEC = "OIDC Back-Channel Logout 1.0"
START = datetime.now(UTC)


def sign_out(rp: RelyingParty, browser: Browser, person: dict[str, str]) -> str:
    """Sign in and leave; return the sid."""
    signed_in = rp.sign_in(browser, person)
    leave(browser, id_token_hint=signed_in.id_token)
    return str(signed_in.claims["sid"])


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(datetime.now(UTC), tick=False) as found:
        yield found


@pytest.mark.spec(SPEC, "2.8")
@pytest.mark.parametrize("status", [200, 204])
def test_both_answers_are_success(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People, status: int
) -> None:
    """200 means done; some frameworks make an empty answer 204."""
    back.hears("dream-n")
    sign_out(dream_n, browser, people["T02"])
    back.receiver.answers[:] = [status]
    assert back.deliver() == (1, 0)
    assert back.rows()[0].delivered_at is not None


@pytest.mark.spec(SPEC, "2.8")
@pytest.mark.parametrize("status", [400, 501, 500, 302, 307, 202])
def test_other_answers_are_failures(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People, status: int
) -> None:
    """Recorded with the status alone and tried again; a redirect is not followed."""
    back.hears("dream-n")
    sign_out(dream_n, browser, people["T02"])
    back.receiver.answers[:] = [status]
    assert back.deliver() == (0, 1)
    (row,) = back.rows()
    assert (row.attempts, row.last_error, row.delivered_at) == (1, f"status {status}", None)
    (event,) = audited(back.app, "logout.backchannel.failed")
    assert event.detail == {"reason": "session_ended", "attempt": 1, "error": f"status {status}", "given_up": False}
    assert [posted.path for posted in back.receiver.posted] == ["/dream-n"]


@pytest.mark.spec(SPEC, "2.5")
def test_again_later_with_a_new_token(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People, clock: time_machine.Traveller
) -> None:
    """After 5 s, 15 s, 45 s; each time a token of its own that is fresh, of the same session."""
    back.hears("dream-n")
    sid = sign_out(dream_n, browser, people["T02"])
    back.receiver.answers[:] = [500, 503, 400]
    for seconds in (5, 15, 45):
        assert back.deliver() == (0, 1)
        clock.shift(seconds - 1)
        assert back.deliver() == (0, 0)
        clock.shift(1)
    assert back.deliver() == (1, 0)
    (row,) = back.rows()
    assert (row.attempts, row.last_error, row.due_at) == (4, None, None)
    told = back.claims("dream-n")[-1:]
    assert [claims["sid"] for claims in told] == [sid]
    assert told[0]["iat"] == int(datetime.now(UTC).timestamp())
    assert len({posted.token for posted in back.receiver.posted}) == 4


@pytest.mark.spec(SPEC, "2.5")
def test_it_gives_up_after_a_day(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People, clock: time_machine.Traveller
) -> None:
    """Within 24 hours about a dozen attempts; then the row says so and nobody tries again."""
    back.hears("dream-n")
    sign_out(dream_n, browser, people["T02"])
    back.receiver.answers[:] = [500] * 100
    started = datetime.now(UTC)
    while (due_at := back.rows()[0].due_at) is not None:
        clock.move_to(due_at)
        assert back.deliver() == (0, 1)
    (row,) = back.rows()
    assert row.given_up_at is not None
    assert timedelta(hours=20) < row.given_up_at - started <= timedelta(hours=24)
    assert 10 <= row.attempts <= 20
    assert audited(back.app, "logout.backchannel.failed")[-1].detail["given_up"] is True
    clock.shift(timedelta(days=2))
    assert back.deliver() == (0, 0)


def test_delays_grow() -> None:
    """5 s, then three times as long each, at most 3 h; never beyond 24 h after the event."""
    delays = [(next_try(START, attempts, START) or START) - START for attempts in range(1, 30)]
    assert [delay.total_seconds() for delay in delays[:9]] == [5, 15, 45, 135, 405, 1215, 3645, 10800, 10800]
    assert next_try(START, 9, START + timedelta(hours=21)) == START + timedelta(hours=24)
    assert next_try(START, 9, START + timedelta(hours=21, seconds=1)) is None


def test_one_of_two_workers_gets_it(back: Back, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Both see it due, one takes it; it comes back when the lease is over, should its taker have died."""
    back.hears("dream-n")
    sign_out(dream_n, browser, people["T02"])
    now = datetime.now(UTC)
    with back.app.app_context():
        (one,), (other,) = next_due(now, [], 9), next_due(now, [], 9)
        assert one == other
        ident, _, due_at = one
        assert [take(ident, due_at, now) is not None for _ in range(2)] == [True, False]
        assert next_due(now + LEASE - timedelta(seconds=1), [], 9) == []
        assert len(next_due(now + LEASE, [], 9)) == 1


def test_many_workers_send_each_once(back: Back, partner: PartnerOf, people: People) -> None:
    """Four workers at once, on many rows: every session is told exactly once."""
    back.hears("dream-n", "county-study")
    names = ["dream-n", "county-study"] * 3
    sids = [sign_out(partner(name), Browser(back.app), people["T02"]) for name in names]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: back.deliver(), range(4)))
    assert sum(sent for sent, _ in counts) == len(sids)
    assert sorted(claims["sid"] for name in set(names) for claims in back.claims(name)) == sorted(sids)


def test_what_happens_anew_meanwhile_is_sent_anew(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """The row was renewed while its old sending was under way: the old result must not settle it."""
    back.hears("dream-n")
    sign_out(dream_n, browser, people["T02"])
    now = datetime.now(UTC)
    with back.app.app_context():
        ((ident, _, due_at),) = next_due(now, [], 9)
        taken = take(ident, due_at, now)
        assert taken is not None
        assert take(ident, taken.lease, now + timedelta(seconds=1)) is not None  # stands for any newer due_at
        assert deliveries.send(taken, now)
    assert back.rows()[0].delivered_at is None


def test_a_slow_partner_holds_up_nobody(make_app: MakeApp, back: Back, partner: PartnerOf, people: People) -> None:
    """While one partner does not answer, it has two calls under way at most, and the others are told."""
    with listening() as slow:
        slow.gate.clear()
        back = Back(make_app(outbound_allow=f"127.0.0.1:{back.receiver.port},127.0.0.1:{slow.port}"), back.receiver)
        back.hears("county-study")
        back.amend("dream-n", backchannel_logout_uri=slow.uri())
        for _ in range(4):
            sign_out(partner("dream-n"), Browser(back.app), people["T02"])
        sid = sign_out(partner("county-study"), Browser(back.app), people["T02"])
        worker, stop = Courier(back.app), Event()
        thread = Thread(target=worker.watch, args=(stop, lambda: False))
        thread.start()
        try:
            assert wait_for(lambda: len(back.receiver.posted) == 1)
            assert [claims["sid"] for claims in back.claims("county-study")] == [sid]
            assert len(slow.posted) <= AT_ONCE_PER_CLIENT
            slow.gate.set()
            assert wait_for(lambda: len(slow.posted) == 4)
        finally:
            stop.set()
            thread.join()
    assert (worker.sent, worker.failed) == (5, 0)


def test_a_database_that_is_away_is_waited_for(back: Back, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker lives on; and it ends by itself when its server is gone."""
    calls = []

    def away(*_: object) -> list[object]:
        calls.append(1)
        raise OperationalError("SELECT", {}, Exception())

    monkeypatch.setattr(courier, "next_due", away)
    monkeypatch.setattr(courier, "TROUBLE_SECONDS", 0)
    Courier(back.app).watch(Event(), lambda: len(calls) >= 3)
    assert len(calls) == 3


def test_a_client_without_address_by_now_is_given_up(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """It took its address away between event and sending."""
    back.hears("dream-n")
    sign_out(dream_n, browser, people["T02"])
    back.amend("dream-n", backchannel_logout_uri=None)
    assert back.deliver() == (0, 1)
    (row,) = back.rows()
    assert (row.due_at, row.last_error) == (None, "no backchannel_logout_uri")
    assert row.given_up_at is not None


def test_a_host_that_is_not_public_is_not_called(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """The guard of outbound calls holds here too: another port of this machine is out."""
    back.amend("dream-n", backchannel_logout_uri="https://127.0.0.1:1/")
    sign_out(dream_n, browser, people["T02"])
    assert back.deliver() == (0, 1)
    assert back.rows()[0].last_error == "the host is not public"


@pytest.mark.rule("D-18", "D-27")
def test_a_failure_is_kept_for_the_engineer(
    back: Back, app: Flask, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """Where we called and what came; not whose session it was, nor that she was locked."""
    back.hears("dream-n")
    dream_n.sign_in(browser, people["T02"])
    back.receiver.answers.append(500)
    lock(app, people["T02"])
    back.deliver()
    (row,) = kept(app)
    assert (row.client_id, row.code, row.kind) == ("dream-n", "CALL-01", "call")
    assert row.detail == {"received": "status 500", "expected": back.receiver.uri("/dream-n")}
