"""A client with keys of its own, by any registered method and profile: it can do every single thing wrong.

``tests.spec.signing`` has what it signs with; both are imported from here.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from tests.pages import Browser, Page
from tests.protocol.wire import add_partner, token_error
from tests.rp import RelyingParty, Request
from tests.spec.signing import (
    ALGS,
    AnyAlgorithm,
    Keys,
    assertion,
    base64url,
    dpop_proof,
    now,
    request_object,
    sign,
    tampered,
)

__all__ = [
    "ALGS",
    "ASSERTION_TYPE",
    "Client",
    "Keys",
    "assertion",
    "base64url",
    "client",
    "dpop_proof",
    "error_of",
    "fapi_client",
    "now",
    "request_object",
    "sign",
    "tampered",
]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CODE = "authorization_code"


class Client(RelyingParty):
    """A relying party by any registered method, with DPoP where it is bound; ``metadata`` is what it registered.

    ``keys`` sign assertions and request objects, ``dpop`` (if any) the proofs. The newest ``DPoP-Nonce`` is remembered,
    and ``use_dpop_nonce`` is answered by trying once more, as RFC 9449 §8 asks of clients.
    """

    def __init__(self, app: Flask, metadata: Mapping[str, Any], keys: Keys, dpop: Keys | None = None) -> None:
        super().__init__(app, {"client_secret": "", **metadata})
        self.metadata, self.keys, self.dpop = metadata, keys, dpop
        self.nonce: str | None = None
        fapi = str(metadata.get("profile")).startswith("fapi2")
        self.id_token_alg = metadata.get("id_token_signed_response_alg", "PS256" if fapi else "RS256")

    def authentication(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return headers and body members that authenticate the client."""
        if self.auth_method == "client_secret_basic":
            pair = f"{quote(self.client_id, safe='')}:{quote(self.secret, safe='')}"
            return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}, {}
        if self.auth_method == "client_secret_post":
            return {}, {"client_id": self.client_id, "client_secret": self.secret}
        if self.auth_method in {"private_key_jwt", "client_secret_jwt"}:
            keys = self.keys if self.auth_method == "private_key_jwt" else Keys.of_secret(self.secret)
            made = assertion(self.client_id, self.issuer, keys)
            return {}, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": made}
        return {}, {"client_id": self.client_id}

    def call(self, path: str, body: Mapping[str, str | None], *, proves: bool = False) -> TestResponse:
        """Post to one of our machine endpoints, authenticated; with ``proves`` and a DPoP key under a proof.

        ``body`` members prevail over those of the authentication; None leaves one out.
        """
        for _ in range(2):
            headers, own = self.authentication()
            if proves and self.dpop:
                headers["DPoP"] = dpop_proof(self.dpop, "POST", self.issuer + path, nonce=self.nonce)
            sent = {name: value for name, value in {**own, **body}.items() if value is not None}
            answer = self.back_channel.post(path, data=sent, headers=headers, base_url=self.issuer)
            if not self._is_asked_again(answer):
                break
        return answer

    def _is_asked_again(self, answer: TestResponse) -> bool:
        old, self.nonce = self.nonce, answer.headers.get("DPoP-Nonce", self.nonce)
        challenge = answer.headers.get("WWW-Authenticate", "")
        said = (answer.get_json(silent=True) or {}).get("error") if answer.is_json else None
        return self.nonce != old and "use_dpop_nonce" in {said, *challenge.replace('"', " ").split()}

    def push(self, what: Request, /, **changes: str | None) -> TestResponse:
        """Push an authorization request (RFC 9126 §2.1), as a signed object where the profile is fapi2-signed."""
        body: dict[str, str | None] = dict(what.parameters)
        if self.metadata.get("profile") == "fapi2-signed":
            body = {"client_id": self.client_id, "request": self.signed(what)}
        return self.call("/oidc/par", body | changes)

    def pushed(self, request: Request, **beside: str) -> Request:
        """Push a request and return the one that the browser carries: ``client_id`` and ``request_uri``."""
        answer = self.push(request)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return self.carrying(request, answer.get_json()["request_uri"], **beside)

    def carrying(self, request: Request, request_uri: str, **beside: str) -> Request:
        """Return a request by reference, with whatever stands beside it."""
        return self._beside(request, {"client_id": self.client_id, "request_uri": request_uri, **beside})

    def by_value(self, request: Request, **beside: str) -> Request:
        """Return a request by a signed object, with the parameters that OIDC Core §6.1 wants beside it."""
        needed = {"client_id": self.client_id, "response_type": "code", "scope": "openid"}
        return self._beside(request, {**needed, "request": self.signed(request), **beside})

    def signed(self, request: Request, **changes: Any) -> str:
        """Return the request object of a request."""
        return request_object(request.parameters, self.issuer, self.keys, **changes)

    @staticmethod
    def _beside(request: Request, parameters: dict[str, str]) -> Request:
        return Request(request.state, request.nonce, request.verifier, parameters)

    def exchange(self, code: str, request: Request, **changes: str | None) -> TestResponse:
        """Redeem a code with the registered method of client authentication."""
        body = {"grant_type": CODE, "code": code, "redirect_uri": self.redirect_uri, "code_verifier": request.verifier}
        return self.call("/oidc/token", {**body, **changes}, proves=True)

    def lead(self, browser: Browser, person: Mapping[str, Any], request: Request, untick: tuple[str, ...] = ()) -> Page:
        """Open a request, log in and approve if asked; return the page at the end."""
        page = browser.get(request.url)
        if page.has("login-submit"):
            page = browser.log_in(person["account"], person["password"])
        return browser.submit("consent-approve", untick=untick) if page.has("consent-approve") else page

    def refresh(self, refresh_token: str, **changes: str | None) -> TestResponse:
        """Use a refresh token."""
        return self.call(
            "/oidc/token", {"grant_type": "refresh_token", "refresh_token": refresh_token, **changes}, proves=True
        )

    def userinfo(self, access_token: str) -> TestResponse:
        """Call UserInfo."""
        if self.dpop is None:
            return super().userinfo(access_token)
        for _ in range(2):
            uri = f"{self.issuer}/oidc/userinfo"
            proof = dpop_proof(self.dpop, "GET", uri, access_token=access_token, nonce=self.nonce)
            headers = {"Authorization": f"DPoP {access_token}", "DPoP": proof}
            answer = self.back_channel.get("/oidc/userinfo", headers=headers, base_url=self.issuer)
            if not self._is_asked_again(answer):
                break
        return answer

    def opened(self, token: str, alg: str | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Verify a JWT of the provider by its published keys; return header and claims, whatever they say."""
        published = self.back_channel.get("/oidc/jwks", base_url=self.issuer).get_json()
        fitting = [one for one in published["keys"] if one["alg"] == (alg or self.id_token_alg)]
        keys = KeySet.import_key_set({"keys": [{k: v for k, v in one.items() if k != "alg"} for one in fitting]})
        decoded = jwt.decode(token, keys, registry=AnyAlgorithm())
        assert decoded.header["alg"] == (alg or self.id_token_alg)
        return decoded.header, decoded.claims

    def verify(self, id_token: str, request: Request, access_token: str | None = None) -> dict[str, Any]:
        """Verify an ID token (OIDC Core §3.1.3.7) of the registered algorithm and return its claims."""
        _, claims = self.opened(id_token)
        assert (claims["iss"], claims["aud"]) == (self.issuer, self.client_id)
        assert claims["iat"] <= now() < claims["exp"]
        assert claims.get("nonce") == request.parameters.get("nonce", claims.get("nonce"))
        if access_token is not None:
            algorithm = hashlib.sha512 if self.id_token_alg == "EdDSA" else hashlib.sha256
            digest = algorithm(access_token.encode()).digest()
            assert claims["at_hash"] == base64url(digest[: len(digest) // 2])
        return claims


def error_of(answer: TestResponse, status: int = 400) -> str:
    """Check the form and status of an error of a machine endpoint (RFC 6749 §5.2) and return its code."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    return token_error(answer)


def client(app: Flask, keys: Keys | None = None, dpop: Keys | None = None, **metadata: Any) -> Client:
    """Register a client of any profile; ``jwks`` is made of its keys where none is given."""
    keys = keys or Keys.generate("ES256")
    given: dict[str, Any] = {
        "client_id": "keyed",
        "client_secret": "a-secret-of-this-test-0123456789",
        "redirect_uris": ["https://rp.test/cb"],
        "items": ["name", "school_code", "user_id"],
        "token_endpoint_auth_method": "private_key_jwt",
    } | metadata
    if "jwks_uri" not in given:
        given.setdefault("jwks", keys.jwks())
    known = add_partner(app, **given)
    return Client(app, given | {"scopes": known.scope.split()}, keys, dpop)


def fapi_client(app: Flask, profile: str = "fapi2", alg: str = "ES256", **metadata: Any) -> Client:
    """Register a FAPI 2.0 client with ``private_key_jwt`` and DPoP."""
    keys, proofs = Keys.generate(alg), Keys.generate("ES256", 9)
    given = {"client_id": "fapi", "client_secret": None, "profile": profile, "dpop_bound_access_tokens": True}
    return client(app, keys, proofs, **given | metadata)
