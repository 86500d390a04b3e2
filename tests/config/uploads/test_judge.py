"""Files are judged by what they are; each fault by a file that has it."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from flask import Flask
from PIL import Image

from config.uploads import inspect, judge
from config.uploads.kinds import JPEG, PDF, PNG, File, FileFault, FileRefused
from tests.support.papers import pdf, picture, saved

MAX = 10 * 1024 * 1024


def take(app: Flask, content: bytes, name: str = "a.pdf", *types: str) -> File:
    """Hand a file in where these types are taken."""
    with app.app_context():
        return judge.taken(name, io.BytesIO(content), judge.rules_of(*(types or (PDF, PNG, JPEG))))


def fault_of(app: Flask, content: bytes, name: str = "a.pdf", *types: str) -> FileFault:
    """Return why a file is refused."""
    with pytest.raises(FileRefused) as caught:
        take(app, content, name, *types)
    return caught.value.fault


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (pdf(), "報告 v1.2.pdf", PDF),
        (pdf(3), "REPORT.PDF", PDF),
        (picture("PNG"), "章.png", PNG),
        (picture("JPEG"), "章.jpg", JPEG),
        (picture("JPEG"), "章.jpeg", JPEG),
        (pdf(), "no extension", PDF),
    ],
)
def test_what_is_taken(app: Flask, content: bytes, name: str, media_type: str) -> None:
    """PDF, PNG and JPEG, whatever the case of the extension; the content is kept byte for byte."""
    found = take(app, content, name)
    assert (found.content, found.media_type) == (content, media_type)


def with_entry(name: str, value: Any) -> bytes:
    """Return a PDF whose catalogue has an entry."""
    made = pikepdf.new()
    made.add_blank_page()
    made.Root[name] = value(made) if callable(value) else value
    return saved(made)


def locked(owner: str, user: str) -> bytes:
    """Return an encrypted PDF."""
    made = pikepdf.new()
    made.add_blank_page()
    return saved(made, encryption=pikepdf.Encryption(owner=owner, user=user), static_id=False)


def with_file() -> bytes:
    """Return a PDF with a file in it."""
    made = pikepdf.new()
    made.add_blank_page()
    made.attachments["a.txt"] = b"within"
    return saved(made)


def with_link(action: dict[str, Any]) -> bytes:
    """Return a PDF whose page has an annotation that does something."""
    made = pikepdf.new()
    page = made.add_blank_page()
    page.Annots = made.make_indirect(
        pikepdf.Array(
            [pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, A=pikepdf.Dictionary(action))]
        )
    )
    return saved(made)


def nested(depth: int) -> pikepdf.Array:
    """Return lists within lists."""
    return pikepdf.Array([nested(depth - 1)] if depth > 1 else [])


def script(_: pikepdf.Pdf) -> pikepdf.Dictionary:
    """Return a script."""
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def named(made: pikepdf.Pdf) -> pikepdf.Dictionary:
    """Return a tree of names with a script."""
    return pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["x", script(made)])))


@pytest.mark.parametrize(
    "content",
    [
        with_entry("/OpenAction", script),
        with_entry("/OpenAction", lambda made: made.make_indirect(script(made))),
        with_entry("/AA", lambda made: pikepdf.Dictionary(WC=script(made))),
        with_entry("/Names", named),
        with_entry("/AcroForm", lambda _: pikepdf.Dictionary(XFA="<xdp/>")),
        with_link({"/S": pikepdf.Name.Launch, "/F": "calc.exe"}),
        with_link({"/S": pikepdf.Name.SubmitForm, "/F": "https://elsewhere.example"}),
        with_file(),
        with_entry("/Deep", lambda _: nested(12)),
    ],
    ids=["open", "indirect", "additional", "names", "xfa", "launch", "submit", "file", "too deep to be looked at"],
)
def test_a_pdf_that_does_something(app: Flask, content: bytes) -> None:
    """Scripts, programs, forms that send, files within: none of that belongs into evidence."""
    assert fault_of(app, content) is FileFault.ACTIVE


def test_a_pdf_with_a_link_is_fine(app: Flask) -> None:
    """A policy links to pages, and objects lie within objects."""
    assert take(app, with_entry("/Deep", lambda _: nested(11))).media_type == PDF
    assert take(app, with_link({"/S": pikepdf.Name.URI, "/URI": "https://site.example"})).media_type == PDF


@pytest.mark.parametrize(("owner", "user"), [("owner", "user"), ("owner", "")])
def test_an_encrypted_pdf(app: Flask, owner: str, user: str) -> None:
    """One that nobody opens, and one that opens but is locked."""
    assert fault_of(app, locked(owner, user)) is FileFault.ENCRYPTED


def bomb(width: int = 20_000) -> bytes:
    """Return a small PNG with many pixels."""
    stream = io.BytesIO()
    Image.new("1", (width, 20_000)).save(stream, "PNG")
    return stream.getvalue()


def zipped() -> bytes:
    """Return a ZIP."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.pdf", pdf())
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "fault"),
    [
        (b"", "a.pdf", FileFault.EMPTY),
        (b"<html><script>1</script>", "a.pdf", FileFault.NOT_TAKEN),
        (b"MZ" + bytes(200), "a.pdf", FileFault.NOT_TAKEN),
        (b"GIF89a" + bytes(50), "a.gif", FileFault.NOT_TAKEN),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", FileFault.NOT_TAKEN),
        (zipped(), "a.pdf", FileFault.NOT_TAKEN),
        (b"\n" + pdf(), "a.pdf", FileFault.NOT_TAKEN),
        (picture("PNG"), "a.pdf", FileFault.MISNAMED),
        (pdf(), "a.png", FileFault.MISNAMED),
        (pdf(), "a.pdf.exe", FileFault.MISNAMED),
        (b"%PDF-1.7\n%%EOF", "a.pdf", FileFault.BROKEN),
        (pdf(5)[:120], "a.pdf", FileFault.BROKEN),
        (picture("PNG", 400, 400)[:-60], "a.png", FileFault.BROKEN),
        (picture("JPEG", 400, 400)[:-400], "a.jpg", FileFault.BROKEN),
        (bomb(), "a.png", FileFault.TOO_MANY_PIXELS),
        (bomb(4_000), "a.png", FileFault.TOO_MANY_PIXELS),
    ],
)
def test_what_is_refused(app: Flask, content: bytes, name: str, fault: FileFault) -> None:
    """Each for its own reason."""
    assert fault_of(app, content, name) is fault


