"""A server is waited for, and nothing of it stays behind."""

import sys
from pathlib import Path

import psutil
import pytest

from tests.support.postgres import free_port
from tests.support.server import ServerError, run_process

pytestmark = pytest.mark.no_database

SERVE = """
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), SimpleHTTPRequestHandler).serve_forever()
"""
CHILD = "import subprocess, sys; p = subprocess.Popen(['sleep', '600']); print('child', p.pid, flush=True)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def running(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def command(*before: str) -> tuple[list[str | Path], str]:
    """Give a file server that first runs some lines, and its URL."""
    port = free_port()
    program = "\n".join([*before, SERVE])
    return [sys.executable, "-c", program, str(port)], f"http://127.0.0.1:{port}/"


def test_it_is_ready_inside_and_gone_afterwards(tmp_path: Path) -> None:
    """Its children go too."""
    args, url = command(CHILD)
    with run_process(args, None, url, cwd=tmp_path) as server:
        child = int(server.output().split()[1])
        assert running(server.pid)
        assert running(child)
    assert not running(server.pid)
    assert not running(child)


def test_one_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience ends."""
    monkeypatch.setattr("tests.support.server.GRACE", 0.3)
    args, url = command(DEAF)
    with run_process(args, None, url, cwd=tmp_path) as server:
        pid = server.pid
    assert not running(pid)


def test_an_early_death_shows_its_last_words(tmp_path: Path) -> None:
    """The error has the output and the exit code."""
    args, url = command("raise SystemExit('no such database')")
    with (
        pytest.raises(ServerError, match=r"ended with 1[\s\S]*no such database"),
        run_process(args, None, url, cwd=tmp_path),
    ):
        pytest.fail("it never was ready")


def test_one_that_never_answers_is_given_up(tmp_path: Path) -> None:
    """Waiting has a limit, and the silent process is ended."""
    args, url = command("print('thinking', flush=True); import time; time.sleep(600)")
    with (
        pytest.raises(ServerError, match=r"within 1 s[\s\S]*thinking"),
        run_process(args, None, url, timeout=1, cwd=tmp_path),
    ):
        pytest.fail("it never was ready")


def test_a_failing_test_sees_the_output(tmp_path: Path) -> None:
    """What the server printed is noted on the test's own error, which stays what it was."""
    args, url = command("print('hello', flush=True)")
    with pytest.raises(KeyError) as caught, run_process(args, None, url, cwd=tmp_path):
        raise KeyError
    assert "hello" in caught.value.__notes__[0]


def test_only_the_given_environment_reaches_it(tmp_path: Path) -> None:
    """A setting of the developer's shell does not leak in."""
    args, url = command("import os; print(sorted(os.environ), flush=True)")
    with run_process(args, {"ROAMING_ENV": "development"}, url, cwd=tmp_path) as server:
        assert "'ROAMING_ENV'" in server.output()
        assert "'HOME'" not in server.output()
