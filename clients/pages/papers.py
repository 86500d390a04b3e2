"""The papers of a case: the form to be stamped, the test record, the letter of confirmation."""

from datetime import UTC, datetime

from flask import Response, abort

from clients.pages.access import Access, access
from clients.pages.room import blueprint
from clients.paper import of_case
from clients.procedure.transitions import Party
from config.database import db
from config.files import handed_out
from config.uploads.kinds import PDF


@blueprint.get("/<int:case_id>/form.pdf")
def print_form(case_id: int) -> Response:
    """Hand the form out as it stands."""
    _reader(case_id)
    return handed_out(of_case.form_of(case_id, datetime.now(UTC)), f"form-{case_id}.pdf", PDF)


@blueprint.get("/<int:case_id>/tests.pdf")
def print_record(case_id: int) -> Response:
    """Hand the record of the joint tests out."""
    _reader(case_id)
    return handed_out(of_case.record_of(case_id, datetime.now(UTC)), f"tests-{case_id}.pdf", PDF)


@blueprint.get("/<int:case_id>/confirmation.pdf")
def print_letter(case_id: int) -> Response:
    """Hand the draft of the letter of confirmation out, to those who write it."""
    found = _reader(case_id)
    paper = of_case.letter_of(case_id, datetime.now(UTC)) if Party.ADMIN in found.parties else None
    if paper is None:
        abort(403)
    return handed_out(paper, f"confirmation-{case_id}.pdf", PDF)


def _reader(case_id: int) -> Access:
    with db.session.begin():
        return access(case_id)
