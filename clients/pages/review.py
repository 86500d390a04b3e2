"""What a reviewer notes beside the form: the check of the privacy policy (D-72)."""

from datetime import UTC, datetime

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from clients.pages.access import access
from clients.pages.lines import lines_of
from clients.pages.room import blueprint
from clients.procedure import policies
from clients.procedure.members import Actor
from clients.procedure.policies import Point
from clients.procedure.steps import StepRefused
from clients.procedure.transitions import Party
from config.database import db


@blueprint.post("/<int:case_id>/policy")
def check_policy(case_id: int) -> Response:
    """Keep which points the policy has."""
    with db.session.begin():
        found = access(case_id)
    if not found.may_review:
        abort(403)
    ticked = [point for point in Point if request.form.get(f"point_{point}") == "yes"]
    actor = Actor(found.person.account_id, found.person.name, Party.ADMIN)
    try:
        policies.check(case_id, actor, ticked, lines_of(request.form, "note"), datetime.now(UTC))
    except StepRefused:
        abort(400)
    return redirect(url_for("cases.form", case_id=case_id, _anchor="policy"), 303)
