"""How diagnoses are stored: one row per kind and hour, bounded, counted right across processes, forgotten in time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from clients import registry
from clients.diagnoses import MORE, ROWS_MAX, SPACING, Kind, note
from clients.diagnosis_list import PAGE, Wish, codes_of, listed, refusals_per_day, refused_since
from config.database import db, hot
from config.days import last_days
from idp.sweeping import sweep
from scopes.roc import taipei_day, taipei_midnight
from tests.support.diagnoses import kept
from tests.support.statements import statements

NOON = datetime(2030, 5, 5, 4, 30, tzinfo=UTC)
"""Half past twelve in Taipei."""
SITE = "dream-n"


def put(app: Flask, now: datetime = NOON, code: str = "REQ-16", kind: Kind = Kind.REFUSED, **facts: Any) -> None:
    """Note something of the demo's site."""
    with app.app_context():
        note(SITE, code, kind, facts, now)


def warm(app: Flask) -> None:
    """Let the process read what it keeps of clients, so that statements can be counted."""
    with app.app_context():
        assert SITE in registry.everyone()


def test_one_row_per_code_detail_and_hour(app: Flask) -> None:
    """What is the same adds up; another detail, code or hour is another row."""
    for seconds in (0, 2, 4):
        put(app, NOON + timedelta(seconds=seconds), received="a")
    put(app, received="b")
    put(app, code="REQ-03", received="a")
    put(app, NOON + timedelta(hours=1), received="a")
    rows = kept(app, SITE)
    assert [(one.code, one.detail["received"], one.count) for one in rows] == [
        ("REQ-16", "a", 3),
        ("REQ-16", "b", 1),
        ("REQ-03", "a", 1),
        ("REQ-16", "a", 1),
    ]
    assert (rows[0].first_at, rows[0].last_at) == (NOON, NOON + timedelta(seconds=4))


def test_a_flood_costs_one_statement_a_second(app: Flask) -> None:
    """Ten thousand refusals at once: one row and one statement; all of them are counted a second later."""
    warm(app)
    with statements(app) as seen:
        for _ in range(10_000):
            put(app, received="a")
        assert seen == ["INSERT"]
        put(app, NOON + SPACING, received="a")
    assert seen == ["INSERT", "INSERT"]
    assert [one.count for one in kept(app, SITE)] == [10_001]


def test_a_flood_of_all_kinds_is_bounded(app: Flask) -> None:
    """Ten thousand different ones: so many rows tell details, the rest is counted in one row per code and hour."""
    for number in range(10_000):
        put(app, received=f"x{number}")
    put(app, NOON + SPACING, received="the last")
    rows = kept(app, SITE)
    assert len(rows) == ROWS_MAX + 1
    assert (rows[-1].detail, sum(one.count for one in rows)) == (MORE, 10_001)
    for hours in range(1, 7):
        put(app, NOON + timedelta(hours=hours), received="a")
        put(app, NOON + timedelta(hours=hours), "ADV-01", Kind.ADVICE, received="a")
    assert len(kept(app, SITE)) == ROWS_MAX + 1 + 2 * 6
    put(app, NOON + timedelta(days=1), received="a")
    assert kept(app, SITE)[-1].detail == {"received": "a"}


def test_the_limit_holds_across_processes(make_app: Callable[..., Flask]) -> None:
    """A process that knows nothing of the others' rows makes none beyond the limit, but adds to those that are there."""
    first, second = make_app(), make_app()
    for number in range(ROWS_MAX):
        put(first, received=f"x{number}")
    put(second, received="x7")
    put(second, received="new")
    rows = kept(second, SITE)
    assert len(rows) == ROWS_MAX + 1
    assert {one.detail["received"]: one.count for one in rows[:-1]}["x7"] == 2
    assert rows[-1].detail == MORE


def test_processes_count_together(make_app: Callable[..., Flask]) -> None:
    """Eight processes at once make one row, and none of them is lost."""
    apps = [make_app() for _ in range(8)]
    with ThreadPoolExecutor(len(apps)) as pool:
        list(pool.map(lambda one: put(one, received="a"), apps))
    (row,) = kept(apps[0], SITE)
    assert row.count == len(apps)


