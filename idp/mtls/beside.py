"""Keep the mTLS listener running beside the server: ``with listening(…): serve()``."""

import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread

from config.settings import Settings

log = logging.getLogger(__name__)
SECRET = "ROAMING_MTLS_PROXY_SECRET"  # noqa: S105  # a variable's name
HEADER = "ROAMING_MTLS_PROXY_HEADER"
RESTART_SECONDS = 1.0
GRACE_SECONDS = 8.0
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # only compared


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen with which certificate; ``is_plain``: the provider's own port speaks http."""

    port: int
    certfile: Path
    keyfile: Path
    is_plain: bool = False


@contextmanager
def listening(rules: Settings, place: Place | None) -> Iterator[None]:
    """Run a listener at the place, if there is one; it and the workers share a secret that lives as long as they."""
    if place is None:
        yield
        return
    secret = secrets.token_urlsafe(32)
    os.environ |= {SECRET: secret, HEADER: "Client-Cert"}
    with running(command(rules, place), secret):
        yield


def command(rules: Settings, place: Place) -> list[str]:
    """Return the command of the listener for a provider with these settings."""
    to = ["--to-host", _LOOPBACK.get(rules.host, rules.host), "--to-port", str(rules.port)]
    to += [] if place.is_plain else ["--to-certfile", str(place.certfile)]
    return [
        *(sys.executable, "-m", "idp.mtls_listener", "--host", rules.host, "--port", str(place.port)),
        *("--certfile", str(place.certfile), "--keyfile", str(place.keyfile)),
        *(*to, "--trusted-proxies", str(rules.trusted_proxies)),
    ]


@contextmanager
def running(arguments: Sequence[str], secret: str) -> Iterator[None]:
    """Keep a listener running; one that fails is started anew."""
    keeper = _Keeper(arguments, secret)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()


class _Keeper(Thread):
    """Starts the listener and waits for its end; the pipe to it says, by closing, that it shall end."""

    def __init__(self, arguments: Sequence[str], secret: str) -> None:
        super().__init__(name="mtls-listener", daemon=True)
        self._arguments, self._environment = arguments, os.environ | {SECRET: secret}
        self._stopping, self._lock = Event(), Lock()
        self._process = self._begin()

    def _begin(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._arguments, env=self._environment, stdin=subprocess.PIPE)  # noqa: S603  # our own command

    def run(self) -> None:
        """Start it again until it is to end; an end in good order was asked for by a signal."""
        while self._process.wait() != 0 and not self._stopping.wait(RESTART_SECONDS):
            log.error("the mTLS listener ended with %s; it is started anew", self._process.returncode)
            with self._lock:
                if not self._stopping.is_set():
                    self._let_go()
                    self._process = self._begin()

    def stop(self) -> None:
        """End it, by force if it does not end by itself."""
        with self._lock:
            self._stopping.set()
            self._let_go()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self.join()

    def _let_go(self) -> None:
        """Close the pipe."""
        if self._process.stdin is not None:
            self._process.stdin.close()
