"""The mTLS listener: a process of its own that asks for client certificates and hands them to the application.

Granian can demand certificates but tells the application of none, and refuses those that vouch for themselves. So this
ends TLS itself, reads one request, and forwards it to the provider's own port with ``Client-Cert`` (RFC 9440) and
the proof that it is us. `idp.mtls.beside` starts it; it ends when its standard input does, so when its parent is gone.
"""

import base64
import logging
import os
import selectors
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import IO, Any

import click
from OpenSSL import SSL

from config.logs import init_logs
from idp.mtls.head import HEAD_MAX, Head, HeadRefused, parse_head
from idp.mtls.tls import Channel, Gone, server_context
from idp.mtls.upstream import Upstream, UpstreamFailed, pinned, plain_answer

log = logging.getLogger(__name__)
THREADS = 128
SECONDS = 10.0
"""Time for the handshake; again for the request, and again for taking the answer."""
GRACE_SECONDS = 5.0
"""How long what has begun may take to end."""
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Listener:
    """What all connections share."""

    context: SSL.Context
    upstream: Upstream
    secret: str
    trusted_proxies: int

    def serve(self, connected: socket.socket, peer: str) -> None:
        """Answer one connection: one request, whatever happens."""
        channel = Channel(self.context, connected)
        try:
            certificate = channel.handshake(monotonic() + SECONDS)
            answer = self._answer(channel, certificate, peer)
            channel.send(answer, monotonic() + SECONDS)
        except (Gone, TimeoutError):
            pass
        finally:
            channel.close()

    def _answer(self, channel: Channel, certificate: bytes | None, peer: str) -> bytes:
        try:
            head, body = read_request(channel, monotonic() + SECONDS)
            return self.upstream.ask(head, body, self.added(certificate, peer))
        except HeadRefused as refused:
            return plain_answer(refused.status)
        except TimeoutError:
            return plain_answer(408)
        except UpstreamFailed as failed:
            log.warning("the provider did not answer", extra={"fields": {"why": str(failed)}})
            return plain_answer(502)

    def added(self, certificate: bytes | None, peer: str) -> dict[str, str]:
        """Return the fields that we vouch for; the address as often as the application skips proxies."""
        added = {"x-mtls-proxy": self.secret}
        if certificate is not None:
            added["client-cert"] = f":{base64.b64encode(certificate).decode()}:"
        if self.trusted_proxies:
            added["x-forwarded-for"] = ", ".join([peer] * self.trusted_proxies)
        return added


def read_request(channel: Channel, deadline: float) -> tuple[Head, bytes]:
    """Read a head and its body; what comes after them is nobody's."""
    raw = b""
    while _END not in raw:
        if len(raw) > HEAD_MAX:
            raise HeadRefused(431)
        raw += channel.receive(deadline)
    first, _, body = raw.partition(_END)
    if len(first) > HEAD_MAX:
        raise HeadRefused(431)
    head = parse_head(first)
    if head.expects_continue and len(body) < head.length:
        channel.send(b"HTTP/1.1 100 Continue\r\n\r\n", deadline)
    while len(body) < head.length:
        body += channel.receive(deadline)
    return head, body[: head.length]


def accept(listener: Listener, bound: socket.socket, ends: Sequence[IO[str] | socket.socket]) -> None:
    """Accept connections, each in a thread, as many as there may be; until there is something to read from an end."""
    slots = BoundedSemaphore(THREADS)

    def work(connected: socket.socket, peer: str) -> None:
        try:
            listener.serve(connected, peer)
        except Exception:
            log.exception("a connection failed")
        finally:
            slots.release()

    with selectors.DefaultSelector() as selector:
        for readable in (bound, *ends):
            selector.register(readable, selectors.EVENT_READ)
        while {key.fileobj for key, _ in selector.select()} <= {bound}:
            if not slots.acquire(timeout=1):
                continue
            try:
                connected, address = bound.accept()
            except OSError:  # the client has gone already
                slots.release()
                continue
            Thread(target=work, args=(connected, address[0].removeprefix("::ffff:")), daemon=True).start()
    bound.close()
    deadline, ended = monotonic() + GRACE_SECONDS, 0
    while ended < THREADS and monotonic() < deadline:
        ended += slots.acquire(timeout=0.1)


def bind(host: str, port: int) -> socket.socket:
    """Listen there; on all addresses of both families where the host says so."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(address)
    bound.listen(THREADS)
    bound.settimeout(0)
    return bound


@click.command()
@click.option("--host", required=True)
@click.option("--port", type=int, required=True)
@click.option("--certfile", type=Path, required=True)
@click.option("--keyfile", type=Path, required=True)
@click.option("--to-host", required=True)
@click.option("--to-port", type=int, required=True)
@click.option("--to-certfile", type=Path)
@click.option("--trusted-proxies", type=int, default=0)
def main(host: str, port: int, certfile: Path, keyfile: Path, **to: Any) -> None:  # noqa: ANN401  # values of options
    """Listen until SIGTERM or the end of standard input. `idp serve` starts this; it is no command for people."""
    init_logs()
    upstream = Upstream(to["to_host"], to["to_port"], pinned(to["to_certfile"]) if to["to_certfile"] else None)
    context = server_context(certfile, keyfile)
    listener = Listener(context, upstream, os.environ["ROAMING_MTLS_PROXY_SECRET"], to["trusted_proxies"])
    woken, waker = socket.socketpair()
    waker.settimeout(0)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, whose end we see
    accept(listener, bind(host, port), [sys.stdin, woken])


if __name__ == "__main__":
    main()
