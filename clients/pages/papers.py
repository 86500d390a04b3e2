"""The papers of a case: the form to be stamped, the test record, the letter of confirmation."""

from datetime import UTC, datetime

from flask import Response, abort, url_for
from sqlalchemy import select

from clients.duties import confirmations, contacts
from clients.duties.confirmation_rules import reply_due
from clients.lifecycle import CooperationItem
from clients.models import Case, CaseEvent
from clients.pages import views
from clients.pages.access import access
from clients.pages.joint_tests import results_of
from clients.pages.room import blueprint
from clients.paper.form import FormFacts, form_pdf
from clients.paper.letter import ConfirmationFacts, confirmation_pdf
from clients.paper.record import Result, Signature, record_pdf
from clients.procedure.agreeing import agreements_of, waiting
from clients.procedure.facts import form_hash
from clients.procedure.names import COOPERATION, PARTIES
from clients.procedure.transitions import Party
from config.database import db
from config.files import handed_out
from config.settings import settings
from config.uploads.kinds import PDF
from scopes.items import ORDER
from scopes.roc import taipei_day


@blueprint.get("/<int:case_id>/form.pdf")
def print_form(case_id: int) -> Response:
    """Hand the form out as it stands."""
    with db.session.begin():
        case = access(case_id).case
        files = {kind: row.name for kind, row in views.newest_files(case_id).items()}
        answers = dict(case.answers)
    facts = FormFacts(
        case_id=case_id,
        form_hash=form_hash(answers),
        record_url=f"{settings().issuer}{url_for('cases.form', case_id=case_id)}",
        files=files,
        printed_at=datetime.now(UTC),
    )
    return handed_out(form_pdf(answers, facts), f"form-{case_id}.pdf", PDF)


@blueprint.get("/<int:case_id>/tests.pdf")
def print_record(case_id: int) -> Response:
    """Hand the record of the joint tests out, with who has signed."""
    now = datetime.now(UTC)
    with db.session.begin():
        case = access(case_id).case
        newest = {name: rows[0] if rows else None for name, rows in results_of(case_id).items()}
        signed = _signatures(case)
    results = [
        Result(name, row.passed if row else None, row.note if row else "", row.at if row else None)
        for name, row in newest.items()
    ]
    return handed_out(record_pdf(case_id, case.site_name, results, signed, now), f"tests-{case_id}.pdf", PDF)


def _signatures(case: Case) -> list[Signature]:
    """Return who signed: those whose signing took effect, or who has signed so far."""
    proposal = waiting(case.id)
    if proposal is not None and proposal.transition == "X11":
        return [Signature(PARTIES[Party(one.party)].zh, one.name, one.at) for one in agreements_of(proposal.id)]
    of_case = (CaseEvent.case_id == case.id, CaseEvent.event == "tested")
    event = db.session.scalars(select(CaseEvent).where(*of_case).order_by(CaseEvent.id.desc()).limit(1)).one_or_none()
    return [
        Signature(PARTIES[Party(one["party"])].zh, one["name"], datetime.fromisoformat(one["at"]))
        for one in (event.evidence["agreed"] if event else ())
    ]


@blueprint.get("/<int:case_id>/confirmation.pdf")
def print_letter(case_id: int) -> Response:
    """Hand the draft of the letter of confirmation out, to those who write it."""
    now = datetime.now(UTC)
    today = taipei_day(now)
    with db.session.begin():
        found = access(case_id)
        case = found.case
        standing, person = confirmations.of_case(case, today), contacts.current(case, today)
        if Party.ADMIN not in found.parties or standing is None:
            abort(403)
        held = {row.item for row in case.data_items if row.approved_at and row.dropped_at is None}
        facts = ConfirmationFacts(
            site=case.site_name,
            unit=case.operating_unit,
            live_since=min(day for _, day in views.go_live_days(case)),
            cooperation=[COOPERATION[CooperationItem(row.item)].zh for row in case.items],
            items=[item.label_zh for item in ORDER if item in held],
            contact=f"{person.name}（{person.phone}，{person.email}）",
            due_on=reply_due(today, confirmations.rhythm()),
        )
    return handed_out(confirmation_pdf(facts, now), f"confirmation-{case_id}.pdf", PDF)
