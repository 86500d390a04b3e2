"""The front page and the choice of language."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.guard import principal
from idp.languages import COOKIE_SECONDS, LANGUAGES
from idp.pages.links import local_path
from idp.sessions import set_cookie

blueprint = Blueprint("site", __name__)


@blueprint.get("/")
def index() -> str | Response:
    """Say what this is; whoever is signed in comes to the account."""
    if principal() is not None:
        return redirect(url_for("account.home"), 303)
    return render_template("index.html")


@blueprint.get("/language/<tag>")
def language(tag: str) -> Response:
    """Remember the language and go back; it changes nothing but this page's words, so it may be a link."""
    if tag not in LANGUAGES:
        abort(404)
    response = redirect(local_path(request.args.get("next"), url_for("site.index")), 303)
    set_cookie(response, "language", tag, COOKIE_SECONDS)
    return response


@blueprint.get("/healthz")
def healthz() -> str:
    """Say that the process answers."""
    return "ok"
