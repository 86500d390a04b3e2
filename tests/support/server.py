"""Start a server for a test, wait until it answers, and leave nothing of it behind."""

import contextlib
import os
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

POLL = 0.05
GRACE = 10.0
TAIL = 4000


class ServerError(RuntimeError):
    """The server died early or never answered; the text has its output."""


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A started process, the leader of its own process group."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """The process id, which is the group's too."""
        return self.popen.pid

    def output(self) -> str:
        """Give what the group has written so far, on standard output and standard error."""
        return self.log.read_text(errors="replace")


@contextlib.contextmanager
def run_process(
    args: Sequence[str | Path],
    env: Mapping[str, str] | None,
    ready_url: str,
    timeout: float = 60,
    cwd: Path | None = None,
) -> Iterator[RunningProcess]:
    """Start `args`, wait until `ready_url` answers 200, and end the whole group afterwards."""
    with tempfile.NamedTemporaryFile(prefix="idp-tests-", suffix=".log") as log:
        running = RunningProcess(_start(args, env, log, cwd), Path(log.name))
        try:
            _wait_until_ready(running, ready_url, timeout)
            yield running
        except Exception as error:
            if not isinstance(error, ServerError):
                error.add_note(f"output of {args[0]}:\n{running.output()[-TAIL:]}")
            raise
        finally:
            _end(running)


def _start(
    args: Sequence[str | Path], env: Mapping[str, str] | None, log: IO[bytes], cwd: Path | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        args,
        env=None if env is None else dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _wait_until_ready(running: RunningProcess, url: str, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not _answers(url):
        code = running.popen.poll()
        if code is not None:
            message = f"the process ended with {code} before {url} answered:\n{running.output()}"
            raise ServerError(message)
        if time.monotonic() > deadline:
            message = f"{url} did not answer 200 within {timeout} s:\n{running.output()}"
            raise ServerError(message)
        time.sleep(POLL)


def _answers(url: str) -> bool:
    """Ask once, past any proxy of the environment; a test's certificate is its own, so it is not verified here."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(url, timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _end(running: RunningProcess) -> None:
    """Ask the group to stop, then make it: children count, even when their parent is gone."""
    for sent, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, sent)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not _alive(running.pid):
                running.popen.wait()
                return
            time.sleep(POLL)


def _alive(group: int) -> bool:
    """Say whether a process of the group runs; a zombie that nobody has reaped does not."""
    for process in psutil.process_iter(["status"]):
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(process.pid) == group and process.info["status"] != psutil.STATUS_ZOMBIE:
                return True
    return False
