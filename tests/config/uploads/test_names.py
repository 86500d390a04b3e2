"""Names of files: always one harmless component."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.uploads.names import LONGEST, claimed, clean

pytestmark = pytest.mark.no_database
PDF = (".pdf",)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("掃描報告 v1.2.pdf", "掃描報告 v1.2.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\報告.PDF", "報告.pdf"),
        ("a\0b\r\n.pdf", "ab.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ('q"uo:te*?.pdf', "q_uo_te__.pdf"),
        ("...", "file.pdf"),
        ("", "file.pdf"),
        (".pdf", "file.pdf"),
        ("a" * 400 + ".pdf", "a" * LONGEST + ".pdf"),
    ],
)
def test_names(name: str, cleaned: str) -> None:
    """What stays is for people to read."""
    assert clean(name, PDF) == cleaned


@given(st.text())
def test_every_name_is_one_component(name: str) -> None:
    """No path, no control character, no mark of direction, not too long; cleaning again changes nothing."""
    found = clean(name, PDF)
    assert not set(found) & set('/\\:*?"<>|')
    assert not any(unicodedata.category(sign)[0] == "C" for sign in found)
    assert not found.startswith(".")
    assert found.endswith(".pdf")
    assert len(found) <= LONGEST + 4
    assert clean(found, PDF) == found


def test_what_a_name_claims() -> None:
    """Its last extension, in lower case."""
    assert (claimed("a.PDF"), claimed("a.pdf.exe"), claimed("C:\\a"), claimed("x/y.png")) == (
        ".pdf",
        ".exe",
        "",
        ".png",
    )
