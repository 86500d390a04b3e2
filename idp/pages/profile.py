"""修改個人基本資料: the e-mail address. Name and service data come from the school, since the provider vouches for them."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from config.database import db
from config.guard import Principal, require, require_principal
from idp.accounts.addresses import address_of
from idp.accounts.mailed_links import ask_to_verify
from idp.accounts.models import Account
from idp.pages.functions import refusal
from idp.pages.links import verify_link
from idp.pages.recent import ask_again
from scopes.permissions import Permission

blueprint = Blueprint("profile", __name__)
blueprint.before_request(require(Permission.OWN_ACCOUNT))


@blueprint.before_request
def _recently() -> Response | tuple[str, int] | None:
    """An address resets passwords, so a change of it asks for a log-in of a moment ago; a lock suspends it (§1.4)."""
    person = require_principal()
    return refusal(person, "edit_profile") or ask_again(person)


@blueprint.get("/account/profile")
def form() -> str:
    """Show the address, and whether it was verified."""
    return _page(require_principal())


@blueprint.post("/account/profile")
def change() -> str | tuple[str, int]:
    """Send a link to the new address; it takes the old one's place when it is opened."""
    person, typed = require_principal(), request.form.get("email", "")
    address = address_of(typed)
    if address is None:
        text = gettext("請填可以收信的電子信箱，例如 name@example.edu.tw。")
        return _page(person, typed=typed, error=text), 400
    ask_to_verify(person.account_id, verify_link, now=datetime.now(UTC), email=address)
    return _page(person, sent=address)


def _page(person: Principal, *, typed: str | None = None, error: str | None = None, sent: str | None = None) -> str:
    with db.session.begin():
        account = db.session.get_one(Account, person.account_id)
    return render_template("profile.html", account=account, typed=typed, error=error, sent=sent)
