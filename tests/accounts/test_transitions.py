"""Which changes of an assignment there are: a table of states and actions, reasons, and what the commands write."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from config.audit import AuditEvent
from idp.accounts import service, service_corrections
from idp.accounts.service import Change, ServiceRefused
from idp.accounts.service_corrections import Facts
from idp.accounts.transitions import Action, Refusal, end_fault, suspension_fault, why_not
from scopes.service import Assignment, AssignmentKind, EndReason
from tests.support.office import Office, People, change

DAY, TODAY = timedelta(days=1), date(2030, 5, 15)
OPEN = Assignment(1, "994501", "J40", AssignmentKind.PRIMARY, date(2020, 8, 1), confirmed=True)
STATED = replace(OPEN, confirmed=False)
ENDED = replace(OPEN, end_date=TODAY - DAY, end_reason=EndReason.RETIRED)
SUSPENDED = replace(OPEN, suspended_from=TODAY - 9 * DAY)
RESUMED = replace(SUSPENDED, suspended_until=TODAY - DAY)
TABLE = [  # entry, what is possible
    (OPEN, "correct end suspend"),
    (STATED, "confirm refuse correct end suspend"),
    (ENDED, "correct end reopen suspend"),
    (SUSPENDED, "correct end suspend lift unsuspend"),
    (replace(SUSPENDED, suspended_until=TODAY), "correct end suspend lift unsuspend"),
    (RESUMED, "correct end suspend unsuspend"),
    (replace(STATED, refused=True), ""),
]


@pytest.mark.no_database
@pytest.mark.parametrize(("entry", "possible"), TABLE)
def test_what_is_possible(entry: Assignment, possible: str) -> None:
    """Every action in every state: possible, or refused with a reason."""
    assert {action for action in Action if why_not(action, entry, TODAY) is None} == {
        Action(name) for name in possible.split()
    }


@pytest.mark.no_database
def test_ends_and_suspensions_lie_within_the_service() -> None:
    """No end before the first day; a suspension begins between first and last day and does not end before it begins."""
    start, last = date(2020, 8, 1), TODAY - DAY
    assert end_fault(OPEN, start) is None
    assert end_fault(OPEN, start - DAY) is Refusal.BACK_TO_FRONT
    assert end_fault(replace(OPEN, start_date=None), start) is None
    assert suspension_fault(ENDED, start, None) is None
    assert suspension_fault(ENDED, last, last) is None
    assert suspension_fault(ENDED, TODAY, None) is Refusal.OUTSIDE
    assert suspension_fault(OPEN, start - DAY, None) is Refusal.OUTSIDE
    assert suspension_fault(OPEN, TODAY, TODAY - DAY) is Refusal.BACK_TO_FRONT


def locks(office: Office, person: dict[str, Any]) -> list[AuditEvent]:
    """Return the locks and restorations of a teacher, in order."""
    events = [*office.events("service.lock.begin", person), *office.events("service.lock.end", person)]
    return sorted(events, key=lambda event: event.id)


def commands(ident: int, day: date) -> dict[str, Callable[[Change], Any]]:
    """Return every command that must say why."""
    facts = Facts("J30", AssignmentKind.PRIMARY, date(2015, 8, 1), None)
    return {
        "refuse": lambda by: service.refuse(ident, by),
        "end": lambda by: service.end(ident, day, EndReason.RETIRED, by),
        "suspend": lambda by: service.suspend(ident, day, None, by),
        "correct": lambda by: service_corrections.correct(ident, facts, by),
        "reopen": lambda by: service_corrections.reopen(ident, by),
        "lift": lambda by: service_corrections.lift(ident, day, by),
        "unsuspend": lambda by: service_corrections.unsuspend(ident, by),
    }


@pytest.mark.rule("D-31")
@pytest.mark.parametrize("name", ["refuse", "end", "suspend", "correct", "reopen", "lift", "unsuspend"])
@pytest.mark.parametrize("reason", ["", "  "])
def test_a_change_says_why(name: str, reason: str, office: Office, people: People, loaded_on: date) -> None:
    """D-31: without a reason nothing is written, whatever was wrong besides."""
    ident = office.services(people["T01"])[0].id
    with office.app.app_context(), pytest.raises(ServiceRefused, match="a reason is needed"):
        commands(ident, loaded_on)[name](replace(change(), reason=reason))
    assert office.events("service.assignment.ended") == office.events("service.assignment.changed") == []


@pytest.mark.rule("D-31")
def test_corrections_are_logged_and_settled(office: Office, people: People, loaded_on: date) -> None:
    """Old and new value, action and reason in the log; each lock and restoration told at once."""
    ident = office.services(people["T01"])[0].id
    with office.app.app_context():
        commands(ident, loaded_on - DAY)["end"](change())
        commands(ident, loaded_on)["reopen"](change())
        commands(ident, loaded_on)["suspend"](change())
        commands(ident, loaded_on - DAY)["unsuspend"](change())
        commands(ident, loaded_on - 2 * DAY)["suspend"](change())
        commands(ident, loaded_on - DAY)["lift"](change())
        commands(ident, loaded_on)["correct"](change())
    told = [event.action.rpartition(".")[2] for event in locks(office, people["T01"])]
    assert told == ["begin", "end"] * 3
    assert [event.detail["action"] for event in office.events("service.assignment.changed")] == (
        ["reopen", "suspend", "unsuspend", "suspend", "lift", "correct"]
    )
    reopened, *_, lifted, corrected = office.events("service.assignment.changed")
    assert reopened.detail["old"]["end_reason"] == "retired"
    assert "end_date" not in reopened.detail["new"]
    assert lifted.detail["new"]["suspended_until"] == (loaded_on - DAY).isoformat()
    assert (corrected.detail["old"]["title_code"], corrected.detail["new"]["title_code"]) == ("J40", "J30")
    assert corrected.detail["reason"] == "測試"


@pytest.mark.rule("D-29", "D-35")
@pytest.mark.parametrize("day", [date(2015, 8, 1), date(2016, 8, 1)])
def test_a_title_that_does_not_count_was_wrong_all_along(
    day: date, office: Office, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A correction speaks of the whole entry: what it makes wrong in hindsight begins with the earlier first day."""
    seen: list[date] = []
    monkeypatch.setattr("idp.accounts.effects.service_locked.send", lambda *_, since, **__: seen.append(since))
    ident = office.services(people["T01"])[0].id
    with office.app.app_context():
        service_corrections.correct(ident, Facts("J80", AssignmentKind.PRIMARY, day, None), change())
    assert seen == [date(2015, 8, 1)]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (Facts("X99", AssignmentKind.PRIMARY, date(2018, 8, 1), None), Refusal.NO_TITLE),
        (Facts("J40", AssignmentKind.PRIMARY, date(2101, 8, 1), None), Refusal.BACK_TO_FRONT),
        (Facts("J40", AssignmentKind.ADDITIONAL, date(2100, 1, 2), None), Refusal.OUTSIDE),
    ],
)
def test_corrections_that_contradict_the_entry(facts: Facts, why: Refusal, office: Office, people: People) -> None:
    """An unknown title, a first day after the last one or after the suspension: refused, nothing written."""
    ident = office.services(people["T02"])[0].id
    with office.app.app_context():
        service.end(ident, date(2100, 12, 31), EndReason.RETIRED, change())
        service.suspend(ident, date(2100, 1, 1), None, change())
        with pytest.raises(ServiceRefused, match=why):
            service_corrections.correct(ident, facts, change())
    assert office.services(people["T02"])[0].start_date == date(2018, 8, 1)


