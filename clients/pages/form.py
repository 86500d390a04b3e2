"""The form of Appendix 1, section by section, saved as it is typed: right or wrong, nothing is lost."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from clients.form import agreements
from clients.form.checks import Fault
from clients.form.fields import FIELDS, Field, Kind, Section
from clients.form.scan_window import scan_window
from clients.form.values import text
from clients.models import Letter
from clients.pages import dates, views
from clients.pages.access import access
from clients.pages.frame import frame
from clients.pages.lines import lines_of
from clients.pages.room import blueprint
from clients.pages.words import fault_text
from clients.procedure import drafts
from clients.procedure.attachments import newest_files
from clients.procedure.concerns import concerns
from clients.procedure.differences import differences
from clients.procedure.facts import form_hash
from clients.procedure.models import CaseSubmission
from clients.procedure.policies import newest
from clients.procedure.steps import StepRefused
from clients.procedure.transitions import Party
from config.database import db
from config.guard import require_principal

ORDER = tuple(Section)


def fields_of(section: Section) -> tuple[Field, ...]:
    """Return the fields of a section in the order of the paper."""
    return tuple(field for field in FIELDS if field.section is section)


@blueprint.get("/<int:case_id>/form")
def form(case_id: int) -> str:
    """Show the whole form as it stands, with what changed since it was last sent, and what a reviewer should see."""
    now = datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        filled, sent = frame(found, now), views.submissions(case_id)
        checked, files = newest(case_id), newest_files(case_id)
        letter_on, answered = _letter_day(case_id), views.eligibility(case_id) if found.may_review else {}
    answers = found.case.answers
    wrong = drafts.missing(case_id, now)
    return render_template(
        "cases/form.html",
        **filled,
        sections=[(one, fields_of(one)) for one in ORDER],
        answers=answers,
        errors=_errors(wrong),
        version=form_hash(answers),
        sent=sent,
        changes=_changes(sent, answers),
        concerns=concerns(answers) if found.may_review else [],
        checked=checked,
        wording=agreements.TEXTS,
        files=files,
        scan=scan_window(answers, letter_on),
        eligibility=answered,
    )


def _letter_day(case_id: int) -> date | None:
    """Return the day of the newest letter to the Ministry."""
    mine = (Letter.case_id == case_id, Letter.kind == "application")
    return db.session.scalar(select(Letter.letter_date).where(*mine).order_by(Letter.id.desc()).limit(1))


def _changes(sent: list[CaseSubmission], answers: Mapping[str, str]) -> list[object]:
    """Return what changed: since the last submission while it is written anew, else between the last two."""
    if not sent:
        return []
    now_changed = differences(sent[-1].answers, answers)
    if now_changed or len(sent) == 1:
        return list(now_changed)
    return list(differences(sent[-2].answers, sent[-1].answers))


@blueprint.get("/<int:case_id>/form/<section>")
def section(case_id: int, section: str) -> str:
    """Show a section to be filled in."""
    wanted = Section(section) if section in set(Section) else abort(404)
    with db.session.begin():
        found = access(case_id)
        filled = frame(found, datetime.now(UTC))
    if not filled["may_write"]:
        abort(403)
    return _section(case_id, wanted, found.case.answers, filled)


@blueprint.post("/<int:case_id>/form/<section>")
def save(case_id: int, section: str) -> Response | tuple[str, int]:
    """Keep a section as it was typed."""
    wanted = Section(section) if section in set(Section) else abort(404)
    with db.session.begin():
        found = access(case_id)
        filled = frame(found, datetime.now(UTC))
        actor, before = found.acting(frozenset({Party.APPLICANT})), dict(found.case.answers)
    typed = {field.id: _typed(field) for field in fields_of(wanted)}
    try:
        drafts.save(case_id, actor, typed)
    except StepRefused:
        if not filled["may_write"]:
            raise
        return _section(case_id, wanted, {**before, **typed}, filled), 400
    if request.form.get("then") == "next" and wanted is not ORDER[-1]:
        following = ORDER[ORDER.index(wanted) + 1]
        return redirect(url_for("cases.section", case_id=case_id, section=following), 303)
    return redirect(url_for("cases.section", case_id=case_id, section=wanted, saved=1), 303)


def _typed(field: Field) -> str:
    if field.kind is Kind.DAY:
        return dates.joined(request.form, field.id)
    return lines_of(request.form, field.id)


def _section(case_id: int, wanted: Section, answers: Mapping[str, str], filled: Mapping[str, object]) -> str:
    now, saved = datetime.now(UTC), "saved" in request.args
    own = {field.id for field in fields_of(wanted)}
    found = _errors([fault for fault in drafts.missing(case_id, now) if fault.field in own])
    # What is still empty is no fault before somebody has worked on the section.
    shown = found if saved else {name: said for name, said in found.items() if text(answers, name)}
    with db.session.begin():
        access(case_id)
        files = newest_files(case_id)
    return render_template(
        "cases/section.html",
        **filled,
        section=wanted,
        order=ORDER,
        fields=fields_of(wanted),
        answers=answers,
        errors=shown,
        saved=saved,
        still=len(found),
        parts=dates.parts,
        files=files,
        wording=agreements.TEXTS,
        me=require_principal(),
    )


def _errors(wrong: list[Fault]) -> dict[str, str]:
    """Return what stands beside each field."""
    return {fault.field: fault_text(fault) for fault in reversed(wrong)}
