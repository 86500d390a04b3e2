"""The protocol's endpoints, thin: read the parameters, call the decision, answer."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Blueprint, g, jsonify, redirect, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from config.database import hot
from idp.errors import ErrorPage
from idp.http import MACHINES
from idp.interactions import Interaction, InteractionLost, open_interaction
from idp.oidc import authorize as decision
from idp.oidc import bearer, device, discovery, introspection, pushing, registration, token_revocation
from idp.oidc import end_session as logout
from idp.oidc.addressing import still_registered
from idp.oidc.client_auth import named
from idp.oidc.diagnosis import note
from idp.oidc.faults import ProtocolFault
from idp.oidc.parameters import TOTAL_MAX, single
from idp.oidc.recipients import recipient_of
from idp.oidc.responses import GENERIC_DENIAL, json_error, no_store
from idp.oidc.server import grant_tokens

blueprint = Blueprint("oidc", __name__)


@blueprint.after_request
def open_to_scripts(response: Response) -> Response:
    """Let programs in browsers (public clients) call the machine endpoints from anywhere: no cookie plays a part there."""
    if request.endpoint in MACHINES and "Origin" in request.headers:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "DPoP-Nonce, WWW-Authenticate"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, DPoP"
            response.headers["Access-Control-Max-Age"] = "600"
    return response


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
    return decision.resume(_interaction())


@blueprint.get("/oidc/authorize/cancel")
def cancel() -> Response:
    """Give up: the partner gets the OAuth error of the interaction."""
    interaction = _interaction()
    client = still_registered(interaction)
    description = GENERIC_DENIAL if interaction.error == "access_denied" else None
    return recipient_of(client, interaction.parameters).refuse(interaction.error, description)


def _interaction() -> Interaction:
    try:
        return open_interaction(request.args.get("i", ""))
    except InteractionLost as error:
        raise ErrorPage("invalid_request", "lost") from error


def _machine(work: Callable[[Connection, Mapping[str, str]], Response]) -> Response:
    """Answer a machine: a form, never the query string (RFC 6749 §3.2), and JSON that nobody stores."""
    try:
        if request.query_string:
            raise ProtocolFault("REQ-10")
        parameters = single(request.form)
        with hot() as connection:
            return work(connection, parameters)
    except OAuth2Error as error:
        note(error, g.get("protocol_client") or named(request.form), str(request.endpoint))
        return json_error(error)


@blueprint.post("/oidc/token")
def token() -> Response:
    """Token endpoint (RFC 6749 §3.2)."""
    return _machine(lambda connection, body: no_store(jsonify(grant_tokens(connection, body))))


@blueprint.post("/oidc/par")
def pushed_authorization_request() -> Response:
    """Pushed authorization request endpoint (RFC 9126 §2)."""
    return _machine(pushing.push)


@blueprint.post("/oidc/device_authorization")
def device_authorization() -> Response:
    """Device authorization endpoint (RFC 8628 §3.1)."""
    return _machine(device.begin)


@blueprint.post("/oidc/introspect")
def introspect() -> Response:
    """Introspection endpoint (RFC 7662 §2)."""
    return _machine(introspection.introspect)


@blueprint.post("/oidc/revoke")
def revoke() -> Response:
    """Revocation endpoint (RFC 7009 §2)."""
    return _machine(token_revocation.revoke)


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


@blueprint.post("/oidc/register")
def register_client() -> Response:
    """Registration endpoint (RFC 7591 §3)."""
    return registration.register()


@blueprint.route("/oidc/register/<client_id>", methods=["GET", "PUT", "DELETE"])
def manage_client(client_id: str) -> Response:
    """Client configuration endpoint (RFC 7592 §2)."""
    return registration.manage(client_id)


@blueprint.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """OIDC Discovery §4."""
    return discovery.discovery()


@blueprint.get("/.well-known/oauth-authorization-server")
def authorization_server() -> Response:
    """RFC 8414 §3: the same document under OAuth's name."""
    return discovery.discovery()


@blueprint.get("/oidc/jwks")
def jwks() -> Response:
    """The public signing keys (RFC 7517)."""
    return discovery.jwks()
