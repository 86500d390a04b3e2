"""Business accounts in tests: applying, and those who decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from config.audit import AuditEvent
from config.database import db
from config.guard import Principal
from idp.accounts.approvals import Step
from idp.accounts.models import Account, BusinessDetail, BusinessState
from scopes.permissions import Role
from tests.pages import Browser, Page

PASSWORD = "blue-tiger eats 七 noodles"
SCHOOL = {
    "kind": "school",
    "school": "994601 霧松縣雲門鄉梅溪國民小學",
    "unit": "",
    "county": "",
    "contact": "高小梅",
    "email": "mei@example.edu.tw",
    "username": "sch994601",
    "password": PASSWORD,
    "repeated": PASSWORD,
    "agreed": "yes",
}
FOUNDATION = SCHOOL | {
    "kind": "social_education_or_legal_person",
    "school": "",
    "unit": "財團法人測試基金會",
    "county": "鯨嶼縣",
    "username": "fdn000002",
}
NEW = {"account": "sch994601", "password": PASSWORD}


def send(browser: Browser, given: Mapping[str, str] = SCHOOL, **changes: str | None) -> Page:
    """Fill the application in and send it; opens it first if another page is shown. None leaves a field out."""
    if not hasattr(browser, "page") or not browser.page.has("apply-business-title"):
        browser.get("/account/apply/business")
    form = browser.page.form_with("apply-submit")
    data = {**dict(form.fields), **given, **changes}
    return browser.post(form.action, {name: value for name, value in data.items() if value is not None})


def act(browser: Browser, account_id: int, event: str, **fields: Any) -> Page:
    """Send a step's form from the console, whether the page offers it or not."""
    token = dict(browser.page.forms[0].fields)["form_token"]
    return browser.post(f"/approvals/{account_id}", {"form_token": token, "event": event, **fields})


@dataclass(frozen=True)
class Registry:
    """The business accounts of one application."""

    app: Flask

    def id_of(self, login_name: str) -> int:
        """Return the account id."""
        with self.app.app_context():
            return db.session.execute(select(Account.id).where(Account.login_name == login_name)).scalar_one()

    def state(self, login_name: str) -> BusinessState:
        """Return the stored state."""
        return BusinessState(self.detail(login_name).state)

    def detail(self, login_name: str) -> BusinessDetail:
        """Return the stored row."""
        with self.app.app_context():
            query = select(BusinessDetail).join(Account, Account.id == BusinessDetail.account_id)
            return db.session.execute(query.where(Account.login_name == login_name)).scalar_one()

    def set(self, login_name: str, **facts: Any) -> None:
        """Set columns by hand."""
        ident = self.id_of(login_name)
        with self.app.app_context(), db.session.begin():
            db.session.execute(update(BusinessDetail).where(BusinessDetail.account_id == ident).values(**facts))

    def person(self, login_name: str) -> Principal:
        """Return somebody as the pages would."""
        role = Role(self.detail(login_name).role)
        return Principal(self.id_of(login_name), login_name, "", role, 0, datetime.now(UTC), ("pwd",))

    def step(self, login_name: str, by: str, now: datetime | None = None) -> Step:
        """Return a step on an account by somebody."""
        return Step(self.id_of(login_name), self.person(by), now or datetime.now(UTC))

    def events(self, login_name: str) -> list[AuditEvent]:
        """Return what happened to its application, oldest first."""
        query = select(AuditEvent).where(AuditEvent.subject == f"account:{self.id_of(login_name)}")
        query = query.where(AuditEvent.action.startswith("business."), AuditEvent.action != "business.viewed")
        with self.app.app_context():
            return list(db.session.scalars(query.order_by(AuditEvent.id)))

    def everything(self) -> str:
        """Return all accounts and events as text, to see whether anything changed."""
        with self.app.app_context():
            tables = (Account.__table__, BusinessDetail.__table__, AuditEvent.__table__)
            return str([db.session.execute(select(table)).all() for table in tables])
