"""Pages that demand a log-in of a moment ago (step-up): an open browser must not be enough to take an account over."""

from datetime import UTC, datetime

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from config.guard import Principal
from config.settings import settings


def is_recent(person: Principal) -> bool:
    """Whether the person logged in within ``recent_login`` seconds."""
    return (datetime.now(UTC) - person.auth_time).total_seconds() <= settings().recent_login


def ask_again(person: Principal) -> Response | None:
    """Return the way to the log-in page and back, None if the log-in is recent; a sent form is to be filled in anew."""
    if is_recent(person):
        return None
    here = request.full_path.rstrip("?") if request.method == "GET" else url_for("security.home")
    return redirect(url_for("login.form", next=here, again=1), 303)
