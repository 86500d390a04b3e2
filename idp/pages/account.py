"""The teacher's own pages: state of service, functions of Art.5, messages, sign-in history."""

from datetime import UTC, date, datetime

from flask import Blueprint, render_template

from clients import registry
from config.database import db
from config.guard import Principal, require, require_principal
from idp.accounts import messages
from idp.accounts.directory import as_assignment, directory, service_values
from idp.accounts.models import Message
from idp.accounts.service import assignments_of
from idp.letters import letter
from idp.pages.business_home import business_facts
from idp.pages.functions import LISTED, is_allowed, label, state_of
from idp.sign_ins import recent_sign_ins
from scopes.items import DataItem
from scopes.permissions import Permission
from scopes.roc import taipei_day
from scopes.service import Assignment, releasable

blueprint = Blueprint("account", __name__)
blueprint.before_request(require(Permission.OWN_ACCOUNT))


@blueprint.get("/account")
def home() -> str:
    """Show the account: is she in service, where, what may she do, what was she told."""
    person = require_principal()
    if not person.is_teacher:
        return render_template("account_business.html", name=person.name, **business_facts(person))
    day = taipei_day(datetime.now(UTC))
    state = state_of(person, day)
    return render_template(
        "account.html",
        name=person.name,
        state=state,
        schools=_schools(person, day),
        functions=[(function, label(function), is_allowed(function.id, state)) for function in LISTED],
        messages=[_shown(message) for message in messages.of(person.account_id)],
    )


@blueprint.get("/account/sign-ins")
def sign_ins() -> str:
    """Show where she signed in and which items were given; the log holds no values (AC-82)."""
    person = require_principal()
    rows = [
        (registry.find(client_id), issued_at, [DataItem(item) for item in released])
        for client_id, issued_at, released in recent_sign_ins(person.account_id)
    ]
    return render_template("sign_ins.html", rows=rows)


def _schools(person: Principal, day: date) -> list[tuple[Assignment, dict[DataItem, str]]]:
    known = directory()
    with db.session.begin():
        rows = assignments_of(person.account_id)
    found = releasable([as_assignment(row) for row in rows], known.schools, known.titles, day)
    return [(entry, service_values(entry)) for entry in found]


def _shown(message: Message) -> tuple[datetime, str]:
    """Put a message into words."""
    return message.created_at, letter(message.code, message.parameters).text
