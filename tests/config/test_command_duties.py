"""``idp confirmations`` and the duties among ``idp cases``."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.config.conftest import Idp
from tests.support.cases import ADMIN, OFFICER, Procedure

OURS, THEIRS = "示範師字第1100000303號", "示範教字第1100000404號"


@pytest.fixture
def case(app: Flask) -> str:
    """A live case."""
    return str(Procedure(app).live())


def ok(idp_command: Idp, *arguments: str) -> str:
    """Run a command that succeeds."""
    result = idp_command(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_confirmation(idp_command: Idp, case: str) -> None:
    """A letter is due after a year; our letter and the reply are recorded."""
    assert f"\n{case}  " not in "\n" + ok(idp_command, "confirmations", "list")
    assert f"{case}  not_due" in ok(idp_command, "confirmations", "list", "--all")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=366), tick=True):
        today = datetime.now(UTC).date().isoformat()
        assert f"{case}  letter_due" in ok(idp_command, "confirmations", "list")
        said = ok(
            *(idp_command, "confirmations", "letter", case, "--letter-no", OURS),
            *("--sent-on", today, "--actor", ADMIN),
        )
        assert said.startswith("ok: reply due on ")
        said = ok(
            *(idp_command, "confirmations", "reply", case, "--letter-no", THEIRS),
            *("--replied-on", today, "--actor", ADMIN),
        )
        assert said == "ok: confirmed\n"
        assert f"\n{case}  " not in "\n" + ok(idp_command, "confirmations", "list")


def test_a_warning_after_sixty_days(idp_command: Idp, case: str) -> None:
    """The list says that the partner may be suspended; nothing does it by itself."""
    start = datetime.now(UTC) + timedelta(days=366)
    with time_machine.travel(start, tick=True):
        today = datetime.now(UTC).date().isoformat()
        ok(idp_command, "confirmations", "letter", case, "--letter-no", OURS, "--sent-on", today, "--actor", ADMIN)
    with time_machine.travel(start + timedelta(days=95), tick=True):
        listed = ok(idp_command, "confirmations", "list")
    assert "WARNING: may be suspended (X16)" in next(line for line in listed.splitlines() if line.startswith(case))


def test_what_is_refused(idp_command: Idp, case: str) -> None:
    """A partner records no letter; a wrong day or number changes nothing, in one line."""
    day = ("--sent-on", "115/01/02")
    for extra in ((*day, "--letter-no", OURS, "--actor", OFFICER), (*day, "--letter-no", "12", "--actor", ADMIN)):
        result = idp_command("confirmations", "letter", case, *extra)
        assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1), result.output
    result = idp_command("confirmations", "letter", case, "--letter-no", OURS, "--sent-on", "1", "--actor", ADMIN)
    assert result.exit_code == 2


def test_contact_and_calendar(idp_command: Idp, case: str) -> None:
    """A contact that a letter named counts; the calendar lists what ends."""
    contact = ("--name", "林承辦", "--phone", "07-7172930", "--email", "lin@site.example.com")
    said = ok(idp_command, "cases", "contact", case, *contact, "--from", "115/01/02", "--actor", ADMIN)
    assert said.startswith("ok: 林承辦")
    listed = ok(idp_command, "cases", "calendar", "--days", "400")
    assert f"case {case}  scan_report" in listed
    assert f"case {case}  confirmation" in listed
    assert f"case {case}  confirmation" not in ok(idp_command, "cases", "calendar", "--days", "300")
