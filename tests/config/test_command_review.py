"""What is written beside the steps of a case, on the command line."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from clients import registry
from config.audit import AuditEvent
from config.database import db
from config.snapshot import snapshots
from tests.config.conftest import Idp
from tests.support.cases import ADMIN, APPLICANT, FILE, OFFICER, Procedure
from tests.support.papers import text_of


@pytest.fixture
def case(app: Flask) -> str:
    """A case that waits for the Ministry."""
    return str(Procedure(app).submitted())


def test_messages_and_policy(idp_command: Idp, case: str) -> None:
    """A question about a field, its answer, and what the policy has; a partner checks no policy."""
    for arguments in (
        ("message", case, "網站的目的？", "--field", "site_purpose", "--actor", ADMIN),
        ("message", case, "共備研習", "--actor", OFFICER),
    ):
        assert idp_command("cases", *arguments).stdout == "ok: sent\n"
    done = idp_command("cases", "policy", case, "--has", "rights", "--has", "contact", "--actor", ADMIN)
    assert done.stdout.startswith("ok: kept; missing: body, categories,")
    assert idp_command("cases", "policy", case, "--has", "rights", "--actor", OFFICER).exit_code == 1
    assert idp_command("cases", "message", case, " ", "--actor", ADMIN).exit_code == 1
    assert idp_command("cases", "message", case, "x", "--field", "none", "--actor", ADMIN).exit_code == 1


def test_a_sheet(idp_command: Idp, app: Flask, tmp_path: Path) -> None:
    """It is kept and judged at once, while its client is not made."""
    file = tmp_path / "sheet.json"
    file.write_text(json.dumps({"redirect_uris": "https://elsewhere.example/callback", "support_contact": "02-1"}))
    case = str(Procedure(app).approved())
    done = idp_command("cases", "sheet", case, "test", str(file), "--actor", OFFICER)
    assert "redirect_uris" in done.stdout
    file.write_text(json.dumps({"redirect_uris": "https://site.example/callback", "support_contact": "02-1"}))
    done = idp_command("cases", "sheet", case, "test", str(file), "--actor", OFFICER)
    assert done.stdout == "ok: kept; a client can be made of it\n"
    assert idp_command("cases", "sheet", case, "production", str(file), "--actor", OFFICER).exit_code == 1


def test_the_form_on_paper(idp_command: Idp, case: str, tmp_path: Path) -> None:
    """For its people and for us."""
    for actor in (APPLICANT, ADMIN):
        paper = tmp_path / f"{actor}.pdf"
        assert idp_command("cases", "print", case, str(paper), "--actor", actor).exit_code == 0
        assert paper.read_bytes().startswith(b"%PDF-")
    assert idp_command("cases", "print", case, str(tmp_path / "no.pdf"), "--actor", "ptnoff01").exit_code == 1


@pytest.mark.needs("pdftoppm")
def test_the_other_papers(idp_command: Idp, app: Flask, tmp_path: Path) -> None:
    """The record for both sides; the letter for those who write it, of a live case only."""
    procedure, paper = Procedure(app), tmp_path / "paper.pdf"
    tested, live = str(procedure.tested()), str(procedure.live(site_name="另一站"))
    for case, actor, what, code in (
        *((tested, OFFICER, "tests", 0), (tested, ADMIN, "letter", 1)),
        *((live, OFFICER, "letter", 1), (live, ADMIN, "letter", 0)),
    ):
        done = idp_command("cases", "print", case, str(paper), "--paper", what, "--actor", actor)
        assert (done.exit_code, paper.exists()) == (code, code == 0), (case, actor, what)
        if paper.exists():
            assert {"tests": "雙方測試紀錄", "letter": "函覆"}[what] in text_of(paper.read_bytes())
            paper.unlink()


def test_files(idp_command: Idp, app: Flask, case: str, tmp_path: Path) -> None:
    """They are listed and handed out as they came, to the people of the case and to ours; who took one is recorded."""
    lines = idp_command("cases", "files", case, "--actor", ADMIN).stdout.splitlines()
    assert [line.split("  ")[1] for line in lines] == ["application_letter", "seal_scan", "scan_report"]
    number, copy = lines[0].split()[0], tmp_path / "copy.pdf"
    other = str(Procedure(app).filled_in(site_name="另一站"))
    for actor, of, code in ((ADMIN, case, 0), (OFFICER, case, 0), (ADMIN, other, 1), ("ptnoff01", case, 1)):
        done = idp_command("cases", "file", of, number, str(copy), "--actor", actor)
        assert (done.exit_code, copy.exists()) == (code, code == 0), (actor, of)
        if copy.exists():
            assert copy.read_bytes() == FILE
            copy.unlink()
    assert idp_command("cases", "files", case, "--actor", "ptnoff01").exit_code == 1
    with app.app_context():
        seen = db.session.scalars(select(AuditEvent.subject).where(AuditEvent.action == "case.file_viewed"))
        assert list(seen) == [f"case:{case}"] * 2


def waived(app: Flask) -> date | None:
    """Return until when the demo partner may do without PKCE, as the next request sees it."""
    with app.app_context():
        snapshots().refresh()
        client = registry.find("dream-n")
    assert client is not None
    return client.pkce_waived_until


def test_waivers(idp_command: Idp, app: Flask) -> None:
    """With an end within a year and a reason; ended at once without one; never for what does not exist."""
    day = "--until", "2099-01-01"
    assert idp_command("clients", "waive-pkce", "dream-n", *day, "--note", "舊系統").exit_code == 1
    until = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    assert idp_command("clients", "waive-pkce", "dream-n", "--until", until).exit_code == 1
    done = idp_command("clients", "waive-pkce", "dream-n", "--until", until, "--note", "舊系統")
    assert done.stdout == f"ok: dream-n may do without PKCE until {until}\n"
    assert waived(app) == date.fromisoformat(until)
    assert f"{until}" in idp_command("cases", "calendar", "--days", "100").stdout
    assert idp_command("clients", "waive-pkce", "dream-n").stdout == "ok: dream-n needs PKCE\n"
    assert waived(app) is None
    assert idp_command("clients", "waive-pkce", "nobody").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("print", "99999", "no.pdf"),
        ("message", "99999", "x"),
        ("officer", "99999", "ptnoff01"),
        ("step", "99999", "X12"),
        ("test", "99999", "TC-1", "--passed", "--note", "x"),
    ],
)
def test_a_case_that_is_not_there(idp_command: Idp, arguments: tuple[str, ...]) -> None:
    """One line, and nothing happened."""
    done = idp_command("cases", *arguments, "--actor", ADMIN)
    assert (done.exit_code, "there is no case 99999" in done.output) == (1, True)
