"""The application for a teacher personal account, through its page (Art.4, R-ACC-1 … R-ACC-3, AC-01, AC-02, AC-10)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from config.database import db
from idp.accounts import accounts
from idp.accounts.accounts import AGREEMENT_VERSION
from idp.accounts.application import Entered, Fault, read, school_of
from idp.accounts.directory import directory
from idp.accounts.models import Account, AgreementAcceptance, ServiceAssignment
from idp.accounts.password_rules import PasswordFault, password_fault
from idp.sessions import BrowserSession
from scopes.roc import taipei_day
from scopes.service import State
from tests.pages import Browser, Page
from tests.rp import RelyingParty
from tests.support.office import MakeApp, Office, People, Staff

PASSWORD = "blue-tiger eats 七 noodles"
GOOD = {
    "username": "lintest01",
    "name": "林新進",
    "email": "lin.test@school.example",
    "password": PASSWORD,
    "repeated": PASSWORD,
    "school": "994501 霧松縣立晨曦國民中學",
    "title": "J40",
    "started": "2020-08-01",
    "agreed": "yes",
}
TAKEN = "這個帳號名稱不能使用，請換一個。"
NEW = {"account": "lintest01", "password": PASSWORD}


def send(browser: Browser, **changes: str | None) -> Page:
    """Fill the form in and send it; opens it first if another page is shown. None leaves a field out."""
    if not hasattr(browser, "page") or not browser.page.has("apply-submit"):
        browser.get("/account/apply")
    form = browser.page.form_with("apply-submit")
    data = {**dict(form.fields), **GOOD, **changes}
    return browser.post(form.action, {name: value for name, value in data.items() if value is not None})


def count(app: Flask, table: type[Account | ServiceAssignment | AgreementAcceptance | BrowserSession]) -> int:
    """Return how many rows a table has."""
    with app.app_context(), db.session.begin():
        return db.session.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.mark.rule("AC-01", "R-ACC-3", "R-ACC-1")
def test_a_teacher_applies_and_is_in(browser: Browser, office: Office) -> None:
    """AC-01: she is logged in at once, and can log in again; the agreement is noted; the service is what she stated."""
    assert send(browser).url == "/account"
    assert Browser(browser.app).log_in(**NEW).url == "/account"
    (service,) = office.services(NEW)
    facts = (service.school_code, service.title_code, service.kind, service.source, service.confirmed_at)
    assert facts == ("994501", "J40", "primary", "self_declared", None)
    assert service.start_date is not None
    assert service.start_date.isoformat() == "2020-08-01"
    assert office.state(NEW, taipei_day(datetime.now(UTC))).state is State.UNLOCKED_UNVERIFIED
    (accepted,) = office.rows(select(AgreementAcceptance).where(AgreementAcceptance.account_id == office.id_of(NEW)))
    assert accepted.version == AGREEMENT_VERSION
    for action in ("account.opened", "service.assignment.created", "login.succeeded"):
        assert office.events(action, NEW), action


@pytest.mark.rule("AC-02", "R-ACC-1")
def test_without_the_agreement(browser: Browser) -> None:
    """AC-02: the account-use agreement is not accepted: no account is created, and she reads why."""
    before = [count(browser.app, table) for table in (Account, ServiceAssignment, AgreementAcceptance, BrowserSession)]
    page = send(browser, agreed=None)
    assert (page.status, page.text("agreed-error")) == (400, "要先同意帳號使用同意書，才能申請帳號。")
    after = [count(browser.app, table) for table in (Account, ServiceAssignment, AgreementAcceptance, BrowserSession)]
    assert after == before


@pytest.mark.rule("AC-10", "D-05")
@pytest.mark.parametrize("name", ["wang0101", "WANG0101", " Wang0101 "])
def test_a_name_that_is_or_was_somebodys(name: str, browser: Browser, office: Office, people: People) -> None:
    """AC-10: a closed account's name is refused, in whatever letters, in the same words as one in use."""
    in_use = send(browser, username=name)
    with office.app.app_context():
        accounts.close_account(office.id_of(people["T01"]), actor="tests", now=datetime.now(UTC))
    closed = send(browser, username=name)
    assert {(page.status, page.text("username-error")) for page in (in_use, closed)} == {(400, TAKEN)}
    assert count(browser.app, BrowserSession) == 0


@pytest.mark.rule("AC-10", "D-05")
def test_a_business_accounts_name(browser: Browser, staff: Staff) -> None:
    """The names of business accounts are taken as well."""
    assert staff("sub99math")
    assert send(browser, username="sub99math").text("username-error") == TAKEN


