"""A new partner in a real browser: from the eligibility questions to its first production sign-in, with all roles.

At the end the demo's partner site is set up with what the console printed and nothing else.
"""

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from clients.form.fields import FIELDS, Kind, Section
from clients.procedure.evidence import CRITERIA
from clients.procedure.guards import MANDATORY_TESTS
from scopes.roc import roc_slash, taipei_day
from tests.journeys.steps import UUID, log_in, press, sign_in_staff
from tests.support import chromium
from tests.support.cases import ADMIN, ANSWER, APPLICANT, LETTER, OFFICER, SECOND_ADMIN
from tests.support.demo import Demo
from tests.support.forms import filled
from tests.support.papers import pdf, picture
from tests.support.postgres import free_port
from tests.support.relay import tls_relay
from tests.support.server import run_process
from tests.support.tls import Authority, dn

pytestmark = pytest.mark.needs("chromium")
SITE = Path(__file__).resolve().parents[2] / "examples" / "dream_n" / "app.py"
HOST = "walk.example"
NAME = "教師共備網（巡禮）"


@dataclass
class Office:
    """Everybody's browser windows."""

    demo: Demo
    browser: Browser
    folder: Path
    case: str = ""
    windows: dict[str, Page] = field(default_factory=dict)

    def window(self, account: str) -> Page:
        """Return the window of somebody who is logged in."""
        if account not in self.windows:
            person = self.demo.staff(account)
            if person["totp_secret"]:
                self.demo.renew_codes(account)
            page = self.browser.new_context(locale="zh-TW", java_script_enabled=False).new_page()
            page.goto(f"{self.demo.issuer}/login")
            sign_in_staff(page, person)
            self.windows[account] = page
        return self.windows[account]

    def open(self, account: str, path: str = "") -> Page:
        """Open a page of the case."""
        page = self.window(account)
        answer = page.goto(f"{self.demo.issuer}/cases/{self.case}{path}")
        assert answer is not None
        assert answer.status == 200, (account, path)
        return page

    def step(self, account: str, step: str, fill: Callable[[Page], None] = lambda _: None) -> Page:
        """Take a step."""
        page = self.open(account, f"/steps/{step}")
        fill(page)
        press(page, "#step-submit")
        expect(page.locator("#refusal")).to_have_count(0)
        return page

    def attach(self, account: str, kind: str, content: bytes, name: str) -> None:
        """Upload a file."""
        page = self.open(account, "/files")
        page.set_input_files(f"#file_{kind}", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
        press(page, f"#attach-{kind}")
        expect(page.locator("#done")).to_be_visible()

    def state(self, text: str) -> None:
        """Expect a state, as an administrator sees it."""
        expect(self.open(ADMIN).locator("#state")).to_have_text(text)


def today() -> str:
    """Return today as the boxes take it."""
    return roc_slash(taipei_day(datetime.now(UTC)))


def fill_day(page: Page, name: str, day: str) -> None:
    """Type a day into its three boxes."""
    for part, typed in zip("ymd", day.split("/"), strict=True):
        page.fill(f"#{name}_{part}", typed)


def fill_letter(facts: dict[str, str]) -> Callable[[Page], None]:
    """Return what fills a letter in."""

    def fill(page: Page) -> None:
        page.fill("#letter_no", facts["letter_no"])
        page.fill("#sender", facts["sender"])
        fill_day(page, "letter_date", facts["letter_date"])

    return fill


def eligible(page: Page) -> None:
    """Every condition is met."""
    for name in CRITERIA:
        page.check(f"#met_{name}_yes")


def approved(page: Page) -> None:
    """The Ministry's letter, all items, the seal compared."""
    fill_letter(ANSWER | {"letter_date": today()})(page)
    page.check("#seal_verified")
    page.check("#eligibility_checked")


def documents(page: Page) -> None:
    """Version and day of the technical documents; the recipient is filled in."""
    page.fill("#version", "1.0")
    fill_day(page, "provided_on", today())


def go_live(page: Page) -> None:
    """Today."""
    for item in ("roaming", "reporting"):
        fill_day(page, f"day_{item}", today())
    page.fill("#agreed_by", "雙方視訊會議紀錄")


def type_section(page: Page, section: Section) -> None:
    """Fill a section of the form in."""
    answers = filled() | {
        "site_name": NAME,
        "site_url": f"https://{HOST}",
        "scan_target": f"https://{HOST}",
        "policy_url": f"https://{HOST}/privacy",
        "scan_date": roc_slash(taipei_day(datetime.now(UTC) - timedelta(days=30))),
        "filled_on": today(),
    }
    for one in (one for one in FIELDS if one.section is section):
        value = answers.get(one.id, "")
        if one.kind is Kind.TICK:
            page.set_checked(f"#{one.id}", value == "yes")
        elif one.kind is Kind.CHOICE:
            page.check(f"#{one.id}-{value}")
        elif one.kind is Kind.DAY:
            fill_day(page, one.id, value)
        else:
            page.fill(f"#{one.id}", value)


@pytest.fixture
def ports() -> tuple[int, int]:
    """Where the site listens."""
    return free_port(), free_port()


@pytest.fixture
def relay(tmp_path: Path, ports: tuple[int, int]) -> Iterator[int]:
    """TLS in front of the site, by a certificate of the test."""
    certificate, key = Authority.new().issue(dn(CN=HOST)).files(tmp_path, "site")
    with tls_relay(ports[0], certificate, key) as port:
        yield port


@pytest.fixture
def office(demo: Demo, tmp_path: Path, relay: int) -> Iterator[Office]:
    """A browser that finds the partner's host on this machine."""
    with chromium.browser(f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{relay}") as browser:
        yield Office(demo, browser, tmp_path)


def test_from_the_first_question_to_the_first_sign_in(office: Office, ports: tuple[int, int]) -> None:
    """Applicant, officer, two administrators, a teacher."""
    apply(office)
    review(office)
    try_out(office)
    agree_on_today(office)
    environment = console(office) | {"LISTEN": f"127.0.0.1:{ports[0]}"}
    with site_running(environment, ports[0]):
        sign_in(office)
        office.step(APPLICANT, "X19", lambda page: page.check("#item-name"))
        sign_in(office, without="name")


def apply(office: Office) -> None:
    """The applicant's part; the letter is of today, like the form."""
    page = office.window(APPLICANT)
    page.goto(f"{office.demo.issuer}/cases")
    press(page, "#open-case")
    office.case = page.url.rsplit("/", 1)[1]
    office.step(APPLICANT, "X2", eligible)
    office.open(APPLICANT, "/form/cooperation")
    for section in Section:
        type_section(page, section)
        press(page, "#save" if section is Section.SIGNATURE else "#save-next")
    office.attach(APPLICANT, "scan_report", pdf(2), "弱點掃描 v1.2.pdf")
    office.attach(APPLICANT, "seal_scan", picture("PNG", 800, 1100), "核章.png")
    office.open(APPLICANT)
    expect(page.locator("#checklist")).to_have_count(0)
    press(page, "#invite")
    link = page.inner_text("#link")
    officer = office.window(OFFICER)
    officer.goto(link)
    press(officer, "#join")
    office.step(APPLICANT, "X3", fill_letter(LETTER | {"letter_date": today()}))
    office.state("已行文報部")


def review(office: Office) -> None:
    """A question and its answer; then the approval by two, and the documents."""
    page = office.open(ADMIN, "/messages?field=site_purpose")
    page.fill("#text", "請說明辦理哪些研習")
    press(page, "#send")
    officer = office.open(OFFICER, "/messages")
    officer.fill("#text", "校內外教師共備研習")
    press(officer, "#send")
    office.attach(ADMIN, "approval_letter", pdf(), "回函.pdf")
    office.step(ADMIN, "X6", approved)
    second = office.open(SECOND_ADMIN)
    second.click("#agree-link")
    press(second, "#step-submit")
    office.state("教育部核准")
    office.step(ADMIN, "X9", documents)


def try_out(office: Office) -> None:
    """The engineer's sheet, the test client, the results, both signatures."""
    page = office.open(OFFICER, "/technical/test")
    page.fill("#redirect_uris", "http://127.0.0.1:9/callback")
    page.fill("#support_contact", "02-12345678")
    press(page, "#sheet-save")
    office.step(ADMIN, "X10")
    for name in MANDATORY_TESTS:
        office.open(OFFICER, "/tests")
        page.locator(f"#{name} summary").click()
        page.fill(f"#note-{name}", "與預期相同")
        press(page, f"#pass-{name}")
    office.step(OFFICER, "X11")
    office.step(ADMIN, "X11")
    office.state("雙方測試成功")


def agree_on_today(office: Office) -> None:
    """The production sheet, and three who agree."""
    page = office.open(OFFICER, "/technical/production")
    page.fill("#redirect_uris", f"https://{HOST}/callback")
    page.fill("#post_logout_redirect_uris", f"https://{HOST}/signed-out")
    press(page, "#sheet-save")
    office.step(OFFICER, "X13", go_live)
    office.step(ADMIN, "X13")
    office.step(SECOND_ADMIN, "X13")
    office.state("正式上線")


def console(office: Office) -> dict[str, str]:
    """Return what the console prints: the variables, and the secret that is shown once."""
    page = office.open(OFFICER, "/technical")
    press(page, "#secret-production")
    secret = page.inner_text("#secret")
    page.click("#integration-production")
    page.click("#env-link")
    printed = dict(word.split("=", 1) for word in shlex.split(page.inner_text("body")))
    return printed | {"OIDC_CLIENT_SECRET": secret, "SECRET_KEY": "a key of the test"}


@contextmanager
def site_running(environment: dict[str, str], port: int) -> Iterator[None]:
    """Run the demo's partner site with what was printed."""
    with run_process([sys.executable, SITE], os.environ | environment, f"http://127.0.0.1:{port}/"):
        yield


def sign_in(office: Office, without: str = "") -> None:
    """T01 signs in at the production site, and sees what was given."""
    page = office.browser.new_context(locale="zh-TW", ignore_https_errors=True).new_page()
    page.goto(f"https://{HOST}/")
    press(page, "#login-button")
    log_in(page, office.demo.teacher("T01"))
    if page.locator("#consent-approve").count():
        expect(page.locator("#client-info")).to_contain_text(NAME)
        press(page, "#consent-approve")
    expect(page.locator("#signed-in")).to_be_visible()
    assert page.url == f"https://{HOST}/"
    shown = page.inner_text("#claims")
    assert UUID.search(shown)
    assert ("王曉晴" in shown) == (without != "name")
    assert "霧松縣立晨曦國民中學" in shown
    page.context.close()
