"""The application for a business account, and its state as the applicant sees it (Art.4, R-ACC-1, R-ACC-4).

Nobody is logged in by applying. Who has just applied, or typed the right password of an account that is not active,
gets a sealed link to the state: it works in this browser, for half an hour.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from config import seal
from config.database import hot
from idp.accounts import business, throttle
from idp.accounts.application import Fault
from idp.accounts.approvals import StepRefused
from idp.accounts.business import Application, Entered, Faults, Register, UnitFault
from idp.accounts.directory import directory
from idp.accounts.dossiers import Dossier, of_applicant
from idp.browsers import browser_mark
from idp.errors import ErrorPage
from idp.pages.business_words import FAULTS, KINDS, REFUSALS, centre_text, next_step, state_text
from scopes.roc import taipei_day

blueprint = Blueprint("business", __name__)
PURPOSE, LINK_SECONDS = "business-application", 1800
NOTHING = Entered("", "", "", "", "", "", "", "", "", agreed=False)
_TYPED = tuple(field.name for field in fields(Entered) if field.name != "agreed")


@blueprint.get("/account/apply/business")
def form() -> str:
    """Show the empty form."""
    return _form_page(business.register(directory()), NOTHING, {})


@blueprint.post("/account/apply/business")
def submit() -> Response | tuple[str, int]:
    """Make the account and say what comes next; or show what is wrong, with everything but the passwords kept."""
    typed = {name: request.form.get(name, "") for name in _TYPED}
    entered = Entered(**typed, agreed=request.form.get("agreed") == "yes")
    now, known = datetime.now(UTC), business.register(directory())
    found = business.read(entered, known, taipei_day(now))
    if not isinstance(found, Application):
        return _form_page(known, entered, found), 400
    with hot() as connection:
        is_admitted = throttle.admit_application(connection, request.remote_addr or "", now)
    if not is_admitted:
        message = gettext("從這個網路位址申請的次數過多，請 15 分鐘後再試。")
        return _form_page(known, entered, {}, message), 429
    account_id = business.apply(found, now=now)
    if account_id is None:
        return _form_page(known, entered, {"username": Fault.ACCOUNT_TAKEN}), 400
    return redirect(link_to(account_id), 303)


@blueprint.get("/account/application")
def status() -> str:
    """Say where her application stands and what she does next."""
    return _status_page(_dossier(), {})


@blueprint.post("/account/application")
def correct() -> Response | tuple[str, int]:
    """Correct the contact after a return (D-07)."""
    dossier = _dossier()
    contact, email = request.form.get("contact", ""), request.form.get("email", "")
    faults = {name: fault for name, fault in business.contact_faults(contact, email).items() if fault is not None}
    if faults:
        return _status_page(dossier, faults, typed={"contact": contact, "email": email}), 400
    try:
        business.correct(dossier.account_id, contact, email, now=datetime.now(UTC))
    except StepRefused as refused:  # the fax came in the meantime, or she was never asked
        return _status_page(_dossier(), {}, message=REFUSALS[refused.why]), 409
    return redirect(url_for("business.status", a=request.values["a"], done="corrected"), 303)


@blueprint.get("/account/application/sheet")
def sheet() -> str:
    """Show the application on a sheet to print, to be sealed by the unit and faxed."""
    dossier = _dossier()
    return render_template(
        "application_sheet.html",
        one=dossier,
        kind=KINDS[dossier.kind],
        centre=centre_text(dossier),
        link=request.args["a"],
        today=taipei_day(datetime.now(UTC)),
    )


def link_to(account_id: int) -> str:
    """Return the way to the state of an application, for this browser only."""
    blob = seal.seal(PURPOSE, {"a": account_id, "b": browser_mark()})
    return url_for("business.status", a=blob)


def standing(account_id: int) -> Mapping[str, object] | None:
    """Return what the log-in page says to an applicant whose password was right."""
    dossier = of_applicant(account_id)
    if dossier is None:
        return None
    return {
        "state": state_text(dossier),
        "reason": dossier.reason,
        "next_step": next_step(dossier),
        "link": link_to(account_id),
    }


def _dossier() -> Dossier:
    """Return the application that the link is for; a link that is too old or of another browser leads nowhere."""
    try:
        opened = seal.open_(PURPOSE, request.values.get("a", ""), LINK_SECONDS)
    except seal.SealBroken as error:
        raise ErrorPage("invalid_request", "lost_application") from error
    found = of_applicant(opened["a"]) if opened["b"] == browser_mark() else None
    if found is None:
        raise ErrorPage("invalid_request", "lost_application")
    return found


def _form_page(known: Register, entered: Entered, faults: Faults, message: str | None = None) -> str:
    day = taipei_day(datetime.now(UTC))
    open_ones = [one for one in known.directory.schools.values() if one.is_open(day)]
    return render_template(
        "apply_business.html",
        entered=entered,
        errors={name: FAULTS[fault] for name, fault in faults.items()},
        message=message,
        kinds=KINDS,
        counties=known.counties,
        schools=sorted((one.code, one.name) for one in open_ones),
    )


def _status_page(
    dossier: Dossier,
    faults: Mapping[str, UnitFault],
    *,
    typed: Mapping[str, str] | None = None,
    message: object | None = None,
) -> str:
    return render_template(
        "application.html",
        one=dossier,
        kind=KINDS[dossier.kind],
        state=state_text(dossier),
        next_step=next_step(dossier),
        centre=centre_text(dossier),
        link=request.values["a"],
        errors={name: FAULTS[fault] for name, fault in faults.items()},
        typed=typed or {"contact": dossier.contact, "email": dossier.email or ""},
        message=message,
        is_corrected=request.args.get("done") == "corrected",
    )
