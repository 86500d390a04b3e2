"""Duties while live: contacts, confirmations, what ends; and the answer to the mail that verifies a contact."""

from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from clients.duties import confirmations, contacts, expiries, register
from clients.pages import dates
from clients.pages.access import access, may
from clients.pages.frame import frame
from clients.pages.room import blueprint
from clients.pages.words import fault_text, refusal_text
from clients.procedure.steps import StepRefused
from clients.procedure.transitions import FINAL, Party
from clients.signals import case_told
from config import seal
from config.database import db
from config.settings import settings
from scopes.permissions import Permission
from scopes.roc import parse_day, taipei_day

public = Blueprint("partners", __name__, template_folder="../templates")
PURPOSE = "case-contact"
TTL = 7 * 86400


@blueprint.get("/<int:case_id>/duties")
def duties(case_id: int) -> str:
    """Show contacts, confirmations and the calendar of a case."""
    return _page(case_id, MultiDict(), None)


@blueprint.post("/<int:case_id>/contact")
def change_contact(case_id: int) -> Response | tuple[str, int]:
    """Name another contact; one that the partner names itself is verified by mail first."""
    now = datetime.now(UTC)
    with db.session.begin():
        actor = access(case_id).acting(frozenset({Party.APPLICANT, Party.OFFICER, Party.ADMIN}))
    try:
        day = parse_day(dates.joined(request.form, "effective_on"))
        made = contacts.change(case_id, actor, {name: request.form.get(name, "") for name in contacts.FIELDS}, day, now)
    except ValueError:
        return _page(case_id, request.form, None, day_is_wrong=True), 400
    except StepRefused as refused:
        return _page(case_id, request.form, refused), 400
    if actor.party is not Party.ADMIN:
        link = f"{settings().issuer}{url_for('partners.verify', t=seal.seal(PURPOSE, {'contact': made}))}"
        facts = {"link": link}
        with db.session.begin():
            case_told.send(case_id, code="CASE-CONTACT", facts=facts, now=now, address=request.form["officer_email"])
    return redirect(url_for("cases.duties", case_id=case_id, done="contact"), 303)


@blueprint.post("/<int:case_id>/confirmation")
def confirm(case_id: int) -> Response | tuple[str, int]:
    """Record our letter, or the reply to it."""
    now, number = datetime.now(UTC), request.form.get("letter_no", "").strip()
    with db.session.begin():
        actor = access(case_id).acting(frozenset({Party.ADMIN}))
    what = {"letter": confirmations.send_letter, "reply": confirmations.record_reply}.get(request.form.get("what", ""))
    if what is None:
        abort(400)
    try:
        what(case_id, actor, number, parse_day(dates.joined(request.form, "letter_date")), now)
    except ValueError:
        return _page(case_id, request.form, None, day_is_wrong=True), 400
    except StepRefused as refused:
        return _page(case_id, request.form, refused), 400
    return redirect(url_for("cases.duties", case_id=case_id, done="confirmation"), 303)


def _page(case_id: int, typed: MultiDict[str, str], refused: StepRefused | None, *, day_is_wrong: bool = False) -> str:
    now = datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        filled, today = frame(found, now), taipei_day(now)
        shown = {
            "contact": contacts.current(found.case, today),
            "known": contacts.history(found.case),
            "standing": confirmations.of_case(found.case, today),
            "letters": confirmations.history(case_id),
            "endings": [(one, one.days_left(today)) for one in expiries.expiries_of(found.case, now)],
        }
    return render_template(
        "cases/duties.html",
        **filled,
        **shown,
        typed=typed,
        refusal=refusal_text(refused) if refused else "",
        errors={fault.field: fault_text(fault) for fault in (refused.faults if refused else ())},
        day_is_wrong=day_is_wrong,
        parts=dates.parts,
        joined=dates.joined,
        done=request.args.get("done", ""),
        may_change=bool(found.parties) and found.case.state not in FINAL and bool(found.case.officer_email),
    )


@blueprint.get("/calendar")
def calendar() -> str:
    """Show what ends, of all partners, and the confirmations that wait."""
    if not may(Permission.CASES_READ):
        abort(403)
    now = datetime.now(UTC)
    today = taipei_day(now)
    with db.session.begin():
        rows = [(case, one, one.days_left(today)) for case, one in expiries.calendar(now)]
        due = confirmations.to_do(confirmations.all_due(today))
    return render_template("cases/calendar.html", rows=rows, due=due)


@public.get("/partners")
def register_page() -> str:
    """Show the public register: which partners get which data for what."""
    with db.session.begin():
        found = register.entries(taipei_day(datetime.now(UTC)))
    return render_template("cases/register.html", entries=found)


@public.get("/partners/contact")
def verify() -> str | tuple[str, int]:
    """Ask whoever opened the mailed link to confirm; a mail scanner that opens it changes nothing."""
    if _contact(request.args.get("t", "")) is None:
        return render_template("cases/contact_verified.html", state="gone"), 404
    return render_template("cases/contact_verified.html", state="asked", blob=request.args["t"])


@public.post("/partners/contact")
def verified() -> str | tuple[str, int]:
    """Note that the address is read."""
    number = _contact(request.form.get("t", ""))
    if number is None or contacts.verify(number, datetime.now(UTC)) is None:
        return render_template("cases/contact_verified.html", state="gone"), 404
    return render_template("cases/contact_verified.html", state="done")


def _contact(blob: str) -> int | None:
    try:
        return int(seal.open_(PURPOSE, blob, TTL)["contact"])
    except seal.SealBroken:
        return None
