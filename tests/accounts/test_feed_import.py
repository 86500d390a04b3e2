"""What the import of a feed writes and what it leaves alone (D-17, D-31)."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from config.database import db
from idp.accounts.models import Account, ServiceAssignment
from tests.support.feed import NEW, SERVED, T01, T12, Feeder, feed
from tests.support.office import Office, People


def first_service(office: Office, person: dict[str, Any]) -> ServiceAssignment:
    """Return her oldest service."""
    return office.services(person)[0]


@pytest.mark.rule("R-ACC-1", "D-31")
def test_a_new_teacher(feeder: Feeder, office: Office) -> None:
    """Account and service are made, the agreement is still to be accepted, and nobody is told of a lock."""
    row = SERVED | {"email": "n@school.example", "external_id": "X1", "note": "備註"}
    fed = feeder.take(feed(row))
    assert fed.lines == [(2, "newbie01", "created", "", "", "")]
    assert (fed.result.counts["created"], fed.result.accounts) == (1, 1)
    made = office.account("newbie01")
    assert (made.type, made.name, made.password_hash) == ("teacher_personal", "新進教師", "")
    assert (made.agreement_version, made.is_test_account, made.lock_generation) == (0, False, 0)
    assert (made.email, made.external_id) == ("n@school.example", "X1")
    assert made.email_verified_at is not None
    assert (made.service_state, made.service_reason) == ("unlocked", None)
    (service,) = office.services({"account": "newbie01"})
    assert (service.school_code, service.title_code, service.kind) == ("994501", "J40", "primary")
    assert (service.start_date, service.source, service.note) == (date(2025, 8, 1), "import", "備註")
    assert (service.confirmed_by, service.end_date) == ("feed", None)
    assert office.messages({"account": "newbie01"}) == []


@pytest.mark.rule("D-31")
def test_events_of_a_new_teacher(feeder: Feeder, office: Office) -> None:
    """D-31: actor, reason and new value are in the log."""
    feeder.take(feed(SERVED), actor="authority:9945", reason="府教字第1號")
    person = {"account": "newbie01"}
    (opened,), (created,) = office.events("account.opened", person), office.events("service.assignment.created", person)
    assert opened.actor == created.actor == "authority:9945"
    assert opened.detail == {"type": "teacher_personal", "reason": "府教字第1號"}
    (service,) = office.services(person)
    assert (created.detail["assignment"], created.detail["reason"]) == (service.id, "府教字第1號")
    assert created.detail["new"]["start_date"] == "2025-08-01"


def test_an_account_without_service(feeder: Feeder, office: Office) -> None:
    """A row without a school makes an account only, whose state is noted as what it is."""
    assert feeder.take(feed(NEW)).outcomes == ["created"]
    made = office.account("newbie01")
    assert (made.service_state, made.service_reason) == ("locked", "no_service_school")
    assert office.services({"account": "newbie01"}) == []
    assert office.events("service.lock.begin", {"account": "newbie01"}) == []


def test_rows_of_a_teacher_need_not_stand_together(feeder: Feeder, office: Office) -> None:
    """Two services of one account with others in between are one teacher; the report keeps the order of the file."""
    second = SERVED | {"school_code": "993501", "kind": "兼任", "account": "NEWBIE01"}
    fed = feeder.take(feed(SERVED, SERVED | {"account": "another2"}, second), batch=1)
    assert [line[:3] for line in fed.lines] == [
        (2, "newbie01", "created"),
        (3, "another2", "created"),
        (4, "newbie01", "created"),
    ]
    assert fed.result.accounts == 2
    assert {service.school_code for service in office.services({"account": "newbie01"})} == {"994501", "993501"}


def test_the_second_run_changes_nothing(feeder: Feeder) -> None:
    """Repeated, an import finds everything as it is: no event, no message, no change."""
    data = feed(SERVED | {"email": "n@school.example"}, T01 | {"title_code": "J20"}, SERVED | {"account": "x"})
    assert feeder.take(data).outcomes == ["created", "changed", "refused"]
    before = feeder.state()
    again = feeder.take(data)
    assert again.outcomes == ["unchanged", "unchanged", "refused"]
    assert again.result.counts == {"created": 0, "changed": 0, "unchanged": 2, "refused": 1}
    assert feeder.state() == before


def test_a_dry_run_writes_nothing(feeder: Feeder) -> None:
    """The outcomes and errors are those of the run, and the database is as before."""
    data = feed(SERVED, T01 | {"title_code": "J20"}, T12, SERVED | {"account": "other123", "kind": "x"})
    before = feeder.state()
    dry = feeder.take(data, is_dry=True)
    assert feeder.state() == before
    assert dry.outcomes == ["created", "changed", "unchanged", "refused"]
    real = feeder.take(data)
    assert (real.lines, real.result) == (dry.lines, dry.result)


@pytest.mark.rule("D-31")
def test_a_service_is_updated_by_its_natural_key(feeder: Feeder, office: Office, people: People) -> None:
    """Account, school and first day name the service; what differs is changed, with old and new value in the log."""
    old = first_service(office, people["T01"])
    assert feeder.take(feed(T01 | {"title_code": "J20", "note": "兼主任"})).outcomes == ["changed"]
    (new,) = office.services(people["T01"])
    assert (new.id, new.title_code, new.note, new.source) == (old.id, "J20", "兼主任", old.source)
    assert (new.confirmed_at, new.confirmed_by) == (old.confirmed_at, old.confirmed_by)
    (event,) = office.events("service.assignment.changed", people["T01"])
    assert (event.detail["old"]["title_code"], event.detail["new"]["title_code"]) == ("J40", "J20")


def test_what_the_feed_does_not_name_is_left_alone(feeder: Feeder, office: Office, people: People) -> None:
    """Columns that are not in the header, empty cells, services without a row: all stay as they are."""
    office.end(people["T15"], date(2031, 1, 31))
    before = office.services(people["T15"])[0]
    row = {"account": people["T15"]["account"], "name": people["T15"]["name"], "school_code": before.school_code or ""}
    row |= {"start_date": str(before.start_date), "title_code": "", "kind": "", "note": "", "email": ""}
    assert feeder.take(feed(row)).outcomes == ["unchanged"]
    (after,) = office.services(people["T15"])
    assert (after.end_date, after.note, after.title_code) == (date(2031, 1, 31), before.note, before.title_code)
    assert len(office.services(people["T03"])) == 2


def test_an_empty_end_where_the_column_stands(feeder: Feeder, office: Office, people: People) -> None:
    """Where the file has the columns of the end, an empty cell says that there is none."""
    office.end(people["T01"], date(2031, 1, 31))
    assert feeder.take(feed(T01, SERVED | {"end_date": "120/1/31", "end_reason": "退休"})).outcomes[0] == "changed"
    assert first_service(office, people["T01"]).end_date is None


@pytest.mark.rule("D-17")
def test_confirmations_are_given_and_not_withdrawn(feeder: Feeder, office: Office, people: People) -> None:
    """A self-declared service becomes confirmed by the feed; a feed's no takes nothing back."""
    declared = first_service(office, people["T14"])
    row = {"account": people["T14"]["account"], "name": people["T14"]["name"], "school_code": "993601"}
    row |= {"start_date": str(declared.start_date)}
    assert feeder.take(feed(row | {"confirmed": "否"})).outcomes == ["unchanged"]
    assert feeder.take(feed(row)).outcomes == ["changed"]
    assert first_service(office, people["T14"]).confirmed_by == "feed"
    assert len(office.events("service.assignment.confirmed", people["T14"])) == 1
    assert feeder.take(feed(row | {"confirmed": "no"})).outcomes == ["unchanged"]
    assert first_service(office, people["T14"]).confirmed_at is not None


