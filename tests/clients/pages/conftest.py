"""Browsers of the people of a case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from tests.pages import Browser, Page
from tests.support.cases import FILE, Procedure
from tests.support.office import Staff

Fields = Mapping[str, Any]
NOTHING: Fields = {}


@dataclass
class Pages:
    """The pages of one case in the browsers of its people, who log in as they come."""

    app: Flask
    staff: Staff
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __call__(self, account: str) -> Browser:
        """Return the browser of somebody who is logged in."""
        if account not in self.browsers:
            self.browsers[account] = browser = Browser(self.app)
            who = self.staff(account)
            browser.log_in(account, who["password"], who.get("totp_secret"))
        return self.browsers[account]

    def step(self, account: str, case: int | str, step: str, fields: Fields = NOTHING, *tick: str) -> Page:
        """Take a step on its page, with some fields filled in and some boxes ticked."""
        browser = self(account)
        assert browser.get(f"/cases/{case}/steps/{step}").status == 200, browser.page.text("main")
        return browser.submit("step-submit", tick=tick, **fields)

    def attach(self, account: str, case: int | str, kind: str, content: bytes = FILE, name: str = "a.pdf") -> Page:
        """Upload a file on the page of files."""
        browser = self(account)
        browser.get(f"/cases/{case}/files")
        token = dict(browser.page.form_with(f"attach-{kind}").fields)["form_token"]
        data = {"form_token": token, "kind": kind, "file": (BytesIO(content), name)}
        return browser.post(f"/cases/{case}/files", data, content_type="multipart/form-data")


@pytest.fixture
def pages(app: Flask, staff: Staff) -> Pages:
    """The browsers of the people of a case."""
    return Pages(app, staff)


@pytest.fixture
def procedure(app: Flask) -> Procedure:
    """Takes cases through the procedure by commands."""
    return Procedure(app)
