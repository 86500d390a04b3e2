"""The teacher's correction requests: asked for also while locked (D-11); she never changes an assignment (D-31)."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from config.database import db
from config.guard import require, require_principal
from idp.accounts import correction_requests
from idp.accounts.correction_requests import OPEN_MAX, WISH_MAX, TooManyOpen, Wish
from idp.accounts.directory import directory
from idp.accounts.effects import assignments_of, last_school
from idp.accounts.models import ServiceAssignment
from idp.accounts.typed import find_school
from idp.pages.service import texts
from idp.pages.service.entrance import number
from scopes.permissions import Permission

blueprint = Blueprint("corrections", __name__, url_prefix="/account/corrections")
blueprint.before_request(require(Permission.TEACHER_FUNCTIONS))
NEITHER = "none"


@blueprint.get("")
def overview() -> str:
    """Show her requests with their answers, and the form for a new one."""
    with db.session.begin():
        code = last_school(require_principal().account_id)
    return _page({"school": texts.school_name(code) if code else ""}, {})


@blueprint.post("")
def ask() -> Response | tuple[str, int]:
    """File a request."""
    person, typed = require_principal(), {name: request.form.get(name, "") for name in ("about", "school", "wish")}
    about, school = number(typed["about"]), find_school(typed["school"], directory().schools)
    mine = {row.id for row in _assignments()}
    errors: dict[str, object] = {}
    if about not in mine and typed["about"] != NEITHER:
        errors["about"] = gettext("請選擇要更正的服務紀錄，或「都不是」。")
    if school is None:
        errors["school"] = gettext("請從清單選一所學校，或輸入學校代碼。")
    if not 0 < len(typed["wish"].strip()) <= WISH_MAX:
        errors["wish"] = gettext("請說明要更正什麼，最多 1000 個字。")
    if not errors and school is not None:
        try:
            correction_requests.ask(
                person.account_id, Wish(about, school, typed["wish"].strip()), now=datetime.now(UTC)
            )
        except TooManyOpen:
            errors[""] = gettext("您已有 %(count)s 件申請尚未答覆，請等候答覆後再申請。", count=OPEN_MAX)
        else:
            return redirect(url_for("corrections.overview", sent=1), 303)
    return _page(typed, errors), 400


def _assignments() -> list[ServiceAssignment]:
    with db.session.begin():
        return [row for row in assignments_of(require_principal().account_id) if row.refused_at is None]


def _page(typed: dict[str, str], errors: dict[str, object]) -> str:
    return render_template(
        "service/corrections.html",
        requests=correction_requests.of_teacher(require_principal().account_id),
        assignments=_assignments(),
        schools=sorted((school.code, school.name) for school in directory().schools.values()),
        typed=typed,
        errors=errors,
        done="sent" in request.args,
        texts=texts,
        neither=NEITHER,
    )
