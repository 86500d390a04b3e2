"""Which cooperation cases admit a sign-in: every state, both environments, at every door (§3.3, §3.4, §4.8 row 2)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from clients import registry
from clients.lifecycle import CaseState, state_on
from scopes.roc import taipei_day, taipei_midnight
from tests.acceptance.wording import GENERIC_DENIAL
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Desk, Partner, People

CLIENTS = {"dream-n": ("T01", {"live"}), "sped-learn": ("T22", {"testing", "tested", "go_live_agreed", "live"})}
"""Client, whom it admits, and in which states (§3.7: the test client from testing to live)."""


def outcome(partner: RelyingParty, browser: Browser, person: dict[str, Any], **changes: str) -> str:
    """Return ``ok``, or the OAuth error that the partner gets in the end."""
    page, request = partner.start(browser, person, **changes)
    if page.has("refusal-code"):
        page = browser.follow("refusal-return")
    elif page.has("consent-approve"):
        page = browser.submit("consent-approve")
    assert page.answer["state"] == request.state
    assert page.answer["iss"] == partner.issuer
    return page.answer.get("error", "ok")


@pytest.mark.rule("D-39", "D-42")
@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("client_id", CLIENTS)
def test_sign_in_in_every_state(  # fixtures
    client_id: str, state: CaseState, partner: Partner, desk: Desk, browser: Browser, people: People
) -> None:
    """§3.3: production only while live; the test client, for test accounts, from testing to live; else refused."""
    key, open_states = CLIENTS[client_id]
    desk.set_go_live(client_id, "roaming", None)
    desk.set_case(client_id, state=state)
    expected = "ok" if state in open_states else "unauthorized_client"
    assert outcome(partner(client_id), browser, people[key]) == expected


@pytest.mark.rule("D-39")
@pytest.mark.parametrize("state", [CaseState.SUSPENDED, CaseState.TERMINATED])
def test_tokens_and_codes_of_a_closed_partner(  # fixtures
    state: CaseState, dream_n: RelyingParty, desk: Desk, browser: Browser, people: People
) -> None:
    """X16, X18: a code not yet exchanged and an access token are worth nothing once the partner is closed."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    page, request = dream_n.start(browser, people["T01"])
    code = dream_n.code_of(page, request)
    desk.set_case("dream-n", state=state)
    assert dream_n.exchange(code, request).get_json()["error"] == "invalid_grant"
    assert dream_n.userinfo(token).status_code == 401


@pytest.mark.rule("AC-57", "D-39")
def test_suspended_partner(dream_n: RelyingParty, desk: Desk, browser: Browser, people: People) -> None:
    """AC-57: a suspended partner: a page in zh-TW, then unauthorized_client; with prompt=none at once."""
    desk.set_case("dream-n", state=CaseState.SUSPENDED)
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    page = browser.get(dream_n.request().url)
    assert page.lang == "zh-TW"
    assert page.text("refusal-title") == "合作網站目前未開放漫遊登入"
    assert "夢的N次方（示範站）" in page.text("refusal-text")
    assert browser.follow("refusal-return").answer["error"] == "unauthorized_client"
    page = browser.get(dream_n.request(prompt="none").url)
    assert page.location is not None
    assert page.answer["error"] == "unauthorized_client"


@pytest.mark.rule("D-39")
def test_resumed_partner(dream_n: RelyingParty, desk: Desk, browser: Browser, people: People) -> None:
    """X17: from suspended back to live, sign-ins work again under the consent that was given."""
    before = dream_n.sign_in(browser, people["T01"]).claims["sub"]
    desk.set_case("dream-n", state=CaseState.SUSPENDED)
    assert outcome(dream_n, browser, people["T01"]) == "unauthorized_client"
    desk.set_case("dream-n", state=CaseState.LIVE)
    page, request = dream_n.start(browser, people["T01"])
    assert dream_n.finish(page, request).claims["sub"] == before


