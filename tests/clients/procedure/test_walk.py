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
    OFFICER,
    SECOND_ADMIN,
    SHEET,
    Procedure,
    go_live,
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


@pytest.mark.rule("AC-48")
def test_no_day_before_the_last_signature(procedure: Procedure) -> None:
    """The day of going live is not before that of the signature, which is today here."""
    case = procedure.tested()
    found = refused(procedure, case, "X13", OFFICER, go_live(-1))
    assert {fault.field for fault in found.faults} == {"days"}


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
