"""What the import of a feed refuses, and what stays possible beside it (D-04, D-05, D-06, DOMAIN §2.2)."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from config.database import db
from idp.accounts.models import Account, ServiceAssignment
from tests.support.feed import NEW, SERVED, T01, T12, Feeder, feed
from tests.support.office import Office, People


@pytest.mark.rule("D-04", "D-05", "D-06")
@pytest.mark.parametrize(
    ("name", "rule"),
    [("sch994501", "D-04"), ("kuo1212", "D-05"), ("newbies", "D-06"), ("0newbie1", "D-06"), ("n1", "D-06")],
)
def test_accounts_that_are_refused(name: str, rule: str, feeder: Feeder, office: Office) -> None:
    """D-04: no business account; D-05: none that was closed; D-06: the form of new names."""
    with office.app.app_context(), db.session.begin():
        known = db.session.scalars(select(Account.login_name).where(Account.type == "business")).all()
        closing = update(Account).where(Account.login_name == "kuo1212")
        db.session.execute(closing.values(closed_at=office.account("kuo1212").created_at))
    name = known[0] if rule == "D-04" else name
    before = feeder.state()
    fed = feeder.take(feed(SERVED | {"account": name}))
    assert fed.outcomes == ["refused"]
    ((row, column, value, said),) = fed.errors
    assert (row, column, value) == (2, "account", name)
    assert rule in said
    assert feeder.state() == before


def test_an_identifier_that_another_account_has(feeder: Feeder, office: Office) -> None:
    """An external id is of one account, in the file and in the database."""
    feeder.take(feed(SERVED | {"external_id": "X1"}))
    assert feeder.take(feed(T01 | {"external_id": "X1"})).errors[0][1:3] == ("external_id", "X1")
    both = feed(T01 | {"external_id": "X2"}, T12 | {"external_id": "X2"})
    assert feeder.take(both, batch=1).outcomes == ["refused", "refused"]
    assert office.account("wang0101").external_id is None
    second = SERVED | {"school_code": "993501", "kind": "兼任"}
    twice = feed(*(row | {"external_id": "X1"} for row in (SERVED, second)))
    assert feeder.take(twice).outcomes == ["unchanged", "created"], "of one account in two rows"


def test_a_faulty_row_refuses_all_rows_of_the_teacher(feeder: Feeder, office: Office) -> None:
    """Nothing is half-imported for a person, whatever stands in between; the others go on."""
    bad = SERVED | {"school_code": "000000", "kind": "兼任"}
    fed = feeder.take(feed(SERVED, SERVED | {"account": "another2"}, bad))
    assert fed.outcomes == ["refused", "created", "refused"]
    assert [error[:3] for error in fed.errors] == [(2, "", ""), (4, "school_code", "000000")]
    assert "row 4 is faulty" in fed.errors[0][3]
    assert office.rows(select(Account.id).where(Account.login_name == "newbie01")) == []


def test_rows_without_an_account_refuse_nobody_else(feeder: Feeder) -> None:
    """Each stands for itself."""
    assert feeder.take(feed(NEW | {"account": ""}, SERVED, NEW | {"account": " "})).outcomes == [
        *("refused", "created", "refused")
    ]


def test_two_primary_services_at_once_are_refused(feeder: Feeder, people: People) -> None:
    """§2.2: together with those that are stored; the end of the first in the same file makes room."""
    second = T01 | {"school_code": "993501", "start_date": "115/08/01", "title_code": "J40"}
    fed = feeder.take(feed(second))
    assert fed.errors[0][:3] == (2, "start_date", "2026-08-01")
    assert "one primary service" in fed.errors[0][3]
    ended = T01 | {"end_date": "115/07/31", "end_reason": "介聘"}
    assert feeder.take(feed(second, ended)).outcomes == ["created", "changed"]
    assert feeder.take(feed(second | {"account": people["T12"]["account"], "name": "郭怡廷"}, T12)).outcomes == [
        *("created", "unchanged")
    ]


def test_a_new_service_needs_a_title(feeder: Feeder) -> None:
    """What is stored may be updated without one."""
    row = {name: value for name, value in SERVED.items() if name != "title_code"}
    assert feeder.take(feed(row)).errors[0][:2] == (2, "title_code")


def test_overlaps_from_before_do_not_keep_an_end_out(feeder: Feeder, office: Office, people: People) -> None:
    """As for the school's command: a lock always goes through. A second open service is refused all the same."""
    ended = date.today() - timedelta(days=30)  # noqa: DTZ011  # any day
    with office.app.app_context(), db.session.begin():
        facts: dict[str, Any] = {"school_code": "993501", "title_code": "J40", "kind": "primary", "source": "import"}
        facts |= {"start_date": date(2016, 8, 1), "end_date": ended, "end_reason": "departed"}
        db.session.add(ServiceAssignment(account_id=office.id_of(people["T01"]), **facts))
    second = T01 | {"school_code": "993501", "start_date": "115/02/01", "title_code": "J40"}
    assert [error[:3] for error in feeder.take(feed(second)).errors] == [(2, "start_date", "2026-02-01")]
    row = T01 | {"end_date": ended.isoformat(), "end_reason": "離職"}
    assert feeder.take(feed(row)).outcomes == ["changed"]