def test_a_service_that_the_school_refused_counts_as_none(feeder: Feeder, office: Office, people: People) -> None:
    """§2.4: the feed's own one is made beside it."""
    declared = first_service(office, people["T14"])
    office.refuse(people["T14"])
    row = {"account": people["T14"]["account"], "name": people["T14"]["name"], "school_code": "993601"}
    data = feed(row | {"start_date": str(declared.start_date), "title_code": "J50"})
    assert feeder.take(data).outcomes == ["created"]
    assert len(office.services(people["T14"])) == 2
    assert feeder.take(data).outcomes == ["unchanged"]


def test_name_address_and_identifier_are_updated(feeder: Feeder, office: Office, people: People) -> None:
    """The address counts as verified; the log names the fields and no value."""
    row = {"account": "wang0101", "name": "王曉青", "email": "w@school.example", "external_id": "E-1"}
    assert feeder.take(feed(row)).outcomes == ["changed"]
    made = office.account("wang0101")
    assert (made.name, made.email, made.external_id) == ("王曉青", "w@school.example", "E-1")
    assert made.email_verified_at is not None
    (event,) = office.events("account.changed", people["T01"])
    assert event.detail["fields"] == ["email", "email_verified_at", "external_id", "name"]
    assert "w@school" not in str(event.detail)
    assert feeder.take(feed(row)).outcomes == ["unchanged"]


def test_an_address_that_nobody_verified_is_verified_by_the_feed(feeder: Feeder, office: Office) -> None:
    """The authority states it, so it counts; the address itself does not change."""
    with office.app.app_context(), db.session.begin():
        db.session.execute(
            update(Account)
            .where(Account.login_name == "kuo1212")
            .values(email="k@school.example", email_verified_at=None)
        )
    assert feeder.take(feed(T12 | {"email": "k@school.example"})).outcomes == ["changed"]
    assert office.account("kuo1212").email_verified_at is not None


def test_primary_and_additional_change_places(feeder: Feeder, office: Office, people: People) -> None:
    """The one that ceases to be the open primary is written first, since there may be but one."""
    services = office.services(people["T03"])
    kinds = {"primary": "兼任", "additional": "主聘"}
    person = {"account": "chen0303", "name": people["T03"]["name"]}
    rows = [
        person | {"school_code": one.school_code or "", "start_date": str(one.start_date), "kind": kinds[one.kind]}
        for one in services
    ]
    for data in (
        feed(*rows),
        feed(*reversed([row | {"kind": one.kind} for row, one in zip(rows, services, strict=True)])),
    ):
        assert feeder.take(data).outcomes == ["changed", "changed"]
