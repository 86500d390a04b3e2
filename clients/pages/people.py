"""Who acts for a partner: an invitation by a link that works a week, taken up after log-in."""

from datetime import UTC, datetime

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from clients.models import Case
from clients.pages.access import access, may
from clients.pages.frame import frame
from clients.pages.room import blueprint
from clients.procedure import members
from clients.procedure.transitions import FINAL, Party
from config import seal
from config.database import db
from config.guard import require_principal
from config.settings import settings
from scopes.permissions import Permission

PURPOSE = "case-invitation"
TTL = 7 * 86400


@blueprint.post("/<int:case_id>/invitation")
def invite(case_id: int) -> str:
    """Make the link that an officer opens; it is shown this once and passed on by the applicant."""
    with db.session.begin():
        found = access(case_id)
        found.acting(frozenset({Party.APPLICANT, Party.ADMIN}))
        filled = frame(found, datetime.now(UTC))
    if found.case.state in FINAL:
        abort(403)
    blob = seal.seal(PURPOSE, {"case": case_id, "by": found.person.account_id})
    link = f"{settings().issuer}{url_for('cases.join', t=blob)}"
    return render_template("cases/invitation.html", **filled, link=link)


@blueprint.get("/join")
def join() -> str | tuple[str, int]:
    """Ask whether to act as the officer of the case."""
    case = _invited(request.args.get("t", ""))
    if case is None:
        return render_template("cases/join.html", case=None), 404
    return render_template("cases/join.html", case=case, blob=request.args["t"])


@blueprint.post("/join")
def take_up() -> Response | tuple[str, int]:
    """Become an officer of the case."""
    case, person = _invited(request.form.get("t", "")), require_principal()
    if case is None:
        return render_template("cases/join.html", case=None), 404
    by = seal.open_(PURPOSE, request.form["t"], TTL)["by"]
    if not may(Permission.OWN_CASES) or not members.accept(case.id, person.account_id, by, datetime.now(UTC)):
        return render_template("cases/join.html", case=None), 409
    return redirect(url_for("cases.show", case_id=case.id), 303)


def _invited(blob: str) -> Case | None:
    try:
        facts = seal.open_(PURPOSE, blob, TTL)
    except seal.SealBroken:
        return None
    with db.session.begin():
        case = db.session.get(Case, facts["case"])
    return case if case is not None and case.state not in FINAL else None
