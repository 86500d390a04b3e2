"""Serve the application with Granian, and keep the processes that deliver logout tokens and mail beside it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from granian import Granian
from granian.constants import Interfaces, SSLProtocols

from config.settings import Settings

RESTART_SECONDS = 5
GRACE_SECONDS = 9
"""How long a delivery process may take to end what it has begun."""


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


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def serve(
    rules: Settings, *, workers: int, threads: int, certfile: Path | None = None, keyfile: Path | None = None
) -> None:
    """Serve until SIGTERM or SIGINT. Each worker is a process that makes its own application."""
    server = Granian(
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
    )
    with helpers(rules):
        server.serve()


@contextmanager
def helpers(rules: Settings) -> Iterator[None]:
    """Keep the processes that deliver running meanwhile; they end themselves should this process be killed."""
    commands = [("logout", "deliver"), *([("mail", "deliver")] if rules.smtp_host else [])]
    stop = Event()
    keepers = [Thread(target=_keep, args=(_start(command), command, stop)) for command in commands]
    for keeper in keepers:
        keeper.start()
    try:
        yield
    finally:
        stop.set()
        for keeper in keepers:
            keeper.join()


def _start(command: tuple[str, str]) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", "idp.cli", *command, "--watch", "--parent", str(os.getpid())]
    return subprocess.Popen(line, stdin=subprocess.DEVNULL)  # noqa: S603  # our own command


def _keep(process: subprocess.Popen[bytes], command: tuple[str, str], stop: Event) -> None:
    """Start it anew if it ends by itself; end it when the server ends."""
    while not stop.wait(RESTART_SECONDS):
        if process.poll() is not None:
            process = _start(command)
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
