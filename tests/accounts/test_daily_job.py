"""What a new day brings: locks by date are told once, by whichever machine; reminders 14 days ahead (§2.4, D-30)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from config.database import db
from idp.accounts import daily
from idp.accounts.accounts import close_account
from idp.accounts.daily import remind_all, settle_all
from idp.accounts.effects import announced
from idp.accounts.models import Account, ServiceAssignment
from scopes.roc import taipei_midnight
from scopes.service import AssignmentKind, EndReason
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Office, People

DAY = timedelta(days=1)
FIVE_PAST = timedelta(minutes=5)


def run(app: Flask, now: datetime) -> dict[str, int]:
    """Run the job of a day."""
    with app.app_context():
        return {name: count for name, count in settle_all(now).items() if count}


def told(office: Office, person: dict[str, str]) -> list[str]:
    """Return the codes of her messages."""
    return [message.code for message in office.messages(person)]


@pytest.mark.rule("D-30", "AC-24", "AC-38")
def test_a_lock_by_date(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """T17 ends at L+30: nothing on that day; at L+31 00:05 the lock begins, with event and one message."""
    last = loaded_on + 30 * DAY
    assert run(app, taipei_midnight(last) + FIVE_PAST) == {"restored": 1}  # T20, since L+10
    assert run(app, taipei_midnight(last) + 2 * FIVE_PAST) == {}
    locked_from = taipei_midnight(last + DAY)
    assert run(app, locked_from + FIVE_PAST) == {"locked": 1}
    (event,) = office.events("service.lock.begin", people["T17"])
    assert (event.actor, event.detail["reason"]) == ("system", "calendar")
    assert event.detail["old"]["state"] == "unlocked"
    assert told(office, people["T17"]) == ["MSG-LOCK-MAIL"]
    assert office.messages(people["T17"])[0].parameters["date"] == (last + DAY).isoformat()


def test_twice_and_late(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """A job that ran three days late names the first day of the lock; a second run tells nothing."""
    late = taipei_midnight(loaded_on + 34 * DAY)
    assert run(app, late)["locked"] == 1
    assert run(app, late + DAY) == {}
    assert office.messages(people["T17"])[0].parameters["date"] == (loaded_on + 31 * DAY).isoformat()


def test_on_several_machines(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """Four at once: told once."""
    now = taipei_midnight(loaded_on + 31 * DAY)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: run(app, now), range(4)))
    assert len(office.events("service.lock.begin", people["T17"])) == 1
    assert told(office, people["T17"]) == ["MSG-LOCK-MAIL"]


@pytest.mark.rule("D-25", "D-27")
def test_partners_are_told(
    app: Flask, browser: Browser, office: Office, people: People, dream_n: RelyingParty, loaded_on: date
) -> None:
    """The job revokes what still lives and tells the partners; the lock itself needed no job."""
    night = taipei_midnight(loaded_on + 31 * DAY)
    with time_machine.travel(night - timedelta(minutes=4), tick=False) as clock:
        token = dream_n.sign_in(browser, people["T17"]).access_token
        clock.move_to(night)
        assert dream_n.userinfo(token).status_code == 401
        assert run(app, datetime.now(UTC))["locked"] == 1
    assert len(office.events("token.revoked_by_lock", people["T17"])) == 1
    sent, failed = office.events("logout.backchannel.sent"), office.events("logout.backchannel.failed")
    assert len([*sent, *failed]) <= 1
    assert office.events("roaming.after_the_fact", people["T17"]) == []


@pytest.mark.rule("AC-27")
def test_a_restoration_by_date(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """T20 begins at L+10, confirmed: that morning she is told that she is restored."""
    office.confirm(people["T20"]) if not office.services(people["T20"])[0].confirmed_at else None
    assert run(app, taipei_midnight(loaded_on + 10 * DAY)) == {"restored": 1}
    assert told(office, people["T20"]) == ["MSG-RESTORE-MAIL"]
    assert len(office.events("service.lock.end", people["T20"])) == 1


@pytest.mark.rule("D-34")
def test_a_school_that_closes(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """All teachers concerned get one message each from the closing day on, who has another school none."""
    from config.snapshot import bump, snapshots
    from idp.accounts.models import School

    with app.app_context(), db.session.begin():
        closing = loaded_on + 5 * DAY
        db.session.execute(update(School).where(School.code == "994501").values(closed_on=closing))
        bump()
    with app.app_context():
        snapshots().refresh()
    assert run(app, taipei_midnight(loaded_on + 4 * DAY)) == {}
    assert run(app, taipei_midnight(loaded_on + 5 * DAY)) == {"locked": 2}
    for key in ("T01", "T16"):
        (message,) = office.messages(people[key])
        assert (message.code, message.parameters["reason"]) == ("MSG-LOCK-MAIL", "no_service_school")


def test_what_was_never_told_is_noted_in_silence(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """Accounts that came without a state, from before this release or from a feed, get theirs without a message."""
    with app.app_context(), db.session.begin():
        db.session.execute(update(Account).values(service_state=None, service_reason=None, service_since=None))
    counts = run(app, taipei_midnight(loaded_on) + FIVE_PAST)
    assert counts == {"first noted": len(people)}
    assert all(office.messages(person) == [] for person in people.values())
    with app.app_context(), db.session.begin():
        found = db.session.scalars(select(Account.service_state).where(Account.login_name == "cheng1010")).one()
    assert found == "locked"


def remind(app: Flask, now: datetime) -> int:
    """Send the reminders of a day."""
    with app.app_context():
        return remind_all(now)


@pytest.mark.rule("D-30")
def test_reminders(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """Not 15 days ahead, but 14; once, however often the job runs; the text names school and day."""
    last = loaded_on + 30 * DAY
    assert remind(app, taipei_midnight(last - 15 * DAY)) == 0
    assert remind(app, taipei_midnight(last - 14 * DAY)) == 1
    assert remind(app, taipei_midnight(last - 13 * DAY)) == 0
    (message,) = office.messages(people["T17"])
    assert (message.code, message.parameters) == ("MSG-LOCK-SOON", {"date": last.isoformat(), "school": "994303"})


def test_no_reminder_for_who_stays(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """Where the next school is confirmed already, nothing will be locked, and nobody is frightened."""
    office.end(people["T01"], loaded_on + 5 * DAY, EndReason.TRANSFERRED)
    office.add(people["T01"], "994502", loaded_on + 6 * DAY)
    office.end(people["T16"], loaded_on + 5 * DAY)
    assert remind(app, taipei_midnight(loaded_on)) == 1
    assert told(office, people["T01"]) == []
    assert told(office, people["T16"]) == ["MSG-LOCK-SOON"]


def test_a_new_end_is_announced_anew(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """Another last day is another reminder."""
    now = taipei_midnight(loaded_on)
    office.end(people["T01"], loaded_on + 5 * DAY)
    assert remind(app, now) == 1
    office.end(people["T01"], loaded_on + 9 * DAY)
    assert remind(app, now) == 1


def test_reminders_on_several_machines(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """Four at once: one message."""
    office.end(people["T01"], loaded_on + 5 * DAY)
    now = taipei_midnight(loaded_on)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: remind(app, now), range(4))) == 1
    assert told(office, people["T01"]) == ["MSG-LOCK-SOON"]


def test_a_command_settles_what_came_by_date(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """The school acts before the job ran: the lock by date is told as the calendar's, the restoration as the school's."""
    with time_machine.travel(taipei_midnight(loaded_on + 31 * DAY) + timedelta(minutes=1)):
        office.add(people["T17"], "994601", loaded_on + 31 * DAY)
        assert run(app, datetime.now(UTC)).get("locked") is None
    assert [event.actor for event in office.events("service.lock.begin", people["T17"])] == ["system"]
    assert [event.actor for event in office.events("service.lock.end", people["T17"])] == ["account:school"]
    assert told(office, people["T17"]) == ["MSG-LOCK-MAIL", "MSG-RESTORE-MAIL"]
    with app.app_context(), db.session.begin():
        assert db.session.scalars(select(ServiceAssignment).where(ServiceAssignment.school_code == "994601")).first()


def test_closed_accounts_are_let_be(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """Nobody is locked, and nobody is reminded, whose account is closed (D-05)."""
    with app.app_context():
        close_account(office.id_of(people["T17"]), actor="tests", now=datetime.now(UTC))
    assert remind(app, taipei_midnight(loaded_on + 20 * DAY)) == 0
    assert run(app, taipei_midnight(loaded_on + 31 * DAY)) == {"restored": 1}  # T20, since L+10
    assert told(office, people["T17"]) == []


@pytest.mark.rule("D-30")
def test_who_is_locked_is_not_reminded(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """T05 is suspended already: that her service also ends takes nothing more from her."""
    office.end(people["T05"], loaded_on + 5 * DAY)
    assert remind(app, taipei_midnight(loaded_on)) == 0
    assert told(office, people["T05"]) == []


@pytest.mark.rule("D-30")
def test_a_refused_entry_reminds_nobody(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """What the school refused counts as none (§2.4): one reminder, of the service that was."""
    last = loaded_on + 5 * DAY
    office.add(people["T12"], "994602", loaded_on - DAY, kind=AssignmentKind.ADDITIONAL, confirmed=False)
    office.end(people["T12"], last)
    office.refuse(people["T12"])
    office.add(people["T12"], "994601", loaded_on)
    office.end(people["T12"], last)
    assert remind(app, taipei_midnight(loaded_on)) == 1
    assert [message.parameters.get("school") for message in office.messages(people["T12"])][-1] == "994601"


def test_what_was_settled_meanwhile_is_not_noted_over(
    app: Flask, office: Office, people: People, loaded_on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A school's command between the job's look and its note wins: the job knows an older state."""
    with app.app_context(), db.session.begin():
        db.session.execute(update(Account).values(service_state=None, service_reason=None, service_since=None))
    note_first = daily._note_first

    def after_a_command(new: list[daily.Person], now: datetime) -> None:
        office.end(people["T01"], loaded_on - DAY)
        note_first(new, now)

    monkeypatch.setattr(daily, "_note_first", after_a_command)
    run(app, datetime.now(UTC))
    with app.app_context(), db.session.begin():
        assert announced(office.id_of(people["T01"])).state == "locked"
