"""Clients of the other kinds for the bench: one with refresh tokens, one of the FAPI profile (PAR, assertion, DPoP)."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from bench.partner import FORM, Partner
from clients.partners import parse_partner, put_partner
from config.database import db

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REDIRECT_URI = "https://bench.example/cb"
SCOPES = ["openid", "profile", "inservice_school_code"]


def register(key: ECKey) -> list[dict[str, Any]]:
    """Register both in the running application context and return what they know."""
    common = {"redirect_uris": [REDIRECT_URI], "items": ["name", "school_code", "user_id"], "client_name": "bench"}
    keeper = common | {"client_id": "bench-refresh", "client_secret": secrets.token_urlsafe(32), "refresh_tokens": True}
    strict = common | {
        "client_id": "bench-fapi",
        "profile": "fapi2",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False) | {"use": "sig"}]},
    }
    with db.session.begin():
        for spec in (keeper, strict):
            put_partner(parse_partner(spec), actor="bench", now=datetime.now(UTC))
    return [spec | {"scopes": SCOPES, "client_secret": spec.get("client_secret", "")} for spec in (keeper, strict)]


@dataclass
class Strict:
    """The FAPI client, over the connection and with the browser of a `Partner`."""

    partner: Partner
    issuer: str
    key: ECKey
    nonce: str | None = None

    def begin(self) -> None:
        """Approve once what the client asks for."""
        query = urlencode({"client_id": "bench-fapi", "request_uri": self.push()})
        self.partner.approve(f"/oidc/authorize?{query}")

    def push(self) -> str:
        """Push a request; return the request_uri."""
        query = urlsplit(self.partner.authorization_path()).query
        body = {name: values[0] for name, values in parse_qs(query).items()} | self._assertion()
        status, _, answer = self.partner.call("POST", "/oidc/par", urlencode(body), FORM)
        assert status == 201, answer
        uri: str = json.loads(answer)["request_uri"]
        return uri

    def authorize(self, uri: str) -> str:
        """Let the browser use a pushed request; return the code."""
        query = urlencode({"client_id": "bench-fapi", "request_uri": uri})
        _, location, _ = self.partner.call("GET", f"/oidc/authorize?{query}")
        return parse_qs(urlsplit(location).query)["code"][0]

    def token(self, code: str) -> str:
        """Redeem a code with assertion and proof; return the access token."""
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        body |= {"code_verifier": self.partner.verifier} | self._assertion()
        status, answer = self._with_proof("POST", "/oidc/token", urlencode(body), {}, None)
        assert status == 200, answer
        token: str = json.loads(answer)["access_token"]
        return token

    def userinfo(self, token: str) -> None:
        """Call UserInfo with a proof."""
        status, answer = self._with_proof("GET", "/oidc/userinfo", "", {"Authorization": f"DPoP {token}"}, token)
        assert status == 200, answer

    def _with_proof(
        self, method: str, path: str, body: str, headers: dict[str, str], token: str | None
    ) -> tuple[int, str]:
        """Send with a proof; once more with the nonce that the server wants, the first time."""
        for _ in range(2):
            sent = headers | FORM | {"DPoP": self._proof(method, path, token)}
            self.partner.connection.request(method, path, body, sent)
            response = self.partner.connection.getresponse()
            answer = response.read().decode()
            fresh = response.headers.get("DPoP-Nonce")
            wants = self.nonce is None or "use_dpop_nonce" in answer
            self.nonce = fresh or self.nonce
            if not (wants and response.status in {400, 401}):
                break
        return response.status, answer

    def _proof(self, method: str, path: str, token: str | None) -> str:
        claims: dict[str, Any] = {"htm": method, "htu": self.issuer + path, "iat": int(time.time())}
        claims["jti"] = secrets.token_hex(16)
        if self.nonce is not None:
            claims["nonce"] = self.nonce
        if token is not None:
            claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self.key.as_dict(private=False)}
        return jwt.encode(header, claims, self.key)

    def _assertion(self) -> dict[str, str]:
        now = int(time.time())
        claims = {"iss": "bench-fapi", "sub": "bench-fapi", "aud": self.issuer, "iat": now, "exp": now + 60}
        signed = jwt.encode({"alg": "ES256"}, claims | {"jti": secrets.token_hex(16)}, self.key)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed, "client_id": "bench-fapi"}
