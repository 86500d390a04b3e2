"""``idp logout``, and the worker that ``idp serve`` keeps beside itself."""

import os
import signal
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from flask import Flask

from idp.cli import main
from tests.pages import Browser
from tests.protocol.wire import People, leave
from tests.rp import RelyingParty
from tests.spec.logout.conftest import Back
from tests.spec.logout.receiver import wait_for
from tests.support.demo import IDP, ROOT, run_idp
from tests.support.office import Office
from tests.support.postgres import free_port
from tests.support.server import run_process


@pytest.fixture
def command(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Commands of this process, on the application under test."""
    monkeypatch.setattr("idp.running.application", lambda: app)
    return CliRunner()


def test_deliver(command: CliRunner, back: Back, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Sends what is due, says how much, and ends."""
    back.hears("dream-n")
    leave(browser, id_token_hint=dream_n.sign_in(browser, people["T02"]).id_token)
    assert command.invoke(main, ["logout", "deliver"]).output == "ok: 1 sent, 0 failed\n"
    assert command.invoke(main, ["logout", "deliver"]).output == "ok: 0 sent, 0 failed\n"
    assert len(back.claims("dream-n")) == 1


@pytest.mark.rule("D-27")
def test_report(
    command: CliRunner, back: Back, dream_n: RelyingParty, browser: Browser, people: People, office: Office
) -> None:
    """One line per partner that could not be told: who, since when, why, and whether it is tried again."""
    assert command.invoke(main, ["logout", "report"]).output == "ok: 0 not told in 30 days\n"
    back.deaf("dream-n")
    leave(browser, id_token_hint=dream_n.sign_in(browser, people["T02"]).id_token)
    back.hears("dream-n")
    leave(browser, id_token_hint=dream_n.sign_in(browser, people["T02"]).id_token)
    back.receiver.answers[:] = [500]
    back.deliver()
    leave(browser, id_token_hint=dream_n.sign_in(browser, people["T02"]).id_token)
    back.deliver()
    without, failing, last = command.invoke(main, ["logout", "report"]).output.splitlines()
    who = f"dream-n  account:{office.id_of(people['T02'])}  session_ended"
    assert without.endswith(f"{who}  0 attempts  given up: no backchannel_logout_uri")
    assert f"{who}  1 attempts  next try 20" in failing
    assert failing.endswith("Z: status 500")
    assert last == "ok: 2 not told in 30 days"


def test_the_worker_ends_with_its_parent(command: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """--parent names a process that is not the parent any more: it ends at once."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    result = command.invoke(main, ["logout", "deliver", "--watch", "--parent", str(os.getpid())])
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.no_database
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_serve_keeps_a_worker(tmp_path: Path, sent: signal.Signals) -> None:
    """One worker beside the server; it ends with it, and also when the server is killed and can do nothing."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "ROAMING_ENV": "development",
        "ROAMING_DATABASE_URL": f"sqlite:///{tmp_path / 'roaming.sqlite'}",
        "PORT": str(port),
        "VAR_DIR": str(tmp_path),
    }
    assert run_idp(environment, "db", "upgrade").returncode == 0
    with run_process([*IDP, "serve"], environment, f"http://127.0.0.1:{port}/healthz", cwd=ROOT) as running:
        server = psutil.Process(running.pid)
        (worker,) = [child for child in server.children() if "deliver" in child.cmdline()]
        os.kill(running.pid, sent)
        running.popen.wait(20)
        assert wait_for(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, 20)
        assert "Traceback" not in running.output()
