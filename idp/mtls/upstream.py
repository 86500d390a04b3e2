"""The provider behind the listener, asked over the loopback address, one connection per request."""

import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from idp.mtls.head import Head

SECONDS = 10.0
ANSWER_MAX = 4 * 1024 * 1024
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "trailer", "upgrade", "content-length"})
_NO_BODY = frozenset({204, 304})


class UpstreamFailed(Exception):
    """The provider gave no answer that can be passed on."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where the provider listens, over TLS if there is a context."""

    host: str
    port: int
    context: ssl.SSLContext | None = None

    def connection(self) -> http.client.HTTPConnection:
        """Return a connection, not yet open."""
        if self.context is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)
        return http.client.HTTPSConnection(self.host, self.port, timeout=SECONDS, context=self.context)

    def ask(self, head: Head, body: bytes, added: dict[str, str]) -> bytes:
        """Forward a request and return the answer as bytes for the client."""
        connection = self.connection()
        try:
            connection.putrequest(head.method, head.target, skip_host=True, skip_accept_encoding=True)
            for name, value in (*head.forwarded(), *added.items()):
                connection.putheader(name, value)
            if body or head.method not in {"GET", "HEAD", "OPTIONS"}:
                connection.putheader("content-length", str(len(body)))
            connection.putheader("connection", "close")
            connection.endheaders(body)
            with connection.getresponse() as answer:
                content = answer.read(ANSWER_MAX + 1)
                if len(content) > ANSWER_MAX:
                    raise UpstreamFailed("the answer is too long")
                return b"".join(_lines(answer, head.method, content))
        except (OSError, http.client.HTTPException) as error:
            raise UpstreamFailed(str(error)) from error
        finally:
            connection.close()


def pinned(certfile: Path) -> ssl.SSLContext:
    """Trust the first certificate of the file and nothing else, whatever name is in it: that of the public address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    end = "-----END CERTIFICATE-----"
    context.load_verify_locations(cadata=certfile.read_text(encoding="ascii", errors="replace").partition(end)[0] + end)
    return context


def _lines(answer: http.client.HTTPResponse, method: str, content: bytes) -> Iterator[bytes]:
    """Write the answer with the length that it has, as the last on this connection."""
    yield f"HTTP/1.1 {answer.status} {answer.reason}\r\n".encode("latin-1")
    for name, value in answer.getheaders():
        if name.lower() not in _HOP_BY_HOP or (method == "HEAD" and name.lower() == "content-length"):
            yield f"{name}: {value}\r\n".encode("latin-1")
    if method != "HEAD" and answer.status not in _NO_BODY:
        yield b"content-length: %d\r\n" % len(content)
    yield b"connection: close\r\n\r\n"
    yield content


def plain_answer(status: int) -> bytes:
    """Write an answer of the listener's own."""
    reason = HTTPStatus(status).phrase
    text = f"{status} {reason}\n"
    return (
        f"HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain\r\ncache-control: no-store\r\n"
        f"content-length: {len(text)}\r\nconnection: close\r\n\r\n{text}"
    ).encode()
