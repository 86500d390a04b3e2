"""``idp service``: service data on the command line; the rule of areas and the log are those of the pages (D-31)."""

from datetime import date, timedelta

import pytest
from flask import Flask

from tests.config.conftest import Idp
from tests.support.office import Office, People

BY = ("--actor", "sch994501", "--reason", "letter 1")
DAY = timedelta(days=1)


def ident(office: Office, people: People, key: str) -> str:
    """Return the number of her newest assignment."""
    return str(office.services(people[key])[-1].id)


def test_show(idp_command: Idp, office: Office, people: People, loaded_on: date) -> None:
    """Assignments, state, reason and the row that decides; on any day."""
    result = idp_command("service", "show", "HSU0909")
    first, second, last = result.output.splitlines()
    assert result.exit_code == 0
    assert f"to {loaded_on - 5 * DAY} (transferred)  confirmed" in first
    assert second.split()[:4] == [ident(office, people, "T09"), "993501", "J40", "primary"]
    assert second.endswith("unconfirmed")
    assert last == f"ok: hsu0909 is locked (service_data_pending) on {loaded_on}, rule 5"
    result = idp_command("service", "show", "lai1717", "--day", (loaded_on + 31 * DAY).isoformat())
    assert result.output.splitlines()[-1].startswith("ok: lai1717 is locked (not_in_service)")
    result = idp_command("service", "show", "wu0505a", "--day", "109/6/23")
    assert result.output.splitlines()[-1] == "ok: wu0505a is unlocked on 2020-06-23, rule 2"
    assert f"suspended {loaded_on - 30 * DAY} to …" in result.output


@pytest.mark.rule("D-31")
def test_end_suspend_confirm(idp_command: Idp, office: Office, people: People, loaded_on: date) -> None:
    """Each says what the account's state is then; the log names who, that it was here, and why."""
    office.add(people["T12"], "994501", loaded_on, confirmed=False)
    result = idp_command("service", "confirm", ident(office, people, "T12"), "--actor", "SCH994501")
    assert result.output == f"ok: {ident(office, people, 'T12')}; the account is unlocked\n"
    result = idp_command("service", "suspend", ident(office, people, "T12"), loaded_on.isoformat(), *BY)
    assert result.output.endswith("the account is locked (not_in_service)\n")
    result = idp_command("service", "end", ident(office, people, "T01"), "2100-01-31", "--cause", "retired", *BY)
    assert (result.exit_code, result.output.endswith("the account is unlocked\n")) == (0, True)
    (event,) = office.events("service.assignment.ended", people["T01"])
    assert (event.actor, event.detail["reason"]) == ("cli:sch994501", "letter 1")
    assert office.services(people["T12"])[0].confirmed_by == "cli:sch994501"


@pytest.mark.rule("D-31")
def test_add(idp_command: Idp, office: Office, people: People, loaded_on: date) -> None:
    """A confirmed assignment at a school of the actor's area."""
    result = idp_command("service", "add", "kuo1212", "994501", "J40", loaded_on.isoformat(), *BY)
    assert (result.exit_code, result.output) == (0, f"ok: {ident(office, people, 'T12')}\n")
    (row,) = office.services(people["T12"])
    assert (row.school_code, row.kind, row.source, row.confirmed_by) == ("994501", "primary", "school", "cli:sch994501")
    result = idp_command(
        *("service", "add", "kuo1212", "994602", "J52", "110/8/1", "--kind", "additional", "--actor", "wsedu001")
    )
    assert result.exit_code == 0
    assert {row.source for row in office.services(people["T12"])} == {"school", "authority"}


@pytest.mark.rule("D-31")
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["end", "{T02}", "2100-1-1", "--cause", "retired", *BY], "not there, or not in the area of sch994501"),
        (["end", "999999", "2100-1-1", "--cause", "retired", *BY], "not there, or not in the area"),
        (["end", "{T01}", "80/1/1", "--cause", "retired", *BY], "the last day lies before the first"),
        (["suspend", "{T01}", "80/1/1", *BY], "outside the service"),
        (["confirm", "{T01}", "--actor", "sch994501"], "confirmed already"),
        (
            ["end", "{T01}", "2100-1-1", "--cause", "retired", "--actor", "sch994501", "--reason", " "],
            "a reason is needed",
        ),
        (["confirm", "{T09}", "--actor", "sch993501"], "no active business account"),
        (["confirm", "{T09}", "--actor", "rcsouth01"], "no active business account"),
        (["confirm", "{T09}", "--actor", "wang0101"], "no active business account"),
        (["confirm", "{T09}", "--actor", "nobody99"], "no active business account"),
        (["add", "kuo1212", "994602", "J40", "110/8/1", *BY], "no such school"),
        (["add", "kuo1212", "994699", "J40", "110/8/1", "--actor", "wsedu001"], "no such school"),
        (["add", "kuo1212", "994501", "X1", "110/8/1", *BY], "no such title"),
        (["add", "sch994501", "994501", "J40", "110/8/1", *BY], "no such teacher account"),
        (["add", "wang0101", "994501", "J40", "110/8/1", *BY], "she has a primary service"),
        (["show", "nobody99"], "no such teacher account"),
    ],
)
def test_refusals(arguments: list[str], why: str, idp_command: Idp, office: Office, people: People) -> None:
    """Exit code 1 and one line that says why; nothing is written."""
    given = [one.format(**{key: ident(office, people, key) for key in ("T01", "T02", "T09")}) for one in arguments]
    result = idp_command("service", *given)
    assert result.exit_code == 1
    assert why in result.output
    assert len(result.output.splitlines()) == 1
    for name in ("created", "confirmed", "changed", "ended"):
        assert office.events(f"service.assignment.{name}") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["end", "1", "soon", "--cause", "retired", *BY],
        ["end", "1", "2100-1-1", "--cause", "bored", *BY],
        ["end", "1", "2100-1-1", "--cause", "retired", "--actor", "sch994501"],
        ["end", "0", "2100-1-1", "--cause", "retired", *BY],
        ["confirm", "1"],
        ["show"],
        ["nonsense"],
    ],
)
def test_wrong_usage(arguments: list[str], idp_command: Idp, app: Flask) -> None:
    """Exit code 2."""
    assert app
    assert idp_command("service", *arguments).exit_code == 2
