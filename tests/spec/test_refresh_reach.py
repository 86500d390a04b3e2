"""What ends a refresh token and all it gave, at once and at every door; and many uses of one at the same moment."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from clients import cases
from config.database import db
from idp.sign_ins import SignIn
from scopes.items import DataItem
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, audited, race
from tests.spec.support import Client
from tests.spec.tokens import (
    Person,
    answer_of,
    coded,
    fault,
    granted,
    introspect,
    is_dead,
    lock,
    log_out,
    refreshing,
    twin,
    unlock,
    withdraw,
)
from tests.support.office import Desk

RACERS = 12
Event = Callable[[Flask, Browser, Client, Person], None]


def _close_case(app: Flask, _: Browser, rp: Client, __: Person) -> None:
    Desk(app).set_case(rp.client_id, state="suspended")


EVENTS: dict[str, Event] = {
    "lock": lambda app, _, __, person: lock(app, person),
    "log-out": lambda _, browser, __, ___: log_out(browser),
    "withdrawal": lambda _, browser, rp, __: withdraw(browser, rp),
    "case": _close_case,
}


@pytest.mark.rule("AC-30", "AC-31", "AC-32", "D-25", "D-26", "D-54")
@pytest.mark.spec("RFC 7662", "2.2")
@pytest.mark.parametrize("event", EVENTS)
def test_an_end_reaches_every_door(app: Flask, browser: Browser, people: People, event: str) -> None:
    """A lock, log-out, withdrawal or closed case ends pending codes, refresh, userinfo, introspection, at once."""
    rp, person = refreshing(app), people["T01"]
    old = granted(rp, browser, person)
    new = answer_of(rp.refresh(old["refresh_token"]))
    pending = coded(rp, browser, person)
    assert introspect(rp, new["access_token"])["active"] is introspect(rp, new["refresh_token"])["active"] is True
    EVENTS[event](app, browser, rp, person)
    assert is_dead(rp, new["access_token"])
    assert introspect(rp, new["access_token"]) == introspect(rp, new["refresh_token"]) == {"active": False}
    assert fault(rp.exchange(*pending)) == ("invalid_grant", "CODE-01")
    assert fault(rp.refresh(new["refresh_token"])) == ("invalid_grant", "REF-01")


@pytest.mark.rule("D-25", "D-54")
@pytest.mark.parametrize("event", ["lock", "withdrawal"])
def test_nothing_comes_back(app: Flask, browser: Browser, people: People, event: str) -> None:
    """After restoration or a new consent, what is from before stays dead; a new sign-in is fine."""
    rp, person = refreshing(app), people["T01"]
    old, pending = granted(rp, browser, person), coded(rp, browser, person)
    EVENTS[event](app, browser, rp, person)
    if event == "lock":
        unlock(app, person)
    new = granted(rp, browser, person)
    assert is_dead(rp, old["access_token"])
    assert introspect(rp, old["refresh_token"]) == {"active": False}
    assert fault(rp.refresh(old["refresh_token"])) == ("invalid_grant", "REF-01")
    assert fault(rp.exchange(*pending)) == ("invalid_grant", "CODE-01")
    answer_of(rp.refresh(new["refresh_token"]))


@pytest.mark.rule("R-CLM-4", "R-CLM-5")
def test_what_is_released_is_judged_anew(app: Flask, browser: Browser, people: People) -> None:
    """An item that was dropped from the approval is missing in the very next ID token and UserInfo."""
    rp = refreshing(app)
    old = granted(rp, browser, people["T01"])
    with app.app_context():
        cases.drop_item(Desk(app).case_id(rp.client_id), DataItem.NAME, actor="test", now=datetime.now(UTC))
    new = answer_of(rp.refresh(old["refresh_token"]))
    claims, userinfo = rp.opened(new["id_token"])[1], rp.userinfo(new["access_token"]).get_json()
    assert "name" not in claims
    assert set(userinfo) == {"sub", "inservice_school_code"}


@pytest.mark.rule("AC-82")
def test_the_release_log_tells_what_a_narrow_refresh_gave(app: Flask, browser: Browser, people: People) -> None:
    """AC-82: the line of a refresh with less scope names less, and UserInfo needs no line of its own."""
    rp = refreshing(app)
    old = granted(rp, browser, people["T01"])
    new = answer_of(rp.refresh(old["refresh_token"], scope="openid profile"))
    rp.userinfo(new["access_token"])
    with app.app_context(), db.session.begin():
        lines = db.session.scalars(select(SignIn.released).order_by(SignIn.id)).all()
    assert lines == [["name", "school_code", "user_id"], ["name", "user_id"]]
    assert audited(app, "release.changed") == []


@pytest.mark.spec("RFC 9700", "4.14")
@pytest.mark.parametrize("workers", [1, 2])
def test_many_uses_at_the_same_moment(make_app: MakeApp, people: People, workers: int) -> None:
    """Of many uses of one token at most one gets tokens, the others invalid_grant, none 5xx; the family ends."""
    apps = [make_app() for _ in range(workers)]
    rp = refreshing(apps[0])
    old = granted(rp, Browser(apps[0]), people["T01"])
    racers = [twin(rp, apps[number % workers]) for number in range(RACERS)]
    answers = race(racers, lambda racer: racer.refresh(old["refresh_token"]))
    good = [answer.get_json() for answer in answers if answer.status_code == 200]
    errors = {fault(answer) for answer in answers if answer.status_code != 200}
    assert len(good) <= 1
    assert errors <= {("invalid_grant", "REF-01"), ("invalid_grant", "REF-02")}
    assert all(is_dead(rp, one["access_token"]) for one in [old, *good])
    assert all(fault(rp.refresh(one["refresh_token"]))[0] == "invalid_grant" for one in [old, *good])


def test_families_do_not_hinder_each_other(app: Flask, browser: Browser, people: People) -> None:
    """Many refreshes of different families at once all succeed."""
    rp = refreshing(app)
    tokens = {id(racer): racer for racer in [twin(rp, app) for _ in range(RACERS)]}
    held = {key: granted(rp, browser, people["T01"])["refresh_token"] for key in tokens}
    answers = race([*tokens.values()], lambda racer: racer.refresh(held[id(racer)]))
    assert [answer.status_code for answer in answers] == [200] * RACERS
    assert not any(is_dead(rp, answer.get_json()["access_token"]) for answer in answers)
