"""What is written and handed in between the steps."""

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from clients.models import Case, CaseDataItem
from clients.procedure import drafts, messages
from clients.procedure.attachment_kinds import BY_ADMIN, BY_PARTNER, AttachmentKind
from clients.procedure.members import Actor
from clients.procedure.models import CaseAttachment
from clients.procedure.steps import StepRefused, Why
from clients.procedure.transitions import Party
from config.audit import AuditEvent
from config.database import db
from scopes.items import DataItem
from tests.support.cases import ADMIN, APPLICANT, FILE, OFFICER, Procedure


def refusal(procedure: Procedure, case: int, by: str, **answers: str) -> Why:
    """Return why a form is not saved."""
    with procedure.app.app_context(), pytest.raises(StepRefused) as caught:
        drafts.save(case, procedure.actor(by), answers)
    return caught.value.why


def form(procedure: Procedure, case: int) -> dict[str, str]:
    """Return what is kept of a form."""
    with procedure.app.app_context(), db.session.begin():
        return dict(db.session.get_one(Case, case).answers)


def test_nothing_that_was_typed_is_lost(procedure: Procedure) -> None:
    """Right or wrong, as it was typed; other fields stay; the checklist names what is wrong."""
    case = procedure.open()
    procedure.save(case, site_name="  站  ", member_count="很多", filled_on="民國110年2月29日")
    procedure.save(case, audience="在職教師")
    assert form(procedure, case) == {
        "site_name": "  站  ",
        "member_count": "很多",
        "filled_on": "民國110年2月29日",
        "audience": "在職教師",
    }
    with procedure.app.app_context():
        wrong = {fault.field for fault in drafts.missing(case, datetime.now(UTC))}
    assert {"member_count", "filled_on", "officer_email", "scan_report"} <= wrong
    assert not {"site_name", "audience"} & wrong


def test_what_is_no_field_or_too_long_is_refused(procedure: Procedure) -> None:
    """Nothing is cut, and nothing of it is kept."""
    case = procedure.open()
    assert refusal(procedure, case, APPLICANT, audience="x", state="live") is Why.GUARD
    assert refusal(procedure, case, APPLICANT, audience="x" * (drafts.SAVED_MAX + 1)) is Why.GUARD
    assert form(procedure, case) == {}
    procedure.save(case, audience="x" * drafts.SAVED_MAX)
    assert len(form(procedure, case)["audience"]) == drafts.SAVED_MAX


def test_who_writes_when(procedure: Procedure) -> None:
    """The applicant, before it is sent and when it came back."""
    case = procedure.open()
    assert refusal(procedure, case, OFFICER, audience="x") is Why.PARTY
    assert refusal(procedure, case, ADMIN, audience="x") is Why.PARTY
    sent = procedure.submitted()
    assert refusal(procedure, sent, APPLICANT, audience="x") is Why.STATE
    procedure.step(sent, "X4", ADMIN, {"reasons": [{"code": "RT-01", "text": "x"}]})
    procedure.save(sent, audience="x")
    assert form(procedure, sent)["audience"] == "x"


@pytest.mark.parametrize("kind", AttachmentKind)
def test_who_hands_in_what(procedure: Procedure, kind: AttachmentKind) -> None:
    """The Ministry's letter is recorded by us, the rest comes from the partner; the form's files before it is sent."""
    case = procedure.submitted()
    for by, kinds in ((APPLICANT, BY_PARTNER), (ADMIN, BY_ADMIN)):
        expected = None if kind in kinds else Why.PARTY
        if expected is None and by == APPLICANT and kind is not AttachmentKind.EVIDENCE:
            expected = Why.STATE
        before = count(procedure, case)
        if expected is None:
            procedure.attach(case, kind, by=by)
        else:
            with pytest.raises(StepRefused) as caught:
                procedure.attach(case, kind, by=by)
            assert caught.value.why is expected
        assert count(procedure, case) - before == (expected is None)


