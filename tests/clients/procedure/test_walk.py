"""A case from the draft to its end, and what each step demands (DOMAIN §3.4)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clients import registry
from clients.form.reasons import Reason
from clients.form.values import Problem
from clients.lifecycle import CaseState
from clients.models import Case, CaseEvent, Client
from clients.procedure.models import CaseSubmission
from clients.procedure.steps import StepRefused, Why
from config.audit import AuditEvent
from config.database import db
from scopes.roc import taipei_day
from tests.support.cases import (
    ADMIN,
    ALL_MET,
    ANSWER,
    APPLICANT,
    APPROVED,
    LETTER,
    SHEET,
    Procedure,
)
from tests.support.forms import filled


def refused(procedure: Procedure, case: int, step: str, by: str, given: Mapping[str, Any] | None = None) -> StepRefused:
    """Return how a step is refused; it changes nothing."""
    before = snapshot(procedure, case)
    with pytest.raises(StepRefused) as caught:
        procedure.step(case, step, by, given)
    assert snapshot(procedure, case) == before
    return caught.value


def snapshot(procedure: Procedure, case: int) -> tuple[str, int, int]:
    """Return the state of a case, and how much happened to it."""
    with procedure.app.app_context(), db.session.begin():
        events = len(db.session.scalars(select(CaseEvent.id).where(CaseEvent.case_id == case)).all())
        clients = len(db.session.scalars(select(Client.id).where(Client.case_id == case)).all())
        return db.session.get_one(Case, case).state, events, clients


def codes(refusal: StepRefused) -> set[tuple[str, Reason | None]]:
    """Return the faults of a refusal as field and reason."""
    assert refusal.why is Why.GUARD
    return {(fault.field, fault.reason) for fault in refusal.faults}


def test_every_step_to_live(procedure: Procedure) -> None:
    """Each leaves one event with its evidence and one audit event, in the order of the table."""
    case = procedure.live()
    assert procedure.state(case) is CaseState.LIVE
    with procedure.app.app_context():
        events = list(db.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case).order_by(CaseEvent.id)))
        audited = set(db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == f"case:{case}")))
    steps = [event.evidence["step"] for event in events]
    assert steps == ["X1", "X2", "X3", "X6", "X9", "X10", "X11", "X13", "X15"]
    assert [event.to_state for event in events] == [
        *("draft", "eligibility_confirmed", "submitted", "approved", "docs_provided"),
        *("testing", "tested", "go_live_agreed", "live"),
    ]
    assert {f"case.{event.event}" for event in events} <= audited
    assert [one["name"] for one in events[3].evidence["agreed"]] != []


@pytest.mark.rule("AC-41")
def test_no_submission_without_the_check_of_eligibility(procedure: Procedure) -> None:
    """A draft cannot be submitted; one criterion that is not met keeps it a draft (RT-10)."""
    case = procedure.open()
    assert refused(procedure, case, "X3", APPLICANT, {"letter": LETTER}).why is Why.STATE
    for criterion in ALL_MET["criteria"]:
        unmet = {"criteria": ALL_MET["criteria"] | {criterion: {"is_met": False}}}
        missing = {"criteria": {name: one for name, one in ALL_MET["criteria"].items() if name != criterion}}
        for given in (unmet, missing):
            assert codes(refused(procedure, case, "X2", APPLICANT, given)) == {(criterion, Reason.NOT_ELIGIBLE)}
    strange = {"criteria": ALL_MET["criteria"] | {"weather": {"is_met": True}}}
    assert codes(refused(procedure, case, "X2", APPLICANT, strange)) == {("weather", None)}


@pytest.mark.rule("AC-42")
@pytest.mark.parametrize(
    ("letter", "field"),
    [
        (None, "letter_no"),
        (LETTER | {"letter_no": ""}, "letter_no"),
        (LETTER | {"letter_no": "109-1"}, "letter_no"),
        (LETTER | {"letter_date": "199/01/01"}, "letter_date"),
    ],
)
def test_no_submission_without_the_letter(procedure: Procedure, letter: object, field: str) -> None:
    """RT-09: number, sender and day of the letter to the Ministry; a day to come is none."""
    case = procedure.filled_in()
    found = codes(refused(procedure, case, "X3", APPLICANT, {"letter": letter}))
    assert (field, Reason.LETTER) in found


@pytest.mark.parametrize(("ahead", "is_taken"), [(0, True), (1, False)])
def test_the_letter_of_today(procedure: Procedure, ahead: int, *, is_taken: bool) -> None:
    """A letter is not of a day to come."""
    today = taipei_day(datetime.now(UTC))
    case = procedure.filled_in(filled_on=today.isoformat(), scan_date=today.isoformat())
    letter = LETTER | {"letter_date": (today + timedelta(days=ahead)).isoformat()}
    if is_taken:
        procedure.step(case, "X3", APPLICANT, {"letter": letter})
    else:
        found = refused(procedure, case, "X3", APPLICANT, {"letter": letter})
        assert ("letter_date", Reason.LETTER) in codes(found)


@pytest.mark.rule("AC-43")
def test_no_submission_without_the_stamped_form(procedure: Procedure) -> None:
    """RT-02; and everything else that lacks is named with it."""
    case = procedure.open()
    procedure.step(case, "X2", APPLICANT, ALL_MET)
    procedure.save(case, **filled())
    procedure.attach(case, "scan_report")
    assert codes(refused(procedure, case, "X3", APPLICANT, {"letter": LETTER})) == {("seal_scan", Reason.NO_SEAL)}
    procedure.save(case, officer_email="")
    found = codes(refused(procedure, case, "X3", APPLICANT, {"letter": LETTER}))
    assert found == {("seal_scan", Reason.NO_SEAL), ("officer_email", Reason.INCOMPLETE)}


@pytest.mark.rule("D-44")
def test_the_scan_is_judged_on_the_day_of_the_letter(procedure: Procedure) -> None:
    """Filled 109-06-23, letter 109-07-10, scan 108-07-01: RT-04; a letter before the form is RT-13."""
    case = procedure.filled_in(filled_on="109/06/23", scan_date="108/07/01")
    late = {"letter": LETTER | {"letter_date": "109/07/10"}}
    assert codes(refused(procedure, case, "X3", APPLICANT, late)) == {("scan_date", Reason.OLD_SCAN)}
    early = {"letter": LETTER | {"letter_date": "109/06/22"}}
    assert codes(refused(procedure, case, "X3", APPLICANT, early)) == {("filled_on", Reason.WRONG_DAY)}
    procedure.step(case, "X3", APPLICANT, {"letter": LETTER | {"letter_date": "109/07/01"}})
    assert procedure.state(case) is CaseState.SUBMITTED


@pytest.mark.rule("AC-44")
def test_no_client_before_the_approval(procedure: Procedure) -> None:
    """A submitted case has no step that makes a client, and an approval needs the Ministry's letter and its scan."""
    case = procedure.submitted()
    assert refused(procedure, case, "X10", ADMIN, SHEET).why is Why.STATE
    assert codes(refused(procedure, case, "X6", ADMIN, APPROVED)) == {("approval_letter", Reason.LETTER)}
    procedure.attach(case, "approval_letter", by=ADMIN)
    older = APPROVED | {"letter": ANSWER | {"letter_date": "109/07/02"}}
    assert codes(refused(procedure, case, "X6", ADMIN, older)) == {("letter_date", Reason.LETTER)}
    unstamped = APPROVED | {"seal_verified": False}
    assert codes(refused(procedure, case, "X6", ADMIN, unstamped)) == {("seal_verified", Reason.NO_SEAL)}
    unchecked = APPROVED | {"eligibility_checked": False}
    assert codes(refused(procedure, case, "X6", ADMIN, unchecked)) == {("eligibility_checked", Reason.NOT_ELIGIBLE)}


