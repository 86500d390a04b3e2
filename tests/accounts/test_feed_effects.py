"""What an import sets off for teachers who had an account before: as the school's own commands do (Art.5(2), D-25)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from config.database import db
from idp.accounts.models import Account
from idp.accounts.outbox import Mail
from scopes.roc import taipei_midnight
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.feed import SERVED, T01, Feeder, feed, teachers
from tests.support.office import Office, People

DAY = timedelta(days=1)


@pytest.fixture
def app(mailing: Flask) -> Flask:
    """The application that sends mail."""
    return mailing


def ended(last_day: date) -> dict[str, str]:
    """Return the row that ends T01's service."""
    return T01 | {"end_date": last_day.isoformat(), "end_reason": "離職"}


def announced(office: Office, login_name: str = "wang0101") -> tuple[str | None, str | None, int]:
    """Return the state that was told last, and how often it changed."""
    found = office.account(login_name)
    return found.service_state, found.service_reason, found.lock_generation


@pytest.mark.rule("D-25", "D-31")
def test_an_ended_service_locks(
    feeder: Feeder, dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """Her tokens end, the log has the lock, and she is told once: also when the file comes again."""
    signed_in = dream_n.sign_in(browser, people["T01"])
    data = feed(ended(loaded_on - DAY), SERVED)
    assert feeder.take(data).outcomes == ["changed", "created"]
    assert announced(office) == ("locked", "not_in_service", 1)
    assert dream_n.userinfo(signed_in.access_token).status_code == 401
    feeder.take(data)
    assert len(office.events("token.revoked_by_lock", people["T01"])) == 1
    (begun,) = office.events("service.lock.begin", people["T01"])
    assert (begun.actor, begun.detail["reason"]) == ("feed", "測試")
    assert begun.detail["new"] == {"state": "locked", "reason": "not_in_service", "rule": 6}
    (event,) = office.events("service.assignment.ended", people["T01"])
    assert event.detail["new"]["end_reason"] == "departed"
    (message,) = office.messages(people["T01"])
    assert (message.code, message.parameters["school"]) == ("MSG-LOCK-MAIL", "994501")
    assert message.parameters["reason"] == "not_in_service"


@pytest.mark.rule("D-25")
def test_only_those_who_signed_in_have_tokens_to_end(
    feeder: Feeder, dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """Many are locked at once; the one among them who had signed in loses her tokens, and her partners are told."""
    signed_in = dream_n.sign_in(browser, people["T01"])
    feeder.take(teachers(30, faulty_every=99))
    gone = {"end_date": (loaded_on - DAY).isoformat(), "end_reason": "退休"}
    many = teachers(29, faulty_every=99, start=1, **gone)
    one = feed(ended(loaded_on - DAY) | {"title_code": "J40", "email": "w@school.example"})
    fed = feeder.take(many + b"wang0101," + one.split(b"wang0101,")[1])
    assert set(fed.outcomes) == {"changed"}
    assert dream_n.userinfo(signed_in.access_token).status_code == 401
    assert len(office.events("token.revoked_by_lock")) == 1
    assert len(office.events("service.lock.begin")) == 30
    assert office.rows(select(func.count(Mail.id)).where(Mail.code == "MSG-LOCK-MAIL")) == [30]
    assert {event.detail["by"][-1] for event in office.events("message.sent")} == {"mail"}


@pytest.mark.rule("D-29")
def test_a_late_entry(
    feeder: Feeder, dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-29: the sign-ins since the day after the last one in service are listed."""
    dream_n.sign_in(browser, people["T01"])
    feeder.take(feed(ended(loaded_on - 20 * DAY)))
    (event,) = office.events("roaming.after_the_fact", people["T01"])
    assert event.detail["since"] == (loaded_on - 19 * DAY).isoformat()


@pytest.mark.rule("D-29")
def test_a_late_suspension(
    feeder: Feeder, dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """A suspension counts from its first day."""
    dream_n.sign_in(browser, people["T01"])
    first = loaded_on - 20 * DAY
    feeder.take(feed(T01 | {"suspended_from": first.isoformat()}))
    (event,) = office.events("roaming.after_the_fact", people["T01"])
    assert event.detail["since"] == first.isoformat()


@pytest.mark.rule("D-30")
def test_an_end_in_the_future(feeder: Feeder, office: Office, people: People, loaded_on: date) -> None:
    """D-30: nothing happens before; the lock comes with the day."""
    feeder.take(feed(ended(loaded_on + DAY)))
    assert announced(office)[0] == "unlocked"
    assert office.state(people["T01"], loaded_on + 2 * DAY).state == "locked"
    assert office.messages(people["T01"]) == []


@pytest.mark.rule("D-22")
def test_a_new_service_restores(feeder: Feeder, office: Office, people: People) -> None:
    """D-22: a retired teacher who is hired again is unlocked, and told so."""
    assert announced(office, "cheng1010")[0] == "locked"
    row = {"account": "cheng1010", "name": people["T10"]["name"], "school_code": "994501", "title_code": "J50"}
    with time_machine.travel(datetime.now(UTC) + DAY, tick=False):
        feeder.take(feed(row | {"start_date": "2026-01-01", "kind": "兼任"}))
    assert announced(office, "cheng1010") == ("unlocked", None, 1)
    assert len(office.events("service.lock.end", people["T10"])) == 1
    assert [message.code for message in office.messages(people["T10"])] == ["MSG-RESTORE-MAIL"]


@pytest.mark.rule("D-23")
def test_a_suspension_locks(feeder: Feeder, office: Office, people: People, loaded_on: date) -> None:
    """停職 at the primary school locks from its first day on; taken back, she is restored."""
    feeder.take(feed(T01 | {"suspended_from": loaded_on.isoformat()}))
    assert announced(office) == ("locked", "not_in_service", 1)
    feeder.take(feed(T01, SERVED | {"suspended_from": "2030-01-01"}))
    assert announced(office) == ("unlocked", None, 2)
    assert len(office.messages(people["T01"])) == 2


@pytest.mark.rule("D-19")
def test_a_transfer_without_a_gap_tells_nothing(
    feeder: Feeder, office: Office, people: People, loaded_on: date
) -> None:
    """D-19: the old service ends, the new one begins the day after; she is never locked."""
    new = T01 | {"school_code": "993501", "title_code": "J40", "start_date": loaded_on.isoformat()}
    assert set(feeder.take(feed(new, ended(loaded_on - DAY))).outcomes) == {"created", "changed"}
    assert announced(office) == ("unlocked", None, 0)
    assert office.messages(people["T01"]) == []


def test_what_the_calendar_did_is_not_the_imports_doing(
    feeder: Feeder, office: Office, people: People, loaded_on: date
) -> None:
    """A lock that came by date is told as the calendar's before the import's own change is."""
    office.end(people["T01"], loaded_on + DAY)
    with time_machine.travel(taipei_midnight(loaded_on + 5 * DAY), tick=False):
        feeder.take(feed(T01 | {"title_code": "J20"}))
    (begun,) = office.events("service.lock.begin", people["T01"])
    assert (begun.actor, begun.detail["reason"]) == ("system", "calendar")
    assert announced(office) == ("locked", "not_in_service", 1)


def test_a_state_that_was_never_told_is_noted_first(
    feeder: Feeder, office: Office, people: People, loaded_on: date
) -> None:
    """Whoever was in service before the first settlement is told of the lock all the same."""
    with office.app.app_context(), db.session.begin():
        db.session.execute(update(Account).where(Account.login_name == "wang0101").values(service_state=None))
    feeder.take(feed(ended(loaded_on - DAY)))
    assert [message.code for message in office.messages(people["T01"])] == ["MSG-LOCK-MAIL"]


def test_an_unchanged_teacher_is_left_in_peace(feeder: Feeder, office: Office, people: People) -> None:
    """A new name or address alone sets off nothing."""
    feeder.take(feed({"account": "wang0101", "name": "王曉青"}))
    assert office.messages(people["T01"]) == []
    assert announced(office) == ("unlocked", None, 0)
