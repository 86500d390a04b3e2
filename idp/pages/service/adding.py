"""A new assignment: the teacher by her exact account name, at a school of one's own area, confirmed at once (D-31).

Of a teacher of another school the page tells her name and nothing else, and that somebody asked is logged.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from config.audit import record
from config.database import db
from config.guard import require_principal
from idp.accounts import areas, service, service_details
from idp.accounts.directory import directory
from idp.accounts.models import AssignmentSource, ServiceAssignment
from idp.accounts.service_details import Person
from idp.accounts.transitions import Refusal, ServiceRefused
from idp.accounts.typed import find_school
from idp.pages.service import forms, texts
from idp.pages.service.entrance import area, blueprint, change
from scopes.roc import taipei_day

FIELDS = ("title", "kind", "started", "note")
MORE = ("account", "school")
REASON_MAX = 500


@blueprint.get("/new")
def new() -> str:
    """Show the empty form."""
    typed = {"kind": "primary", "account": request.args.get("account", "")[:64]}
    return _form(forms.Read(typed, {}, {}))


@blueprint.post("/new")
def add() -> str | Response | tuple[str, int]:
    """Read the form; show whom it is about; add the assignment once that is confirmed."""
    given = _read()
    step, person = request.form.get("step", ""), given.values["person"]
    if given.errors or step == "edit" or person is None:
        return _form(given), 400 if given.errors else 200
    if step != "confirmed":
        return _question(given, person)
    try:
        made = service.create(_assignment(given, person), change(given.typed["reason"].strip()[:REASON_MAX]))
    except ServiceRefused as refusal:
        return _form(_refused(given, str(refusal))), 409
    return redirect(url_for("service.show", assignment_id=made.id), 303)


def _read() -> forms.Read:
    """Read the form: what every form has, then teacher and school, which must be looked up."""
    given = forms.read(FIELDS)
    typed = {**given.typed, **{name: request.form.get(name, "") for name in (*MORE, "reason")}}
    if area().school_code is not None:
        typed["school"] = area().school_code or ""
    person, school = service_details.teacher(typed["account"][:64]), _school(typed["school"])
    errors = {
        **({} if person else {"account": texts.REFUSALS[Refusal.NO_TEACHER]}),
        **({} if school else {"school": texts.REFUSALS[Refusal.NO_SCHOOL]}),
        **given.errors,
    }
    if not errors.keys() - given.errors.keys() and len(typed["reason"].strip()) > REASON_MAX:
        errors["reason"] = gettext("理由最多 500 個字。")
    return forms.Read(typed, {**given.values, "person": person, "school": school}, errors)


def _school(typed: str) -> str | None:
    """Return an open school of the area."""
    schools, day = directory().schools, taipei_day(datetime.now(UTC))
    code = find_school(typed, schools)
    if code is None or not schools[code].is_open(day):
        return None
    with db.session.begin():
        return code if areas.may_add_at(area(), code) else None


def _refused(given: forms.Read, refusal: str) -> forms.Read:
    field = "kind" if refusal == Refusal.OVERLAP else ""
    return forms.Read(given.typed, given.values, {field: texts.REFUSALS[Refusal(refusal)]})


def _assignment(given: forms.Read, person: Person) -> ServiceAssignment:
    """Return the assignment; whoever adds it vouches for it, so it is confirmed."""
    by, values = change(), given.values
    return ServiceAssignment(
        account_id=person.account_id,
        school_code=values["school"],
        title_code=values["title"],
        kind=values["kind"],
        start_date=values["started"],
        note=values["note"],
        confirmed_at=by.now,
        confirmed_by=by.actor,
        source=AssignmentSource.SCHOOL if area().school_code else AssignmentSource.AUTHORITY,
    )


def _question(given: forms.Read, person: Person) -> str:
    """Show the name behind the account name, so that nobody adds a stranger; the look-up is logged."""
    with db.session.begin():
        record("service.teacher.looked_up", actor=require_principal().actor, subject=f"account:{person.account_id}")
    return render_template("service/add_question.html", **_facts(given), values=given.values, person=person)


def _form(given: forms.Read) -> str:
    return render_template("service/add.html", **_facts(given), has_schools=area().school_code is None)


def _facts(given: forms.Read) -> Mapping[str, object]:
    return {
        "typed": given.typed,
        "errors": given.errors,
        "titles": sorted(directory().titles.values(), key=lambda title: title.code),
        "own_school": area().school_code,
        "texts": texts,
    }
