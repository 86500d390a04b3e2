"""The 23 teachers of DOMAIN §9.3 as data, loaded on ordinary and on awkward days."""

from datetime import date, timedelta

import pytest

from idp.demo import people
from scopes.service import Assignment, School, State, Title, evaluate_service_state, released_assignment

pytestmark = pytest.mark.no_database
LOAD_DAYS = [
    date(2026, 11, 24),
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2027, 7, 31),
]
TITLES = {code: Title(code, name, english, counts) for code, name, english, counts in people.TITLES}
CLAIMED = {
    "T01": "994501",
    "T03": "990301",
    "T07": "994602",
    "T11": "994701",
    "T16": "994501",
    "T18": "994602",
    "T21": "990F01",
}


def entries(teacher: people.Teacher, loaded: date) -> list[Assignment]:
    """The assignments of a teacher when the data are loaded on a day."""
    return [
        Assignment(
            number,
            service.school,
            service.title,
            service.kind,
            people.resolve(service.start, loaded),
            None if service.end is None else people.resolve(service.end, loaded),
            service.reason,
            None if service.suspended_from is None else people.resolve(service.suspended_from, loaded),
            confirmed=service.confirmed,
        )
        for number, service in enumerate(teacher.services, 1)
    ]


def schools(loaded: date) -> dict[str, School]:
    """The register with 994699 closed since L-40."""
    closed = {code: people.resolve(shift, loaded) for code, shift in people.CLOSED_SCHOOLS.items()}
    return {code: School(code, name, None, closed.get(code)) for code, name, _, _ in people.SCHOOLS}


@pytest.mark.parametrize("loaded", LOAD_DAYS, ids=str)
@pytest.mark.parametrize("teacher", people.TEACHERS, ids=lambda teacher: teacher.key)
def test_state_of_each_teacher(teacher: people.Teacher, loaded: date) -> None:
    """State, reason and school are those of the table, whatever the day of loading."""
    found = evaluate_service_state(entries(teacher, loaded), schools(loaded), TITLES, loaded)
    if teacher.roam in {"ok", "test_only"}:
        assert found.state is State.UNLOCKED
    elif teacher.reason == "unlocked_unverified":
        assert found.state is State.UNLOCKED_UNVERIFIED
    else:
        assert (found.state, found.reason) == (State.LOCKED, teacher.reason)
    if teacher.key in CLAIMED:
        released = released_assignment(entries(teacher, loaded), schools(loaded), TITLES, loaded, None)
        assert released is not None
        assert released.school_code == CLAIMED[teacher.key]


@pytest.mark.rule("AC-24", "AC-27")
@pytest.mark.parametrize("loaded", LOAD_DAYS, ids=str)
def test_days_that_change_something(loaded: date) -> None:
    """T17 is unlocked until L+30 and locked from L+31; T20 has no school until L+10."""
    by_key = {teacher.key: teacher for teacher in people.TEACHERS}

    def state(key: str, shift: int) -> State:
        day = loaded + timedelta(days=shift)
        return evaluate_service_state(entries(by_key[key], loaded), schools(loaded), TITLES, day).state

    assert (state("T17", 30), state("T17", 31)) == (State.UNLOCKED, State.LOCKED)
    assert (state("T20", 9), state("T20", 10)) == (State.LOCKED, State.UNLOCKED_UNVERIFIED)
    assert (state("T13", -41), state("T13", -40)) == (State.UNLOCKED, State.LOCKED)
    assert (state("T05", -31), state("T05", -30)) == (State.UNLOCKED, State.LOCKED)
