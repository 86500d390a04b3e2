"""Serve the application with Granian."""

from pathlib import Path

from granian import Granian
from granian.constants import Interfaces, SSLProtocols

from config.settings import Settings


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
