"""How long a log-in lasts, and what must be accepted first (§7.4, D-03, D-73, R-ACC-1)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from idp.accounts import accounts
from idp.accounts.models import AgreementAcceptance
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Office, People, Staff


@pytest.mark.rule("D-73")
def test_idle(browser: Browser, dream_n: RelyingParty, people: People) -> None:
    """D-73: 30 minutes without activity end the session, on pages and at the authorization endpoint."""
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:
        token = dream_n.sign_in(browser, people["T01"]).access_token
        assert dream_n.userinfo(token).status_code == 200
        clock.move_to(start + timedelta(minutes=29, seconds=59))
        assert browser.get("/account").url == "/account"
        clock.move_to(start + timedelta(minutes=59, seconds=58))
        assert browser.get(dream_n.request(prompt="none").url).answer["code"]
        clock.move_to(start + timedelta(minutes=89, seconds=58))
        assert browser.get("/account").has("login-submit")
        assert browser.get(dream_n.request(prompt="none").url).answer["error"] == "login_required"


@pytest.mark.rule("D-73")
def test_absolute(browser: Browser, dream_n: RelyingParty, people: People) -> None:
    """Eight hours after the log-in the session ends, however active she was."""
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:
        browser.log_in(people["T02"]["account"], people["T02"]["password"])
        for minutes in range(20, 480, 20):
            clock.move_to(start + timedelta(minutes=minutes))
            assert browser.get("/account").url == "/account"
        clock.move_to(start + timedelta(hours=8))
        assert browser.get("/account").has("login-submit")
        assert browser.get(dream_n.request().url).has("login-submit")


def test_a_log_in_has_a_new_session(browser: Browser, people: People) -> None:
    """The session id changes at every log-in; the one before is dead, and so is the last one after logout."""
    seen = []
    for _ in range(2):
        browser.get("/login")
        browser.log_in(people["T01"]["account"], people["T01"]["password"])
        cookie = browser.http.get_cookie("session", domain="127.0.0.1")
        assert cookie is not None
        seen.append(cookie.value)
    browser.submit("logout")
    assert seen[0] != seen[1]
    for value in seen:
        thief = Browser(browser.app)
        thief.http.set_cookie("session", value, domain="127.0.0.1")
        assert thief.get("/account").has("login-submit")


def test_logout_ends_tokens(browser: Browser, dream_n: RelyingParty, people: People) -> None:
    """A token is as good as its session: after logout UserInfo refuses it."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    browser.get("/account")
    assert browser.submit("logout").has("logged-out")
    assert dream_n.userinfo(token).status_code == 401


@pytest.fixture
def new_agreement(monkeypatch: pytest.MonkeyPatch) -> int:
    """Raise the version of the account-use agreement."""
    version = accounts.AGREEMENT_VERSION + 1
    monkeypatch.setattr(accounts, "AGREEMENT_VERSION", version)
    return version


@pytest.mark.rule("D-03", "R-ACC-1")
def test_a_new_agreement_comes_first(new_agreement: int, browser: Browser, office: Office, people: People) -> None:
    """D-03: the version changed: she accepts the new one before anything else; version and time are stored."""
    page = browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert page.has("agreement-accept")
    for path in ("/account", "/account/consents", "/account/sign-ins", "/account/functions/register_online"):
        assert browser.get(path).has("agreement-accept")
    assert browser.submit("agreement-accept").url == "/account/functions/register_online"
    query = select(AgreementAcceptance).where(AgreementAcceptance.account_id == office.id_of(people["T01"]))
    versions = [row.version for row in office.rows(query.order_by(AgreementAcceptance.id))]
    assert versions == [new_agreement - 1, new_agreement]
    assert office.rows(query)[-1].accepted_at.tzinfo is UTC
    assert browser.get("/account").url == "/account"


@pytest.mark.rule("D-03")
def test_a_new_agreement_before_consent(
    new_agreement: int, browser: Browser, dream_n: RelyingParty, people: People
) -> None:
    """§4.8 row 5: at the authorization endpoint the agreement comes before the consent page; then the sign-in goes on."""
    assert new_agreement
    page, request = dream_n.start(browser, people["T01"])
    assert page.has("agreement-accept")
    assert browser.submit("agreement-accept").has("consent-approve")
    assert dream_n.finish(browser.submit("consent-approve"), request).claims["name"] == "王曉晴"


@pytest.mark.rule("D-03")
def test_a_new_agreement_with_prompt_none(
    new_agreement: int, browser: Browser, dream_n: RelyingParty, people: People
) -> None:
    """§4.8 row 5: prompt=none gets login_required, with T02's consent stored too, until she accepts."""
    assert new_agreement
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    assert browser.get(dream_n.request(prompt="none").url).answer["error"] == "login_required"
    browser.get("/account")
    browser.submit("agreement-accept")
    assert browser.get(dream_n.request(prompt="none").url).answer["code"]


@pytest.mark.rule("D-03")
def test_a_new_agreement_for_business_accounts(new_agreement: int, browser: Browser, staff: Staff) -> None:
    """R-ACC-1: every account, a business account too."""
    assert new_agreement
    assert browser.log_in(**staff("natadm01")).has("agreement-accept")
    assert browser.submit("agreement-accept").url == "/account"


@pytest.mark.rule("D-03")
def test_accepting_needs_the_form(new_agreement: int, browser: Browser, office: Office, people: People) -> None:
    """Without the form's token nothing is accepted."""
    assert new_agreement
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert browser.post("/agreement", {}).status == 403
    query = select(AgreementAcceptance).where(AgreementAcceptance.account_id == office.id_of(people["T01"]))
    assert len(office.rows(query)) == 1
