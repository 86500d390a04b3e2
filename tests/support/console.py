"""Somebody at the service-data console: a business account that is signed in, and the forms that it sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import Select, update
from sqlalchemy import select as selecting
from werkzeug.wrappers import Response

from config.database import db
from idp.accounts.models import Account, BusinessDetail
from idp.logins import PASSWORD_AND_CODE, begin_session
from tests.pages import Browser, Page


@dataclass
class Keeper:
    """A person with an account who is signed in."""

    app: Flask
    account: str
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        """Sign in without the log-in page: what it asks of whom is no matter of the console."""
        self.browser = Browser(self.app)
        with self.app.test_request_context(base_url=self.browser.issuer):
            with db.session.begin():
                ident = db.session.execute(_id_of(self.account)).scalar_one()
            response = Response()
            begin_session(response, ident, PASSWORD_AND_CODE, now=datetime.now(UTC))
        for cookie in response.headers.getlist("Set-Cookie"):
            name, value = cookie.split(";")[0].split("=", 1)
            self.browser.http.set_cookie(name, value, domain="127.0.0.1")

    def get(self, url: str, **options: Any) -> Page:  # of Werkzeug's client
        """Open a page."""
        return self.browser.get(url, **options)

    def send(self, url: str, fields: Mapping[str, Any]) -> Page:
        """Send a form by hand, with a token of this session."""
        page = self.browser.get("/account")
        token = dict(page.form_with("logout").fields)["form_token"]
        return self.browser.post(url, {"form_token": token, **fields})

    def act(self, assignment: int, action: str, **fields: Any) -> Page:
        """Do something to an assignment, the question of what follows answered by yes."""
        return self.send(f"/service/{assignment}/{action}", {"reason": "測試", "step": "confirmed", **fields})


def set_role(app: Flask, account: str, **facts: Any) -> None:
    """Set columns of a business account: role, school, counties, state."""
    with app.app_context(), db.session.begin():
        owner = _id_of(account).scalar_subquery()
        db.session.execute(update(BusinessDetail).where(BusinessDetail.account_id == owner).values(**facts))


def _id_of(account: str) -> Select[int]:
    return selecting(Account.id).where(Account.login_name == account)


def roc(day: date) -> str:
    """Write a day as a school would."""
    return f"{day.year - 1911}/{day.month:02}/{day.day:02}"
