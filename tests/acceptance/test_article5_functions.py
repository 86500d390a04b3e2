"""Article 5(2) on the Network itself: functions of §1.4, what a lock never blocks, messages (AC-28, AC-29, AC-38)."""

from datetime import UTC, date, timedelta
from html import unescape
from typing import Any

import pytest

from idp.accounts.service import ServiceRefused
from tests.acceptance.wording import LOCK_FUNCTION, LOCK_MAIL, REASON, RESTORE_MAIL
from tests.pages import Browser
from tests.scopes.test_permissions import TABLE as FUNCTIONS
from tests.support.office import MakeApp, Office, People


def log_in(browser: Browser, person: dict[str, Any]) -> Browser:
    """Log in to the Network, which a lock never prevents."""
    browser.log_in(person["account"], person["password"])
    assert browser.page.url == "/account"
    return browser


@pytest.mark.rule("AC-28")
@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_registering_online_while_locked(language: str, browser: Browser, office: Office, people: People) -> None:
    """AC-28: T04 locked opens 線上報名: refused with MSG-LOCK-FUNCTION, status 403, audited."""
    log_in(browser, people["T04"])
    page = browser.get("/account/functions/register_online", headers={"Accept-Language": language})
    assert page.status == 403
    reason = REASON["not_in_service"][language]
    assert page.text("function-refused") == LOCK_FUNCTION[language].format(reason=reason)
    refused = office.events("function.refused", people["T04"])
    assert [event.detail["function"] for event in refused] == ["register_online"]


@pytest.mark.rule("AC-29", "D-10", "D-11")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_while_locked(function: str, browser: Browser, people: People) -> None:
    """AC-29: T04 locked: only the L rows and the D-11 pages answer 200, the rest 403."""
    label, allowed = FUNCTIONS[function]
    page = log_in(browser, people["T04"]).get(f"/account/functions/{function}")
    assert page.status == (200 if allowed else 403)
    assert label in page.html


@pytest.mark.rule("AC-29")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_while_unlocked(function: str, browser: Browser, people: People) -> None:
    """AC-29: T01 unlocked: every function answers 200."""
    page = log_in(browser, people["T01"]).get(f"/account/functions/{function}")
    assert page.status == 200


@pytest.mark.rule("AC-22", "AC-29")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_while_unverified(function: str, browser: Browser, people: People) -> None:
    """AC-22: T14 unconfirmed: every function but roaming answers 200."""
    page = log_in(browser, people["T14"]).get(f"/account/functions/{function}")
    assert page.status == (403 if function == "roaming_login" else 200)


@pytest.mark.rule("D-11")
def test_pages_that_a_lock_never_blocks(browser: Browser, people: People) -> None:
    """D-11: log in, see the reason, see consents and sign-ins, log out: open for a locked teacher."""
    log_in(browser, people["T04"])
    assert browser.page.text("service-state") == "未在職"
    for path in ("/account", "/account/consents", "/account/sign-ins"):
        assert browser.get(path).status == 200
    browser.get("/account")
    assert browser.submit("logout").has("logged-out")
    assert browser.get("/account").has("login-submit")


@pytest.mark.rule("D-11")
@pytest.mark.parametrize(("allowed", "status"), [(True, 200), (False, 403)])
def test_the_password_setting(
    allowed: bool,  # noqa: FBT001  # a parameter of the test
    status: int,
    make_app: MakeApp,
    people: People,
) -> None:
    """D-11: LOCKED_ALLOWS_PASSWORD_CHANGE decides whether a locked teacher may change her password."""
    browser = Browser(make_app(locked_allows_password_change=allowed))
    assert log_in(browser, people["T04"]).get("/account/functions/change_password").status == status


@pytest.mark.rule("AC-38")
def test_a_lock_is_logged_and_told_once(office: Office, people: People, loaded_on: date) -> None:
    """AC-38: service.lock.begin with actor, UTC time, old and new value exists; MSG-LOCK-MAIL was sent once."""
    office.end(people["T01"], loaded_on - timedelta(days=1))
    office.end(people["T01"], loaded_on - timedelta(days=2))
    (event,) = office.events("service.lock.begin", people["T01"])
    assert event.actor == "account:school"
    assert event.at.tzinfo is UTC
    assert event.detail["old"]["state"] == "unlocked"
    assert event.detail["new"] == {"state": "locked", "reason": "not_in_service", "rule": 6}
    assert event.detail["reason"] == "測試"
    assert [message.code for message in office.messages(people["T01"])] == ["MSG-LOCK-MAIL"]
    assert [event.detail["code"] for event in office.events("message.sent", people["T01"])] == ["MSG-LOCK-MAIL"]


@pytest.mark.rule("AC-38")
def test_a_restoration_is_logged_and_told_once(office: Office, people: People, loaded_on: date) -> None:
    """§2.4, §2.7: when the assignment is confirmed, service.lock.end and MSG-RESTORE-MAIL follow, once."""
    assert office.state(people["T09"], loaded_on).reason == "service_data_pending"
    office.confirm(people["T09"])
    with pytest.raises(ServiceRefused, match="confirmed already"):
        office.confirm(people["T09"])
    (event,) = office.events("service.lock.end", people["T09"])
    assert (event.detail["old"]["state"], event.detail["new"]["state"]) == ("locked", "unlocked")
    assert [message.code for message in office.messages(people["T09"])] == ["MSG-RESTORE-MAIL"]


@pytest.mark.rule("AC-38")
@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_the_messages_in_the_box(
    language: str, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """§2.7: MSG-LOCK-MAIL and MSG-RESTORE-MAIL word by word, with the ROC date in Chinese and ISO in English."""
    office.end(people["T01"], loaded_on - timedelta(days=1))
    office.add(people["T01"], "994501", loaded_on)
    log_in(browser, people["T01"])
    html = unescape(browser.get("/account", headers={"Accept-Language": language}).html)
    roc = f"{loaded_on.year - 1911}年{loaded_on.month}月{loaded_on.day}日"
    day = loaded_on.isoformat() if language == "en" else roc
    facts = {"day": day, "reason": REASON["not_in_service"][language], "school": "霧松縣立晨曦國民中學"}
    assert LOCK_MAIL[language].format(**facts) in html
    assert RESTORE_MAIL[language].format(day=day) in html


@pytest.mark.rule("AC-38")
def test_a_refused_declaration_locks_and_is_told(browser: Browser, office: Office, people: People) -> None:
    """§2.4: a self-declared assignment that the school refuses counts as not existing: 無服務學校, told once."""
    office.refuse(people["T14"])
    log_in(browser, people["T14"])
    assert browser.page.text("service-state") == "無服務學校"
    assert [message.code for message in office.messages(people["T14"])] == ["MSG-LOCK-MAIL"]
