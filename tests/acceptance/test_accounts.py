"""Accounts: application, approval, immutability, and what the records hold (AC-02 … AC-05, AC-10, AC-82)."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from config.database import Model, db
from idp.accounts import accounts, service
from idp.accounts.accounts import AccountRefused, NewAccount, open_account
from idp.accounts.models import Account, AccountType, BusinessDetail
from idp.sign_ins import SignIn
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Office, People, Staff, change

NOT_APPROVED = {
    "zh-TW": "業務帳號尚未經所屬區管中心審核通過，無法登入。",
    "en": "This business account has not yet been approved by its regional centre.",
}
WRONG = "帳號或密碼不正確。請檢查後再試一次。"
PRODUCT = ("config", "scopes", "clients", "consent", "idp")


def apply_for(app: Flask, name: str, *, agreed: bool = True) -> Account:
    """Apply for a teacher account."""
    new = NewAccount(name, "測試", "correct horse battery", AccountType.TEACHER, agreement_accepted=agreed)
    with app.app_context(), db.session.begin():
        return open_account(new, actor="tests", now=datetime.now(UTC))


def names(office: Office) -> list[tuple[int, str, str]]:
    """Return id, account name and type of every account."""
    with office.app.app_context():
        found = db.session.execute(select(Account.id, Account.login_name, Account.type).order_by(Account.id))
        return [(row[0], row[1], row[2]) for row in found]


@pytest.mark.rule("AC-02")
def test_without_the_agreement(app: Flask, office: Office) -> None:
    """AC-02: the account-use agreement is not accepted: no account is created."""
    before = names(office)
    with pytest.raises(AccountRefused, match="agreement"):
        apply_for(app, "newone01", agreed=False)
    assert names(office) == before


@pytest.mark.rule("AC-01")
def test_a_teacher_logs_in_at_once(app: Flask, browser: Browser) -> None:
    """R-ACC-3: a teacher personal account can log in immediately after the application succeeded."""
    apply_for(app, "newone01")
    assert browser.log_in("newone01", "correct horse battery").url == "/account"


@pytest.mark.rule("D-06")
@pytest.mark.parametrize(
    "name", ["wang", "wangwang", "1wang01", "wang-01", "wang0101234567", "王wang01", "wan 0101", ""]
)
def test_names_out_of_form(name: str, app: Flask) -> None:
    """D-06: 6 to 12 letters and digits, first a letter, at least one digit."""
    with pytest.raises(AccountRefused):
        apply_for(app, name)


@pytest.mark.rule("AC-03", "AC-04", "D-04")
def test_no_command_changes_name_or_type(office: Office, browser: Browser, people: People) -> None:
    """AC-03, AC-04: after every command on an account and its service, names and types are as before."""
    before = names(office)
    person, today = people["T14"], datetime.now(UTC).date()
    ident = office.id_of(person)
    browser.log_in(person["account"], person["password"])
    fields = {"login_name": "othername1", "type": "business", "username": "othername1"}
    for path in ("/account", "/account/functions/edit_profile", "/agreement", "/account/consents"):
        browser.post(path, fields | {"form_token": dict(browser.get("/account").forms[0].fields)["form_token"]})
    office.confirm(person)
    office.suspend(person, today)
    office.end(person, today)
    with office.app.app_context():
        accounts.accept_agreement(ident, now=datetime.now(UTC))
        accounts.close_account(ident, actor="tests", now=datetime.now(UTC))
        service.service_state(ident, change().day)
    assert names(office) == before


@pytest.mark.rule("AC-03", "AC-04", "D-04")
@pytest.mark.no_database
def test_no_statement_writes_name_or_type() -> None:
    """AC-03, AC-04: nowhere in the product are these two columns set but where an account is made."""
    found = []
    for package in PRODUCT:
        for path in Path(package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                found += [
                    f"{path}:{getattr(node, 'lineno', 0)}" for name in written(node) if name in {"login_name", "type"}
                ]
    assert found == []


def written(node: ast.AST) -> list[str | None]:
    """Return the columns that an attribute assignment or a ``.values(…)`` of SQL sets."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return [node.attr]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
        return [keyword.arg for keyword in node.keywords]
    return []


@pytest.mark.rule("AC-05")
@pytest.mark.parametrize("language", NOT_APPROVED)
@pytest.mark.parametrize("account", ["sub99math", "sch993501", "fdn00001a"])
def test_a_business_account_not_approved(account: str, language: str, browser: Browser, staff: Staff) -> None:
    """AC-05: pending_fax, pending_review and rejected alike: login is refused with the approval message."""
    browser.get("/login", headers={"Accept-Language": language})
    if language == "en":
        browser.get("/language/en?next=/login")
    page = browser.log_in(account, staff(account)["password"])
    assert page.status == 403
    assert page.text("login-error") == NOT_APPROVED[language]
    assert browser.get("/account").has("login-submit"), "no session was opened"


