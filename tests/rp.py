"""A relying party that verifies tokens with joserfc, another library than the one that signs them (PyJWT)."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from tests.pages import Browser, Page

ALL_SCOPES = "openid profile inservice_school_code inservice_school_name inservice_title_code inservice_title_name"


@dataclass
class Request:
    """An authorization request that the partner remembers."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def challenge(self) -> str:
        """The S256 challenge (RFC 7636 §4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def url(self) -> str:
        """Path and query of the authorization request."""
        return f"/oidc/authorize?{urlencode(self.parameters)}"


@dataclass
class SignedIn:
    """What a partner has after a sign-in."""

    claims: dict[str, Any]
    access_token: str
    id_token: str
    userinfo: dict[str, Any]
    scope: str


class RelyingParty:
    """A partner with its own back channel; ``scope`` is what it asks for by default."""

    def __init__(self, app: Flask, client: dict[str, Any]) -> None:
        self.app, self.issuer = app, app.extensions["settings"].issuer
        self.client_id, self.secret = client["client_id"], client["client_secret"]
        self.redirect_uri, self.scope = client["redirect_uris"][0], " ".join(client["scopes"])
        self.auth_method = client["token_endpoint_auth_method"]
        self.back_channel = app.test_client(use_cookies=False)

    def request(self, **changes: str | None) -> Request:
        """Make a request; ``None`` leaves a parameter out."""
        made = Request()
        made.parameters = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": self.scope,
            "state": made.state,
            "nonce": made.nonce,
            "code_challenge": made.challenge,
            "code_challenge_method": "S256",
        }
        for name, value in changes.items():
            if value is None:
                made.parameters.pop(name, None)
            else:
                made.parameters[name] = value
        return made

    def code_of(self, page: Page, request: Request) -> str:
        """Check an answer as RFC 6749, RFC 9207 ask, and return the code."""
        assert page.location is not None, f"{page.status} {page.url}: {page.html[:2000]}"
        assert page.location.startswith(self.redirect_uri), page.location
        answer = page.answer
        assert answer.get("state") == request.parameters.get("state")
        assert answer["iss"] == self.issuer
        assert "error" not in answer, answer
        return answer["code"]

    def exchange(self, code: str, request: Request, **changes: str | None) -> TestResponse:
        """Redeem a code with the registered method of client authentication."""
        body: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": request.verifier,
        }
        headers = {}
        if self.auth_method == "client_secret_basic":
            pair = f"{quote(self.client_id, safe='')}:{quote(self.secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            body |= {"client_id": self.client_id, "client_secret": self.secret}
        sent = {name: value for name, value in (body | changes).items() if value is not None}
        return self.back_channel.post("/oidc/token", data=sent, headers=headers, base_url=self.issuer)

    def verify(self, id_token: str, request: Request, access_token: str | None = None) -> dict[str, Any]:
        """Verify an ID token by the published keys (OIDC Core §3.1.3.7) and return its claims."""
        published = self.back_channel.get("/oidc/jwks", base_url=self.issuer).get_json()
        decoded = jwt.decode(id_token, KeySet.import_key_set(published), algorithms=["RS256"])
        rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        rules.validate(decoded.claims)
        assert decoded.claims.get("nonce") == request.parameters.get("nonce")
        if access_token is not None:
            half = hashlib.sha256(access_token.encode()).digest()[:16]
            assert decoded.claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        return dict(decoded.claims)

    def userinfo(self, access_token: str) -> TestResponse:
        """Call UserInfo."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.back_channel.get("/oidc/userinfo", headers=headers, base_url=self.issuer)

    def finish(self, page: Page, request: Request) -> SignedIn:
        """Turn a successful answer into tokens and claims."""
        response = self.exchange(self.code_of(page, request), request)
        assert response.status_code == 200, response.get_data(as_text=True)
        token = json.loads(response.get_data())
        claims = self.verify(token["id_token"], request, token["access_token"])
        userinfo = self.userinfo(token["access_token"])
        assert userinfo.status_code == 200, userinfo.get_data(as_text=True)
        return SignedIn(claims, token["access_token"], token["id_token"], userinfo.get_json(), token["scope"])

    def start(self, browser: Browser, person: dict[str, Any], **changes: str | None) -> tuple[Page, Request]:
        """Open the authorization URL and log in if asked; return the page that comes then."""
        request = self.request(**changes)
        page = browser.get(request.url)
        if page.has("login-submit"):
            page = browser.log_in(person["account"], person["password"])
        return page, request

    def sign_in(
        self, browser: Browser, person: dict[str, Any], *, untick: tuple[str, ...] = (), **changes: str | None
    ) -> SignedIn:
        """Sign a teacher in: log in if asked, approve if asked."""
        page, request = self.start(browser, person, **changes)
        if page.has("consent-approve"):
            page = browser.submit("consent-approve", untick=untick)
        return self.finish(page, request)
