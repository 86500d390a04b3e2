"""Of many simultaneous redemptions of one code exactly one wins, across threads and workers (invariant 5)."""

import json
from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from config.database import db
from config.snapshot import bump
from idp.sign_ins import SignIn
from tests.conftest import Template
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, race, sign_on
from tests.rp import RelyingParty, Request

RACERS = 50


def _racers(apps: Sequence[Flask], template: Template, count: int = RACERS) -> list[RelyingParty]:
    """Make relying parties, each with a test client of its own, spread over the applications."""
    return [RelyingParty(apps[number % len(apps)], template.clients["dream-n"]) for number in range(count)]


def _one_winner(answers: list[TestResponse]) -> str:
    """Check that one got 200 and all others invalid_grant; return the winner's access token."""
    bodies = [(answer.status_code, json.loads(answer.get_data())) for answer in answers]
    losers = [body for status, body in bodies if status == 400]
    assert len(losers) == len(answers) - 1, [status for status, _ in bodies]
    assert {body["error"] for body in losers} == {"invalid_grant"}
    ((status, winner),) = [one for one in bodies if one[0] != 400]
    assert status == 200
    return str(winner["access_token"])


def _rows(app: Flask) -> int:
    with app.app_context(), db.session.begin():
        return db.session.execute(select(func.count()).select_from(SignIn)).scalar_one()


def _code(app: Flask, template: Template, people: People) -> tuple[str, Request]:
    return sign_on(RelyingParty(app, template.clients["dream-n"]), Browser(app), people["T02"])


@pytest.mark.spec("RFC 6749", "4.1.2")
def test_one_of_fifty_in_one_worker(app: Flask, template: Template, people: People) -> None:
    """Fifty threads, one application: one 200, the others invalid_grant, and the first token is dead afterwards."""
    code, request = _code(app, template, people)
    racers = _racers([app], template)
    token = _one_winner(race(racers, lambda rp: rp.exchange(code, request)))
    assert _rows(app) == 1
    assert racers[0].userinfo(token).status_code == 401


@pytest.mark.spec("RFC 6749", "4.1.2")
def test_one_of_fifty_in_two_workers(make_app: MakeApp, template: Template, people: People) -> None:
    """Two applications share only the database, like two worker processes; the second has read nothing yet."""
    apps = [make_app(), make_app()]
    code, request = _code(apps[0], template, people)
    racers = _racers(apps, template)
    token = _one_winner(race(racers, lambda rp: rp.exchange(code, request)))
    assert _rows(apps[1]) == 1
    assert [rp.userinfo(token).status_code for rp in racers[:2]] == [401, 401]


def test_different_codes_do_not_hinder_each_other(app: Flask, template: Template, people: People) -> None:
    """Twenty codes at the same moment give twenty tokens, all good."""
    browser, racers = Browser(app), _racers([app], template, 20)
    grants = {id(rp): sign_on(rp, browser, people["T02"]) for rp in racers}
    answers = race(racers, lambda rp: rp.exchange(*grants[id(rp)]))
    assert [answer.status_code for answer in answers] == [200] * 20
    tokens = {answer.get_json()["access_token"] for answer in answers}
    assert len(tokens) == 20
    assert {racers[0].userinfo(token).status_code for token in tokens} == {200}


def test_a_stale_snapshot_holds_nobody_up(make_app: MakeApp, template: Template, people: People) -> None:
    """While one thread reloads what changed, the others wait for it without starving it of a connection."""
    app, other = make_app(), make_app()
    code, request = _code(app, template, people)
    with other.app_context(), db.session.begin():
        bump()
    token = _one_winner(race(_racers([app], template), lambda rp: rp.exchange(code, request)))
    assert RelyingParty(app, template.clients["dream-n"]).userinfo(token).status_code == 401


def test_fifty_silent_sign_ins_at_once(make_app: MakeApp, template: Template, people: People) -> None:
    """The authorization endpoint, too, stands a burst right after a change of the snapshots."""
    app = make_app()
    browser = Browser(app)
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    cookie = browser.http.get_cookie("session", domain="127.0.0.1")
    assert cookie is not None
    headers = {"Cookie": f"session={cookie.value}"}
    with app.app_context(), db.session.begin():
        bump()
    answers = race(
        _racers([app], template),
        lambda rp: rp.back_channel.get(rp.request(prompt="none").url, headers=headers, base_url=rp.issuer),
    )
    assert [answer.status_code for answer in answers] == [303] * RACERS
    assert all("code=" in answer.headers["Location"] for answer in answers)
