"""The list of assignments, one assignment with its history, and confirming, one or several."""

from datetime import UTC, datetime

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.database import db
from idp.accounts import areas, service, service_details, service_list
from idp.accounts.directory import as_assignment, directory
from idp.accounts.service_list import Show, Wanted
from idp.accounts.transitions import Action, Refusal, ServiceRefused, why_not
from idp.accounts.typed import find_school
from idp.letters import reason_text
from idp.pages.service import texts
from idp.pages.service.entrance import NUMBER, area, blueprint, change, number
from scopes.roc import taipei_day

TEXT_MAX = 60


@blueprint.get("")
def overview() -> str:
    """List what she asked for, of her area."""
    day, typed_school = taipei_day(datetime.now(UTC)), request.args.get("school", "").strip()
    school = find_school(typed_school, directory().schools) if typed_school else None
    is_unknown = bool(typed_school) and school is None
    wanted = Wanted(_show(), request.args.get("q", "").strip()[:TEXT_MAX], school, number(request.args.get("below")))
    listing = service_list.Listing((), None) if is_unknown else service_list.page(area(), wanted, day)
    return render_template(
        "service/list.html",
        wanted=wanted,
        typed_school=typed_school[:120],
        is_unknown=is_unknown,
        has_schools=area().school_code is None,
        rows=[(one, as_assignment(one.assignment)) for one in listing.rows],
        more=listing.more,
        day=day,
        done=number(request.args.get("confirmed")),
        texts=texts,
    )


def _show() -> Show:
    asked = request.args.get("show", "")
    return Show(asked) if asked in set(Show) else Show.WAITING


@blueprint.post("/confirm")
def confirm_several() -> Response:
    """Confirm the ticked ones. One that is foreign stops all; what was done meanwhile is left as it is."""
    ticked = frozenset(number(text) or 0 for text in request.form.getlist("ids"))
    with db.session.begin():
        if not areas.may_maintain_all(area(), ticked):
            abort(404)
    done = sum(_confirmed(ident) for ident in sorted(ticked))
    return redirect(url_for("service.overview", confirmed=done or None), 303)


def _confirmed(assignment_id: int) -> bool:
    try:
        service.confirm(assignment_id, change())
    except ServiceRefused:
        return False
    return True


@blueprint.get(f"/<{NUMBER}:assignment_id>")
def show(assignment_id: int) -> str:
    """Show an assignment: facts, the teacher's state and its rule, what can be done, what was done."""
    return _page(assignment_id)


@blueprint.post(f"/<{NUMBER}:assignment_id>/confirm")
def confirm(assignment_id: int) -> Response | tuple[str, int]:
    """Confirm that an assignment is correct."""
    try:
        service.confirm(assignment_id, change())
    except ServiceRefused as refusal:
        return _page(assignment_id, str(refusal)), 409
    return redirect(url_for("service.show", assignment_id=assignment_id, done=Action.CONFIRM), 303)


def _page(assignment_id: int, refusal: str | None = None) -> str:
    day = taipei_day(datetime.now(UTC))
    found = service_details.detail(assignment_id, day)
    done = request.args.get("done")
    return render_template(
        "service/detail.html",
        found=found,
        row=found.row,
        day=day,
        reason=reason_text(found.state.reason) if found.state.reason else None,
        possible=[action for action in Action if why_not(action, found.assignment, day) is None],
        history=service_details.history(found.row),
        done=texts.ACTIONS.get(done) if done else None,
        refusal=texts.REFUSALS[Refusal(refusal)] if refusal else None,
        texts=texts,
    )
