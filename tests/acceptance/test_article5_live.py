"""Article 5(2) during a sign-in: codes, tokens and sessions of a teacher who becomes locked (AC-30 … AC-38)."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote_plus

import pytest
import time_machine
from werkzeug.test import TestResponse

from scopes.roc import taipei_midnight
from tests.acceptance.records import recorded, shown_records
from tests.acceptance.wording import GENERIC_DENIAL
from tests.pages import Browser
from tests.rp import RelyingParty, Request
from tests.support.office import Office, People

FORBIDDEN = ("lock", "service", "employ", "retire", "suspend", "school", "在職", "停職", "退休", "服務")


def get_code(partner: RelyingParty, browser: Browser, person: dict[str, Any]) -> tuple[str, Request]:
    """Sign in up to the code, which is not exchanged."""
    page, request = partner.start(browser, person)
    if page.has("consent-approve"):
        page = browser.submit("consent-approve")
    return partner.code_of(page, request), request


def assert_invalid_grant(response: TestResponse) -> None:
    """400 invalid_grant without a reason."""
    assert response.status_code == 400
    assert response.get_json()["error"] == "invalid_grant"


def assert_invalid_token(response: TestResponse) -> None:
    """401 with the challenge of RFC 6750 §3."""
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


@pytest.mark.rule("AC-30", "D-28")
def test_code_exchange_after_the_lock(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """AC-30: a code not yet exchanged, then the school records her leaving as of yesterday: invalid_grant."""
    code, request = get_code(dream_n, browser, people["T01"])
    office.end(people["T01"], loaded_on - timedelta(days=1))
    assert_invalid_grant(dream_n.exchange(code, request))


@pytest.mark.rule("AC-31", "D-25")
def test_userinfo_after_the_lock(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """AC-31: an access token, then she becomes locked: UserInfo returns 401 invalid_token."""
    signed_in = dream_n.sign_in(browser, people["T01"])
    office.end(people["T01"], loaded_on - timedelta(days=1))
    assert_invalid_token(dream_n.userinfo(signed_in.access_token))
    assert len(office.events("token.revoked_by_lock", people["T01"])) == 1


@pytest.mark.rule("D-25")
@pytest.mark.parametrize("tried", [True, False], ids=["tried while locked", "not tried while locked"])
def test_what_was_issued_before_a_lock_stays_dead(  # fixtures
    tried: bool,  # noqa: FBT001  # a parameter of the test
    dream_n: RelyingParty,
    browser: Browser,
    office: Office,
    people: People,
    loaded_on: date,
) -> None:
    """§2.4: tokens and codes revoked by the lock stay revoked after restoration; she simply logs in again."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    code, request = get_code(dream_n, browser, people["T01"])
    office.end(people["T01"], loaded_on - timedelta(days=1))
    if tried:
        assert_invalid_grant(dream_n.exchange(code, request))
    office.add(people["T01"], "994501", loaded_on)
    assert_invalid_grant(dream_n.exchange(code, request))
    assert_invalid_token(dream_n.userinfo(token))
    assert dream_n.sign_in(browser, people["T01"]).claims["name"] == "王曉晴"


@pytest.mark.rule("D-25", "D-30")
@pytest.mark.parametrize("what", ["token", "code"])
def test_what_was_issued_before_a_lock_by_date_stays_dead(  # fixtures
    what: str, dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """§2.4: also where the calendar locked her (T17 at L+31 00:00) and the school restores her within the minute."""
    midnight = taipei_midnight(loaded_on + timedelta(days=31))
    with time_machine.travel(midnight - timedelta(seconds=20), tick=False) as clock:
        token = dream_n.sign_in(browser, people["T17"]).access_token
        code, request = get_code(dream_n, browser, people["T17"])
        clock.move_to(midnight + timedelta(seconds=10))
        assert dream_n.userinfo(token).status_code == 401
        office.add(people["T17"], "994303", loaded_on + timedelta(days=31))
        clock.move_to(midnight + timedelta(seconds=20))
        if what == "token":
            assert_invalid_token(dream_n.userinfo(token))
        else:
            assert_invalid_grant(dream_n.exchange(code, request))


@pytest.mark.rule("AC-34", "D-25")
def test_the_network_session_stays(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """AC-34: she becomes locked during a Network session: her study records are shown; roaming is refused."""
    dream_n.sign_in(browser, people["T01"])
    office.end(people["T01"], loaded_on - timedelta(days=1))
    page = browser.get("/account/functions/view_own_records")
    assert page.status == 200
    assert shown_records(page) == recorded(office, people["T01"]) != []
    assert browser.get(dream_n.request().url).has("refusal-code")


@pytest.mark.rule("AC-35", "D-18")
@pytest.mark.parametrize("key", ["T04", "T09", "T12", "T14"])
def test_prompt_none(key: str, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-35: locked and prompt=none: the redirect carries access_denied, and no page is shown."""
    browser.log_in(people[key]["account"], people[key]["password"])
    request = dream_n.request(prompt="none")
    page = browser.get(request.url)
    assert page.location is not None
    assert page.answer == {
        "error": "access_denied",
        "error_description": GENERIC_DENIAL,
        "state": request.state,
        "iss": dream_n.issuer,
    }


@pytest.mark.rule("AC-36", "D-18")
@pytest.mark.parametrize("language", ["zh-TW", "en"])
@pytest.mark.parametrize("silent", ["none", None])
def test_redirects_name_no_employment_status(
    language: str, silent: str | None, dream_n: RelyingParty, people: People
) -> None:
    """AC-36: neither error nor error_description of any lock refusal names employment status; all is ASCII."""
    seen = set()
    for key in ("T04", "T05", "T09", "T10", "T12", "T13", "T14", "T19", "T20"):
        browser = Browser(dream_n.app)
        browser.log_in(people[key]["account"], people[key]["password"])
        page = browser.get(dream_n.request(ui_locales=language, prompt=silent).url)
        location = (page if silent else browser.follow("refusal-return")).location
        assert location is not None
        assert location.isascii()
        answer = unquote_plus(location.partition("?")[2]).lower()
        assert not [word for word in FORBIDDEN if word in answer]
        seen.add((browser.page.answer["error"], browser.page.answer["error_description"]))
    assert seen == {("access_denied", GENERIC_DENIAL)}


@pytest.mark.rule("AC-37", "D-49")
def test_the_identifier_survives_a_lock(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """AC-37: locked, then restored: at dream-n the sub equals the value before the lock; consent is not asked again."""
    office.add(people["T04"], "994502", loaded_on)
    before = dream_n.sign_in(browser, people["T04"]).claims["sub"]
    office.end(people["T04"], loaded_on)
    with time_machine.travel(taipei_midnight(loaded_on + timedelta(days=1))):
        page, _ = dream_n.start(Browser(browser.app), people["T04"])
        assert page.has("refusal-code")
        office.add(people["T04"], "994502", loaded_on + timedelta(days=1))
        page, request = dream_n.start(Browser(browser.app), people["T04"])
        assert dream_n.finish(page, request).claims["sub"] == before


@pytest.mark.rule("D-55")
def test_consent_survives_a_lock(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-55: T02's consent is not asked again after a lock and a restoration at the same school."""
    office.end(people["T02"], loaded_on - timedelta(days=1))
    office.add(people["T02"], "994601", loaded_on, title="J30")
    page, request = dream_n.start(browser, people["T02"])
    dream_n.code_of(page, request)