@pytest.mark.rule("R-ACC-2", "D-04")
def test_it_makes_teacher_accounts_only(browser: Browser, office: Office) -> None:
    """Whatever else is sent along, the account is a teacher's, no test account, and its service unconfirmed."""
    extra = {
        "type": "business",
        "is_test_account": "1",
        "confirmed_at": "2020-01-01",
        "kind": "additional",
        "role": "x",
    }
    assert send(browser, **extra).url == "/account"
    (account,) = office.rows(select(Account).where(Account.login_name == "lintest01"))
    assert (account.type, account.is_test_account) == ("teacher_personal", False)
    (service,) = office.services(NEW)
    assert (service.kind, service.confirmed_at, service.source) == ("primary", None, "self_declared")


FAULTY = [
    ({"username": "wang"}, "username"),
    ({"username": "wangwang"}, "username"),
    ({"username": "1wang01"}, "username"),
    ({"username": ""}, "username"),
    ({"name": " "}, "name"),
    ({"name": "王" * 51}, "name"),
    ({"name": "王\u202e"}, "name"),
    ({"password": "short", "repeated": "short"}, "password"),
    ({"password": "x" * 1025, "repeated": "x" * 1025}, "password"),
    ({"password": "my LinTest01 rocks", "repeated": "my LinTest01 rocks"}, "password"),
    ({"repeated": "another password"}, "repeated"),
    ({"school": ""}, "school"),
    ({"school": "999999"}, "school"),
    ({"school": "994501 另一所學校"}, "school"),
    ({"title": "J99"}, "title"),
    ({"title": None}, "title"),
    ({"started": "109/13/01"}, "started"),
    ({"started": "2020-02-30"}, "started"),
    ({"started": ""}, "started"),
]


@pytest.mark.rule("D-06", "R-ACC-3")
@pytest.mark.parametrize(("changes", "field"), FAULTY)
def test_faulty_fields(changes: dict[str, str | None], field: str, browser: Browser) -> None:
    """Each field has its own message, linked from the top; nothing is made; what was typed stays but the passwords."""
    page = send(browser, **changes)
    assert page.status == 400
    assert [name for name in GOOD if page.has(f"{name}-error")] == [field]
    assert page.text(f"{field}-error") in page.text("apply-error")
    assert f'href="#{field}"' in page.html
    assert count(browser.app, BrowserSession) == 0
    kept = dict(page.form_with("apply-submit").fields)
    sent = {**GOOD, **changes}
    assert (kept["password"], kept["repeated"]) == ("", "")
    assert {name: kept[name] for name in ("username", "school", "started")} == {
        name: sent[name] for name in ("username", "school", "started")
    }
    assert page.form_with("apply-submit").boxes["agreed"][2], "the box stays ticked"
    assert ("selected" in page.html) == (sent["title"] == "J40")


def test_a_first_day_in_the_future(browser: Browser) -> None:
    """The service must have begun in Taipei: today will do, tomorrow will not."""
    today = taipei_day(datetime.now(UTC))
    assert send(browser, started=(today + timedelta(days=1)).isoformat()).has("started-error")
    assert send(browser, started=today.isoformat()).url == "/account"


def test_a_first_day_as_people_write_it(browser: Browser, office: Office) -> None:
    """Without a date picker the ROC year is what comes to mind."""
    assert send(browser, started="109/8/1").url == "/account"
    with office.app.app_context():
        assert db.session.scalars(
            select(ServiceAssignment.start_date).order_by(ServiceAssignment.id.desc())
        ).first() == date(2020, 8, 1)


def test_all_faults_at_once(browser: Browser) -> None:
    """An empty form names everything at once, in the order of the fields."""
    page = send(browser, **dict.fromkeys(GOOD))
    assert [name for name in GOOD if page.has(f"{name}-error")] == [
        *("username", "name", "email", "password", "school", "title", "started", "agreed")
    ]


def test_schools(app: Flask) -> None:
    """A school is named by its code, by its name, or as the list offers it; closed schools are not offered."""
    with app.app_context():
        known, day = directory(), taipei_day(datetime.now(UTC))
        name = known.schools["994501"].name
        for typed in ("994501", f" {name} ", f"994501 {name}", f"994501  {name}"):
            assert school_of(typed, known, day) == "994501"
        closed = [code for code, school in known.schools.items() if not school.is_open(day)]
        assert closed
        assert [school_of(code, known, day) for code in closed] == [None] * len(closed)
        page = Browser(app).get("/account/apply").html
    assert f'value="994501 {name}"' in page
    assert not [code for code in closed if f'value="{code} ' in page]


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("blue tiger7", PasswordFault.SHORT),
        ("blue tiger 7", None),
        ("青山不老綠水長流後會有期", None),
        ("blue tiger 7 " * 78, None),
        ("blue tiger 7 " * 79, PasswordFault.LONG),
        ("xx-wang0101-xx", PasswordFault.NAMES_ACCOUNT),
        ("XX-WANG0101-XX", PasswordFault.NAMES_ACCOUNT),
        ("leavemealone", PasswordFault.COMMON),
        ("Liverpool2024", PasswordFault.WEAK),
        ("baseballBASEBALL", PasswordFault.COMMON),
        ("aaaaaaaaaaaaaaaa", PasswordFault.WEAK),
        ("qwertyuiop12", PasswordFault.COMMON),
        ("1990010119900101", PasswordFault.WEAK),
    ],
)
def test_passwords(password: str, fault: PasswordFault | None) -> None:
    """12 to 1024 signs of any kind, without the account name; not common, not easily guessed (§7.4)."""
    assert password_fault(password, " Wang0101 ") is fault