@pytest.mark.rule("AC-45")
def test_the_client_gets_exactly_what_was_approved(procedure: Procedure) -> None:
    """Four items applied for, three approved, never one more."""
    case = procedure.submitted()
    procedure.attach(case, "approval_letter", by=ADMIN)
    more = APPROVED | {"items": ["name", "title_code", "user_id"]}
    assert codes(refused(procedure, case, "X6", ADMIN, more)) == {("items", Reason.TOO_MUCH)}
    fewer = APPROVED | {"items": ["school_code", "school_name", "user_id"]}
    procedure.approve(case, fewer)
    today = taipei_day(datetime.now(UTC)).isoformat()
    procedure.step(case, "X9", ADMIN, {"version": "1", "recipient": "陳", "provided_on": today})
    procedure.step(case, "X10", ADMIN, SHEET)
    with procedure.app.app_context():
        client_id = db.session.scalars(select(Client.client_id).where(Client.case_id == case)).one()
        client = registry.find(client_id)
    assert client is not None
    assert {item.value for item in client.approved} == {"school_code", "school_name", "user_id"}
    assert client.is_test
    assert client.support_contact == "https://site.example/help"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"version": "1", "recipient": "陳"}, ("provided_on", Problem.MISSING)),
        ({"version": "1", "recipient": "陳", "provided_on": "110/02/29"}, ("provided_on", Problem.NOT_A_DAY)),
        ({"version": "1", "recipient": "", "provided_on": "110/02/28"}, ("recipient", Problem.MISSING)),
        ({"version": "1" * 51, "recipient": "陳", "provided_on": "110/02/28"}, ("version", Problem.TOO_LONG)),
        ({"version": 1, "recipient": "陳", "provided_on": "110/02/28"}, ("version", Problem.NOT_A_CHOICE)),
    ],
)
def test_wrong_evidence_is_named(procedure: Procedure, given: dict[str, Any], fault: tuple[str, Problem]) -> None:
    """Each member with what is wrong with it."""
    found = refused(procedure, procedure.approved(), "X9", ADMIN, given)
    assert found.why is Why.EVIDENCE
    assert [(one.field, one.problem) for one in found.faults] == [fault]


