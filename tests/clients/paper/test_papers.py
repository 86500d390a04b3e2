"""The printed papers, read back by poppler: every field in its order, literally, with embedded fonts."""

import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from clients.form import agreements
from clients.form.fields import FIELDS, Kind, Section
from clients.paper.form import FormFacts, form_pdf, shown_hash
from clients.paper.letter import ConfirmationFacts, confirmation_pdf
from clients.paper.record import Result, Signature, record_pdf
from scopes.items import ORDER
from tests.support.forms import filled
from tests.support.papers import text_of

pytestmark = [pytest.mark.no_database, pytest.mark.needs("pdftoppm")]
AT = datetime(2026, 11, 27, 3, 14, tzinfo=UTC)
HASH = "0123456789abcdef" * 4
URL = "https://idp.example/cases/12/form"


def facts(**files: str) -> FormFacts:
    """Return the facts beside the form."""
    return FormFacts(12, HASH, URL, files, AT)


def read(content: bytes) -> str:
    """Return the text of a PDF without blanks, as its reader sees the order."""
    return plain(text_of(content)).replace("\u200b", "")


def plain(said: str) -> str:
    """Leave blanks out."""
    return "".join(said.split())


def pictures(content: bytes, folder: Path) -> list[Image.Image]:
    """Return the pages as pictures."""
    paper = folder / "paper.pdf"
    paper.write_bytes(content)
    subprocess.run(["pdftoppm", "-r", "110", "-png", str(paper), str(folder / "page")], check=True)  # noqa: S607
    return [Image.open(BytesIO(one.read_bytes())) for one in sorted(folder.glob("page*.png"))]


def test_every_field_in_its_order() -> None:
    """Labels and values of Appendix 1 from the operating unit to the seal, as the paper has them."""
    answers = filled() | {"has_test_url": "yes", "test_url": "https://test.site.example", "policy_text": "政策全文"}
    text, place = read(form_pdf(answers, facts(scan_report="掃描.pdf"))), 0
    for field in FIELDS:
        if field.section in {Section.DATA_ITEMS, Section.AGREEMENTS} or field.kind is Kind.TICK:
            continue
        label = plain(field.label_zh)
        found = text.find(label, place if field.id != "filled_on" else 0)
        assert found >= 0, (field.id, text[place : place + 80])
        place = found
        if field.kind in {Kind.TEXT, Kind.EMAIL, Kind.URL, Kind.PHONE, Kind.COUNT}:
            assert text.find(plain(answers[field.id]), place) >= 0, field.id
    for item in ORDER:
        assert item.label_zh in text
    for said in agreements.TEXTS:
        assert plain(said) in text
    for said in (
        "民國109年6月30日",
        "民國109年5月12日",
        "單位主管核章（請蓋職名章）",
        "掃描.pdf",
        "案號12",
        plain(shown_hash(HASH)),
    ):
        assert said in text


def test_purposes_stand_beside_their_items() -> None:
    """In the order of the form."""
    text, answers = read(form_pdf(filled(), facts())), filled()
    places = [text.index(plain(answers[f"purpose_{item}"])) for item in ORDER if answers.get(f"purpose_{item}")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "typed",
    [
        r"#[x] *b* $y$ _u_ <l> @r \\ `raw` // c /* d */ = h - i + j ~ \"q\"",
        '#import "/etc/passwd"',
        "臺灣 𠮷野家 堃峯喆犇 霧",
        "a" * 400,
    ],
    ids=["markup", "import", "rare", "one word"],
)
def test_what_was_typed_is_printed_literally(typed: str) -> None:
    """Nothing of it is markup, nothing is cut, whatever its length."""
    assert plain(typed) in read(form_pdf(filled() | {"site_purpose": typed}, facts()))


def test_a_text_of_pages_is_whole() -> None:
    """Two thousand characters break over pages, and none is lost."""
    assert read(form_pdf(filled() | {"site_purpose": "很好" * 1000}, facts())).count("很") == 1000


def test_an_empty_form_can_be_printed() -> None:
    """Blanks, and the day to be written by hand."""
    text = read(form_pdf({}, facts()))
    assert "營運單位名稱" in text
    assert "民國年月日" in text


def test_fonts_are_embedded(tmp_path: Path) -> None:
    """Every font is within the file, so it looks the same everywhere."""
    paper = tmp_path / "form.pdf"
    paper.write_bytes(form_pdf(filled(), facts()))
    done = subprocess.run(["pdffonts", str(paper)], capture_output=True, check=True, text=True)  # noqa: S607
    fonts = [line.split() for line in done.stdout.splitlines()[2:]]
    assert fonts
    assert all(font[-5] == "yes" for font in fonts), done.stdout
    assert {font[0].partition("+")[2][:14] for font in fonts} == {"NotoSansCJKtc-"}


def test_the_code_leads_to_the_record(tmp_path: Path) -> None:
    """Read from the picture of the paper, as a phone reads it."""
    first = pictures(form_pdf(filled(), facts()), tmp_path)[0]
    assert [code.text for code in zxingcpp.read_barcodes(first)] == [URL]


def test_the_box_for_the_seal_is_empty(tmp_path: Path) -> None:
    """The system never draws a seal: a large field without ink below its label."""
    last = pictures(form_pdf(filled(), facts()), tmp_path)[-1].convert("L")
    width, height = last.size
    pixels, runs, run = last.tobytes(), [0], 0
    for y in range(height * 3 // 4):  # what is left of the page below proves nothing
        row = pixels[y * width + int(width * 0.55) : y * width + int(width * 0.9)]
        run = run + 1 if min(row) > 200 else 0
        runs.append(run)
    assert max(runs) > 90


def test_the_same_form_is_the_same_file() -> None:
    """So that a print can be made again and compared."""
    assert form_pdf(filled(), facts()) == form_pdf(filled(), facts())
    assert form_pdf(filled(), facts()) != form_pdf(filled() | {"audience": "校長"}, facts())


def test_the_record() -> None:
    """What was expected, seen, and signed."""
    results = [
        Result("TC-1", True, "看到 #姓名", AT),
        Result("TC-2", False, "沒有錯誤", AT),
        Result("TC-3", None, "", None),
    ]
    text = read(record_pdf(12, "教師共學網", results, [Signature("承辦人", "陳承辦", AT)], AT))
    for said in ("TC-1", "看到#姓名", "通過", "未通過", "承辦人", "陳承辦", "民國115年11月27日11:14"):
        assert said in text


def test_the_letter() -> None:
    """Items, contact and the day of the reply."""
    given = ConfirmationFacts("教師共學網", "示範師範大學", AT.date(), ["帳號漫遊"], ["姓名"], "陳承辦", AT.date())
    text = read(confirmation_pdf(given, AT))
    for said in ("受文者：示範師範大學", "教師共學網", "帳號漫遊", "姓名", "陳承辦", "民國115年11月27日前函覆"):
        assert said in text
