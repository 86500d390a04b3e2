"""``idp``: settings, database, keys, audit; exit codes 0 done, 1 refused with a one-line reason, 2 wrong usage."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from config.audit import AuditEvent
from config.database import db
from idp.keys import ALGS, SigningKey
from tests.config.conftest import Idp
from tests.support.office import Office

GROUPS = ("demo", "serve", "settings", "db", "keys", "audit", "dev")


def test_help_lists_the_commands(idp_command: Idp) -> None:
    """CONTRACT §1: one script; its help lists the commands."""
    result = idp_command("--help")
    assert result.exit_code == 0
    assert all(name in result.output for name in GROUPS)


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["keys", "nonsense"], ["dev", "lock"], ["dev", "lock", "x", "--reason", "bored"]]
)
def test_wrong_usage(arguments: list[str], idp_command: Idp) -> None:
    """Exit code 2 for wrong usage."""
    assert idp_command(*arguments).exit_code == 2


def test_half_of_tls_is_wrong_usage(idp_command: Idp, tmp_path: Path) -> None:
    """--certfile and --keyfile belong together."""
    (tmp_path / "cert.pem").write_text("x")
    assert idp_command("serve", "--certfile", str(tmp_path / "cert.pem")).exit_code == 2


def test_settings_check(idp_command: Idp) -> None:
    """Good settings: 0; wrong ones: 1 with a line for each."""
    result = idp_command("settings", "check")
    assert (result.exit_code, result.output) == (0, "ok: development, issuer http://127.0.0.1:8000\n")
    result = idp_command("settings", "check", ROAMING_ISSUER="nothing", ROAMING_DATABASE_URL="mysql://x")
    assert result.exit_code == 1
    assert "ROAMING_ISSUER" in result.output
    assert "ROAMING_DATABASE_URL" in result.output


@pytest.mark.parametrize("arguments", [["keys", "list"], ["audit", "verify"], ["dev", "lock", "wang0101"]])
def test_every_command_names_wrong_settings(arguments: list[str], idp_command: Idp) -> None:
    """A command that cannot start says which settings are wrong, and exits with 1."""
    result = idp_command(*arguments, ROAMING_ISSUER="nothing")
    assert result.exit_code == 1
    assert "ROAMING_ISSUER" in result.output
    assert isinstance(result.exception, SystemExit)


def test_keys(idp_command: Idp, app: Flask) -> None:
    """Keys list shows what signs; keys rotate publishes the next key; a second one waits its turn."""
    first = idp_command("keys", "list").output.splitlines()
    assert sorted(line.split()[1] for line in first if "signing" in line) == sorted(ALGS)
    assert idp_command("keys", "rotate", "--alg", "ES256").exit_code == 0
    assert sum("waiting" in line for line in idp_command("keys", "list").output.splitlines()) == 1
    assert idp_command("keys", "rotate", "--alg", "RS256", "--alg", "PS256", "--alg", "EdDSA").exit_code == 0
    assert sum("waiting" in line for line in idp_command("keys", "list").output.splitlines()) == len(ALGS)
    result = idp_command("keys", "rotate")
    assert result.exit_code == 1
    assert "waiting" in result.output
    with app.app_context():
        assert len(db.session.scalars(select(SigningKey)).all()) == 2 * len(ALGS)


def test_audit(idp_command: Idp, office: Office) -> None:
    """Audit chain chains everything once; verify holds; after tampering it names the event and exits with 1."""
    assert idp_command("audit", "chain").exit_code == 0
    assert idp_command("audit", "chain").output == "ok: 0 events chained\n"
    assert idp_command("audit", "verify").exit_code == 0
    with office.app.app_context(), db.session.begin():
        third = db.session.scalars(select(AuditEvent.id).order_by(AuditEvent.id).offset(2)).first()
        db.session.execute(update(AuditEvent).where(AuditEvent.id == third).values(actor="nobody"))
    result = idp_command("audit", "verify")
    assert result.exit_code == 1
    assert f"event {third} after 2 good ones" in result.output


@pytest.mark.usefixtures("no_tables")
def test_db_upgrade_makes_the_tables(idp_command: Idp) -> None:
    """Db upgrade on an empty database: all tables and the first signing key."""
    assert idp_command("db", "upgrade").exit_code == 0
    assert "RS256  signing" in idp_command("keys", "list").output


def test_db_upgrade_is_repeatable(idp_command: Idp) -> None:
    """Db upgrade on an up-to-date database changes nothing."""
    result = idp_command("db", "upgrade")
    assert (result.exit_code, result.output) == (0, "ok: schema is up to date\n")


@pytest.mark.usefixtures("no_tables")
def test_serve_needs_the_schema(idp_command: Idp) -> None:
    """Serve on a database without tables: 1, and what to run."""
    result = idp_command("serve")
    assert result.exit_code == 1
    assert "idp db upgrade" in result.output


@pytest.mark.usefixtures("no_tables")
@pytest.mark.parametrize(
    "arguments", [["keys", "list"], ["keys", "rotate"], ["audit", "chain"], ["audit", "verify"], ["dev", "unlock", "x"]]
)
def test_every_command_needs_the_schema(arguments: list[str], idp_command: Idp) -> None:
    """CONTRACT §1: a failure is a one-line reason, never a traceback, also on a database without tables."""
    result = idp_command(*arguments)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert "idp db upgrade" in result.output


def test_as_a_process(environment: dict[str, str]) -> None:
    """The installed script: 0 and one line on standard output; 1 and the faults on standard error, no traceback."""
    command = [str(Path(sys.executable).with_name("idp")), "settings", "check"]
    good = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("ok: development")
    bad = subprocess.run(
        command, env=environment | {"ROAMING_ENV": "production"}, capture_output=True, text=True, check=False
    )
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "ROAMING_ISSUER: production needs https" in bad.stderr
    assert "Traceback" not in bad.stderr
