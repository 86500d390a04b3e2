"""The entrance of the console: who comes in, and whether what an address names belongs to her area (D-31).

It is asked here for every page and command at once, so that none can forget it: what is foreign is not there, 404.
"""

from datetime import UTC, datetime

from flask import Blueprint, abort, g, request

from config.database import db
from config.guard import require, require_principal
from idp.accounts import areas
from idp.accounts.areas import Area
from idp.accounts.effects import Change
from scopes.permissions import Permission

blueprint = Blueprint("service", __name__, url_prefix="/service")
blueprint.before_request(require(Permission.SERVICE_DATA))
NUMBER = "int(min=1,max=2147483647)"
"""The numbers of rows in addresses."""
_LAST_NUMBER = 2_147_483_647


@blueprint.before_request
def enter() -> None:
    """Find her area; whatever row the address names must belong to it."""
    named = request.view_args or {}
    with db.session.begin():
        found = g.area = areas.area_of_account(require_principal().account_id)
        if "assignment_id" in named and not areas.may_maintain(found, named["assignment_id"]):
            abort(404)
        if "request_id" in named and not areas.may_answer(found, named["request_id"]):
            abort(404)


def area() -> Area:
    """Return the area of whoever asks."""
    found: Area = g.area
    return found


def change(reason: str = "") -> Change:
    """Return who changes service data, now, and why."""
    return Change(require_principal().actor, datetime.now(UTC), reason)


def number(text: str | None) -> int | None:
    """Read the number of a row; None for anything else."""
    if not text or not text.isascii() or not text.isdecimal():
        return None
    found = int(text[:11])
    return found if 0 < found <= _LAST_NUMBER else None
