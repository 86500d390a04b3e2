"""The technical sheet, and the clients that came of it: their settings, secrets and waivers."""

from datetime import UTC, datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from clients.cases import CaseRefused
from clients.client_metadata import ClientMetadata, needs_secret
from clients.client_secrets import live_secrets, rotate_secret
from clients.lifecycle import CaseState, ClientEnvironment
from clients.models import Client
from clients.pages.access import Access, access
from clients.pages.frame import frame
from clients.pages.room import blueprint
from clients.pages.words import refusal_text
from clients.procedure import sheets
from clients.procedure.sheet_checks import Finding, findings
from clients.procedure.steps import StepRefused
from clients.procedure.transitions import FINAL, Party
from config.database import db
from config.guard import require_principal
from scopes.roc import taipei_day

PARTNER = frozenset({Party.APPLICANT, Party.OFFICER})
METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
"""What the sheet offers (D-41); other methods are registered by the partner's software (RFC 7591)."""


@blueprint.get("/<int:case_id>/technical")
def technical(case_id: int) -> str:
    """Show the clients of a case, and the sheet that is to be filled in now."""
    return _page(case_id)


def _page(case_id: int, secret: tuple[str, str] | None = None, refusal: str = "") -> str:
    now = datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        filled = frame(found, now)
        clients = [_client(one, now) for one in _clients(case_id)]
        written = {one: sheets.find(case_id, one) for one in ClientEnvironment}
        faults = {one: sheets.fault(found.case, one, row.answers) for one, row in written.items() if row}
    return render_template(
        "cases/technical.html",
        **filled,
        clients=clients,
        sheets=written,
        sheet_faults=faults,
        writable=[one for one in ClientEnvironment if _may_write(found, one)],
        secret=secret,
        refusal=refusal,
        today=taipei_day(now),
    )


def _clients(case_id: int) -> list[Client]:
    return list(db.session.scalars(select(Client).where(Client.case_id == case_id).order_by(Client.id)))


def _client(client: Client, now: datetime) -> dict[str, Any]:
    meta = ClientMetadata.model_validate(client.meta)
    return {"row": client, "meta": meta, "secrets": live_secrets(client, now), "needs_secret": needs_secret(meta)}


def _may_write(found: Access, environment: ClientEnvironment) -> bool:
    return bool(found.parties) and CaseState(found.case.state) in sheets.WRITABLE[environment]


@blueprint.get("/<int:case_id>/technical/<environment>")
def sheet(case_id: int, environment: str) -> str:
    """Show the sheet to be filled in."""
    return _sheet(case_id, _environment(environment))


@blueprint.post("/<int:case_id>/technical/<environment>")
def save_sheet(case_id: int, environment: str) -> Response | tuple[str, int]:
    """Keep the sheet as it was typed; with ``check``, call what it names."""
    wanted, now = _environment(environment), datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        actor = found.acting(PARTNER | {Party.ADMIN})
    typed = {name: request.form.get(name, "").strip() for name in sheets.FIELDS}
    typed["essential_items"] = " ".join(request.form.getlist("essential_items"))
    try:
        sheets.save(case_id, wanted, actor, typed, now)
    except StepRefused as refused:
        return _sheet(case_id, wanted, typed, refusal=refusal_text(refused)), 400
    if request.form.get("then") == "check":
        with db.session.begin():
            is_good = sheets.fault(access(case_id).case, wanted, typed) is None
        # Only addresses of the case are called, so nobody looks at other hosts through us.
        return _sheet(case_id, wanted, typed, found=findings(typed) if is_good else None), 200
    return redirect(url_for("cases.sheet", case_id=case_id, environment=wanted, saved=1), 303)


def _environment(name: str) -> ClientEnvironment:
    return ClientEnvironment(name) if name in set(ClientEnvironment) else abort(404)


def _sheet(
    case_id: int,
    environment: ClientEnvironment,
    typed: dict[str, str] | None = None,
    *,
    refusal: str = "",
    found: list[Finding] | None = None,
) -> str:
    with db.session.begin():
        reader = access(case_id)
        filled = frame(reader, datetime.now(UTC))
        kept = sheets.find(case_id, environment)
        before = sheets.find(case_id, ClientEnvironment.TEST)
        answers = typed or (kept.answers if kept else dict(before.answers) if before else {})
        fault = sheets.fault(reader.case, environment, answers) if kept or typed else None
    if not _may_write(reader, environment):
        abort(403)
    return render_template(
        "cases/sheet.html",
        **filled,
        environment=environment,
        answers=answers,
        faults=fault.split("; ") if fault else [],
        is_kept=kept is not None,
        saved="saved" in request.args,
        refusal=refusal,
        checked=found,
        methods=METHODS,
    )


@blueprint.post("/<int:case_id>/secrets/<client_id>")
def new_secret(case_id: int, client_id: str) -> tuple[str, int] | str:
    """Give a client of the case a new secret and show it, this once."""
    with db.session.begin():
        found = access(case_id)
        found.acting(PARTNER)
        mine = [one.client_id for one in _clients(case_id)]
    if client_id not in mine:
        abort(404)
    if found.case.state in FINAL:
        abort(403)
    try:
        secret = rotate_secret(client_id, actor=require_principal().actor, now=datetime.now(UTC))
    except CaseRefused as refused:
        return _page(case_id, refusal=str(refused)), 409
    return _page(case_id, secret=(client_id, secret))