@pytest.mark.rule("D-39")
def test_a_disabled_client(dream_n: RelyingParty, desk: Desk, browser: Browser, people: People) -> None:
    """A client that is switched off admits nobody, though its case is live; switched on again it does."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    desk.set_client("dream-n", disabled_at=datetime.now(UTC))
    assert outcome(dream_n, browser, people["T01"]) == "unauthorized_client"
    assert dream_n.userinfo(token).status_code == 401
    desk.set_client("dream-n", disabled_at=None)
    assert outcome(dream_n, browser, people["T01"]) == "ok"


@pytest.mark.rule("D-28")
def test_a_refused_code_is_burnt(dream_n: RelyingParty, desk: Desk, browser: Browser, people: People) -> None:
    """A code that came while the partner was suspended is used up: it does not work when the suspension is lifted."""
    page, request = dream_n.start(browser, people["T02"])
    code = dream_n.code_of(page, request)
    for state in (CaseState.SUSPENDED, CaseState.LIVE):
        desk.set_case("dream-n", state=state)
        assert dream_n.exchange(code, request).get_json()["error"] == "invalid_grant"


@pytest.mark.rule("AC-49")
def test_agreed_for_tomorrow(
    dream_n: RelyingParty, desk: Desk, browser: Browser, people: People, loaded_on: date
) -> None:
    """AC-49: go_live_agreed for tomorrow: a teacher who logs in today gets unauthorized_client."""
    desk.set_case("dream-n", state=CaseState.GO_LIVE_AGREED)
    desk.set_go_live("dream-n", "roaming", loaded_on + timedelta(days=1))
    assert outcome(dream_n, browser, people["T01"]) == "unauthorized_client"


@pytest.mark.rule("AC-50")
def test_the_agreed_date_begins(
    dream_n: RelyingParty, desk: Desk, browser: Browser, people: People, loaded_on: date
) -> None:
    """AC-50: the agreed date begins at 00:00 Taipei: the log-in works and the state is live."""
    first = loaded_on + timedelta(days=1)
    desk.set_case("dream-n", state=CaseState.GO_LIVE_AGREED)
    desk.set_go_live("dream-n", "roaming", first)
    with time_machine.travel(taipei_midnight(first) - timedelta(seconds=1), tick=False):
        assert outcome(dream_n, browser, people["T01"]) == "unauthorized_client"
    with time_machine.travel(taipei_midnight(first), tick=False):
        assert outcome(dream_n, browser, people["T01"]) == "ok"
        with browser.app.app_context():
            client = registry.everyone()["dream-n"]
            assert state_on(client.case_state, client.go_live_on, first) is CaseState.LIVE


@pytest.mark.rule("D-36")
def test_reporting_may_go_live_later(
    dream_n: RelyingParty, desk: Desk, browser: Browser, people: People, loaded_on: date
) -> None:
    """D-36: each item goes live on its own: reporting not before next month does not hold roaming up."""
    desk.set_go_live("dream-n", "reporting", loaded_on + timedelta(days=30))
    assert outcome(dream_n, browser, people["T01"]) == "ok"


@pytest.mark.rule("D-36")
def test_roaming_may_go_live_later(
    dream_n: RelyingParty, desk: Desk, browser: Browser, people: People, loaded_on: date
) -> None:
    """D-36: a case that is live with reporting alone admits no roaming before the day agreed for roaming."""
    desk.set_case("dream-n", state=CaseState.LIVE)
    desk.set_go_live("dream-n", "roaming", loaded_on + timedelta(days=1))
    assert outcome(dream_n, browser, people["T01"]) == "unauthorized_client"


@pytest.mark.rule("AC-51", "D-42")
def test_the_test_client_admits_test_accounts_only(partner: Partner, browser: Browser, people: People) -> None:
    """AC-51: sped-learn in testing: T01 (no test account) is refused at the test client, T22 is allowed."""
    sped_learn = partner("sped-learn")
    page, _ = sped_learn.start(browser, people["T01"])
    assert page.has("refusal-code")
    assert browser.follow("refusal-return").answer["error"] == "unauthorized_client"
    assert outcome(sped_learn, Browser(browser.app), people["T22"]) == "ok"


@pytest.mark.rule("AC-51", "D-42")
def test_a_test_account_is_refused_in_production(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-42: a test account is nobody at a production site."""
    assert outcome(dream_n, browser, people["T22"]) == "access_denied"


@pytest.mark.rule("AC-09", "D-02", "D-18")
def test_business_account(dream_n: RelyingParty, browser: Browser, staff: Any) -> None:  # fixture
    """AC-09: active business account sch994501 tries roaming at dream-n: its own page, then access_denied."""
    page, _ = dream_n.start(browser, staff("sch994501"))
    assert page.text("refusal-title") == "業務帳號不得漫遊登入"
    answer = browser.follow("refusal-return").answer
    assert (answer["error"], answer["error_description"]) == ("access_denied", GENERIC_DENIAL)
    page = browser.get(dream_n.request(prompt="none").url)
    assert page.location is not None
    assert page.answer["error"] == "access_denied"


@pytest.mark.rule("AC-50")
def test_today_is_the_day_in_taipei(dream_n: RelyingParty, desk: Desk, browser: Browser, people: People) -> None:
    """P1-R3: at 23:30 UTC it is tomorrow in Taipei already, and the partner agreed for then is open."""
    desk.set_case("dream-n", state=CaseState.GO_LIVE_AGREED)
    with time_machine.travel("2031-03-04T23:30:00Z", tick=False):
        desk.set_go_live("dream-n", "roaming", date(2031, 3, 5))
        assert outcome(dream_n, browser, people["T01"]) == "ok"
    assert taipei_day(taipei_midnight(date(2031, 3, 5))) == date(2031, 3, 5)
