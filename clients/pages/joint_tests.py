"""The joint tests (D-42): what each expects, its results, and the record that both sides sign."""

from datetime import UTC, datetime

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from clients.lifecycle import CaseState
from clients.pages.access import access
from clients.pages.frame import frame
from clients.pages.lines import lines_of
from clients.pages.room import blueprint
from clients.pages.words import refusal_text
from clients.procedure import drafts
from clients.procedure.facts import results_of
from clients.procedure.guards import MANDATORY_TESTS
from clients.procedure.steps import StepRefused
from clients.procedure.transitions import Party
from config.database import db

BOTH = frozenset({Party.OFFICER, Party.ADMIN})


@blueprint.get("/<int:case_id>/tests")
def tests(case_id: int) -> str:
    """Show the tests and their results."""
    return _page(case_id, "", "")


@blueprint.post("/<int:case_id>/tests")
def note_test(case_id: int) -> Response | tuple[str, int]:
    """Note a result."""
    name, verdict = request.form.get("test", ""), request.form.get("verdict", "")
    if name not in MANDATORY_TESTS or verdict not in {"passed", "failed"}:
        abort(400)
    with db.session.begin():
        actor = access(case_id).acting(BOTH)
    note = lines_of(request.form, "note")
    try:
        drafts.record_test(case_id, actor, name, passed=verdict == "passed", note=note, now=datetime.now(UTC))
    except StepRefused as refused:
        return _page(case_id, name, refusal_text(refused)), 400
    return redirect(url_for("cases.tests", case_id=case_id, _anchor=name), 303)


def _page(case_id: int, tried: str, refusal: str) -> str:
    with db.session.begin():
        found = access(case_id)
        filled, results = frame(found, datetime.now(UTC)), results_of(case_id)
    may_note = bool(found.parties & BOTH) and found.case.state == CaseState.TESTING
    typed = request.form if tried else {}
    return render_template(
        "cases/tests.html", **filled, results=results, may_note=may_note, tried=tried, refusal=refusal, typed=typed
    )
