"""From the approval to the end: documents, tests by both sides, the agreed day, suspension and termination."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clients import registry
from clients.form.values import Problem
from clients.lifecycle import CaseState
from clients.models import Case, Client
from clients.procedure.steps import Why, settle_all
from config.database import db
from scopes.roc import taipei_day
from tests.clients.procedure.test_walk import codes, refused
from tests.support.cases import (
    ADMIN,
    APPLICANT,
    APPROVED,
    OFFICER,
    SECOND_ADMIN,
    SHEET,
    Procedure,
    go_live,
)


@pytest.mark.rule("AC-46")
def test_no_tests_before_the_documents(procedure: Procedure) -> None:
    """An approved case gets its test client after the technical documents were handed over."""
    case = procedure.approved()
    assert refused(procedure, case, "X10", ADMIN, SHEET).why is Why.STATE
    to_come = {"version": "1", "recipient": "陳", "provided_on": "199/01/01"}
    assert refused(procedure, case, "X9", ADMIN, to_come).why is Why.GUARD


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"redirect_uris": ["http://site.example/cb"]},
        {"redirect_uris": ["https://other.example/cb"]},
        {"redirect_uris": ["https://site.example/cb"], "token_endpoint_auth_method": "none"},
        {"redirect_uris": ["https://site.example/cb"], "jwks_uri": "https://other.example/keys"},
    ],
)
def test_the_sheet_stays_within_the_case(procedure: Procedure, metadata: dict[str, Any]) -> None:
    """D-41: https, hosts of the site, at least one redirect URI, no public client."""
    case = procedure.approved()
    today = taipei_day(datetime.now(UTC)).isoformat()
    procedure.step(case, "X9", ADMIN, {"version": "1", "recipient": "陳", "provided_on": today})
    assert refused(procedure, case, "X10", ADMIN, SHEET | {"metadata": metadata}).why is Why.EVIDENCE
    foreign = SHEET | {"essential_items": ["title_code"]}
    assert refused(procedure, case, "X10", ADMIN, foreign).why is Why.GUARD


@pytest.mark.rule("AC-47")
def test_both_sides_sign(procedure: Procedure) -> None:
    """One signature leaves the case in testing, whoever repeats it; a test that lacks or failed refuses both."""
    case = procedure.testing()
    procedure.pass_tests(case, "TC-6")
    assert codes(refused(procedure, case, "X11", ADMIN)) == {("TC-6", None)}
    procedure.pass_tests(case)
    for by in (ADMIN, ADMIN, SECOND_ADMIN):
        assert procedure.step(case, "X11", by).waits_for != ()
        assert procedure.state(case) is CaseState.TESTING
    assert refused(procedure, case, "X11", APPLICANT).why is Why.PARTY
    assert procedure.step(case, "X11", OFFICER).waits_for == ()
    assert procedure.state(case) is CaseState.TESTED


def test_a_new_result_voids_the_signatures_before_it(procedure: Procedure) -> None:
    """Both sides sign the same record: whoever signed an older one signs again."""
    case = procedure.testing()
    procedure.pass_tests(case)
    procedure.step(case, "X11", OFFICER)
    procedure.pass_tests(case, "TC-1")
    assert procedure.step(case, "X11", ADMIN).waits_for != ()
    assert procedure.step(case, "X11", OFFICER).waits_for == ()


def test_another_step_voids_the_signatures_before_it(procedure: Procedure) -> None:
    """X12: after a failed run both sides sign again."""
    case = procedure.testing()
    procedure.pass_tests(case)
    procedure.step(case, "X11", OFFICER)
    procedure.step(case, "X12", ADMIN, {"note": "登出後仍顯示已登入"})
    assert procedure.step(case, "X11", ADMIN).waits_for != ()


def test_the_daily_job_counts_what_went_live(procedure: Procedure) -> None:
    """Once, and only what was due."""
    procedure.agreed(0)
    procedure.agreed(1, site_name="另一站")
    procedure.tested(site_name="第三站")
    with procedure.app.app_context():
        assert [settle_all(datetime.now(UTC)) for _ in range(2)] == [1, 0]


def test_another_letter_voids_the_agreement_before_it(procedure: Procedure) -> None:
    """X6: both administrators saw the same letter; other evidence changes nothing."""
    case = procedure.submitted()
    procedure.attach(case, "approval_letter", by=ADMIN)
    procedure.step(case, "X6", ADMIN, APPROVED)
    procedure.attach(case, "evidence")
    procedure.attach(case, "approval_letter", by=SECOND_ADMIN)
    assert procedure.step(case, "X6", SECOND_ADMIN, APPROVED).waits_for != ()
    procedure.attach(case, "evidence")
    assert procedure.step(case, "X6", ADMIN, APPROVED).waits_for == ()


def test_a_copy_of_the_letter_voids_nothing_else(procedure: Procedure) -> None:
    """The day is agreed on whatever is added to the letter of long ago."""
    case = procedure.tested()
    procedure.step(case, "X13", OFFICER, go_live(3))
    procedure.attach(case, "approval_letter", by=ADMIN)
    procedure.step(case, "X13", ADMIN, go_live(3))
    assert procedure.step(case, "X13", SECOND_ADMIN, go_live(3)).waits_for == ()


@pytest.mark.rule("AC-48")
def test_no_day_before_the_last_signature(procedure: Procedure) -> None:
    """The day of going live is not before that of the signature, which is today here."""
    case = procedure.tested()
    found = refused(procedure, case, "X13", OFFICER, go_live(-1))
    assert {fault.field for fault in found.faults} == {"days"}


def test_no_day_for_what_the_case_has_not(procedure: Procedure) -> None:
    """The Ministry approved roaming alone, so reporting gets no day."""
    case = procedure.tested(APPROVED | {"cooperation": ["roaming"]})
    found = refused(procedure, case, "X13", OFFICER, go_live(3))
    assert [(fault.field, fault.problem) for fault in found.faults] == [("days", Problem.NOT_A_CHOICE)]


def test_going_live_needs_the_partner_and_two_of_ours(procedure: Procedure) -> None:
    """Nobody counts twice, another day is another proposal, and the production client waits for the day."""
    case = procedure.tested()
    for by in (ADMIN, ADMIN, OFFICER, OFFICER, APPLICANT):
        procedure.step(case, "X13", by, go_live(3))
        assert procedure.state(case) is CaseState.TESTED
    procedure.step(case, "X13", SECOND_ADMIN, go_live(4))
    assert procedure.state(case) is CaseState.TESTED
    for by in (ADMIN, OFFICER):
        procedure.step(case, "X13", by, go_live(4))
    assert procedure.state(case) is CaseState.GO_LIVE_AGREED
    with procedure.app.app_context():
        query = select(Client.client_id).where(Client.case_id == case, Client.environment == "production")
        client = registry.find(db.session.scalars(query).one())
        assert client is not None
        today = taipei_day(datetime.now(UTC))
        assert [client.is_open(today + timedelta(days=ahead)) for ahead in (0, 3, 4)] == [False, False, True]
    assert client.secrets == ()


def test_the_day_moves_when_both_agree(procedure: Procedure) -> None:
    """X14: one side alone moves nothing."""
    case = procedure.agreed(5)
    given = {name: value for name, value in go_live(9).items() if name != "metadata"}
    assert procedure.step(case, "X14", OFFICER, given).waits_for != ()
    assert days(procedure, case) == {5}
    procedure.step(case, "X14", ADMIN, given)
    assert days(procedure, case) == {9}


def days(procedure: Procedure, case: int) -> set[int]:
    """Return in how many days the items of a case go live."""
    with procedure.app.app_context():
        today = taipei_day(datetime.now(UTC))
        return {(item.go_live_on - today).days for item in db.session.get_one(Case, case).items if item.go_live_on}


def test_suspended_resumed_terminated(procedure: Procedure) -> None:
    """X16 needs a reason and the notice; X17 a note; X18 takes the secrets away and ends everything."""
    case = procedure.live()
    assert refused(procedure, case, "X16", ADMIN, {"note": "資安事件"}).why is Why.EVIDENCE
    procedure.step(case, "X16", ADMIN, {"note": "資安事件", "notice": "已電話及函知承辦人"})
    assert procedure.state(case) is CaseState.SUSPENDED
    procedure.step(case, "X17", ADMIN, {"note": "已排除"})
    assert procedure.state(case) is CaseState.LIVE
    procedure.step(case, "X18", APPLICANT, {"note": "網站停止服務"})
    assert procedure.state(case) is CaseState.TERMINATED
    for step, by in (("X16", ADMIN), ("X18", ADMIN), ("X19", APPLICANT)):
        assert refused(procedure, case, step, by, {"note": "x"}).why is Why.STATE
