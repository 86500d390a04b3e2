"""``idp cases``: a case from the draft to going live on the command line, and what is refused there."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clients.procedure.guards import MANDATORY_TESTS
from scopes.roc import taipei_day
from tests.config.conftest import Idp
from tests.support.cases import ADMIN, ALL_MET, APPLICANT, APPROVED, FILE, LETTER, OFFICER, SECOND_ADMIN, SHEET, go_live
from tests.support.forms import filled


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes a JSON file and returns its path."""

    def write(content: object) -> str:
        path = tmp_path / "given.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))
        return str(path)

    return write


@pytest.fixture
def pdf(tmp_path: Path) -> str:
    """A PDF."""
    path = tmp_path / "file.pdf"
    path.write_bytes(FILE)
    return str(path)


def ok(idp_command: Idp, *arguments: str) -> str:
    """Run a command that succeeds."""
    result = idp_command("cases", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_from_the_draft_to_going_live(idp_command: Idp, written: Any, pdf: str) -> None:
    """Everything that an administrator and a partner do, with the same rules; the job tells that it is live."""
    case = ok(idp_command, "open", "--actor", APPLICANT)

    def step(step: str, by: str, given: object = None) -> str:
        files = [written(given)] if given is not None else []
        return ok(idp_command, "step", case, step, *files, "--actor", by)

    ok(idp_command, "officer", case, OFFICER, "--actor", APPLICANT)
    step("X2", APPLICANT, ALL_MET)
    said = ok(idp_command, "save", case, written(filled() | {"officer_email": ""}), "--actor", APPLICANT)
    assert said.startswith("ok: saved; 2 still missing or wrong")
    shown = ok(idp_command, "show", case)
    assert "missing: officer_email missing RT-01" in shown
    assert "missing: scan_report missing RT-03" in shown
    ok(idp_command, "save", case, written({"officer_email": "officer@site.example.com"}), "--actor", APPLICANT)
    for kind in ("scan_report", "seal_scan"):
        ok(idp_command, "attach", case, kind, pdf, "--actor", APPLICANT)
    assert step("X3", APPLICANT, {"letter": LETTER}) == "ok: submitted"
    ok(idp_command, "attach", case, "approval_letter", pdf, "--actor", ADMIN)
    assert step("X6", ADMIN, APPROVED) == "ok: submitted; X6 waits for idp_admin"
    assert step("X6", SECOND_ADMIN, APPROVED) == "ok: approved"
    today = taipei_day(datetime.now(UTC)).isoformat()
    step("X9", ADMIN, {"version": "1", "recipient": "陳承辦", "provided_on": today})
    step("X10", ADMIN, SHEET)
    for test in MANDATORY_TESTS:
        ok(idp_command, "test", case, test, "--passed", "--note", "ok", "--actor", OFFICER)
    step("X11", ADMIN)
    assert step("X11", OFFICER) == "ok: tested"
    for by in (OFFICER, ADMIN, SECOND_ADMIN):
        step("X13", by, go_live(0))
    assert "1 cases live" in idp_command("jobs", "run").stdout
    assert f"{case}  live  教師共學網  示範師範大學" in ok(idp_command, "list", "--state", "live")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["open", "--actor", "nobody01"], 1, "there is no active business account nobody01"),
        (["open", "--actor", "wang0101"], 1, "there is no active business account wang0101"),
        (["open", "--actor", "sub99math"], 1, "there is no active business account sub99math"),
        (["show", "99999"], 1, "no_case"),
        (["step", "1", "X15", "--actor", ADMIN], 2, "X15"),
        (["step", "1", "X16", "--actor", APPLICANT], 1, "wsedu001 does not act so in case 1"),
        (["step", "1", "X16", "--actor", ADMIN], 1, "evidence: note: Field required; notice: Field required"),
        (["step", "1", "X9", "--actor", ADMIN], 1, "state: X9 is not possible while the case is live"),
        (["officer", "1", OFFICER, "--actor", "sch994501"], 1, "sch994501 does not act so in case 1"),
        (["list", "--state", "unknown"], 2, "unknown"),
    ],
)
def test_refused_in_one_line(idp_command: Idp, arguments: list[str], code: int, said: str) -> None:
    """A reason, nothing on standard output, nothing changed."""
    result = idp_command("cases", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


@pytest.mark.parametrize("content", ["", "[]", "{", '{"site_name": 1}', "[" * 50_000])
def test_files_that_are_no_form(idp_command: Idp, written: Any, content: str) -> None:
    """What is no JSON object of texts is refused before anything is asked."""
    result = idp_command("cases", "save", "1", written(content), "--actor", APPLICANT)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_a_file_that_is_no_pdf(idp_command: Idp, written: Any) -> None:
    """It is refused by its content."""
    case = ok(idp_command, "open", "--actor", APPLICANT)
    result = idp_command("cases", "attach", case, "scan_report", written("x"), "--actor", APPLICANT)
    assert (result.exit_code, result.stderr) == (1, "Error: not_taken: application/pdf of at most 20 MiB is needed\n")


def test_the_table_is_printed(idp_command: Idp) -> None:
    """All twenty steps."""
    printed = ok(idp_command, "table").splitlines()
    assert [line.split()[0] for line in printed] == [f"X{number}" for number in range(1, 21)]
    assert any("[idp_admin + idp_admin]" in line for line in printed)
