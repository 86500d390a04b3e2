"""How the authorization endpoint answers a partner: always with ``state`` as it came and ``iss`` (RFC 9207).

``query`` and ``form_post`` carry the parameters, their ``….jwt`` kin a signed JWT of them (JARM).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Response, g, jsonify, render_template
from werkzeug.wrappers import Response as BaseResponse

from clients.registry import RegisteredClient
from config.settings import settings
from idp import keys
from idp.http import allow_form_post

GENERIC_DENIAL = "The end-user could not be authorized for this client."
"""D-18: the partner never learns why; employment status is not among the six items."""
MODES = ("query", "form_post", "jwt", "query.jwt", "form_post.jwt")
"""``jwt`` is ``query.jwt`` for a code (JARM §2.3.4)."""
JWT_LIFETIME = 600


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where an answer goes: a client's redirect_uri that was checked, and in which mode."""

    client: RegisteredClient
    redirect_uri: str
    response_mode: str
    state: str | None

    @classmethod
    def of(cls, client: RegisteredClient, parameters: Mapping[str, str]) -> "Addressee":
        """Read it from parameters whose redirect_uri was checked; an unknown mode counts as query."""
        mode = parameters.get("response_mode", "query")
        return cls(client, parameters["redirect_uri"], mode if mode in MODES else "query", parameters.get("state"))

    def send(self, facts: Mapping[str, str]) -> BaseResponse:
        """Answer with a redirect, or with a form that submits itself (OAuth 2.0 Form Post Response Mode)."""
        state = {} if self.state is None else {"state": self.state}
        answer = {**facts, **state, "iss": settings().issuer}
        if self.response_mode.endswith("jwt"):
            answer = {"response": self._sign(answer)}
        if self.response_mode.startswith("form_post"):
            return _form_post(self.redirect_uri, answer)
        glue = "&" if "?" in self.redirect_uri else "?"
        return Response(status=303, headers={"Location": f"{self.redirect_uri}{glue}{urlencode(answer)}"})

    def _sign(self, answer: Mapping[str, str]) -> str:
        """JARM §2.1: the answer as a JWT for this client, of ten minutes at most."""
        now = datetime.now(UTC)
        payload = {**answer, "aud": self.client.client_id, "exp": int(now.timestamp()) + JWT_LIFETIME}
        alg = self.client.meta.authorization_signed_response_alg or self.client.id_token_alg
        return keys.sign(payload, alg, now)

    def refuse(self, error: str, description: str | None = None) -> BaseResponse:
        """Answer with an OAuth error; the description is ASCII and generic."""
        facts = {"error": error}
        if description:
            facts["error_description"] = description
        return self.send(facts)


def _form_post(redirect_uri: str, answer: Mapping[str, str]) -> Response:
    url = urlsplit(redirect_uri)
    response = Response(render_template("form_post.html", action=redirect_uri, answer=answer))
    allow_form_post(response, f"{url.scheme}://{url.netloc}")
    return response


def json_error(error: OAuth2Error) -> Response:
    """Answer the caller of a machine endpoint (RFC 6749 §5.2), with a nonce where a DPoP proof came (RFC 9449 §8)."""
    body = {"error": error.error}
    if error.description:
        body["error_description"] = error.description
    response = jsonify(body)
    response.status_code = error.status_code
    if error.status_code == 401:
        response.headers["WWW-Authenticate"] = f'Basic realm="token endpoint", error="{error.error}"'
    return no_store(response)


def no_store(response: Response) -> Response:
    """Forbid storing (RFC 6749 §5.1); tell the nonce of the minute to whoever sent a DPoP proof."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    if (nonce := g.get("dpop_nonce")) is not None:
        response.headers["DPoP-Nonce"] = nonce
    return response
