"""A partner's server for logout tokens, a real one on this machine, and what it checks (Back-Channel Logout §2.6)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet

EVENT = "http://schemas.openid.net/event/backchannel-logout"
ALGS = ["RS256", "PS256", "ES256", "EdDSA"]


@dataclass(frozen=True, slots=True)
class Posted:
    """What came."""

    path: str
    headers: dict[str, str]
    form: dict[str, list[str]]

    @property
    def token(self) -> str:
        """The logout token."""
        (token,) = self.form["logout_token"]
        return token


@dataclass
class Receiver:
    """Keeps what was posted; ``answers`` are the next statuses, 200 when there are none; ``gate`` holds answers back."""

    posted: list[Posted] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    gate: Event = field(default_factory=Event)
    port: int = 0

    def uri(self, path: str = "/bc") -> str:
        """A logout address here."""
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def listening() -> Iterator[Receiver]:
    """Listen on a free port of this machine."""
    receiver = Receiver()
    receiver.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.posted.append(Posted(self.path, dict(self.headers), parse_qs(body, strict_parsing=True)))
            status = receiver.answers.pop(0) if receiver.answers else 200
            receiver.gate.wait(10)
            self.send_response(status)
            self.send_header("Location", receiver.uri("/elsewhere"))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.gate.set()
            server.shutdown()
            thread.join()


def verified(app: Flask, token: str, client_id: str) -> dict[str, Any]:
    """Do what §2.6 asks of a relying party."""
    issuer = app.extensions["settings"].issuer
    published = app.test_client().get("/oidc/jwks", base_url=issuer).get_json()
    decoded = jwt.decode(token, KeySet.import_key_set(published), algorithms=ALGS)
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )
    rules.validate(decoded.claims)
    assert decoded.header["typ"] == "logout+jwt"
    assert decoded.claims["events"] == {EVENT: {}}
    assert decoded.claims["exp"] - decoded.claims["iat"] <= 120
    assert "nonce" not in decoded.claims
    return dict(decoded.claims) | {"alg": decoded.header["alg"]}


def wait_for(happened: Callable[[], bool], seconds: float = 10) -> bool:
    """Look again and again, for a bounded time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
