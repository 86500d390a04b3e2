"""The list of the console: filters, search, pages, and the number of statements (ARCHITECTURE §7)."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from config.database import db
from idp.accounts.models import Account, ServiceAssignment
from idp.accounts.service_list import PAGE
from tests.support.console import Keeper
from tests.support.office import Office, People, change
from tests.support.statements import statements

DAY = timedelta(days=1)
SHOWS = {  # of 霧松縣, as the demo has them
    "waiting": {"T20"},
    "in_service": {"T01", "T02", "T03", "T07", "T11", "T13", "T16", "T17", "T18"},
    "ending": {"T17"},
    "suspended": set(),
    "all": {"T01", "T02", "T03", "T04", "T06", "T07", "T08", "T09", "T11", "T13", "T16", "T17", "T18", "T20"},
}


def listed(keeper: Keeper, people: People, query: str) -> set[str]:
    """Return which teachers a list shows."""
    html = keeper.get(f"/service?{query}").html
    return {key for key, person in people.items() if f"（{person['account']}）" in html}


def add_many(app: Flask, count: int, first: int = 10_000) -> None:
    """Add teachers who wait for confirmation by 994501."""
    now = change().now
    with app.app_context(), db.session.begin():
        common = {"type": "teacher_personal", "password_hash": "", "created_at": now, "changed_at": now}
        people = [
            {"id": first + n, "login_name": f"many{first + n:05}", "name": f"老師{n:04}", **common}
            for n in range(count)
        ]
        db.session.execute(insert(Account), people)
        facts = {"school_code": "994501", "title_code": "J40", "kind": "primary", "source": "self_declared"}
        rows = [{"account_id": first + n, "start_date": date(2020, 8, 1), **facts} for n in range(count)]
        db.session.execute(insert(ServiceAssignment), rows)


@pytest.mark.parametrize("show", SHOWS)
def test_filters(show: str, app: Flask, people: People) -> None:
    """Each filter shows what it says, of the authority's area and nothing else."""
    assert listed(Keeper(app, "wsedu001"), people, f"show={show}") == SHOWS[show]


def test_ended_this_year(app: Flask, people: People, loaded_on: date) -> None:
    """Those whose last day lies in this year and has passed."""
    ended = {"T04": 60, "T06": 90, "T07": 20, "T08": 10, "T09": 5, "T11": 400, "T18": 15}
    expected = {key for key, days in ended.items() if (loaded_on - days * DAY).year == loaded_on.year}
    assert listed(Keeper(app, "wsedu001"), people, "show=ended") == expected


def test_suspended(app: Flask, people: People) -> None:
    """The national centre sees both suspended teachers."""
    assert listed(Keeper(app, "natadm01"), people, "show=suspended") == {"T05", "T19"}


def test_what_was_refused_is_in_all_alone(app: Flask, office: Office, people: People) -> None:
    """A refused assignment counts as none; it stays to be seen under 全部."""
    office.refuse(people["T14"])
    centre = Keeper(app, "natadm01")
    shown = {show for show in [*SHOWS, "ended"] if "T14" in listed(centre, people, f"show={show}")}
    assert shown == {"all"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("WANG0101", {"T01"}),
        ("wang", set()),
        ("曉晴", {"T01"}),
        ("王", {"T01"}),
        ("hsu0909", {"T09"}),
        ("%", set()),
        ("_", set()),
    ],
)
def test_search(text: str, found: set[str], app: Flask, people: People) -> None:
    """Account names whole, names by any part; signs of LIKE are signs."""
    assert listed(Keeper(app, "wsedu001"), people, f"show=all&q={text.replace('%', '%25')}") == found


@pytest.mark.rule("D-31")
def test_search_stays_in_the_area(app: Flask, people: People) -> None:
    """A school finds nobody of another school, by whatever it looks for."""
    school = Keeper(app, "sch994501")
    for query in ("show=all", "show=all&q=lin0202", "show=all&q=林予安", "show=all&school=994601"):
        assert listed(school, people, query) <= {"T01", "T08", "T16"}, query
    assert listed(school, people, "show=all&school=994601") == set()


