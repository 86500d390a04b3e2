"""Run the demo: the provider and the partner site, each a process of its own, until Ctrl-C."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from config.database import close_connections
from config.settings import Settings, load_settings
from idp import keys
from idp.app import create_app
from idp.demo import loader, report
from idp.schema import upgrade_schema
from idp.serving import free_port, is_free

SITE = Path(__file__).resolve().parents[2] / "examples" / "dream_n" / "app.py"
START_SECONDS = 60
STOP_SECONDS = 12
"""Longer than the provider gives its own helpers (`idp.serving.GRACE_SECONDS`)."""
MAIL_PORT = 8002
SENDER = "no-reply@inservice.example"


def run(*, reset: bool) -> int:
    """Prepare, start, wait; return the exit code."""
    rules = demo_settings(os.environ)
    for variable, host, port in (
        ("PORT", rules.host, rules.port),
        ("DEMO_SITE_PORT", report.SITE_HOST, rules.demo_site_port),
    ):
        if not is_free(host, port):
            message = (
                f"port {port} is taken; choose another by {variable}, for example {variable}={port + 100} make demo"
            )
            raise click.ClickException(message)
    if reset:
        _reset(rules)
    rules.var_dir.mkdir(parents=True, exist_ok=True)
    (rules.var_dir / "demo.json").unlink(missing_ok=True)
    made = _prepare(rules)
    environment, mail = _environment(rules), f"http://{report.SITE_HOST}:{rules.demo_mail_port}"
    processes = {
        "mailbox": _start_mailbox(rules, environment),
        "provider": _start_provider(environment),
        "demo_site": _start_site(rules, environment, made),
    }
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _await(processes, [f"{rules.issuer}/healthz", report.site_url(rules) + "/", mail])
        pids = {name: process.pid for name, process in processes.items()}
        report.write(rules, made, pids, mail)
        click.echo(report.text(rules, made, mail))
        return _watch(processes)
    except KeyboardInterrupt:
        click.echo("\n停止中… stopping …")
        return 0
    finally:
        _stop(processes)
        (rules.var_dir / "demo.json").unlink(missing_ok=True)


def demo_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings of the demo: those of development, with the folder made absolute for its processes."""
    given: dict[str, Any] = {
        "env": environ.get("ROAMING_ENV", "development"),
        "var_dir": Path(environ.get("VAR_DIR", "var")).resolve(),
    }
    if "ROAMING_SMTP_HOST" not in environ:
        given |= {"mail_from": SENDER, "smtp_host": report.SITE_HOST, "smtp_port": free_port(), "smtp_security": "none"}
    if "DEMO_MAIL_PORT" not in environ and ("PORT" in environ or not is_free(report.SITE_HOST, MAIL_PORT)):
        given["demo_mail_port"] = free_port()  # beside another demo
    return load_settings(**given)


def _reset(rules: Settings) -> None:
    """Delete what earlier demos left; a database server is emptied by whoever owns it."""
    if rules.database_url.startswith("sqlite") and rules.var_dir.is_dir():
        shutil.rmtree(rules.var_dir)


def _prepare(rules: Settings) -> loader.Secrets:
    """Bring the schema up to date and load the data if there is none."""
    app = create_app(rules)
    with app.app_context():
        upgrade_schema()
        keys.ensure()
        if not loader.is_loaded():
            click.echo("載入示範資料… loading the demo data …")
            report.keep(rules, loader.load(datetime.now(UTC), report.site_url(rules)))
        close_connections()
    return report.kept(rules)


def _environment(rules: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "ROAMING_ENV": rules.env,
        "ROAMING_ISSUER": rules.issuer,
        "ROAMING_DATABASE_URL": rules.database_url,
        "VAR_DIR": str(rules.var_dir),
        "ROAMING_MAIL_FROM": rules.mail_from,
        "ROAMING_SMTP_HOST": rules.smtp_host,
        "ROAMING_SMTP_PORT": str(rules.smtp_port),
        "ROAMING_SMTP_SECURITY": rules.smtp_security,
        "ROAMING_OUTBOUND_ALLOW": rules.outbound_allow or f"{report.SITE_HOST}:{rules.demo_site_port}",
    }


def _start_provider(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "idp.cli", "serve"], env=environment, start_new_session=True
    )  # our own command


def _start_mailbox(rules: Settings, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    ports = [str(rules.smtp_port), str(rules.demo_mail_port)]
    return subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", "idp.demo.mailbox", *ports], env=environment, start_new_session=True
    )


def _start_site(rules: Settings, environment: dict[str, str], made: loader.Secrets) -> subprocess.Popen[bytes]:
    site_environment = environment | {
        "OIDC_ISSUER": rules.issuer,
        "OIDC_CLIENT_ID": "dream-n",
        "OIDC_CLIENT_SECRET": made.client_secrets["dream-n"],
        "SITE_URL": report.site_url(rules),
        "SECRET_KEY": secrets.token_urlsafe(32),
    }
    return subprocess.Popen([sys.executable, str(SITE)], env=site_environment, start_new_session=True)  # noqa: S603  # our own example


def _await(processes: Mapping[str, subprocess.Popen[bytes]], urls: list[str]) -> None:
    """Wait until both answer; a process that ends early ends the demo."""
    deadline = time.monotonic() + START_SECONDS
    for url in urls:
        while not _answers(url):
            dead = [name for name, process in processes.items() if process.poll() is not None]
            if dead or time.monotonic() > deadline:
                what = f"{', '.join(dead)} ended early" if dead else f"{url} does not answer"
                raise click.ClickException(f"{what}; see the lines above")
            time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  # our own two processes
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _watch(processes: Mapping[str, subprocess.Popen[bytes]]) -> int:
    """Stay until a process ends, which is a failure: they end only when told to."""
    while all(process.poll() is None for process in processes.values()):
        time.sleep(0.3)
    ended = [name for name, process in processes.items() if process.poll() is not None]
    click.echo(f"{', '.join(ended)} ended unexpectedly", err=True)
    return 1


def _stop(processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Ask all to end; who has not after `STOP_SECONDS` in all is ended, so that Ctrl-C always ends the demo."""
    running = [process for process in processes.values() if process.poll() is None]
    for process in running:
        os.killpg(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
