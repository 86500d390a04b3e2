"""``idp teachers``: what the command prints and reports, its exit codes, and that no secret comes out."""

import csv
import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

import idp.app
from config.audit import AuditEvent
from config.database import close_connections
from idp.accounts import imports
from idp.cli import main
from tests.conftest import ISSUER, Template
from tests.support.feed import SERVED, feed, teachers
from tests.support.office import Office

SECRET_HASH = "{MD5HEX}" + hashlib.md5(b"secret").hexdigest()  # noqa: S324  # what is imported
Import = Callable[..., Result]


@pytest.fixture
def run_import(app: Flask, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Import]:
    """Run ``idp teachers import`` on the test's database with a file of these bytes."""
    made, create_app = [], idp.app.create_app
    environment = {
        "ROAMING_ENV": "development",
        "ROAMING_ISSUER": ISSUER,
        "ROAMING_DATABASE_URL": app.extensions["settings"].database_url,
        "ROAMING_SECRET_KEYS": template.secret_key,
        "VAR_DIR": str(tmp_path),
    }

    def create(*arguments: object) -> Flask:
        made.append(create_app(*arguments))  # type: ignore[arg-type]  # passed on
        return made[-1]

    def run(data: bytes, *options: str) -> Result:
        file = tmp_path / "teachers.csv"
        file.write_bytes(data)
        return CliRunner().invoke(main, ["teachers", "import", str(file), *options], env=environment)

    monkeypatch.setattr(idp.app, "create_app", create)
    yield run
    for one in made:
        with one.app_context():
            close_connections()


def report(path: Path) -> list[dict[str, str]]:
    """Read a report."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_good_feed(run_import: Import, office: Office) -> None:
    """Exit code 0, one line; actor and reason have defaults."""
    result = run_import(feed(SERVED, encoding="cp950"))
    assert (result.exit_code, result.stdout) == (
        0,
        "ok: 1 rows, 1 created, 0 changed, 0 unchanged, 0 refused; 1 new accounts\n",
    )
    (event,) = office.events("account.opened", {"account": "newbie01"})
    assert (event.actor, event.detail["reason"]) == ("feed", "teachers.csv")


def test_refused_rows(run_import: Import, tmp_path: Path) -> None:
    """Exit code 1 and one line that counts; the report names row, column, value and rule, in the order of the file."""
    bad = SERVED | {"account": "another2", "school_code": "000000", "name": "=1+1\t"}
    result = run_import(feed(SERVED, bad), "--report", str(tmp_path / "report.csv"))
    assert result.exit_code == 1
    assert result.stdout.startswith("ok: 2 rows, 1 created, 0 changed, 0 unchanged, 1 refused")
    assert "row 3: school_code '000000': a code of the school register" in result.stderr
    assert result.stderr.splitlines()[-1] == "Error: refused: 1 of 2 rows; the others were imported"
    good, faulty = report(tmp_path / "report.csv")
    assert good == {"row": "2", "account": "newbie01", "outcome": "created", "column": "", "value": "", "rule": ""}
    assert (faulty["row"], faulty["outcome"], faulty["value"]) == ("3", "refused", "000000")
    assert (tmp_path / "report.csv").stat().st_mode & 0o077 == 0


def test_the_report_is_exact(run_import: Import, tmp_path: Path) -> None:
    """A line for every row, in order; of many errors only the first are printed."""
    result = run_import(teachers(300, faulty_every=10), "--dry-run", "--report", str(tmp_path / "report.csv"))
    lines = report(tmp_path / "report.csv")
    assert [int(line["row"]) for line in lines] == list(range(2, 302))
    assert [line["row"] for line in lines if line["outcome"] == "refused"] == [str(row) for row in range(2, 302, 10)]
    assert sum("school_code" in line for line in result.stderr.splitlines()) == 20
    assert "--report FILE names them all" in result.stderr
    assert "300 rows, would be: 270 created" in result.stdout


def test_cells_are_no_formulas(run_import: Import, tmp_path: Path) -> None:
    """A spreadsheet that opens the report runs nothing out of the feed."""
    run_import(feed(SERVED | {"kind": "=1+1", "account": "@a"}), "--report", str(tmp_path / "report.csv"))
    (line,) = report(tmp_path / "report.csv")
    assert (line["account"], line["value"]) == ("'@a", "'=1+1")


def test_a_refused_file(run_import: Import, office: Office) -> None:
    """Exit code 1 with one line that says why, and nothing imported."""
    result = run_import(b"account,nom\n")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: nothing was imported: the header is wrong: unknown column 'nom'")
    assert run_import(b"").stderr == "Error: nothing was imported: the file is empty\n"
    assert run_import(b'account,name\na,"b\n').exit_code == 1
    assert office.rows(select(AuditEvent).where(AuditEvent.actor == "feed")) == []


def test_nothing_secret_comes_out(
    run_import: Import, office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Password hashes are in no output, no report, no log and no event, also in rows with errors and wrong columns."""
    rows = [
        SERVED | {"password_hash": SECRET_HASH},
        SERVED | {"account": "another2", "password_hash": SECRET_HASH[:-1]},
        SERVED | {"account": "another3", "kind": SECRET_HASH},
        SERVED | {"account": SECRET_HASH[:32]},
        SERVED | {"account": "another4", "password_hash": SECRET_HASH},
        SERVED | {"account": "another4", "password_hash": SECRET_HASH.upper(), "school_code": "993501"},
    ]
    result = run_import(feed(*rows), "--report", str(tmp_path / "report.csv"))
    assert result.exit_code == 1
    events = "".join(str(event.detail) for event in office.rows(select(AuditEvent)))
    said = (result.output + (tmp_path / "report.csv").read_text() + caplog.text + events).lower()
    assert SECRET_HASH[8:24].lower() not in said
    assert [line["outcome"] for line in report(tmp_path / "report.csv")][:2] == ["created", "refused"]


@pytest.mark.parametrize("options", [["--actor", "system"], ["--actor", ""], ["--actor", "x" * 65], ["--bogus"]])
def test_wrong_usage(options: list[str], run_import: Import) -> None:
    """The product's own name is not to be had: the log must not take a feed for the calendar."""
    assert run_import(feed(SERVED), *options).exit_code == 2


def test_a_failing_database(run_import: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line without values, and what to do."""

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("SELECT secret", {}, TimeoutError("secret"))

    monkeypatch.setattr(imports, "known_accounts", fail)
    result = run_import(feed(SERVED))
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: the database failed (TimeoutError); run the same command again, it goes on there\n"
    )


def test_progress_in_a_log(run_import: Import) -> None:
    """Where there is no terminal, a line for every tenth."""
    lines = run_import(teachers(40, faulty_every=99, start=1)).stderr.splitlines()
    assert lines == ["40 of 40 rows (100 %)"]
    assert run_import(b"account,name\n").stderr == ""


def test_progress_on_a_terminal(run_import: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    """There, a bar."""
    invoke = CliRunner.invoke

    def on_terminal(*arguments: object, **options: object) -> Result:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        return invoke(*arguments, **options)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(CliRunner, "invoke", on_terminal)
    assert run_import(teachers(40, faulty_every=99, start=1)).exit_code == 0


def test_the_template(run_import: Import) -> None:
    """The header with an example, which can itself be imported."""
    result = CliRunner().invoke(main, ["teachers", "template"])
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2
    imported = run_import(result.stdout.encode())
    assert (imported.exit_code, imported.stderr) == (0, "1 of 1 rows (100 %)\n")
