"""Serve the application with Granian."""

import socket
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces, SSLProtocols

from config.settings import Settings


def is_free(host: str, port: int) -> bool:
    """Whether a server may listen there. Tells the reason in time; the server itself decides in the end."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError:
        return False
    return True


def serve(
    rules: Settings, *, workers: int, threads: int, certfile: Path | None = None, keyfile: Path | None = None
) -> None:
    """Serve until SIGTERM or SIGINT. Each worker is a process that makes its own application."""
    Granian(
        "idp.wsgi:app",
        address=rules.host,
        port=rules.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        log_level="warning",  # type: ignore[arg-type]  # Granian takes the name
        ssl_cert=certfile,
        ssl_key=keyfile,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
    ).serve()
