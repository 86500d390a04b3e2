"""夢的N次方（示範站）: its pages, and the server that shows them. The signing in itself is in ``sign_in.py``."""

import hmac
import json
import logging
import os
import re
import secrets
import signal
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, render_template, request, session
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

if not __package__:  # started as a script; PEP 366 lets it import its neighbours all the same
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    __package__ = "dream_n"

from . import back_channel, sign_in
from .members import SESSION_SECONDS, Members
from .settings import Settings, security_headers

LOG = logging.getLogger("dream_n")
LANGUAGES = ("zh-TW", "en")


def members() -> Members:
    """Return the members of the current application."""
    found: Members = current_app.extensions["members"]
    return found


def home() -> str | Response:
    """Show what the site is or, to a member, what the provider told us."""
    if request.args.get("lang") in LANGUAGES:
        session["language"] = request.args["lang"]
        return redirect("/", 303)
    if members().was_ended():
        members().leave()
        return render_template("ended.html")
    if member := members().current():
        return render_template("member.html", member=member, claims=member.claims())
    return render_template("home.html")


def login() -> Response:
    """Go to the provider."""
    return sign_in.redirect_to_provider(session.get("language"))


def callback() -> Response:
    """Come back from the provider. The address with the code in it is left at once."""
    member = sign_in.member_from_callback()
    members().leave()  # nothing from before the sign-in outlives it: no session fixation
    members().enter(member)
    return redirect("/", 303)


def logout() -> Response:
    """Sign out here first, whatever happens there; then at the provider."""
    member = members().current()
    if member and not hmac.compare_digest(request.form.get("csrf_token", "").encode(), member.csrf_token.encode()):
        abort(400)
    members().leave()
    if not member:
        return redirect("/signed-out", 303)
    try:
        return sign_in.redirect_to_sign_out(member)
    except sign_in.SignInFailedError as failure:
        LOG.warning("signed out here, but not at the provider: %s", failure.code)
        return redirect("/signed-out", 303)


def back_channel_logout() -> tuple[dict[str, str], int]:
    """The provider ends a session: no browser is here, so the member's next page says it."""
    try:
        over = back_channel.verified(request.form.get("logout_token", ""), current_app.extensions["seen_logouts"])
    except back_channel.LogoutRefusedError as refusal:
        LOG.warning("a logout token was refused: %s", refusal)
        return {"error": "invalid_request"}, 400
    members().end(over.sid, over.sub)
    return {}, 200


def signed_out() -> str | Response:
    """Say where the sign-out took place. To somebody who is signed in (again), it would be untrue."""
    there = sign_in.signed_out_at_provider()
    if members().current():
        return redirect("/", 303)
    return render_template("signed_out.html", there=there)


def sign_in_failed(failure: sign_in.SignInFailedError) -> str | tuple[str, int]:
    """Say how to go on. Why a teacher was refused is between her and the provider, and not ours to guess."""
    if failure.code == "access_denied":
        return render_template("login_refused.html")
    LOG.warning("sign-in failed: %r (%s)", failure.code, failure.__cause__ or "at the callback")
    return render_template("login_error.html", failure=failure, signed_in=members().current()), failure.status


def http_error(fault: HTTPException) -> tuple[str, int]:
    """Show a page for wrong addresses and, without its details, for a fault of ours."""
    status = fault.code or 500
    return render_template("page_error.html", status=status), status


def readable(value: Any) -> str:  # noqa: ANN401  # whatever JSON holds
    """Return a claim or a whole answer as people read it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def element_id(claim: str) -> str:
    """Return the id of the element that shows the claim; names may hold what an id may not."""
    return "claim-" + re.sub(r"[^\w.:-]", "-", claim)


def harden(response: Response) -> Response:
    """Add the security headers. What a page says is for this visitor only, so nobody may store it."""
    response.headers.update(current_app.config["SECURITY_HEADERS"])
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """Return the application that the environment describes."""
    settings = Settings.load(environ)
    app = Flask("dream_n", root_path=str(Path(__file__).resolve().parent))
    app.config.update(
        SECRET_KEY=environ.get("SECRET_KEY") or secrets.token_hex(32),
        SESSION_COOKIE_NAME="dream_n_session",  # browsers share cookies between the ports of a host
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.site_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=SESSION_SECONDS),
        MAX_CONTENT_LENGTH=16 * 1024,
        SECURITY_HEADERS=security_headers(settings),
    )
    app.extensions.update(members=Members(), seen_logouts=back_channel.Seen())
    sign_in.init_app(app, settings)
    for path, view in {"/": home, "/login": login, "/callback": callback, "/signed-out": signed_out}.items():
        app.add_url_rule(path, view_func=view)
    app.add_url_rule("/logout", view_func=logout, methods=["POST"])
    app.add_url_rule("/backchannel-logout", view_func=back_channel_logout, methods=["POST"])
    app.register_error_handler(sign_in.SignInFailedError, sign_in_failed)
    app.register_error_handler(HTTPException, http_error)
    app.after_request(harden)
    app.context_processor(lambda: {"settings": settings, "lang": session.get("language", LANGUAGES[0])})
    app.jinja_env.filters.update(readable=readable, element_id=element_id)
    return app


class QuietHandler(WSGIRequestHandler):
    """Serves one connection without a line for every request: addresses hold codes and states."""

    timeout = 30

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def version_string(self) -> str:
        """Return what the Server header says: not what we are built of."""
        return "dream-n"


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    try:
        app = create_app()
        url = urlsplit(Settings.load(os.environ).site_url)
        listen = urlsplit("//" + (os.environ.get("LISTEN") or url.netloc))
        port = listen.port or {"http": 80, "https": 443}[url.scheme]
    except (OSError, ValueError) as fault:
        LOG.error("cannot start: %s", fault)  # noqa: TRY400  # a line for who starts it, no traceback
        return 2
    server = make_server(listen.hostname or "127.0.0.1", port, app, threaded=True, request_handler=QuietHandler)
    for number in (signal.SIGTERM, signal.SIGINT):
        # In a thread, because shutdown() waits for the loop that this very signal interrupts.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    LOG.info("夢的N次方（示範站） on %s", url.geturl())
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
