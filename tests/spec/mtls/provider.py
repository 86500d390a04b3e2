"""One provider with two fronts: behind nginx with a configured secret, and ``idp serve --mtls-port`` beside it."""

import base64
import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from idp.certificates import ClientCertificate
from tests.rp import Request
from tests.spec.mtls.proxies import Front, nginx, wait_for
from tests.support.demo import IDP, ROOT, Demo, running_demo
from tests.support.postgres import free_port
from tests.support.server import RunningProcess, run_process
from tests.support.tls import Authority, Issued
from tests.support.walker import Walker

CALLBACK = "http://127.0.0.1:9/callback"  # nobody listens: the browser is stopped before


@dataclass(frozen=True)
class Fronts:
    """The demo with its fronts by name."""

    demo: Demo
    by_name: dict[str, Front]

    def add_client(self, client_id: str, method: str, **metadata: Any) -> str:
        """Register a client that authenticates by certificate, and return its identifier."""
        bound = {"tls_client_certificate_bound_access_tokens": True, "client_secret": None}
        self.demo.add_partner(client_id, CALLBACK, token_endpoint_auth_method=method, **bound, **metadata)
        return client_id

    def code(self, client_id: str) -> tuple[str, Request]:
        """Sign a teacher in by browser, at the issuer itself, and return the code."""
        request, walker = Request(), Walker()
        request.parameters = {"client_id": client_id, "redirect_uri": CALLBACK, "response_type": "code"}
        request.parameters |= {"scope": "openid profile", "state": request.state, "nonce": request.nonce}
        request.parameters |= {"code_challenge": request.challenge, "code_challenge_method": "S256"}
        with contextlib.closing(walker):
            location = walker.browse(self.demo.teacher("T03"), CALLBACK)(self.demo.issuer + request.url)
        return httpx.URL(location).params["code"], request


@contextlib.contextmanager
def fronts(folder: Path, environment: Mapping[str, str], authority: Authority, own: Issued) -> Iterator[Fronts]:
    """Run the demo, nginx before it, and a second server on the same database with a listener of its own."""
    secret = secrets.token_urlsafe(32)
    behind = {"ROAMING_MTLS_PROXY_SECRET": secret, "ROAMING_MTLS_PROXY_HEADER": "X-SSL-Client-Cert"}
    for name in ("nginx", "listener"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    with running_demo({**environment, **behind}) as demo:
        database = f"sqlite:///{folder / 'var' / 'roaming.sqlite'}"
        second = {"ROAMING_ENV": "development", "ROAMING_ISSUER": demo.issuer, "ROAMING_DATABASE_URL": database}
        second |= {**environment, "PORT": str(free_port())}
        with (
            nginx(folder / "nginx", authority, own, int(environment["PORT"]), secret) as by_nginx,
            serving(folder / "listener", authority, own, second) as (by_listener, _),
        ):
            yield Fronts(demo, {"nginx": by_nginx, "listener": by_listener})


@contextlib.contextmanager
def serving(
    folder: Path, authority: Authority, own: Issued, environment: Mapping[str, str], *options: str
) -> Iterator[tuple[Front, RunningProcess]]:
    """Run ``idp serve`` with a listener."""
    port, (cert, key) = free_port(), own.files(folder, "server")
    (folder / "authority.pem").write_bytes(authority.own.pem)
    command = [*IDP, "serve", "--certfile", str(cert), "--keyfile", str(key), "--mtls-port", str(port), *options]
    scheme = "http" if "--plain-http" in options else "https"
    with run_process(command, environment, f"{scheme}://127.0.0.1:{environment['PORT']}/healthz", cwd=ROOT) as process:
        front = Front(port, folder / "authority.pem", folder)
        wait_for(front)
        yield front, process


def post(front: Front, path: str, shown: Issued | None, **fields: str) -> httpx.Response:
    """Send a form, showing a certificate or none."""
    with front.client(shown) as client:
        return client.post(path, data=fields)


def userinfo(front: Front, shown: Issued | None, token: str) -> httpx.Response:
    """Call UserInfo, showing a certificate or none."""
    return front.get("/oidc/userinfo", shown, Authorization=f"Bearer {token}")


def claims(token: str) -> dict[str, Any]:
    """Read a token without verification: that is not what these tests are about."""
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def thumbprint(issued: Issued) -> str:
    """Return the thumbprint of a certificate."""
    return ClientCertificate.of(issued.der).thumbprint
