"""The seven rows of DOMAIN §2.4, over generated assignments and days, and each sentence of D-14 … D-35 by example."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopes.service import (
    Assignment,
    AssignmentKind,
    EndReason,
    Reason,
    ServiceState,
    State,
    effective_state,
    evaluate_service_state,
    releasable,
    released_assignment,
)
from tests.scopes.oracle import DAY, SCHOOLS, TITLES, assignments, near, row

pytestmark = pytest.mark.no_database
VERDICTS = {
    1: ("locked", "not_in_service"),
    2: ("unlocked", None),
    3: ("unlocked_unverified", None),
    4: ("locked", "no_service_school"),
    5: ("locked", "service_data_pending"),
    6: ("locked", "not_in_service"),
    7: ("locked", "no_service_school"),
}
GOOD = Assignment(1, "open", "yes", AssignmentKind.PRIMARY, DAY - timedelta(days=9), confirmed=True)
OTHER = replace(GOOD, id=2, kind=AssignmentKind.ADDITIONAL)


def judge(*entries: Assignment, day: date = DAY) -> ServiceState:
    """Evaluate with the test's schools and titles."""
    return evaluate_service_state(entries, SCHOOLS, TITLES, day)


@settings(max_examples=4000, deadline=None)
@given(st.lists(assignments(), max_size=4), near)
def test_first_matching_row_wins(entries: list[Assignment], day: date) -> None:
    """State, reason and row equal those of the oracle, whatever the order of the rows in the database."""
    found = judge(*entries, day=day)
    assert found.rule == row(entries, day)
    assert (found.state, found.reason) == VERDICTS[found.rule]
    again = judge(*reversed(entries), day=day)
    assert (again.state, again.reason, again.rule) == (found.state, found.reason, found.rule)


@settings(max_examples=2000, deadline=None)
@given(st.lists(assignments(), max_size=4, unique_by=lambda entry: entry.id), near, st.integers(1, 10**6))
def test_released_school_is_one_that_the_state_rests_on(entries: list[Assignment], day: date, other: int) -> None:
    """D-24: something can be released exactly in rows 2 and 3 or beside row 1; a choice counts only among these."""
    good = releasable(entries, SCHOOLS, TITLES, day)
    rule = row(entries, day)
    assert rule not in {4, 5, 6, 7} or good == ()
    assert good or rule not in {2, 3}
    for entry in good:
        assert released_assignment(entries, SCHOOLS, TITLES, day, entry.id) == entry
    default = released_assignment(entries, SCHOOLS, TITLES, day, None)
    unknown = other if other not in {entry.id for entry in good} else None
    assert released_assignment(entries, SCHOOLS, TITLES, day, unknown) == default
    if good:
        primaries = [entry for entry in good if entry.kind is AssignmentKind.PRIMARY] or list(good)
        assert default is not None
        assert default.start_date == min(entry.start_date for entry in primaries if entry.start_date)
        assert default in primaries


@pytest.mark.rule("D-30", "D-20")
def test_an_end_date_bites_the_day_after() -> None:
    """The last day in service is inclusive."""
    ends = replace(GOOD, end_date=DAY, end_reason=EndReason.NOT_RENEWED)
    assert judge(ends, day=DAY).state is State.UNLOCKED
    assert judge(ends, day=DAY + timedelta(days=1)).reason is Reason.NOT_IN_SERVICE


@pytest.mark.rule("D-23")
def test_suspension_counts_at_the_primary_school_only() -> None:
    """A suspension at the primary school locks in spite of others; at an additional one it deactivates that one."""
    suspended = {"suspended_from": DAY, "suspended_until": DAY}
    assert judge(replace(GOOD, **suspended), OTHER).rule == 1  # type: ignore[arg-type]
    assert judge(GOOD, replace(OTHER, **suspended)).rule == 2  # type: ignore[arg-type]
    assert judge(replace(GOOD, **suspended), OTHER, day=DAY + timedelta(days=1)).rule == 2  # type: ignore[arg-type]
    over = replace(GOOD, suspended_from=DAY - timedelta(days=3), end_date=DAY - timedelta(days=1))
    assert judge(over, OTHER).rule == 2


@pytest.mark.rule("D-14", "D-21", "D-34", "D-35")
def test_each_row_by_example() -> None:
    """One example per row, as the text describes it."""
    unconfirmed = replace(GOOD, confirmed=False)
    left = replace(GOOD, id=3, end_date=DAY - timedelta(days=1), end_reason=EndReason.TRANSFERRED)
    assert judge(unconfirmed).rule == 3
    assert judge(replace(GOOD, school_code="gone")).rule == 4
    assert judge(replace(GOOD, school_code="gone"), replace(OTHER, school_code=None)).rule == 5
    assert judge(left, unconfirmed).rule == 5
    assert judge(replace(GOOD, title_code=None)).rule == 5
    assert judge(replace(GOOD, title_code="no")).rule == 6
    assert judge(left).rule == 6
    assert judge().rule == 7
    assert judge(replace(GOOD, start_date=DAY + timedelta(days=1))).rule == 7
    assert judge(replace(GOOD, refused=True)).rule == 7


@pytest.mark.rule("D-17")
def test_confirmed_once_means_never_unverified_again() -> None:
    """A teacher who left cannot unlock the account by declaring a school."""
    left = replace(GOOD, end_date=DAY - timedelta(days=1), end_reason=EndReason.RETIRED)
    declared = replace(OTHER, confirmed=False)
    assert judge(left, declared).reason is Reason.SERVICE_DATA_PENDING
    assert judge(replace(left, confirmed=False), declared).state is State.UNLOCKED_UNVERIFIED


@pytest.mark.rule("D-01", "D-17")
def test_settings_take_effect_on_the_state() -> None:
    """Before the amendment nobody is locked; where confirmation is not required, unverified accounts roam."""
    locked = ServiceState(State.LOCKED, Reason.NOT_IN_SERVICE, 6, 1)
    unverified = ServiceState(State.UNLOCKED_UNVERIFIED, None, 3, 1)
    assert effective_state(locked, in_force=True, requires_confirmed=True) == locked
    assert effective_state(locked, in_force=True, requires_confirmed=False) == locked
    assert effective_state(locked, in_force=False, requires_confirmed=True).state is State.UNLOCKED
    assert effective_state(locked, in_force=False, requires_confirmed=True).reason is None
    assert effective_state(unverified, in_force=False, requires_confirmed=True) == unverified
    assert effective_state(unverified, in_force=True, requires_confirmed=False).state is State.UNLOCKED


def test_reasons_in_both_languages() -> None:
    """The exact words of the messages."""
    assert [(reason.label_zh, reason.label_en) for reason in Reason] == [
        ("未在職", "not in service"),
        ("無服務學校", "no service school"),
        ("服務單位資訊待確認", "service information awaiting confirmation"),
    ]
