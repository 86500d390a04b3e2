"""What ends TLS in these tests: our listener and nginx; what stands behind them; and clients with certificates."""

import contextlib
import json
import os
import socket
import ssl
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx

from config.settings import Settings, load_settings
from idp.certificates import BadCertificate, certificate_in
from idp.mtls import beside
from tests.support.installed import find_nginx
from tests.support.postgres import free_port
from tests.support.server import run_process
from tests.support.tls import Authority, Issued

NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log stderr warn;
worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {cert}; ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_verify_client optional_no_ca;
    location / {{
      proxy_pass http://127.0.0.1:{to};
      proxy_set_header Host $http_host;
      proxy_set_header X-Mtls-Proxy "{secret}";
      proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;
      proxy_set_header X-Forwarded-For $remote_addr;
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Front:
    """A place that asks for client certificates."""

    port: int
    authority: Path
    folder: Path

    @property
    def url(self) -> str:
        """Where it is."""
        return f"https://127.0.0.1:{self.port}"

    def context(self, shown: Issued | None = None) -> ssl.SSLContext:
        """Return the client's side of TLS: it trusts the tests' authority and may show a certificate."""
        context = ssl.create_default_context(cafile=str(self.authority))
        if shown is not None:
            with tempfile.TemporaryDirectory(dir=self.folder) as name:
                context.load_cert_chain(*shown.files(Path(name), "client"))
        return context

    def client(self, shown: Issued | None = None) -> httpx.Client:
        """Return an HTTP client that shows a certificate, or none."""
        return httpx.Client(base_url=self.url, verify=self.context(shown), trust_env=False, timeout=20)

    def get(self, path: str = "/", shown: Issued | None = None, **headers: str) -> httpx.Response:
        """Send one GET."""
        with self.client(shown) as client:
            return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def raw(self, request: bytes) -> bytes:
        """Send bytes and return what comes until the end."""
        with self.connected(self.context()) as connection:
            connection.sendall(request)
            return rest(connection)

    @contextlib.contextmanager
    def connected(self, context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> Iterator[ssl.SSLSocket]:
        """Connect by TLS."""
        with (
            socket.create_connection(("127.0.0.1", self.port), 20) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as connection,
        ):
            yield connection


def rest(connection: ssl.SSLSocket) -> bytes:
    """Return what comes until the end."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@dataclass
class Echo:
    """A WSGI application that tells what reached it."""

    secret: str
    header: str = "Client-Cert"
    port: int = 0
    seen: int = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer with headers, body and certificate."""
        self.seen += 1
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            found = certificate_in(environ, self.secret, self.header)
            thumbprint = found.thumbprint if found else None
        except BadCertificate:
            thumbprint = "bad"
        headers = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
        told = {"method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"], "query": environ["QUERY_STRING"]}
        told |= {"headers": headers, "body": body.decode("latin-1"), "thumbprint": thumbprint}
        text = json.dumps(told).encode() if environ["PATH_INFO"] != "/none" else b""
        status = "200 OK" if text else "204 No Content"
        kind = [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
        start(status, kind + ([("Content-Length", str(len(text)))] if text else []))
        return [text] if environ["REQUEST_METHOD"] != "HEAD" else []


@contextlib.contextmanager
def echoing(echo: Echo, files: tuple[Path, Path] | None = None) -> Iterator[Echo]:
    """Serve the echo on a free port of the loopback address, with certificate and key over TLS."""
    with make_server("127.0.0.1", 0, echo, _Threads, _Quiet) as server:
        if files is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*files)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        echo.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield echo
        server.shutdown()
        thread.join()


def settings_of(port: int, **changes: Any) -> Settings:
    """Return the settings of a provider on that port."""
    return load_settings(env="development", host="127.0.0.1", PORT=port, **changes)


@contextlib.contextmanager
def listener(
    folder: Path, authority: Authority, own: Issued, rules: Settings, secret: str, *, is_plain: bool = True
) -> Iterator[Front]:
    """Run our listener before a provider, by default one that speaks plain http."""
    place = beside.Place(free_port(), *own.files(folder, "server"), is_plain=is_plain)
    front = Front(place.port, _written(folder, authority), folder)
    with beside.running(beside.command(rules, place), secret):
        wait_for(front)
        yield front


@contextlib.contextmanager
def nginx(folder: Path, authority: Authority, own: Issued, to: int, secret: str) -> Iterator[Front]:
    """Run nginx as operators would, before a provider that speaks plain http."""
    port, (cert, key) = free_port(), own.files(folder, "server")
    folder.chmod(0o755)
    user = "user www-data;" if os.geteuid() == 0 else ""
    facts = {"folder": folder, "port": port, "cert": cert, "key": key, "to": to, "secret": secret, "user": user}
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(**facts), encoding="utf-8")
    configuration.chmod(0o600)  # it has the secret
    front = Front(port, _written(folder, authority), folder)
    command = [str(find_nginx()), "-p", str(folder), "-c", str(configuration)]
    with run_process(command, {"PATH": os.environ["PATH"]}, f"{front.url}/healthz"):
        yield front


def wait_for(front: Front) -> None:
    """Wait until it accepts connections."""
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", front.port), 5).close()
        except OSError:
            assert time.monotonic() < deadline, "the listener does not start"
            time.sleep(0.05)
        else:
            return


def _written(folder: Path, authority: Authority) -> Path:
    path = folder / "authority.pem"
    path.write_bytes(authority.own.pem)
    return path


def form(**fields: str) -> str:
    """Write a form."""
    return urllib.parse.urlencode(fields)
