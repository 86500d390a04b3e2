"""The scan of a fax (D-07): a PDF of 10 MiB at most, for those who see the application, beside what it proves."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from config.files import StoredFile
from idp.accounts.models import BusinessState
from scopes.roc import taipei_day
from tests.pages import Browser, Page
from tests.support.business import Registry, act
from tests.support.office import Office, Staff
from tests.support.papers import pdf

pytestmark = pytest.mark.rule("D-07")
SCAN = pdf()
FILE_MAX = 10 * 1024 * 1024
NAME = "sub99math"


@pytest.fixture
def registry(app: Flask) -> Registry:
    """The business accounts."""
    return Registry(app)


@pytest.fixture
def centre(app: Flask, staff: Staff) -> Browser:
    """The regional centre of the unit, at its console."""
    browser = Browser(app)
    browser.log_in(**staff("rcnorth01"))
    browser.follow("approvals-link")
    return browser


def send(browser: Browser, registry: Registry, content: bytes | None, **fields: Any) -> Page:
    """Record a fax with a file beside."""
    given: dict[str, Any] = {"form_token": dict(browser.page.forms[0].fields)["form_token"], "event": "fax_received"}
    given |= {"received_on": taipei_day(datetime.now(UTC)).isoformat(), "note": "第 7 號", **fields}
    if content is not None:
        given["scan"] = FileStorage(io.BytesIO(content), "../x.pdf", content_type="text/html")
    boundary, body = encode_multipart(given)
    path, kind = f"/approvals/{registry.id_of(NAME)}", f"multipart/form-data; boundary={boundary}"
    return browser.post(path, body, content_type=kind)


def stored(office: Office) -> int:
    """Return how many files there are."""
    return int(office.rows(select(func.count()).select_from(StoredFile))[0])


def test_it_comes_back_as_it_was(centre: Browser, registry: Registry, office: Office) -> None:
    """Byte by byte, as a download under a name of ours; who fetched it is recorded."""
    page = send(centre, registry, SCAN)
    assert (page.text("done"), page.text("state")) == ("已登記傳真", "審核中")
    answer = centre.follow("fax-scan").response
    assert (answer.data, answer.mimetype) == (SCAN, "application/pdf")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=fax-{registry.id_of(NAME)}.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (file,) = office.rows(select(StoredFile))
    (received, viewed) = [one for one in registry.events(NAME) if one.action.startswith("business.fax")]
    assert received.detail["scan_sha256"] == file.sha256
    assert (viewed.action, viewed.actor) == ("business.fax_viewed", file.kept_by)


def test_the_largest(centre: Browser, registry: Registry) -> None:
    """10 MiB are taken."""
    send(centre, registry, SCAN.ljust(FILE_MAX, b"\0"))
    assert len(centre.follow("fax-scan").response.data) == FILE_MAX


@pytest.mark.parametrize(
    "content",
    [b"<html>", b" " + SCAN, b"%PDF-1.7", SCAN.ljust(FILE_MAX + 1, b"\0")],
    ids=["html", "not at the start", "nothing in it", "too large"],
)
def test_what_is_no_scan(content: bytes, centre: Browser, registry: Registry, office: Office) -> None:
    """Said beside the field, with what was typed kept; whatever the file is called. Nothing is stored."""
    before = len(registry.events(NAME))
    page = send(centre, registry, content)
    assert (page.status, page.has("scan-error")) == (400, True)
    assert dict(page.form_with("fax-submit").fields)["note"] == "第 7 號"
    assert stored(office) == 0
    assert registry.state(NAME) is BusinessState.PENDING_FAX
    assert len(registry.events(NAME)) == before


def test_none_is_needed(centre: Browser, registry: Registry, office: Office) -> None:
    """Without a file, and with the empty part that a browser sends, the fax is recorded."""
    centre.get(f"/approvals/{registry.id_of(NAME)}")
    page = send(centre, registry, None, scan=FileStorage(io.BytesIO(), ""))
    assert (page.text("state"), page.has("fax-scan"), stored(office)) == ("審核中", False, 0)
    assert centre.get(f"/approvals/{registry.id_of(NAME)}/fax").status == 404


def test_a_return_voids_it(centre: Browser, registry: Registry, office: Office) -> None:
    """With the fax its scan counts no more; as evidence of what was returned it is kept."""
    send(centre, registry, SCAN)
    act(centre, registry.id_of(NAME), "returned", reason="印章不清楚")
    assert centre.get(f"/approvals/{registry.id_of(NAME)}/fax").status == 404
    assert stored(office) == 1


@pytest.mark.parametrize("account", ["rcsouth01", "sch994501", None])
def test_for_nobody_else(account: str | None, centre: Browser, registry: Registry, app: Flask, staff: Staff) -> None:
    """Another region's centre does not find it, others may not look, nobody is led to the log-in page."""
    send(centre, registry, SCAN)
    other = Browser(app)
    if account is not None:
        other.log_in(**staff(account))
    page = other.get(f"/approvals/{registry.id_of(NAME)}/fax")
    assert page.response.data.find(b"%PDF") == -1
    assert (page.status, page.has("login-submit")) == {
        "rcsouth01": (404, False),
        "sch994501": (403, False),
        None: (200, True),
    }[account]


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"note": "x" * 70_000}, 413), ({"note": "a\0b"}, 400), ({"form_token": "x"}, 403)],
    ids=["field too long", "NUL", "no form of ours"],
)
def test_forms_with_files_are_judged_too(
    fields: dict[str, str], status: int, centre: Browser, registry: Registry, office: Office
) -> None:
    """What holds for every form holds for one with a file."""
    assert send(centre, registry, SCAN, **fields).status == status
    assert (stored(office), registry.state(NAME)) == (0, BusinessState.PENDING_FAX)


def test_no_other_page_takes_files(app: Flask) -> None:
    """A form with a file is refused everywhere else, before anybody reads it."""
    page = Browser(app).post("/login", {"username": "x", "file": (io.BytesIO(SCAN), "a.pdf")})
    assert page.status == 415
