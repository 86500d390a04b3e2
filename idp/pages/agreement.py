"""The account-use agreement (帳號使用同意書): accepted before anything else when it changed (R-ACC-1, D-03)."""

from datetime import UTC, datetime

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from config.database import hot
from config.guard import principal, require_principal
from idp.accounts.accounts import AGREEMENT_VERSION, accept_agreement
from idp.accounts.models import Account
from idp.interactions import cancel_url, resume_url
from idp.pages.arrivals import interaction_of
from idp.pages.links import local_path

blueprint = Blueprint("agreement", __name__)
_BEHIND = frozenset({"account", "consent", "corrections", "service"})
"""Blueprints whose pages wait for the agreement."""


def init_agreement(app: Flask) -> None:
    """Lead whoever has not accepted the current version to it."""
    for name in _BEHIND:
        app.before_request_funcs.setdefault(name, []).append(_lead)


def _lead() -> Response | None:
    if (person := principal()) is None:
        return None
    with hot() as connection:
        version = connection.execute(
            select(Account.agreement_version).where(Account.id == person.account_id)
        ).scalar_one()
    if version >= AGREEMENT_VERSION:
        return None
    return redirect(url_for("agreement.show", next=request.full_path if request.method == "GET" else None), 303)


@blueprint.get("/agreement")
def show() -> str:
    """Show the text."""
    require_principal()
    blob = request.args.get("i", "")
    interaction_of(blob)
    cancel = cancel_url(blob) if blob else None
    return render_template(
        "agreement.html", interaction=blob, next=local_path(request.args.get("next"), ""), cancel=cancel
    )


@blueprint.post("/agreement")
def accept() -> Response:
    """Store the acceptance and go on."""
    person, blob = require_principal(), request.form.get("i", "")
    interaction_of(blob)
    accept_agreement(person.account_id, now=datetime.now(UTC))
    target = resume_url(blob) if blob else local_path(request.form.get("next"), url_for("account.home"))
    return redirect(target, 303)
