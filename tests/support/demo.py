"""The demo as its user starts it: ``idp demo`` in processes of its own, and what it tells in ``demo.json``."""

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask import Flask
from sqlalchemy import select, update

from config.database import close_connections, db
from config.settings import load_settings
from idp.accounts.credentials import TotpCredential
from idp.accounts.models import Account
from idp.app import create_app
from tests.support.postgres import free_port, shared_cluster
from tests.support.server import RunningProcess, run_process

ROOT = Path(__file__).resolve().parents[2]
IDP = (sys.executable, "-m", "idp.cli")
STOP_SECONDS = 30
Person = dict[str, Any]


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    environment: Mapping[str, str]
    facts: dict[str, Any]
    process: RunningProcess
    applications: list[Flask] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        """Where the provider is."""
        return str(self.facts["issuer"])

    @property
    def site(self) -> str:
        """Where the partner site is."""
        return str(self.facts["demo_site"])

    def teacher(self, key: str) -> Person:
        """Return a teacher by her key, with account and password."""
        return next(one for one in self.facts["teachers"] if one["key"] == key)

    def staff(self, account: str) -> Person:
        """Return a business account; the passwords of those that cannot log in stand only on the screen."""
        found = re.search(rf"^ +{account} +(\S+)", self.process.output(), re.MULTILINE)
        assert found, f"{account} is not on the screen"
        known = {one["account"]: one["totp_secret"] for one in self.facts["staff"]}
        return {"account": account, "password": found[1], "totp_secret": known.get(account)}

    def client(self, client_id: str) -> dict[str, Any]:
        """Return a partner's registration."""
        return next(one for one in self.facts["clients"] if one["client_id"] == client_id)

    def idp(self, *arguments: str, stdin: str = "") -> str:
        """Run an ``idp`` command beside the demo and return what it says."""
        done = run_idp(self.environment, *arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add_partner(self, client_id: str, redirect_uri: str, **metadata: object) -> dict[str, Any]:
        """Register a partner of the test's own."""
        spec: dict[str, Any] = {
            "client_id": client_id,
            "client_secret": secrets.token_urlsafe(32),
            "client_name": f"Partner {client_id}",
            "redirect_uris": [redirect_uri],
            "items": ["name", "school_code", "user_id"],
        }
        self.idp("dev", "partner", "-", stdin=json.dumps(spec | metadata))
        return spec | metadata

    def renew_codes(self, account: str) -> None:
        """Let the one-time codes of this half minute count again: nobody waits for the next ones."""
        with self.database():
            ident = select(Account.id).where(Account.login_name == account).scalar_subquery()
            db.session.execute(update(TotpCredential).where(TotpCredential.account_id == ident).values(last_step=0))

    @contextlib.contextmanager
    def database(self) -> Iterator[None]:
        """Open the demo's database for one transaction, for facts that no command makes; use ``db.session`` inside."""
        with self.application().app_context():
            with db.session.begin():
                yield
            db.engine.dispose()

    def application(self) -> Flask:
        """Return an application on the demo's database, for commands that tests take themselves; always the same."""
        if self.applications:
            return self.applications[0]
        var_dir = Path(self.environment["VAR_DIR"])
        url = self.environment.get("ROAMING_DATABASE_URL", f"sqlite:///{var_dir / 'roaming.sqlite'}")
        rules = load_settings(env="development", issuer=self.issuer, database_url=url, var_dir=var_dir)
        self.applications.append(create_app(rules))
        return self.applications[0]


def run_idp(environment: Mapping[str, str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run an ``idp`` command to its end; a demo's processes count as development."""
    env = {"ROAMING_ENV": "development", **_addresses(environment), **environment}
    return subprocess.run(
        [*IDP, *arguments], env=env, input=stdin, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT
    )


def _addresses(environment: Mapping[str, str]) -> dict[str, str]:
    """Return issuer and database as ``idp demo`` works them out."""
    return {
        "ROAMING_ISSUER": f"http://127.0.0.1:{environment['PORT']}",
        "ROAMING_DATABASE_URL": f"sqlite:///{Path(environment['VAR_DIR']) / 'roaming.sqlite'}",
    }


def demo_environment(folder: Path, config: pytest.Config | None = None) -> dict[str, str]:
    """Return an environment on free ports; with ``config``, on the database server that ``--database`` names."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ROAMING_") and name != "HOST"}
    site, other_site = free_port(), free_port()
    env |= {
        "VAR_DIR": str(folder / "var"),
        "PORT": str(free_port()),
        "DEMO_SITE_PORT": str(site),
        "OTHER_SITE_PORT": str(other_site),  # of a partner's site that a test runs
        "ROAMING_OUTBOUND_ALLOW": f"127.0.0.1:{site},127.0.0.1:{other_site}",
        "ROAMING_LOGIN_FAILURES_PER_ADDRESS": "100000",  # all browsers of a test run have one address
    }
    if config is not None and config.getoption("--database") == "postgresql":
        name = f"demo_{secrets.token_hex(6)}"
        shared_cluster(config).create_database(name)
        env["ROAMING_DATABASE_URL"] = shared_cluster(config).url(name)
    return env


@contextlib.contextmanager
def running_demo(environment: Mapping[str, str], *options: str) -> Iterator[Demo]:
    """Run ``idp demo`` until it is ready; stop it by Ctrl-C and make sure that nothing stays behind."""
    told = Path(environment["VAR_DIR"]) / "demo.json"
    ready = f"http://127.0.0.1:{environment['DEMO_SITE_PORT']}/"
    with _ctrl_c_counts(), run_process([*IDP, "demo", *options], environment, ready, cwd=ROOT) as process:
        facts = _facts(told, process)
        started = [psutil.Process(pid) for pid in facts["pids"].values()]
        started += [child for one in started for child in one.children(recursive=True)]
        demo = Demo(environment, facts, process)
        try:
            yield demo
        finally:
            for app in demo.applications:
                with app.app_context():
                    close_connections()
            _stop(process, started)
        assert not told.exists(), "demo.json outlives the demo"


@contextlib.contextmanager
def _ctrl_c_counts() -> Iterator[None]:
    """A shell without job control starts background jobs deaf to SIGINT, and their children inherit that."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _facts(told: Path, process: RunningProcess) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while not told.exists():
        assert process.popen.poll() is None, process.output()
        assert time.monotonic() < deadline, f"no demo.json:\n{process.output()}"
        time.sleep(0.05)
    facts: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return facts


def _stop(process: RunningProcess, started: list[psutil.Process]) -> None:
    process.popen.send_signal(signal.SIGINT)
    try:
        code = process.popen.wait(STOP_SECONDS)
        left = [one for one in started if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    finally:
        for one in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    assert not left, f"still running after Ctrl-C: {left}"
    assert code == 0, process.output()
