"""The listener lives as long as the server: it is started anew when it fails, and never outlives its parent."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from idp.mtls import beside
from tests.spec.mtls.proxies import Echo, Front, echoing, listener, settings_of, wait_for
from tests.support.postgres import free_port
from tests.support.tls import SERVER, Authority, Issued, dn, san

pytestmark = pytest.mark.no_database
PARENT = """
import sys
from idp.mtls import beside
with beside.running(sys.argv[1:], "s" * 40):
    sys.stdin.read()
"""


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait for something."""
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def listeners(port: int) -> list[psutil.Process]:
    """Return the processes that listen on a port of ours."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if line[1:3] == ["-m", "idp.mtls_listener"] and str(port) in line and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def test_one_that_fails_is_started_anew(tmp_path: Path, authority: Authority, own: Issued) -> None:
    """After a crash partners are served again; when the server ends, so does the listener."""
    with echoing(Echo(secrets.token_urlsafe(32))) as echo:
        with listener(tmp_path, authority, own, settings_of(echo.port), echo.secret) as front:
            (first,) = listeners(front.port)
            first.kill()
            assert eventually(lambda: first not in listeners(front.port) and len(listeners(front.port)) == 1)
            wait_for(front)
            assert front.get().status_code == 200
        assert listeners(front.port) == []


def test_no_proxy_is_trusted_unless_the_settings_say_so(tmp_path: Path, authority: Authority, own: Issued) -> None:
    """Without trusted proxies no address is handed on."""
    with (
        echoing(Echo(secrets.token_urlsafe(32))) as echo,
        listener(tmp_path, authority, own, settings_of(echo.port), echo.secret) as front,
    ):
        told = front.get(X_Forwarded_For="6.6.6.6").json()
    assert "HTTP_X_FORWARDED_FOR" not in told["headers"]


def test_a_provider_that_is_away_is_a_bad_gateway(tmp_path: Path, authority: Authority, own: Issued) -> None:
    """The client learns that it is not its fault."""
    with listener(tmp_path, authority, own, settings_of(free_port()), "s" * 40) as front:
        assert front.get().status_code == 502


def test_only_the_provider_itself_is_asked(tmp_path: Path, authority: Authority, own: Issued) -> None:
    """Over TLS it must show that very certificate, whatever name is in it; another of the same authority is refused."""
    named = authority.issue(dn(CN="idp.example"), san(dns="idp.example"), *SERVER)
    for shown, expected in ((named, 200), (own, 502)):
        echo = Echo(secrets.token_urlsafe(32))
        with (
            echoing(echo, shown.files(tmp_path, "upstream")),
            listener(tmp_path, authority, named, settings_of(echo.port), echo.secret, is_plain=False) as front,
        ):
            context = front.context()
            context.check_hostname = False
            with httpx.Client(base_url=front.url, verify=context, trust_env=False, timeout=20) as client:
                assert client.get("/").status_code == expected
        assert echo.seen == (1 if expected == 200 else 0)


@pytest.mark.parametrize("way", ["killed", "terminated", "interrupted"])
def test_it_never_outlives_its_parent(tmp_path: Path, own: Issued, way: str) -> None:
    """However the parent ends: the pipe between them closes."""
    place = beside.Place(free_port(), *own.files(tmp_path, "server"), is_plain=True)
    command = beside.command(settings_of(free_port()), place)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *command], stdin=subprocess.PIPE, start_new_session=True)
    try:
        wait_for(Front(place.port, tmp_path, tmp_path))
        assert len(listeners(place.port)) == 1
        if way == "killed":
            parent.kill()
        else:  # as a terminal or a service manager does it: the whole group
            os.killpg(parent.pid, signal.SIGTERM if way == "terminated" else signal.SIGINT)
        assert eventually(lambda: not listeners(place.port))
    finally:
        parent.communicate()
        for left in listeners(place.port):
            left.kill()