@pytest.mark.parametrize(("field", "said"), [("policy_url", "https://site.example/policy"), ("policy_text", "宣告")])
def test_the_policy_is_archived(procedure: Procedure, field: str, said: str) -> None:
    """A1-§4(2): as an address or as its text, whichever was given."""
    case = procedure.submitted(**({"policy_url": "", "policy_text": ""} | {field: said}))
    with procedure.app.app_context():
        assert db.session.get_one(Case, case).privacy_policy == said


def test_a_returned_form_is_stamped_anew(procedure: Procedure) -> None:
    """X5: a form that changed needs a newer stamp; a new letter where the Ministry asked for one."""
    case = procedure.submitted()
    assert refused(procedure, case, "X4", ADMIN, {"reasons": []}).why is Why.GUARD
    reason = {"code": "RT-01", "text": "請補", "field": "audience"}
    procedure.step(case, "X4", ADMIN, {"reasons": [reason], "needs_letter": True})
    assert procedure.state(case) is CaseState.RETURNED
    assert codes(refused(procedure, case, "X5", APPLICANT)) == {("letter_no", Reason.LETTER)}
    procedure.save(case, audience="在職教師與代理教師", item_name="", purpose_name="")
    again = {"letter": LETTER | {"letter_date": "109/07/10"}}
    assert codes(refused(procedure, case, "X5", APPLICANT, again)) == {("seal_scan", Reason.NO_SEAL)}
    procedure.attach(case, "seal_scan")
    procedure.step(case, "X5", APPLICANT, again)
    with procedure.app.app_context():
        kept = db.session.get_one(Case, case)
        assert [row.item for row in kept.data_items] == ["school_code", "school_name", "user_id"]
        sent = list(db.session.scalars(select(CaseSubmission).where(CaseSubmission.case_id == case)))
    assert [one.answers["audience"] for one in sent] == ["在職教師", "在職教師與代理教師"]
    assert len({one.form_hash for one in sent}) == 2


def test_an_unchanged_form_goes_back_as_it_was(procedure: Procedure) -> None:
    """X5 without another letter keeps the first one."""
    case = procedure.submitted()
    procedure.step(case, "X4", ADMIN, {"reasons": [{"code": "RT-99", "text": "請說明"}]})
    procedure.step(case, "X5", APPLICANT)
    with procedure.app.app_context():
        sent = list(db.session.scalars(select(CaseSubmission).where(CaseSubmission.case_id == case)))
    assert len({one.letter_id for one in sent}) == 1


@pytest.mark.rule("D-44")
def test_the_first_letter_counts_for_the_scan(procedure: Procedure) -> None:
    """X5 without a letter: a scan within a year of the form, but not of the letter that was sent, is too old."""
    case = procedure.submitted()
    procedure.step(case, "X4", ADMIN, {"reasons": [{"code": "RT-04", "text": "請附新報告"}]})
    procedure.save(case, scan_date="108/07/01")
    procedure.attach(case, "seal_scan")
    assert codes(refused(procedure, case, "X5", APPLICANT)) == {("scan_date", Reason.OLD_SCAN)}


def test_refused_by_the_ministry(procedure: Procedure) -> None:
    """X7 needs the letter with its scan and a reason; nothing follows, and the name of the site is free again."""
    case = procedure.submitted()
    given = {"letter": ANSWER, "reasons": [{"code": "RT-10", "text": "不符資格"}]}
    assert codes(refused(procedure, case, "X7", ADMIN, given)) == {("approval_letter", Reason.LETTER)}
    procedure.attach(case, "approval_letter", by=ADMIN)
    procedure.step(case, "X7", ADMIN, given)
    assert procedure.state(case) is CaseState.REJECTED
    assert procedure.state(procedure.submitted()) is CaseState.SUBMITTED


def test_two_open_cases_of_one_site(procedure: Procedure) -> None:
    """The second is refused at its name, until the first is withdrawn (X8)."""
    first, second = procedure.submitted(), procedure.filled_in()
    assert codes(refused(procedure, second, "X3", APPLICANT, {"letter": LETTER})) == {("site_name", None)}
    procedure.step(first, "X8", APPLICANT, {"note": "改以新案申請"})
    procedure.step(second, "X3", APPLICANT, {"letter": LETTER})
