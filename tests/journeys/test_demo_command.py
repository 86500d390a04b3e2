"""``idp demo``: what it tells, how it starts again, and how it fails (CONTRACT §1, §2)."""

import json
import socket
from pathlib import Path

import pytest

from tests.support.demo import Demo, demo_environment, run_idp, running_demo

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.no_database]


def test_it_tells_everything(demo: Demo) -> None:
    """The table on the screen has every teacher with account, password, state and what happens to a roaming log-in."""
    screen = demo.process.output()
    assert len(demo.facts["teachers"]) == 23
    for teacher in demo.facts["teachers"]:
        (row,) = [line for line in screen.splitlines() if f" {teacher['account']} " in line]
        assert teacher["key"] in row
        assert teacher["password"] in row
    assert demo.issuer in screen
    assert demo.site in screen


def test_a_second_start_keeps_everything(tmp_path: Path) -> None:
    """Passwords, secrets and decisions stay; --reset begins anew with other passwords."""
    environment = demo_environment(tmp_path)
    with running_demo(environment) as first:
        facts = first.facts
        first.idp("dev", "lock", "wang0101")
    with running_demo(environment) as second:
        assert second.facts["teachers"] == facts["teachers"]
        assert second.facts["clients"] == facts["clients"]
        assert "is locked" in second.idp("dev", "lock", "wang0101")
    with running_demo(environment, "--reset") as third:
        assert third.teacher("T01")["account"] == "wang0101"
        assert third.teacher("T01")["password"] != facts["teachers"][0]["password"]
    assert json.loads((tmp_path / "var" / "demo-secrets.json").read_text(encoding="utf-8"))
    assert (tmp_path / "var" / "demo-secrets.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("variable", ["PORT", "DEMO_SITE_PORT"])
def test_a_taken_port_is_named(variable: str, tmp_path: Path) -> None:
    """One line that names the port and the variable that changes it; exit code 1, nothing left running."""
    environment = demo_environment(tmp_path)
    with socket.create_server(("127.0.0.1", int(environment[variable]))):
        done = run_idp(environment, "demo")
    assert done.returncode == 1
    assert environment[variable] in done.stderr
    assert variable in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "var" / "demo.json").exists()


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    """The demo, too, names every wrong setting and shows no traceback."""
    done = run_idp(demo_environment(tmp_path) | {"ROAMING_CODE_TTL": "1", "ROAMING_ISSUER": "x"}, "demo")
    assert done.returncode == 1
    assert "ROAMING_CODE_TTL" in done.stderr
    assert "ROAMING_ISSUER" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_of_serve_is_named(demo: Demo) -> None:
    """``idp serve`` on a port where somebody listens: one line, exit code 1."""
    done = run_idp(demo.environment, "serve")
    assert done.returncode == 1
    assert demo.environment["PORT"] in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