def test_advice_is_written_once_an_hour(app: Flask) -> None:
    """Whatever its detail: a client with a weak point costs one statement an hour and process."""
    warm(app)
    with statements(app) as seen:
        for minutes in range(30):
            put(app, NOON + timedelta(minutes=minutes), "ADV-04", Kind.ADVICE, received=f"x{minutes}")
        assert seen == ["INSERT"]
        put(app, NOON + timedelta(minutes=30), "ADV-04", Kind.ADVICE)
    assert seen == ["INSERT", "INSERT"]


def test_what_cannot_be_written_stops_nobody(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """The database refuses: the log says so, and the caller goes on."""
    with app.app_context(), hot() as connection:
        connection.execute(text("DROP TABLE client_diagnosis"))
    put(app, received="a")
    assert "a diagnosis was not kept" in caplog.text


def test_unknown_clients_have_no_log(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """What calls itself by a name that is not registered leaves nothing."""
    with app.app_context():
        note("nobody", "REQ-16", Kind.REFUSED, {}, NOON)
    assert kept(app) == []
    assert caplog.text == ""


@pytest.mark.rule("D-73")
@pytest.mark.parametrize("days", [400, 200], ids=["by default", "as set"])
def test_old_ones_are_forgotten(make_app: Callable[..., Flask], days: int) -> None:
    """Technical logs are kept 400 days, or as many as the setting says."""
    app = make_app(**({} if days == 400 else {"technical_log_days": days}))
    put(app, NOON - timedelta(days=days, hours=2), received="old")
    put(app, NOON - timedelta(days=days) + timedelta(hours=1), received="new")
    with app.app_context():
        assert sweep(NOON)["diagnoses"] == 1
    assert [one.detail["received"] for one in kept(app)] == ["new"]


def test_the_list(app: Flask) -> None:
    """Newest first, by code, by day in Taipei, by page."""
    midnight = taipei_midnight(taipei_day(NOON))
    put(app, midnight - timedelta(minutes=1), received="the day before")
    put(app, midnight, received="the day")
    put(app, midnight + timedelta(hours=23, minutes=59), "REQ-03")
    for number in range(PAGE):
        put(app, midnight + timedelta(days=1), received=f"x{number}")
    with app.app_context(), db.session.begin():
        first, has_more = listed(SITE, Wish())
        second, has_more_still = listed(SITE, Wish(page=2))
        of_day, _ = listed(SITE, Wish(day=taipei_day(NOON)))
        of_code, _ = listed(SITE, Wish(code="REQ-03"))
        assert codes_of(SITE) == ["REQ-03", "REQ-16"]
        assert listed("county-study", Wish()) == ([], False)
    assert (len(first), has_more, len(second), has_more_still) == (PAGE, True, 3, False)
    moments = [one.last_at for one in (*first, *second)]
    assert moments == sorted(moments, reverse=True)
    assert [one.detail.get("received") for one in of_day] == [None, "the day"]
    assert [one.code for one in of_code] == ["REQ-03"]


def test_refusals_per_day(app: Flask) -> None:
    """By the day in Taipei; advice and calls of ours are none; nor is what lies outside the days."""
    today = taipei_day(NOON)
    midnight = taipei_midnight(today)
    for moment in (
        midnight - timedelta(seconds=1),
        midnight,
        midnight + timedelta(hours=2),
        midnight + timedelta(days=1),
    ):
        put(app, moment, received="a")
    put(app, midnight - timedelta(days=2), received="a")
    put(app, NOON, "ADV-01", Kind.ADVICE)
    put(app, NOON, "CALL-01", Kind.CALL)
    with app.app_context(), db.session.begin():
        days = last_days(today, 2)
        assert refusals_per_day(SITE, days) == {days[0]: 1, days[1]: 2}
        assert refused_since(midnight) == {SITE: 3}
