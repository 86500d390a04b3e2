"""The table of coverage is true and has no hole; so is the list of faults."""

import subprocess
import sys

import pytest

from idp.oidc.faults import FAULTS
from tests.spec import faults_table, table
from tests.spec.required import REQUIRED

pytestmark = pytest.mark.no_database


def test_the_table_has_no_hole() -> None:
    """docs/conformance.md is what the markers say now, and every required section has a test."""
    before = table.TARGET.read_text(encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.spec.table"], cwd=table.ROOT, capture_output=True, text=True, check=False
        )
        after = table.TARGET.read_text(encoding="utf-8")
    finally:
        table.TARGET.write_text(before, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert after == before, "run: make spec-table"


def test_a_hole_is_found() -> None:
    """The check can fail: a section without tests is named."""
    found = {(document, section): {"tests/x.py::test"} for document, section, _ in REQUIRED[1:]}
    document, section, what = REQUIRED[0]
    assert table.holes(found) == [f"{document} {section}: {what}"]


def test_every_fault_is_documented() -> None:
    """docs/errors.md is written from the table of faults."""
    assert faults_table.TARGET.read_text(encoding="utf-8") == faults_table.render(FAULTS), "run: make spec-table"
