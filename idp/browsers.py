"""The browser itself, before anybody is signed in: a random id in a cookie that binds forms and interactions to it."""

import hashlib
import re
import secrets

from flask import Response, g, request

from idp.sessions import cookie_name, set_cookie

_ID = re.compile(r"[A-Za-z0-9_-]{43}")


def browser_id() -> str:
    """Return the id of this browser; a new one is sent with the answer."""
    if "browser_id" not in g:
        found = request.cookies.get(cookie_name("browser"), "")
        g.browser_is_new = not _ID.fullmatch(found)
        g.browser_id = secrets.token_urlsafe(32) if g.browser_is_new else found
    made: str = g.browser_id
    return made


def browser_mark() -> str:
    """Return what may stand in a sealed blob in place of the id."""
    return hashlib.sha256(browser_id().encode()).hexdigest()[:32]


def remember_browser(response: Response) -> Response:
    """Send a new id."""
    if g.get("browser_is_new"):
        set_cookie(response, "browser", g.browser_id)
    return response
