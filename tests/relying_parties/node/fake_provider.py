"""A provider of a few lines, to see that the stock relying party signs in and that its checks are on.

It is not the product: it signs with PyJWT, asks nobody, and can be told to get one thing wrong.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

CLIENT_ID, CLIENT_SECRET, CODE, SUBJECT = "rp-1", "s3cret:/?", "the-code", "teacher-1"


def credentials(authorization: str) -> list[str]:
    """Read client_secret_basic: both parts are form-encoded before they are joined (RFC 6749 §2.3.1)."""
    joined = base64.b64decode(authorization.removeprefix("Basic ")).decode()
    return [unquote_plus(part) for part in joined.split(":")]


class FakeProvider(ThreadingHTTPServer):
    """Discovery, keys, token and userinfo; `wrong` names what it gets wrong."""

    daemon_threads = True

    def __init__(self, wrong: str | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.wrong, self.key = wrong, generate_private_key(65537, 2048)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.asked: dict[str, str] = {}

    def authorize(self, url: str) -> str:
        """Answer an authorization request with the callback's URL, as a browser would be sent to it."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        state = "another" if self.wrong == "state" else self.asked["state"]
        issuer = "https://another.test" if self.wrong == "response issuer" else self.issuer
        return f"{self.asked['redirect_uri']}?{urlencode({'code': CODE, 'state': state, 'iss': issuer})}"

    def metadata(self) -> dict[str, Any]:
        """Answer discovery."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def jwks(self) -> dict[str, Any]:
        """Publish the key."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]}

    def token(self, authorization: str, form: dict[str, list[str]]) -> dict[str, Any]:
        """Redeem the code for the client that asked, or say what does not fit."""
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        fits = {
            "client": credentials(authorization) == [CLIENT_ID, CLIENT_SECRET],
            "code": form["code"] == [CODE],
            "redirect_uri": form["redirect_uri"] == [self.asked["redirect_uri"]],
            "challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.asked["code_challenge"],
            "method": self.asked["code_challenge_method"] == "S256",
        }
        if self.wrong == "grant" or not all(fits.values()):
            return {
                "error": "invalid_grant",
                "error_description": f"does not fit: {[n for n, ok in fits.items() if not ok]}",
            }
        return {"access_token": "at", "token_type": "Bearer", "expires_in": 600, "id_token": self._id_token()}

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": "rp-2" if self.wrong == "audience" else CLIENT_ID,
            "iat": now,
            "exp": now - 600 if self.wrong == "expiry" else now + 600,
            "nonce": "another" if self.wrong == "nonce" else self.asked["nonce"],
        }
        key: RSAPrivateKey = generate_private_key(65537, 2048) if self.wrong == "signature" else self.key
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})

    def userinfo(self) -> dict[str, Any]:
        """Answer userinfo."""
        return {"sub": "teacher-2" if self.wrong == "subject" else SUBJECT, "name": "王曉晴"}


class Handler(BaseHTTPRequestHandler):
    """Bring requests to the provider."""

    server: FakeProvider

    def do_GET(self) -> None:
        """Answer the documents."""
        documents = {
            "/.well-known/openid-configuration": self.server.metadata,
            "/jwks": self.server.jwks,
            "/userinfo": self.server.userinfo,
        }
        self._answer(200, documents[self.path]())

    def do_POST(self) -> None:
        """Answer the token endpoint."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        answer = self.server.token(self.headers.get("Authorization", ""), form)
        self._answer(400 if "error" in answer else 200, answer)

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def fake_provider(wrong: str | None = None) -> Iterator[FakeProvider]:
    """Run one."""
    with FakeProvider(wrong) as provider:
        thread = threading.Thread(target=provider.serve_forever, daemon=True)
        thread.start()
        yield provider
        provider.shutdown()
        thread.join()