def test_an_additional_service_cannot_become_a_second_primary(office: Office, people: People) -> None:
    """§2.2: neither by a correction nor by taking an end back; the reason says which rule."""
    first, second = office.services(people["T03"])
    with office.app.app_context():
        for kind in (AssignmentKind.PRIMARY,):
            with pytest.raises(ServiceRefused, match="already"):
                service_corrections.correct(second.id, Facts("J52", kind, date(2019, 8, 1), None), change())
        service.end(first.id, date(2019, 7, 31), EndReason.TRANSFERRED, change())
        service_corrections.correct(second.id, Facts("J52", AssignmentKind.PRIMARY, date(2019, 8, 1), None), change())
        with pytest.raises(ServiceRefused, match="already"):
            service_corrections.reopen(first.id, change())
    assert [row.end_date is None for row in office.services(people["T03"])] == [False, True]


def test_a_lift_before_the_suspension(office: Office, people: People, loaded_on: date) -> None:
    """A suspension cannot end before it began."""
    ident = office.services(people["T05"])[0].id
    with office.app.app_context(), pytest.raises(ServiceRefused, match="before the first"):
        service_corrections.lift(ident, loaded_on - 31 * DAY, change())


def test_the_same_again_is_no_change(office: Office, people: People) -> None:
    """What would change nothing is refused: the log holds changes."""
    row = office.services(people["T10"])[0]
    assert row.end_date is not None
    with office.app.app_context(), pytest.raises(ServiceRefused, match="nothing would change"):
        service.end(row.id, row.end_date, EndReason.RETIRED, change())


def test_days_at_the_edge_are_possible(office: Office, people: People, loaded_on: date) -> None:
    """All days are inclusive: a service and a suspension may last one day, and begin on the same one."""
    ident = office.services(people["T02"])[0].id
    facts = Facts("J40", AssignmentKind.PRIMARY, loaded_on, None)
    with office.app.app_context():
        service.end(ident, loaded_on, EndReason.RETIRED, change())
        service.suspend(ident, loaded_on, None, change())
        service_corrections.correct(ident, facts, change())
        service_corrections.lift(ident, loaded_on, change())
    (row,) = office.services(people["T02"])
    assert {row.start_date, row.end_date, row.suspended_from, row.suspended_until} == {loaded_on}
    assert office.state(people["T02"], loaded_on).reason == "not_in_service"