def count(procedure: Procedure, case: int) -> int:
    """Return how many files a case has."""
    with procedure.app.app_context():
        return len(db.session.scalars(select(CaseAttachment.id).where(CaseAttachment.case_id == case)).all())


def test_what_is_handed_in_is_audited(procedure: Procedure) -> None:
    """Who, and what: fields by name, files by kind and hash, results; nothing of what was written."""
    case = procedure.testing()
    procedure.pass_tests(case, *(f"TC-{number}" for number in range(2, 9)))
    with procedure.app.app_context():
        messages.write(case, procedure.actor(OFFICER), "何時可以測試？", None, datetime.now(UTC))
        query = select(AuditEvent).where(AuditEvent.subject == f"case:{case}").order_by(AuditEvent.id)
        found = {event.action: (event.actor, event.detail) for event in db.session.scalars(query)}
    applicant, officer, admin = (procedure.actor(name).actor for name in (APPLICANT, OFFICER, ADMIN))
    assert found["case.form_saved"][0] == applicant
    assert "site_name" in found["case.form_saved"][1]["fields"]
    digest = hashlib.sha256(FILE).hexdigest()
    assert found["case.file_added"] == (admin, {"kind": "approval_letter", "sha256": digest})
    assert found["case.test_recorded"] == (admin, {"test": "TC-1", "passed": True})
    assert found["case.message"] == (officer, {"field": None})
    assert "何時可以測試" not in repr(found)


def test_messages_are_for_the_people_of_a_case(procedure: Procedure) -> None:
    """An applicant writes in her own cases."""
    case = procedure.open()
    stranger = Actor(procedure.actor("natadm02").account_id, "x", Party.APPLICANT)
    with procedure.app.app_context(), pytest.raises(StepRefused) as caught:
        messages.write(case, stranger, "您好", None, datetime.now(UTC))
    assert caught.value.why is Why.PARTY


def test_who_records_tests_when(procedure: Procedure) -> None:
    """Ours and the officer, while the case is in testing, with a note; the newest result of each counts."""
    case = procedure.testing()
    now = datetime.now(UTC)
    with procedure.app.app_context():
        for by, test, note, why in (
            (APPLICANT, "TC-1", "x", Why.PARTY),
            (ADMIN, "TC-11", "x", Why.EVIDENCE),
            (ADMIN, "TC-1", " ", Why.EVIDENCE),
            (ADMIN, "TC-1", "x" * 2001, Why.EVIDENCE),
        ):
            with pytest.raises(StepRefused) as caught:
                drafts.record_test(case, procedure.actor(by), test, passed=True, note=note, now=now)
            assert caught.value.why is why
    procedure.pass_tests(case)
    with procedure.app.app_context():
        drafts.record_test(case, procedure.actor(OFFICER), "TC-4", passed=False, note="5" * 2000, now=now)
    with pytest.raises(StepRefused, match="TC-4"):
        procedure.step(case, "X11", ADMIN)
    approved = procedure.filled_in(site_name="另一站")
    with procedure.app.app_context(), pytest.raises(StepRefused, match="no tests while"):
        drafts.record_test(approved, procedure.actor(ADMIN), "TC-1", passed=True, note="x", now=now)


def approved(procedure: Procedure, case: int) -> dict[str, tuple[str, int]]:
    """Return the approved items of a case with purpose and version."""
    with procedure.app.app_context():
        rows = db.session.scalars(select(CaseDataItem).where(CaseDataItem.case_id == case))
        return {row.item: (row.purpose, row.purpose_version) for row in rows if row.approved_at and not row.dropped_at}


@pytest.mark.rule("AC-53")
def test_a_dropped_item_is_gone(procedure: Procedure) -> None:
    """X19 takes effect at once; what is not approved cannot be dropped."""
    case = procedure.live()
    procedure.step(case, "X19", APPLICANT, {"item": "name"})
    assert DataItem.NAME not in approved(procedure, case)
    for item in ("name", "title_code"):
        with pytest.raises(StepRefused, match="item"):
            procedure.step(case, "X19", APPLICANT, {"item": item})
