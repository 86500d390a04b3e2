"""Questions and answers about a case."""

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from clients.form.fields import FIELD_BY_ID
from clients.pages.access import access
from clients.pages.frame import frame
from clients.pages.lines import lines_of
from clients.pages.room import blueprint
from clients.procedure import messages
from clients.procedure.members import Actor
from clients.procedure.steps import StepRefused
from clients.procedure.transitions import Party
from config.database import db

ALL = frozenset({Party.APPLICANT, Party.OFFICER, Party.ADMIN})


@blueprint.get("/<int:case_id>/messages")
def conversation(case_id: int) -> str:
    """Show questions and answers; with ``field``, ask about that field."""
    return _conversation(case_id, request.args.get("field", ""), "", is_refused=False)


@blueprint.post("/<int:case_id>/messages")
def write(case_id: int) -> Response | tuple[str, int]:
    """Add a message."""
    with db.session.begin():
        found = access(case_id)
        reviewer = Actor(found.person.account_id, found.person.name, Party.ADMIN)
        by = reviewer if found.may_review else found.acting(ALL)
    text, field = lines_of(request.form, "text"), request.form.get("field", "")
    try:
        messages.write(case_id, by, text, field or None, datetime.now(UTC))
    except StepRefused:
        return _conversation(case_id, field, text, is_refused=True), 400
    return redirect(url_for("cases.conversation", case_id=case_id, _anchor="last"), 303)


def _conversation(case_id: int, field: str, typed: str, *, is_refused: bool) -> str:
    now = datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        filled, written = frame(found, now), messages.of_case(case_id)
    about = field if field in FIELD_BY_ID else ""
    return render_template(
        "cases/messages.html",
        **filled,
        written=written,
        field=about,
        typed=typed,
        is_refused=is_refused,
        may_talk=bool(found.parties) or found.may_review,
    )
