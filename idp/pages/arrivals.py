"""Coming in: the sign-in that brought a browser to a page, and where it goes once the person is known."""

from datetime import UTC, datetime

from flask import redirect, url_for
from werkzeug.wrappers import Response

from config import seal
from idp.browsers import browser_mark
from idp.devices import Device, remember_account
from idp.errors import ErrorPage
from idp.interactions import Interaction, InteractionLost, open_interaction, resume_url
from idp.logins import begin_session

PENDING, PENDING_TTL = "half-way", 600
"""The seal of a log-in whose password was right and whose second factor is still to come."""


def interaction_of(blob: str | None) -> Interaction | None:
    """Return the sign-in, None if there was none; one that is lost gets the page that says so."""
    if not blob:
        return None
    try:
        return open_interaction(blob)
    except InteractionLost as error:
        raise ErrorPage("invalid_request", "lost") from error


def half_way(account_id: int, blob: str, way: str) -> Response:
    """Go on to the second factor after a right password (D-74).

    ``blob`` is the sealed sign-in under way or empty, ``way`` where to go without one.
    """
    pending = seal.seal(PENDING, {"a": account_id, "i": blob, "n": way, "b": browser_mark()})
    return redirect(url_for("second_factor.form", s=pending), 303)


def welcome(account_id: int, amr: tuple[str, ...], blob: str, way: str, known: Device) -> Response:
    """Open the session and send the browser on."""
    response = redirect(resume_url(blob) if blob else way, 303)
    begin_session(response, account_id, amr, now=datetime.now(UTC))
    remember_account(response, known, account_id)
    return response