@pytest.mark.parametrize(
    ("typed", "found"), [("994601", True), ("994601 霧松縣雲門鄉梅溪國民小學", True), ("993501", False)]
)
def test_school_filter(typed: str, found: bool, app: Flask, people: People) -> None:  # noqa: FBT001  # a parameter
    """By code or name, within the area."""
    shown = listed(Keeper(app, "wsedu001"), people, f"show=all&school={typed}")
    assert shown == ({"T02", "T07", "T18"} if found else set())


def test_an_unknown_school(app: Flask) -> None:
    """It is said, and what was typed stays."""
    page = Keeper(app, "wsedu001").get("/service?show=all&school=<b>")
    assert page.has("school-error")
    assert "&lt;b&gt;" in page.html


def test_pages(app: Flask) -> None:
    """50 a page, each once, to the end and back to the first; filters stay."""
    add_many(app, 2 * PAGE + 10)
    school, seen = Keeper(app, "sch994501"), []
    page = school.get("/service?show=waiting&q=老師")
    for expected in (PAGE, PAGE, 10):
        found = [name for name in (f"many{10_000 + n:05}" for n in range(2 * PAGE + 10)) if f"（{name}）" in page.html]
        assert len(found) == expected
        seen += found
        page = school.browser.follow("next-page") if expected == PAGE else page
    assert len(set(seen)) == len(seen) == 2 * PAGE + 10
    assert not page.has("next-page")
    assert school.browser.follow("first-page").url.startswith("/service?show=waiting&q=")


@pytest.mark.parametrize("account", ["sch994501", "wsedu001", "natadm01"])
def test_statements_do_not_grow_with_the_list(account: str, app: Flask) -> None:
    """No N+1: one row or fifty, the same statements; the list itself is one SELECT with a LIMIT and counts nothing."""
    keeper = Keeper(app, account)
    add_many(app, 1)
    keeper.get("/service")
    with statements(app, whole=True) as few:
        keeper.get("/service")
    add_many(app, PAGE + 20, first=20_000)
    with statements(app, whole=True) as many:
        page = keeper.get("/service")
    assert page.has("next-page")
    assert len(many) == len(few) <= 4
    (query,) = [one for one in many if "FROM service_assignment" in one]
    assert "LIMIT" in query
    assert "count(" not in query


def test_statements_of_a_detail_page(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """Nor do those of one assignment grow with its history."""
    school, ident = Keeper(app, "sch994501"), office.services(people["T16"])[0].id
    school.act(ident, "end", last_day=loaded_on.isoformat(), cause="retired")
    with statements(app, whole=True) as few:
        school.get(f"/service/{ident}")
    for days in range(5):
        school.act(ident, "end", last_day=(loaded_on + days * DAY).isoformat(), cause="departed")
    with statements(app, whole=True) as many:
        school.get(f"/service/{ident}")
    assert len(many) == len(few) <= 10


def test_confirming_several(app: Flask, office: Office, people: People, loaded_on: date) -> None:
    """All ticked ones at once; each is logged, whoever was confirmed meanwhile is left as it is."""
    for key in ("T12", "T04", "T10"):
        office.add(people[key], "994501", loaded_on, confirmed=False)
    school = Keeper(app, "sch994501")
    page = school.get("/service")
    assert [name for form in page.forms for name in form.boxes] == [
        f"tick-{office.services(people[key])[-1].id}" for key in ("T10", "T04", "T12")
    ]
    idents = [office.services(people[key])[-1].id for key in ("T12", "T04", "T10")]
    office.confirm(people["T12"])
    first = office.services(people["T12"])[-1].confirmed_by
    page = school.send("/service/confirm", {"ids": idents})
    assert page.text("done") == "已確認 2 筆服務紀錄。"
    assert not school.get("/service").has("register")
    assert office.services(people["T12"])[-1].confirmed_by == first
    assert {office.state(people[key], loaded_on).state for key in ("T12", "T04", "T10")} == {"unlocked"}


def test_confirming_none(app: Flask) -> None:
    """Nothing ticked: nothing said, nothing done."""
    page = Keeper(app, "sch994501").send("/service/confirm", {})
    assert (page.status, page.url, page.has("done")) == (200, "/service", False)
