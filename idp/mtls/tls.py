"""TLS that asks for a client certificate and takes any: whoever has its key gets through the handshake.

What a certificate is worth depends on the client that shows it, which the application knows and the handshake does
not. The standard library's ``ssl`` cannot leave that open, pyOpenSSL can. Every wait has an end: sockets do not block.
"""

import contextlib
import select
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from OpenSSL import SSL, crypto

CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2, those with forward secrecy and authenticated encryption (BCP 195); TLS 1.3 has no others."""
T = TypeVar("T")
_PIECE = 16 * 1024
_LINGER_SECONDS = 1.0


class Gone(Exception):
    """The client closed the connection or spoke no TLS that we speak."""


def server_context(certfile: Path, keyfile: Path) -> SSL.Context:
    """Return a context with the server's own certificate, whose chain may follow it in the file.

    No sessions are resumed: each connection shows its certificate anew.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION | SSL.OP_NO_TICKET)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_session_id(b"mtls")  # OpenSSL wants one where certificates are asked for
    context.set_cipher_list(CIPHERS)
    context.use_certificate_chain_file(str(certfile))
    context.use_privatekey_file(str(keyfile))
    context.check_privatekey()
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    context.set_alpn_select_callback(_choose)
    return context


def _choose(_connection: SSL.Connection, offered: list[bytes]) -> Any:  # noqa: ANN401  # pyOpenSSL hides the type
    return b"http/1.1" if b"http/1.1" in offered else SSL.NO_OVERLAPPING_PROTOCOLS


class Channel:
    """One TLS connection; every method takes the moment by which it must be done, and raises TimeoutError then."""

    def __init__(self, context: SSL.Context, connected: socket.socket) -> None:
        connected.settimeout(0)
        self._socket = connected
        self._tls = SSL.Connection(context, connected)
        self._tls.set_accept_state()

    def handshake(self, deadline: float) -> bytes | None:
        """Agree on TLS and return the client's certificate as DER, None if it showed none."""
        self._persist(self._tls.do_handshake, deadline)
        shown = self._tls.get_peer_certificate()
        return crypto.dump_certificate(crypto.FILETYPE_ASN1, shown) if shown is not None else None

    def receive(self, deadline: float) -> bytes:
        """Return what came next, at least one byte."""
        return self._persist(lambda: self._tls.recv(_PIECE), deadline)

    def send(self, data: bytes, deadline: float) -> None:
        """Send all of it."""
        rest = memoryview(data)
        while rest:
            piece = bytes(rest[:_PIECE])
            rest = rest[self._persist(partial(self._tls.send, piece), deadline) :]

    def close(self) -> None:
        """Say good-bye and wait a moment for the client's; else what was sent last might be lost on its way."""
        with contextlib.suppress(SSL.Error, OSError, TimeoutError):
            self._tls.shutdown()
            self._socket.shutdown(socket.SHUT_WR)
            deadline = monotonic() + _LINGER_SECONDS
            while True:
                self._wait(select.POLLIN, deadline)
                if not self._socket.recv(_PIECE):
                    break
        self._socket.close()

    def _persist(self, step: Callable[[], T], deadline: float) -> T:
        """Repeat a step until it needs no more waiting."""
        while True:
            try:
                return step()
            except SSL.WantReadError:
                self._wait(select.POLLIN, deadline)
            except SSL.WantWriteError:
                self._wait(select.POLLOUT, deadline)
            except (SSL.Error, OSError) as error:
                raise Gone(str(error)) from error

    def _wait(self, event: int, deadline: float) -> None:
        left, poll = deadline - monotonic(), select.poll()
        poll.register(self._socket, event)
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError
