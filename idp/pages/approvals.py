"""The console of those who decide on business accounts (Art.4, D-07, D-08): list, application, steps.

A regional centre works on its own units; those of other centres do not exist for it (404). The national centre sees
all, and decides on what belongs to it.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.audit import record
from config.database import db
from config.files import StoredFile, handed_out
from config.guard import Principal, require, require_principal
from config.uploads.judge import rules_of, taken
from config.uploads.kinds import PDF, FileRefused
from idp.accounts import approvals, dossiers
from idp.accounts.approvals import Event, Step, StepRefused, Why
from idp.accounts.dossiers import Dossier
from idp.accounts.models import BusinessKind, BusinessState
from idp.accounts.regions import known_counties, taken_counties
from idp.letters import BUSINESS_STATES
from idp.pages.business_words import ACTORS, HAPPENED, KINDS, REFUSALS, centre_text, state_text
from scopes.permissions import Permission
from scopes.roc import parse_day, taipei_day

blueprint = Blueprint("approvals", __name__)
blueprint.before_request(require(Permission.BUSINESS_APPROVALS))
SEARCH_MAX, ID_MAX = 100, 2**31 - 1
OFFERED = (Event.FAX_RECEIVED, Event.APPROVED, Event.RETURNED, Event.REJECTED, Event.DISABLED)
_FIELD = {
    Why.FAX_DAY: "received-on",
    Why.NOTE: "note",
    Why.SCAN: "scan",
    Why.COUNTIES: "counties",
    Why.COUNTIES_TAKEN: "counties",
}
"""Beside which field a refusal stands; that of a missing reason stands beside the reason of its own form."""


@blueprint.get("/approvals")
def overview() -> str:
    """List the applications of one state; first what waits for a decision."""
    person = require_principal()
    state = _state(request.args.get("state"))
    search = request.args.get("q", "").strip()[:SEARCH_MAX]
    page = max(request.args.get("page", 1, type=int), 1)
    found, has_more = dossiers.listed(person, state, search, min(page, 10_000))
    today = taipei_day(datetime.now(UTC))
    return render_template(
        "approvals.html",
        rows=[(one, state_text(one), KINDS[one.kind], centre_text(one), (today - one.since).days) for one in found],
        counts=dossiers.counts(person, search),
        states=BUSINESS_STATES,
        state=state,
        search=search,
        page=page,
        has_more=has_more,
    )


@blueprint.get("/approvals/<int:account_id>")
def detail(account_id: int) -> str:
    """Show one application with its history; who looked at personal data is recorded (DOMAIN §7.4)."""
    person = require_principal()
    dossier = _visible(person, account_id)
    with db.session.begin():
        record("business.viewed", actor=person.actor, subject=f"account:{account_id}")
    return _page(person, dossier)


@blueprint.post("/approvals/<int:account_id>")
def decide(account_id: int) -> Response | tuple[str, int]:
    """Take one step; a refusal shows the page again with the reason, and with everything that was typed."""
    person = require_principal()
    _visible(person, account_id)
    wanted = request.form.get("event", "")
    if wanted not in _STEPS:
        abort(400)
    event = Event(wanted)
    try:
        _STEPS[event](Step(account_id, person, datetime.now(UTC)))
    except StepRefused as refused:
        return _page(person, _visible(person, account_id), event, refused.why), 409 if refused.why is Why.STATE else 400
    return redirect(url_for("approvals.detail", account_id=account_id, done=event), 303)


@blueprint.get("/approvals/<int:account_id>/fax")
def fax(account_id: int) -> Response:
    """Hand out the scan of the fax; never shown within a page of ours, since it comes from outside."""
    person = require_principal()
    scan_id = _visible(person, account_id).fax_scan_id or abort(404)
    with db.session.begin():
        content = db.session.get_one(StoredFile, scan_id).content
        record("business.fax_viewed", actor=person.actor, subject=f"account:{account_id}")
    return handed_out(content, f"fax-{account_id}.pdf", PDF)


def _fax(step: Step) -> None:
    try:
        received_on = parse_day(request.form.get("received_on", ""))
    except ValueError as error:
        raise StepRefused(Why.FAX_DAY) from error
    approvals.receive_fax(step, received_on, request.form.get("note", "").strip(), _scan())


def _scan() -> bytes | None:
    """Return the scan that came with the form; a browser sends an empty part where none was chosen."""
    file = request.files.get("scan")
    if file is None or not file.filename:
        return None
    with closing(file):
        try:
            return taken(file.filename, file.stream, rules_of(PDF)).content
        except FileRefused as error:
            raise StepRefused(Why.SCAN) from error


def _approve(step: Step) -> None:
    approvals.approve(step, request.form.getlist("counties"))


def _disable(step: Step) -> None:
    if request.form.get("confirmed") != "yes":
        raise StepRefused(Why.UNCONFIRMED)
    approvals.disable(step, _reason())


_STEPS: Mapping[Event, Callable[[Step], None]] = {
    Event.FAX_RECEIVED: _fax,
    Event.APPROVED: _approve,
    Event.RETURNED: lambda step: approvals.return_for_correction(step, _reason()),
    Event.REJECTED: lambda step: approvals.reject(step, _reason()),
    Event.DISABLED: _disable,
}


def _reason() -> str:
    return request.form.get("reason", "").replace("\r\n", "\n").strip()


def _state(wanted: str | None) -> BusinessState:
    return BusinessState(wanted) if wanted in list(BusinessState) else BusinessState.PENDING_REVIEW


def _visible(person: Principal, account_id: int) -> Dossier:
    """Return an application of this person's; what no account id can be is not asked the database, which would fail."""
    return (dossiers.find(person, account_id) if account_id <= ID_MAX else None) or abort(404)


def _page(person: Principal, one: Dossier, tried: Event | None = None, why: Why | None = None) -> str:
    """Render an application. ``tried`` is the step that was refused; its form is open and filled in."""
    offered = [event for event in OFFERED if approvals.may(person, one.account_id, one.responsible, event, one.state)]
    free = one.kind is BusinessKind.REGIONAL_CENTRE and Event.APPROVED in offered
    return render_template(
        "approval.html",
        one=one,
        kind=KINDS[one.kind],
        state=state_text(one),
        centre=centre_text(one),
        history=[
            (entry, HAPPENED.get(entry.action, entry.action), ACTORS.get(entry.actor, entry.actor))
            for entry in dossiers.history(one.account_id)
        ],
        offered=offered,
        counties=_free_counties() if free else [],
        tried=tried,
        error=_error(tried, why, offered),
        typed=request.form,
        today=taipei_day(datetime.now(UTC)),
        done=_done(one),
    )


def _error(tried: Event | None, why: Why | None, offered: list[Event]) -> tuple[str | None, object] | None:
    """Return the field that a refusal is about, none if it is about the step itself, and the words."""
    if why is None:
        return None
    if tried not in offered:
        return None, REFUSALS[why]
    own = {Why.REASON: f"{tried}-reason", Why.UNCONFIRMED: "confirmed"}
    return (_FIELD | own).get(why), REFUSALS[why]


def _free_counties() -> list[str]:
    with db.session.begin():
        return sorted(known_counties() - taken_counties())


def _done(one: Dossier) -> object | None:
    """Return the words for the step that was just taken, if the account is where that step leads."""
    wanted = request.args.get("done", "") if request.method == "GET" else ""
    reached = {event: to for (_, event), (to, _) in approvals.TRANSITIONS.items()}
    is_so = wanted in list(OFFERED) and reached[Event(wanted)] is one.state
    return HAPPENED[f"business.{wanted}"] if is_so else None
