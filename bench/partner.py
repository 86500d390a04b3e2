"""A partner and a teacher's browser over one kept-alive connection, as cheap as possible for the measuring side."""

import base64
import hashlib
import http.client
import json
import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_BOX = re.compile(r'<input class="form-check-input" type="checkbox" name="([^"]+)" value="([^"]*)"')


@dataclass
class Partner:
    """A client of the demo with a signed-in teacher."""

    host: str
    port: int
    client: dict[str, Any]
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        """Open the connection and make one PKCE pair."""
        self.connection = http.client.HTTPConnection(self.host, self.port)
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        pair = f"{self.client['client_id']}:{self.client['client_secret']}".encode()
        self.basic = {"Authorization": "Basic " + base64.b64encode(pair).decode(), **FORM}

    def call(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Send a request with the browser's cookies; return status, Location and body."""
        sent = dict(headers or {})
        if self.cookies and "Authorization" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, body, sent)
        response = self.connection.getresponse()
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, response.headers.get("Location", ""), response.read().decode()

    def log_in(self, account: str, password: str) -> None:
        """Log a teacher in and approve what is asked, by the pages' own forms."""
        _, location, _ = self.call("GET", self.authorization_path())
        _, _, page = self.call("GET", location)
        location = self._send("/login", page, username=account, password=password)
        self.approve(location)

    def approve(self, location: str) -> None:
        """Follow to the consent page, approve what is asked, and see a code come."""
        _, location, _ = self.call("GET", location)
        if "/consent" in location:
            _, _, page = self.call("GET", location)
            location = self._send("/consent", page, answer="approve")
            _, location, _ = self.call("GET", location)
        assert "code=" in location, location

    def _send(self, path: str, page: str, **values: str) -> str:
        fields = [(name, unescape(value)) for name, value in _FIELD.findall(page) + _BOX.findall(page)]
        _, location, _ = self.call("POST", path, urlencode([*fields, *values.items()]), FORM)
        return location

    def authorization_path(self) -> str:
        """Return an authorization request."""
        parameters = {
            "client_id": self.client["client_id"],
            "redirect_uri": self.client["redirect_uris"][0],
            "response_type": "code",
            "scope": " ".join(self.client["scopes"]),
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return "/oidc/authorize?" + urlencode(parameters)

    def authorize(self) -> str:
        """Sign in as a returning teacher; return the code."""
        _, location, _ = self.call("GET", self.authorization_path())
        return parse_qs(urlsplit(location).query)["code"][0]

    def token(self, code: str) -> str:
        """Redeem a code; return the access token."""
        found: str = self.tokens(code)["access_token"]
        return found

    def tokens(self, code: str) -> dict[str, Any]:
        """Redeem a code; return the whole answer."""
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client["redirect_uris"][0],
            "code_verifier": self.verifier,
        }
        return self._machine("/oidc/token", body)

    def refresh(self, token: str) -> dict[str, Any]:
        """Use a refresh token; return the whole answer."""
        return self._machine("/oidc/token", {"grant_type": "refresh_token", "refresh_token": token})

    def introspect(self, token: str) -> None:
        """Ask what a token is worth."""
        assert self._machine("/oidc/introspect", {"token": token})["active"]

    def _machine(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        status, _, answer = self.call("POST", path, urlencode(body), self.basic)
        assert status == 200, answer
        found: dict[str, Any] = json.loads(answer)
        return found

    def userinfo(self, token: str) -> None:
        """Call UserInfo."""
        status, _, answer = self.call("GET", "/oidc/userinfo", "", {"Authorization": f"Bearer {token}"})
        assert status == 200, answer
