"""A step of the procedure: its form, what stands against it, and the agreement of the next person."""

from datetime import UTC, datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from clients.form.reasons import Reason
from clients.lifecycle import ClientEnvironment
from clients.pages import dates, step_forms, views
from clients.pages.access import Access, access
from clients.pages.frame import frame
from clients.pages.room import blueprint
from clients.pages.words import fault_text, refusal_text
from clients.procedure import drafts, sheets
from clients.procedure.agreeing import waiting
from clients.procedure.attachments import newest_files
from clients.procedure.evidence import CRITERIA
from clients.procedure.models import CaseProposal
from clients.procedure.steps import Outcome, StepRefused, take
from clients.procedure.transitions import BY_ID, Transition
from config.database import db

SHEET_OF = {"X10": ClientEnvironment.TEST, "X13": ClientEnvironment.PRODUCTION}
FORM_STEPS = frozenset({"X3", "X5"})


@blueprint.get("/<int:case_id>/steps/<step>")
def step(case_id: int, step: str) -> str:
    """Show the form of a step."""
    return _page(case_id, _known(step), MultiDict(), None)


@blueprint.post("/<int:case_id>/steps/<step>")
def take_step(case_id: int, step: str) -> Response | tuple[str, int]:
    """Take the step or propose it; a refusal says which condition failed and keeps what was typed."""
    transition, now = _known(step), datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        actor = found.acting(frozenset().union(*transition.needs))
        given = _given(found, transition)
    try:
        if transition.id == "X20":
            made = drafts.open_supplement(case_id, actor, now)
            return redirect(url_for("cases.show", case_id=made), 303)
        outcome = take(case_id, transition.id, actor, given, now)
    except StepRefused as refused:
        return _page(case_id, transition, request.form, refused), 409 if refused.why == "state" else 400
    return redirect(url_for("cases.show", case_id=case_id, done=_done(transition, outcome)), 303)


def _known(step: str) -> Transition:
    return BY_ID[step] if step in BY_ID and step not in {"X1", "X15"} else abort(404)


def _given(found: Access, transition: Transition) -> dict[str, Any]:
    """Return the evidence: that of the proposal that somebody agrees to, else what the form says."""
    case_id, agreed = found.case.id, request.form.get("agree", "")
    if agreed:
        proposal = waiting(case_id)
        if proposal is None or str(proposal.id) != agreed or proposal.transition != transition.id:
            return {"superseded": True}  # refused as evidence of no step: something else was proposed meanwhile
        return proposal.evidence
    environment = SHEET_OF.get(transition.id)
    sheet = sheets.find(case_id, environment) if environment else None
    return step_forms.read(transition.id, request.form, sheet.answers if sheet else {})


def _done(transition: Transition, outcome: Outcome) -> str:
    return f"{transition.id}-waits" if outcome.waits_for else transition.id


def _agrees_now(proposal: views.Proposal, refused: StepRefused | None) -> bool:
    """Whether the page asks for agreement, or shows the form for something else."""
    wants_other = "otherwise" in request.args or (refused is not None and not request.form.get("agree"))
    return proposal.is_mine and not wants_other


def _page(case_id: int, transition: Transition, typed: MultiDict[str, str], refused: StepRefused | None) -> str:
    now = datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        filled = frame(found, now)
        environment = SHEET_OF.get(transition.id)
        sheet = sheets.find(case_id, environment) if environment else None
        proposal: CaseProposal | None = waiting(case_id)
        files = newest_files(case_id)
    if refused is None and transition.id not in {one.id for one in filled["steps"]}:
        abort(403)
    faults = refused.faults if refused else ()
    agrees = proposal if proposal is not None and proposal.transition == transition.id else None
    return render_template(
        "cases/step.html",
        **filled,
        transition=transition,
        typed=typed,
        refusal=refusal_text(refused) if refused else "",
        faults=faults,
        errors={fault.field: fault_text(fault) for fault in reversed(faults)},
        suggested={fault.reason for fault in drafts.missing(case_id, now) if fault.reason},
        reasons=Reason,
        criteria=CRITERIA,
        sheet=sheet,
        sheet_fault=sheets.fault(found.case, environment, sheet.answers) if environment and sheet else None,
        agrees=agrees,
        is_agreeing=agrees is not None and _agrees_now(filled["proposal"], refused),
        files=files,
        parts=dates.parts,
        joined=dates.joined,
    )
