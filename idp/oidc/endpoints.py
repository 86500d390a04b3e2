"""The protocol's endpoints, thin: read the parameters, call the decision, answer."""

from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.errors import OAuth2Error, UnsupportedGrantTypeError
from flask import Blueprint, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from config.database import hot
from idp.errors import ErrorPage
from idp.interactions import InteractionLost, open_interaction
from idp.oidc import authorize as decision
from idp.oidc import bearer, discovery
from idp.oidc import end_session as logout
from idp.oidc.parameters import TOTAL_MAX, ProtocolRequest, single
from idp.oidc.responses import GENERIC_DENIAL, Addressee, json_error
from idp.oidc.server import server

blueprint = Blueprint("oidc", __name__)


@blueprint.route("/oidc/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """Authorization endpoint (OIDC Core §3.1.2). A POST goes on as GET, so that SameSite=Lax cookies come along."""
    if request.method == "POST":
        return _as_get("oidc.authorize")
    return decision.answer(request.args)


def _as_get(endpoint: str) -> Response:
    """Repeat a posted request as GET; what is too long for a URL is refused."""
    query = urlencode(list(request.form.items(multi=True)))
    if len(query) > 3 * TOTAL_MAX:
        raise ErrorPage("invalid_request", "too_large")
    return redirect(f"{url_for(endpoint)}?{query}", 303)


@blueprint.get("/oidc/authorize/resume")
def resume() -> Response:
    """Go on with a request after the teacher was asked; everything is judged again."""
    try:
        interaction = open_interaction(request.args.get("i", ""))
    except InteractionLost as error:
        raise ErrorPage("invalid_request", "lost") from error
    return decision.answer(MultiDict(interaction.parameters), interaction.first_seen)


@blueprint.get("/oidc/authorize/cancel")
def cancel() -> Response:
    """Give up: the partner gets the OAuth error of the interaction."""
    try:
        interaction = open_interaction(request.args.get("i", ""))
    except InteractionLost as error:
        raise ErrorPage("invalid_request", "lost") from error
    decision.identify(MultiDict(interaction.parameters))
    description = GENERIC_DENIAL if interaction.error == "access_denied" else None
    return Addressee.of(interaction.parameters).refuse(interaction.error, description)


@blueprint.post("/oidc/token")
def token() -> Response:
    """Token endpoint (RFC 6749 §3.2): a form, never the query string."""
    try:
        if request.query_string:
            raise InvalidRequestError("Parameters belong into the body")
        parameters = single(request.form)
        grant_type = parameters.get("grant_type")
        if grant_type is None:
            raise InvalidRequestError("Missing grant_type")
        if grant_type != "authorization_code":
            error = UnsupportedGrantTypeError(grant_type)
            error.description = "Only grant_type authorization_code is supported"
            raise error
        with hot() as connection:
            grant = server().get_token_grant(ProtocolRequest(parameters, connection))
            grant.validate_token_request()
            return server().handle_response(*grant.create_token_response())
    except OAuth2Error as error:
        return json_error(error)


@blueprint.route("/oidc/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """UserInfo endpoint (OIDC Core §5.3)."""
    return bearer.userinfo()


@blueprint.route("/oidc/logout", methods=["GET", "POST"])
def end_session() -> Response:
    """End-session endpoint (RP-Initiated Logout §2)."""
    if request.method == "POST":
        return _as_get("oidc.end_session")
    return logout.end_session(request.args)


@blueprint.post("/oidc/logout/answer")
def answer_logout() -> Response:
    """The answer to our own logout question; it carries a form token."""
    return logout.answer_question()


@blueprint.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """OIDC Discovery §4."""
    return discovery.discovery()


@blueprint.get("/oidc/jwks")
def jwks() -> Response:
    """The public signing keys (RFC 7517)."""
    return discovery.jwks()
