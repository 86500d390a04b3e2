"""Serves the files of a site that has nothing else, from memory, on a port of this machine."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

TYPES = {"html": "text/html", "js": "text/javascript", "json": "application/json"}


class PageServer(ThreadingHTTPServer):
    """``files`` by their path; a test may add to them."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.url = files, f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers from the files."""

    server: PageServer

    def do_GET(self) -> None:
        """Send a file; what follows ``?`` is for its script."""
        name = urlsplit(self.path).path.removeprefix("/") or "index.html"
        body = self.server.files.get(name)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", TYPES.get(name.rpartition(".")[2], "application/octet-stream"))
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so by the library
        """Say nothing: addresses hold codes."""


@contextlib.contextmanager
def serve_pages(files: dict[str, bytes]) -> Iterator[PageServer]:
    """Run the site."""
    with PageServer(files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
