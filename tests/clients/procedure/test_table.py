"""Every transition that is not in the table is tried and refused (DOMAIN §3.4), and every row is what it says."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from clients.lifecycle import CaseState
from clients.models import Case, CaseEvent
from clients.procedure.evidence import EVIDENCE
from clients.procedure.steps import StepRefused, Why, take
from clients.procedure.transitions import BY_ID, FINAL, TRANSITIONS, Party, next_party
from config.database import db
from config.snapshot import bump
from tests.support.cases import ADMIN, APPLICANT, OFFICER, Procedure

C = CaseState
SOURCES: dict[str, set[CaseState]] = {
    "X2": {C.DRAFT},
    "X3": {C.ELIGIBILITY_CONFIRMED},
    "X4": {C.SUBMITTED},
    "X5": {C.RETURNED},
    "X6": {C.SUBMITTED},
    "X7": {C.SUBMITTED},
    "X8": {C.DRAFT, C.ELIGIBILITY_CONFIRMED, C.SUBMITTED, C.RETURNED},
    "X9": {C.APPROVED},
    "X10": {C.DOCS_PROVIDED},
    "X11": {C.TESTING},
    "X12": {C.TESTING},
    "X13": {C.TESTED},
    "X14": {C.GO_LIVE_AGREED},
    "X15": {C.GO_LIVE_AGREED},
    "X16": {C.LIVE},
    "X17": {C.SUSPENDED},
    "X18": {C.APPROVED, C.DOCS_PROVIDED, C.TESTING, C.TESTED, C.GO_LIVE_AGREED, C.LIVE, C.SUSPENDED},
    "X19": {C.LIVE},
    "X1": set(),
    "X20": set(),
}
"""From the text of DOMAIN §3.4, not from the code. X1 and X20 open cases and are no step of one."""
ONLY_APPLICANT, ONLY_ADMIN, ALL = frozenset({APPLICANT}), frozenset({ADMIN}), frozenset({APPLICANT, OFFICER, ADMIN})
WHO: dict[str, frozenset[str]] = {
    **dict.fromkeys(("X2", "X3", "X5", "X8", "X19"), ONLY_APPLICANT),
    **dict.fromkeys(("X4", "X6", "X7", "X9", "X10", "X16", "X17"), ONLY_ADMIN),
    "X11": ALL - ONLY_APPLICANT,
    "X18": ONLY_ADMIN | ONLY_APPLICANT,
    **dict.fromkeys(("X12", "X13", "X14"), ALL),
    **dict.fromkeys(("X1", "X15", "X20"), frozenset[str]()),
}


def tries() -> Iterator[tuple[str, CaseState, str, Why]]:
    """Give every step, state and person that do not go together, with the reason."""
    for step, sources in SOURCES.items():
        for state in CaseState:
            for by in (APPLICANT, OFFICER, ADMIN):
                if state not in sources:
                    yield step, state, by, Why.STATE
                elif by not in WHO[step]:
                    yield step, state, by, Why.PARTY


def test_what_is_not_in_the_table_is_refused(procedure: Procedure) -> None:
    """Every step in every wrong state, by everybody; in the right state by everybody else: nothing changes."""
    case = procedure.open()
    actors = {by: procedure.actor(by) for by in (APPLICANT, OFFICER, ADMIN)}
    tried = 0
    with procedure.app.app_context():
        for step, state, by, why in tries():
            put(case, state)
            with pytest.raises(StepRefused) as caught:
                take(case, step, actors[by], {}, datetime.now(UTC))
            assert caught.value.why is why, (step, state, by)
            assert stored(case) == (state, 1), (step, state, by)
            tried += 1
    assert tried > 700


def put(case: int, state: CaseState) -> None:
    """Put a case into a state by hand."""
    with db.session.begin():
        db.session.get_one(Case, case).state = state
        bump()


def stored(case: int) -> tuple[CaseState, int]:
    """Return the state of a case, and how many events it has."""
    with db.session.begin():
        events = len(db.session.scalars(select(CaseEvent.id).where(CaseEvent.case_id == case)).all())
        return CaseState(db.session.get_one(Case, case).state), events


def test_what_is_in_the_table_is_not_refused_for_state_or_person(procedure: Procedure) -> None:
    """The same steps in their own states, by their own people, come as far as their evidence and guards."""
    case = procedure.open()
    actors = {by: procedure.actor(by) for by in (APPLICANT, OFFICER, ADMIN)}
    with procedure.app.app_context():
        for step, sources in SOURCES.items():
            for state in sources:
                for by in WHO[step]:
                    put(case, state)
                    try:
                        take(case, step, actors[by], {"wrong": 1}, datetime.now(UTC))
                    except StepRefused as refused:
                        assert refused.why is Why.EVIDENCE, (step, state, by)  # noqa: PT017  # one of many
                    else:
                        pytest.fail(f"{step} took evidence that it does not know")


def test_people_of_other_cases_do_not_act(procedure: Procedure) -> None:
    """An applicant acts in her own cases only, and an administrator not in one of her own."""
    case = procedure.open()
    with procedure.app.app_context():
        from clients.procedure.members import Actor, join

        stranger = Actor(procedure.actor("natadm02").account_id, "x", Party.APPLICANT)
        with pytest.raises(StepRefused) as caught:
            take(case, "X8", stranger, {"note": "x"}, datetime.now(UTC))
        assert caught.value.why is Why.PARTY
        admin = procedure.actor(ADMIN)
        with db.session.begin():
            join(case, admin.account_id, Party.APPLICANT, datetime.now(UTC))
        put(case, CaseState.SUBMITTED)
        with pytest.raises(StepRefused) as caught:
            take(case, "X4", admin, {"reasons": [{"code": "RT-99", "text": "x"}]}, datetime.now(UTC))
        assert caught.value.why is Why.PARTY


def test_no_such_case(procedure: Procedure, app: Flask) -> None:
    """It is said, and nothing else."""
    with app.app_context(), pytest.raises(StepRefused, match="no_case"):
        take(999_999, "X4", procedure.actor(ADMIN), {}, datetime.now(UTC))


def test_the_table_is_whole() -> None:
    """X1-X20, each with its evidence; final states have no way out, every other state is reached and left."""
    assert [one.id for one in TRANSITIONS] == [f"X{number}" for number in range(1, 21)]
    assert set(EVIDENCE) == set(BY_ID)
    assert {one.id: set(one.sources) for one in TRANSITIONS if one.id not in {"X1", "X20"}} == {
        step: sources for step, sources in SOURCES.items() if step not in {"X1", "X20"}
    }
    left = {state for one in TRANSITIONS if one.target is not None for state in one.sources}
    assert set(CaseState) - left == FINAL
    assert {one.target for one in TRANSITIONS} - {None} == set(CaseState)


def test_agreements_fill_one_place_each() -> None:
    """X13 needs the partner and two of ours, in whatever order; nobody stands for another."""
    row = BY_ID["X13"]
    admin, officer = Party.ADMIN, Party.OFFICER
    assert len(next_party(row, ())) == 3
    assert next_party(row, (admin, admin, admin)) == (frozenset({Party.APPLICANT, officer}),)
    assert next_party(row, (officer, officer)) == (frozenset({admin}), frozenset({admin}))
    assert next_party(row, (admin, officer, admin)) == ()
