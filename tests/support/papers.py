"""Real files for tests, made by the libraries that make such files."""

import io
import subprocess
from functools import cache

import pikepdf
from PIL import Image


@cache
def pdf(pages: int = 1, mark: str = "") -> bytes:
    """Return a PDF; with ``mark`` one that differs from others."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    made.docinfo["/Title"] = mark
    return saved(made)


def saved(made: pikepdf.Pdf, **options: object) -> bytes:
    """Return a PDF as it is saved."""
    stream = io.BytesIO()
    made.save(stream, **({"static_id": True} | options))  # type: ignore[arg-type]  # pikepdf's own options
    return stream.getvalue()


@cache
def picture(kind: str = "PNG", width: int = 60, height: int = 40) -> bytes:
    """Return a PNG or JPEG."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(stream, kind)
    return stream.getvalue()


def text_of(content: bytes) -> str:
    """Return the text of a PDF by poppler."""
    done = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)  # noqa: S607  # as installed
    return done.stdout.decode()