def test_a_type_that_is_not_taken_here(app: Flask) -> None:
    """A picture where only PDF is taken."""
    assert fault_of(app, picture("PNG"), "a.png", PDF) is FileFault.NOT_TAKEN


def test_the_size(app: Flask) -> None:
    """Ten MiB are taken, one byte more is not; a scan report may have twenty."""
    assert take(app, pdf().ljust(MAX, b"\0")).media_type == PDF
    assert fault_of(app, pdf().ljust(MAX + 1, b"\0")) is FileFault.TOO_LARGE
    with app.app_context():
        rules = judge.rules_of(PDF, is_large=True)
        assert len(judge.taken("a.pdf", io.BytesIO(pdf().ljust(2 * MAX, b"\0")), rules).content) == 2 * MAX


def test_a_process_that_dies_has_met_a_broken_file(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its libraries do, nothing is taken that was not looked at to the end."""
    monkeypatch.setattr(judge.sys, "executable", "/bin/false")  # type: ignore[attr-defined]  # a module of its module
    assert fault_of(app, pdf()) is FileFault.BROKEN


def test_a_process_that_does_not_end(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is limited."""
    monkeypatch.setattr(judge, "SECONDS", 0.001)
    assert fault_of(app, pdf()) is FileFault.BROKEN


@pytest.mark.parametrize("look", [inspect.inspect_pdf, lambda content: inspect.inspect_image(content, PNG)])
def test_what_the_process_says_of_a_good_file(look: Callable[[bytes], str]) -> None:
    """The same functions, in this process."""
    assert look(pdf() if look is inspect.inspect_pdf else picture("PNG")) == "ok"
