"""RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from clients import registry
from clients.registry import RegisteredClient
from config import seal
from config.database import hot
from config.guard import Principal, principal
from idp import keys
from idp.errors import ErrorPage
from idp.logins import finish_session
from idp.logout.front_channel import farewell_url
from idp.oidc.client_auth import named
from idp.oidc.diagnosis import note
from idp.oidc.faults import ProtocolFault
from idp.oidc.parameters import check_size, single
from idp.sessions import BrowserSession, sid_for

PURPOSE = "logout-question"
QUESTION_TTL = 3600
ID_TOKEN_CLAIMS = frozenset({"iss", "sub", "aud", "exp", "iat", "auth_time"})
"""What marks an ID token among the JWTs that we sign (OIDC Core §2)."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A logout request that was checked: who asks, where to go afterwards, and which session the hint proves."""

    client: RegisteredClient | None
    uri: str | None
    state: str | None
    sid: str | None

    def destination(self) -> str | None:
        """Return where the browser goes when it is over: to the partner with its state, or to our own last page."""
        if self.uri is None:
            return None
        glue = "&" if "?" in self.uri else "?"
        return self.uri + (f"{glue}{urlencode({'state': self.state})}" if self.state else "")


def end_session(values: MultiDict[str, str]) -> Response:
    """End at once where the hint proves this very session; ask where it does not (§6)."""
    departure = _check(values)
    person = principal()
    if person is None:
        return redirect(farewell_url(None, departure.destination()), 303)
    if departure.client and departure.sid == _sid(person.session_id, departure.client.client_id):
        return _finish(person, departure.destination())
    question = {"s": person.session_id, "to": departure.destination()}
    name = departure.client.site_name if departure.client else None
    sealed = seal.seal(PURPOSE, question)
    return Response(
        render_template("logout_question.html", question=sealed, partner=name, name=person.name), mimetype="text/html"
    )


def answer_question() -> Response:
    """Take the answer of the logout question: ``confirm`` ends the session, ``cancel`` keeps it."""
    try:
        question = seal.open_(PURPOSE, request.form.get("question", ""), QUESTION_TTL)
    except seal.SealBroken as error:
        raise ErrorPage("invalid_request", "lost") from error
    person = principal()
    if request.form.get("answer") != "confirm":
        return redirect(url_for("account.home"), 303)
    if person is None or person.session_id != question["s"]:
        return redirect(url_for("login.logged_out"), 303)
    return _finish(person, question["to"])


def _check(values: MultiDict[str, str]) -> Departure:
    try:
        parameters = single(values)
        check_size(parameters)
    except OAuth2Error as error:
        note(error, named(values), "logout")
        raise ErrorPage("invalid_request", "bad_request") from error
    hint = _hint(parameters)
    client_id = parameters.get("client_id", hint.get("aud"))
    if hint and client_id != hint["aud"]:
        raise _refused(ProtocolFault("OUT-02"), client_id, "bad_logout_hint")
    client = registry.find(client_id) if client_id else None
    uri = parameters.get("post_logout_redirect_uri")
    if uri is not None and (client is None or uri not in client.meta.post_logout_redirect_uris):
        known = client.meta.post_logout_redirect_uris if client else ()
        fault = ProtocolFault("OUT-01", received=uri, expected=" ".join(known))
        raise _refused(fault, client_id, "bad_logout_uri", uri)
    return Departure(client, uri, parameters.get("state"), hint.get("sid"))


def _hint(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return what the ``id_token_hint`` says, expired or not; one that is no ID token of ours stops everything (§4)."""
    if "id_token_hint" not in parameters:
        return {}
    payload = keys.decode(parameters["id_token_hint"])
    if payload is None or not payload.keys() >= ID_TOKEN_CLAIMS:
        raise _refused(ProtocolFault("OUT-02"), parameters.get("client_id"), "bad_logout_hint")
    return payload


def _refused(fault: ProtocolFault, client_id: str | None, page: str, received: str | None = None) -> ErrorPage:
    """Note a fault of a registered client, and return the page that the browser shows."""
    note(fault, client_id if client_id in registry.everyone() else None, "logout")
    return ErrorPage(fault.error, page, received=received)


def _sid(session_id: int, client_id: str) -> str:
    with hot() as connection:
        key = connection.execute(select(BrowserSession.sid_key).where(BrowserSession.id == session_id)).scalar_one()
    return sid_for(key, client_id)


def _finish(person: Principal, destination: str | None) -> Response:
    response = redirect(farewell_url(person.session_id, destination), 303)
    finish_session(response, person, now=datetime.now(UTC))
    return response