@pytest.mark.rule("AC-05")
def test_a_disabled_business_account(browser: Browser, office: Office, staff: Staff) -> None:
    """§1.3: only ``active`` may log in; disabled may not."""
    person = staff("sch994501")
    assert browser.log_in(**person).url == "/account"
    with office.app.app_context(), db.session.begin():
        of_school = BusinessDetail.account_id == office.id_of(person)
        db.session.execute(update(BusinessDetail).where(of_school).values(state="disabled"))
    other = Browser(browser.app)
    assert other.log_in(**person).text("login-error") == NOT_APPROVED["zh-TW"]


@pytest.mark.rule("AC-05")
def test_the_approval_message_needs_the_password(browser: Browser) -> None:
    """Whoever does not know the password learns nothing of the account's state."""
    assert browser.log_in("sub99math", "wrong").text("login-error") == WRONG


@pytest.mark.rule("AC-10", "D-05")
@pytest.mark.parametrize("name", ["wang0101", "WANG0101", " Wang0101 "])
def test_a_closed_name_is_never_given_again(name: str, office: Office, people: People) -> None:
    """AC-10: someone applies for a closed account name, in whatever letters: refused."""
    with office.app.app_context():
        accounts.close_account(office.id_of(people["T01"]), actor="tests", now=datetime.now(UTC))
    with pytest.raises(AccountRefused, match="cannot be used"):
        apply_for(office.app, name)


@pytest.mark.rule("AC-10")
def test_what_closing_ends(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """A closed account: session and token are dead at once; the log-in page does not know the name."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    with office.app.app_context():
        accounts.close_account(office.id_of(people["T01"]), actor="tests", now=datetime.now(UTC))
    assert dream_n.userinfo(token).status_code == 401
    assert browser.get("/account").has("login-submit")
    assert browser.log_in(people["T01"]["account"], people["T01"]["password"]).text("login-error") == WRONG


@pytest.mark.rule("AC-82")
def test_the_release_log(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """AC-82: partner, teacher, item names and UTC time; the teacher sees the same on her page, without values."""
    dream_n.sign_in(browser, people["T01"], untick=("item-school_code",))
    (row,) = office.rows(select(SignIn))
    assert (row.client_id, row.account_id) == ("dream-n", office.id_of(people["T01"]))
    assert row.released == ["name", "school_name", "title_name", "user_id"]
    assert row.subject_type == "pairwise"
    assert row.issued_at.tzinfo is UTC
    page = browser.get("/account/sign-ins")
    assert "夢的N次方（示範站）" in page.html
    assert "學校名稱" in page.html
    assert "王曉晴" not in page.html
    assert "晨曦" not in page.html


@pytest.mark.rule("AC-82")
def test_no_table_holds_values_or_secrets(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People
) -> None:
    """AC-82: no log keeps a value; no table keeps password, client secret, token, code or session secret readable."""
    page, request = dream_n.start(browser, people["T01"])
    code = dream_n.code_of(browser.submit("consent-approve"), request)
    token = dream_n.exchange(code, request).get_json()["access_token"]
    cookies = browser.cookie_values()
    secret = [token, code, dream_n.secret, people["T01"]["password"], *cookies]
    with office.app.app_context():
        tables = {table.name: str(db.session.execute(select(table)).all()) for table in Model.metadata.sorted_tables}
    assert not [name for name, text in tables.items() for word in secret if word in text]
    registers = {"account", "school", "title", "service_assignment", "business_detail", "study_record"}
    logs = [text for name, text in tables.items() if name not in registers]
    assert not [text[:80] for text in logs for word in ("王曉晴", "霧松縣立晨曦國民中學", "專任教師") if word in text]
    assert page.status == 200


@pytest.mark.rule("D-05")
def test_one_account_per_name(office: Office) -> None:
    """D-05: the database itself keeps a name for one account, in lower case."""
    now = datetime.now(UTC)
    values = {"type": "teacher_personal", "name": "x", "password_hash": "x", "created_at": now, "changed_at": now}
    for name in ("wang0101", "WANG0102"):
        with office.app.app_context(), pytest.raises(Exception, match=r"(?i)unique|check"), db.session.begin():
            db.session.execute(insert(Account).values(login_name=name, **values))
