"""A partner's server that publishes its JWK set, a real one on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class KeySite:
    """Answers every GET with ``status`` and ``body`` and notes the path; ``gate`` holds answers back."""

    port: int = 0
    status: int = 200
    body: Any = None
    location: str = ""
    asked: list[str] = field(default_factory=list)
    gate: Event = field(default_factory=Event)

    def uri(self, path: str = "/keys") -> str:
        """A ``jwks_uri`` here."""
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def publishing() -> Iterator[KeySite]:
    """Listen on a free port of this machine."""
    site = KeySite()
    site.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.gate.wait(10)
            body = site.body if isinstance(site.body, bytes) else json.dumps(site.body).encode()
            self.send_response(site.status)
            if site.location:
                self.send_header("Location", site.location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            site.gate.set()
            server.shutdown()
            thread.join()
