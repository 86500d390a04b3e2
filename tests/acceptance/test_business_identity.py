"""What never changes of an account, with business accounts: name, type, kind, unit (Art.4, R-ACC-2, D-04, D-05)."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from config.database import db
from idp.accounts import approvals, business
from idp.accounts.accounts import close_account
from idp.accounts.approvals import Event
from idp.accounts.models import Account, BusinessDetail, BusinessState
from scopes.roc import taipei_day
from tests.pages import Browser
from tests.support.business import Registry, send
from tests.support.office import Staff

PRODUCT = ("config", "scopes", "clients", "consent", "idp")
IDENTITY = (Account.id, Account.login_name, Account.type, BusinessDetail.kind, BusinessDetail.unit)
FIELDS = {
    "login_name": "othername1",
    "username": "othername1",
    "type": "teacher_personal",
    "kind": "other",
    "unit": "另一單位",
    "role": "idp_admin",
    "school": "994501",
    "county": "鯨嶼縣",
    "account_id": "1",
    "contact": "改名",
    "email": "x@example.tw",
    "reason": "x",
    "confirmed": "yes",
    "note": "x",
    "password": "x" * 12,
}
"""Whatever a page might take for a new name, type, kind or unit."""


@pytest.fixture
def registry(app: Flask) -> Registry:
    """The business accounts."""
    return Registry(app)


def identities(registry: Registry) -> list[tuple[object, ...]]:
    """Return what must not change, of every account."""
    query = select(*IDENTITY).join_from(Account, BusinessDetail, BusinessDetail.account_id == Account.id, isouter=True)
    with registry.app.app_context():
        return [tuple(row) for row in db.session.execute(query.order_by(Account.id))]


@pytest.mark.rule("AC-03", "AC-04", "D-04", "R-ACC-2")
def test_a_whole_life(browser: Browser, registry: Registry) -> None:
    """AC-03, AC-04: from the application through every step to closure, name, type, kind and unit stay."""
    send(browser)
    before, name, now = identities(registry), "sch994601", datetime.now(UTC)
    centre, national = registry.step(name, "rcsouth01"), registry.step(name, "natadm01")
    with registry.app.app_context():
        approvals.receive_fax(centre, taipei_day(now), "")
        approvals.return_for_correction(centre, "x")
        business.correct(centre.account_id, "改名", "x@example.tw", now=now)
        approvals.receive_fax(centre, taipei_day(now), "")
        approvals.approve(centre)
        approvals.disable(national, "x")
        close_account(national.account_id, actor="tests", now=now)
    assert registry.state(name) is BusinessState.DISABLED
    assert identities(registry) == before


@pytest.mark.rule("AC-03", "AC-04", "D-04")
@pytest.mark.parametrize("account", ["natadm01", "rcsouth01", "sch994501"])
def test_no_page_changes_them(account: str, app: Flask, registry: Registry, staff: Staff) -> None:
    """AC-03, AC-04: every form of the site is sent with every field that might rename or convert somebody."""
    before, browser = identities(registry), Browser(app)
    browser.log_in(**staff(account))
    rules = [
        rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()) and "log_out" not in rule.endpoint
    ]
    assert {"approvals.decide", "business.submit", "business.correct", "apply.submit"} <= {
        rule.endpoint for rule in rules
    }
    for rule in rules:
        is_console = "account_id" in rule.arguments
        for target in ("sch993501", "sub99math", "wang0101") if is_console else ("sch993501",):
            for event in [*Event, "rename"] if is_console else ["rename"]:
                browser.get("/account")
                token = dict(browser.page.forms[0].fields)["form_token"]
                browser.post(path(app, rule, registry.id_of(target)), FIELDS | {"form_token": token, "event": event})
    assert browser.get("/account").has("logout"), "she was logged in all the time"
    assert [row for row in identities(registry) if row in before] == before


def path(app: Flask, rule: Rule, account_id: int) -> str:
    """Return an address of a rule."""
    values = {name: _argument(converter) for name, converter in rule._converters.items()}
    values |= {"account_id": account_id} if "account_id" in rule.arguments else {}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")


def _argument(converter: BaseConverter) -> object:
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else "dream-n"


@pytest.mark.rule("AC-03", "AC-04", "D-04")
@pytest.mark.no_database
def test_no_statement_writes_kind_or_unit() -> None:
    """D-04: nowhere in the product are kind, unit or school of a business account set but where it is made."""
    found = []
    for package in PRODUCT:
        for file in Path(package).rglob("*.py"):
            source = file.read_text(encoding="utf-8")
            if "BusinessDetail" in source:
                names = {name for node in ast.walk(ast.parse(source)) for name in written(node)}
                found += [f"{file}:{name}" for name in names & {"kind", "unit", "role", "login_name", "type"}]
    assert found == []


def written(node: ast.AST) -> list[str | None]:
    """Return the attributes that are assigned, and the columns that a ``.values(…)`` of SQL sets."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return [node.attr]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
        return [keyword.arg for keyword in node.keywords]
    return []
