"""The account-use agreement (帳號使用同意書); ``gates`` leads here whoever has not accepted it (R-ACC-1, D-03)."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.guard import require_principal
from idp.accounts.accounts import accept_agreement
from idp.interactions import cancel_url, resume_url
from idp.pages.arrivals import interaction_of
from idp.pages.links import local_path

blueprint = Blueprint("agreement", __name__)


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
