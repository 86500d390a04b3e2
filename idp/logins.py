"""Opening and ending the browser's session, with its cookie and its trace in the audit log."""

from datetime import datetime

from werkzeug.wrappers import Response

from config.audit import record
from config.database import hot
from config.guard import Principal
from idp.sessions import clear_cookie, cookie_digest, end_session, open_session, set_cookie


def begin_session(response: Response, account_id: int, *, now: datetime) -> None:
    """Open a new session, always with a new id, and end the one that the browser had (session fixation)."""
    with hot() as connection:
        if (old := cookie_digest()) is not None:
            end_session(connection, old, now)
        secret = open_session(connection, account_id, amr=["pwd"], now=now)
        record("login.succeeded", actor=f"account:{account_id}", subject=f"account:{account_id}", on=connection)
    set_cookie(response, "session", secret)


def finish_session(response: Response, person: Principal, *, now: datetime) -> None:
    """End the session on the server and take its cookie away."""
    with hot() as connection:
        if (digest := cookie_digest()) is not None:
            end_session(connection, digest, now)
        record("session.ended", actor=person.actor, subject=person.actor, on=connection)
    clear_cookie(response, "session")