def test_a_password_with_no_account_name_given(app: Flask) -> None:
    """An empty account name is in every password; that is no fault of the password."""
    entered = Entered("", "x", "x@y.example", PASSWORD, PASSWORD, "994501", "J40", "2020-08-01", agreed=True)
    with app.app_context():
        assert read(entered, directory(), taipei_day(datetime.now(UTC))) == {"username": Fault.ACCOUNT_FORM}


def test_applying_at_the_same_moment(app: Flask) -> None:
    """Of four applications for one name one succeeds; the others read that the name cannot be used."""
    start = Barrier(4)

    def run(_: int) -> Page:
        browser = Browser(app)
        browser.get("/account/apply")
        start.wait()
        return send(browser)

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(run, range(4)))
    assert sorted(page.status for page in pages) == [200, 400, 400, 400]
    assert {page.text("username-error") for page in pages if page.status == 400} == {TAKEN}


def test_many_applications_from_one_address(make_app: MakeApp) -> None:
    """Trying names out is counted by address; a form with other faults tells nothing and is not counted."""
    app = make_app(login_failures_per_address=10)
    browser = Browser(app)
    for _ in range(12):
        assert send(browser, name="").status == 400
    assert [send(browser, username="wang0101").status for _ in range(12)] == [400] * 10 + [429] * 2
    assert send(browser).text("apply-error").startswith("從這個網路位址申請的次數過多")
    assert send(Browser(app, REMOTE_ADDR="203.0.113.9")).url == "/account"


def test_no_other_site_can_apply(browser: Browser) -> None:
    """The form needs its token; a session that was open ends when another account begins."""
    browser.get("/account/apply")
    assert browser.post("/account/apply", GOOD).status == 403


def test_applying_while_somebody_is_logged_in(browser: Browser, people: People) -> None:
    """The new account's session takes the place of the other."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert "林新進" in send(browser).html
    assert "王曉晴" not in browser.get("/account").html


@pytest.mark.spec("OIDC Prompt Create", "4.1")
@pytest.mark.rule("D-17", "AC-22")
def test_prompt_create(dream_n: RelyingParty, browser: Browser, office: Office) -> None:
    """prompt=create: the application for the partner, then the refusal of D-17, and after confirmation a sign-in."""
    request = dream_n.request(prompt="create")
    page = browser.get(request.url)
    assert page.has("apply-submit")
    assert page.text("client-info").startswith("夢的N次方")
    page = send(browser)
    assert page.text("refusal-code") == "IS-UNV-01"
    denied = browser.follow("refusal-return").answer
    assert (denied["error"], denied["state"]) == ("access_denied", request.parameters["state"])
    office.confirm(NEW)
    page = browser.get(dream_n.request().url)
    assert page.has("consent-approve"), "she is logged in still"


@pytest.mark.spec("OIDC Prompt Create", "4.1")
def test_prompt_create_with_faults_and_cancel(dream_n: RelyingParty, browser: Browser) -> None:
    """A faulty form keeps the sign-in; giving up tells the partner."""
    request = dream_n.request(prompt="create")
    browser.get(request.url)
    assert send(browser, name="").has("name-error")
    page = browser.follow("apply-cancel")
    assert dream_n.redirect_uri in (page.location or "")
    assert (page.answer["error"], page.answer["state"]) == ("access_denied", request.parameters["state"])


@pytest.mark.spec("OIDC Prompt Create", "4.1")
def test_who_has_an_account_already(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Both pages lead to each other and carry the sign-in; a log-in satisfies prompt=create."""
    request = dream_n.request(prompt="create")
    browser.get(request.url)
    assert browser.follow("login-link").has("login-submit")
    assert browser.follow("apply-link").has("apply-submit")
    browser.follow("login-link")
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert dream_n.code_of(browser.submit("consent-approve"), request)


@pytest.mark.spec("OIDC Prompt Create", "4.1")
def test_prompt_create_while_signed_in(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Who is signed in gets the form all the same."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert browser.get(dream_n.request(prompt="create").url).has("apply-submit")


def test_a_lost_continuation(browser: Browser) -> None:
    """A continuation that is not of this browser stops the page before anything is typed."""
    assert browser.get("/account/apply?i=x").status == 400


def test_the_language_can_be_changed_after_a_fault(dream_n: RelyingParty, browser: Browser) -> None:
    """The link leads back to the form, with the sign-in under way."""
    browser.get(dream_n.request(prompt="create").url)
    page = send(browser, name="")
    assert "/language/en?next=/account/apply?i" in page.html.replace("%2F", "/").replace("%3F", "?")
