"""The commands on service assignments: what they write, refuse, log and set off (§2.2, §2.8, D-31)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from config.database import db
from idp.accounts import service
from idp.accounts.models import Account, ServiceAssignment
from idp.accounts.service import ServiceRefused
from idp.accounts.signals import service_locked
from scopes.service import EndReason
from tests.support.office import Office, People, change

DAY = timedelta(days=1)


def generation(office: Office, person: dict[str, Any]) -> int:
    """Return how often she was locked."""
    found: int = office.rows(select(Account.lock_generation).where(Account.id == office.id_of(person)))[0]
    return found


def actions(office: Office, person: dict[str, Any]) -> list[str]:
    """Return the service events about her, in order."""
    names = ("created", "confirmed", "changed", "ended")
    events = [event for name in names for event in office.events(f"service.assignment.{name}", person)]
    return [event.action.rpartition(".")[2] for event in sorted(events, key=lambda event: event.id)]


@pytest.mark.rule("D-31")
def test_every_change_is_logged(office: Office, people: People, loaded_on: date) -> None:
    """D-31: actor, time, old and new value, reason."""
    office.add(people["T12"], "994601", loaded_on - DAY, confirmed=False)
    office.confirm(people["T12"])
    office.suspend(people["T12"], loaded_on + DAY)
    office.end(people["T12"], loaded_on + 5 * DAY, EndReason.RETIRED)
    assert actions(office, people["T12"]) == ["created", "confirmed", "changed", "ended"]
    (event,) = office.events("service.assignment.ended", people["T12"])
    assert event.actor == "account:school"
    assert event.at.tzinfo is UTC
    assert event.detail["reason"] == "測試"
    assert "end_date" not in event.detail["old"]
    assert event.detail["new"]["end_date"] == (loaded_on + 5 * DAY).isoformat()
    assert event.detail["new"]["end_reason"] == "retired"


def test_create_returns_what_was_stored(office: Office, people: People, loaded_on: date) -> None:
    """A new assignment is hers, with source and confirmation."""
    ident = office.add(people["T12"], "994601", loaded_on)
    (row,) = office.services(people["T12"])
    assert (row.id, row.school_code, row.confirmed_by) == (ident, "994601", "account:school")
    assert office.state(people["T12"], loaded_on).state == "unlocked"


@pytest.mark.parametrize("key", ["T05", "T09"])
def test_a_second_open_primary_is_refused(key: str, office: Office, people: People, loaded_on: date) -> None:
    """§2.2: at most one active primary; nothing is written or logged."""
    before = len(office.services(people[key]))
    with pytest.raises((ServiceRefused, IntegrityError)):
        office.add(people[key], "994601", loaded_on)
    assert len(office.services(people[key])) == before
    assert actions(office, people[key]) == []


def test_an_overlapping_primary_is_refused(office: Office, people: People, loaded_on: date) -> None:
    """§2.2: at most one *active* primary at a time, also where the end of the first is recorded already (T17, L+30)."""
    with pytest.raises(ServiceRefused, match="already"):
        office.add(people["T17"], "994601", loaded_on)
    assert len(office.services(people["T17"])) == 1


@pytest.mark.rule("D-25")
def test_imported_overlaps_never_hinder_a_lock(office: Office, people: People, loaded_on: date) -> None:
    """Two primary services that an import left overlapping: the school can still end both, and she is locked."""
    ident = office.id_of(people["T17"])
    with office.app.app_context(), db.session.begin():
        second = ServiceAssignment(account_id=ident, school_code="994601", title_code="J40", kind="primary")
        second.start_date, second.confirmed_at, second.source = loaded_on - 30 * DAY, change().now, "import"
        db.session.add(second)
    with office.app.app_context():
        for row in office.services(people["T17"]):
            service.end(row.id, loaded_on - DAY, EndReason.DEPARTED, change())
    assert office.state(people["T17"], loaded_on).state == "locked"


def test_an_end_before_the_start(office: Office, people: People) -> None:
    """The last day lies before the first: refused, nothing written."""
    with pytest.raises(ServiceRefused, match="before the first"):
        office.end(people["T01"], date(2015, 7, 31))
    assert office.services(people["T01"])[0].end_date is None
    assert actions(office, people["T01"]) == []


def test_a_suspension_back_to_front(office: Office, people: People, loaded_on: date) -> None:
    """A suspension that ends before it begins: refused, nothing written."""
    with pytest.raises(ServiceRefused, match="before the first"):
        office.suspend(people["T01"], loaded_on, loaded_on - DAY)
    assert office.services(people["T01"])[0].suspended_from is None


def test_what_was_refused_cannot_be_confirmed(office: Office, people: People) -> None:
    """§2.4: a refused self-declaration counts as not existing; it cannot be confirmed afterwards."""
    office.refuse(people["T14"])
    with pytest.raises(ServiceRefused, match="refused"):
        office.confirm(people["T14"])
    assert office.services(people["T14"])[0].confirmed_at is None
    assert actions(office, people["T14"]) == ["changed"]


def test_what_was_confirmed_cannot_be_refused(office: Office, people: People) -> None:
    """A confirmed assignment is ended, not refused."""
    with pytest.raises(ServiceRefused, match="ended"):
        office.refuse(people["T01"])
    assert office.services(people["T01"])[0].refused_at is None


def test_a_refused_primary_makes_room(office: Office, people: People, loaded_on: date) -> None:
    """§2.4: after the school refused it, another primary assignment may be entered."""
    office.refuse(people["T14"])
    office.add(people["T14"], "994601", loaded_on)
    assert office.state(people["T14"], loaded_on).state == "unlocked"


@pytest.mark.rule("D-25")
def test_the_generation_grows_with_every_lock(office: Office, people: People, loaded_on: date) -> None:
    """D-25: each lock voids the codes before it; changes that lock nothing do not."""
    first = generation(office, people["T01"])
    office.end(people["T01"], loaded_on + 30 * DAY)
    assert generation(office, people["T01"]) == first
    office.end(people["T01"], loaded_on - DAY)
    locked = generation(office, people["T01"])
    assert locked > first
    office.end(people["T01"], loaded_on - 2 * DAY)
    assert generation(office, people["T01"]) == locked
    office.add(people["T01"], "994501", loaded_on)
    office.end(people["T01"], loaded_on)
    office.suspend(people["T01"], loaded_on)
    assert generation(office, people["T01"]) > locked


def test_nothing_is_told_where_nothing_changed(office: Office, people: People, loaded_on: date) -> None:
    """A change that neither locks nor restores leaves no message."""
    office.suspend(people["T03"], loaded_on)
    office.end(people["T10"], loaded_on - 100 * DAY)
    assert office.messages(people["T03"]) == office.messages(people["T10"]) == []
    assert office.events("service.lock.begin") == office.events("service.lock.end") == []


@pytest.mark.rule("D-25", "D-29")
def test_the_signal_travels_in_the_transaction(office: Office, people: People, loaded_on: date) -> None:
    """D-25: what follows a lock is in its transaction: if that fails, the change is not written either."""
    seen: list[date] = []

    def fail(_account: int, *, since: date, **_: object) -> None:
        seen.append(since)
        raise OSError("no revocation possible")

    with service_locked.connected_to(fail), pytest.raises(OSError, match="no revocation"):
        office.end(people["T01"], loaded_on - 5 * DAY)
    assert seen == [loaded_on - 4 * DAY]
    assert office.services(people["T01"])[0].end_date is None
    assert office.messages(people["T01"]) == []
    assert generation(office, people["T01"]) == 0


def test_many_changes_at_the_same_time(office: Office, people: People, loaded_on: date) -> None:
    """Schools work at the same time: all their changes are written, each lock once."""
    keys = ["T01", "T02", "T03", "T07", "T11", "T15", "T16", "T21"]

    def end(key: str) -> None:
        for row in office.services(people[key]):
            if row.end_date is None:
                with office.app.app_context():
                    service.end(row.id, loaded_on - DAY, EndReason.DEPARTED, change())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(end, keys))
    for key in keys:
        assert office.state(people[key], loaded_on).reason == "not_in_service", key
        assert [message.code for message in office.messages(people[key])] == ["MSG-LOCK-MAIL"]


@pytest.mark.rule("AC-38", "D-25")
def test_changes_of_one_teacher_are_judged_one_after_the_other(office: Office, people: People, loaded_on: date) -> None:
    """AC-38: four offices record her leaving at the same time: one lock, one message."""
    ident = office.services(people["T01"])[0].id

    def end(days: int) -> None:
        with office.app.app_context():
            service.end(ident, loaded_on - days * DAY, EndReason.DEPARTED, change())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(end, [1, 2, 3, 4]))
    assert [message.code for message in office.messages(people["T01"])] == ["MSG-LOCK-MAIL"]
    assert len(office.events("service.lock.begin", people["T01"])) == 1


def test_an_unknown_assignment(office: Office) -> None:
    """A change of nothing fails and writes nothing."""
    with office.app.app_context(), pytest.raises(Exception, match=r"(?i)no row"):
        service.confirm(99999, change())
    assert office.events("service.assignment.confirmed") == []


def test_days_are_those_of_taipei() -> None:
    """A change at 16:00 UTC belongs to the next day."""
    before, after = (datetime(2030, 5, 1, hour, tzinfo=UTC) for hour in (15, 16))
    assert service.Change("x", before).day == date(2030, 5, 1)
    assert service.Change("x", after).day == date(2030, 5, 2)
