"""The tab 更正申請 of the console: open correction requests to schools of the area, and their answers (D-11)."""

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from config.database import db
from config.guard import require_principal
from idp.accounts import areas, correction_requests
from idp.accounts.correction_requests import ANSWER_MAX, AnsweredAlready, Asked
from idp.accounts.models import CorrectionOutcome
from idp.pages.service import texts
from idp.pages.service.entrance import NUMBER, area, blueprint, number


@blueprint.get("/requests")
def asked() -> str:
    """List the open requests."""
    rows, more = correction_requests.open_in(area(), number(request.args.get("below")))
    return render_template("service/requests.html", rows=rows, more=more, done="answered" in request.args, texts=texts)


@blueprint.get(f"/requests/<{NUMBER}:request_id>")
def request_of(request_id: int) -> str:
    """Show a request and the form for its answer, or how it was answered."""
    return _page(correction_requests.find(request_id), {}, {})


@blueprint.post(f"/requests/<{NUMBER}:request_id>")
def answer(request_id: int) -> Response | tuple[str, int]:
    """Answer it; the teacher is told."""
    typed = {name: request.form.get(name, "") for name in ("outcome", "answer")}
    errors: dict[str, object] = {}
    if typed["outcome"] not in set(CorrectionOutcome):
        errors["outcome"] = gettext("請選擇處理結果。")
    if not 0 < len(typed["answer"].strip()) <= ANSWER_MAX:
        errors["answer"] = gettext("請填答覆，最多 500 個字。")
    if not errors:
        try:
            person, outcome = require_principal(), CorrectionOutcome(typed["outcome"])
            correction_requests.answer(
                request_id, outcome, typed["answer"], account_id=person.account_id, now=datetime.now(UTC)
            )
        except AnsweredAlready:
            errors[""] = gettext("這件申請已經答覆過了。")
        else:
            return redirect(url_for("service.asked", answered=1), 303)
    return _page(correction_requests.find(request_id), typed, errors), 409 if "" in errors else 400


def _page(found: Asked, typed: dict[str, str], errors: dict[str, object]) -> str:
    """Link to the assignment only where it is of one's own area: a request may speak of another school's."""
    ident = found.request.assignment_id
    with db.session.begin():
        is_own = ident is not None and areas.may_maintain(area(), ident)
    return render_template(
        "service/request.html", found=found, one=found.request, is_own=is_own, typed=typed, errors=errors, texts=texts
    )
