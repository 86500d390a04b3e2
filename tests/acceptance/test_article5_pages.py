"""Every page of a teacher's account, found in the address map, so that a new one cannot be forgotten (AC-29, D-11)."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from scopes.permissions import TEACHER_FUNCTIONS
from tests.acceptance.doors import PAGES, is_open
from tests.acceptance.wording import LOCK_FUNCTION, REASON
from tests.pages import Browser
from tests.support.office import MakeApp, People

OTHERS = {
    "/account/application": "a business account's",
    "/account/application/sheet": "a business account's",
    "/account/apply": "for whoever has no account",
    "/account/apply/business": "for whoever has no account",
    "/account/functions/<function_id>": "a function, asked one by one",
    "/account/security/passkey": "D-11, but not at an address that is a number",
    "/account/verify": "a link that was mailed",
}
"""Pages below /account that are none of a teacher's standing ones."""
FORMS: dict[str, tuple[str | None, dict[str, str]]] = {
    "/account/consents/dream-n/items/name/stop": (None, {}),
    "/account/consents/dream-n/withdraw": (None, {}),
    "/account/corrections": (None, {"text": "我已回任"}),
    "/account/profile": ("edit_profile", {"email": "new@example.edu.tw"}),
    "/account/security/passkey": (None, {}),
    "/account/security/passkeys/1/remove": (None, {}),
    "/account/security/password": ("change_password", {}),
    "/account/security/recovery": (None, {}),
    "/account/security/totp": (None, {}),
    "/account/security/totp/remove": (None, {}),
    "/account/sessions/end": (None, {}),
}
"""What a teacher may send, with the function of §1.4 that it belongs to (None: D-11 keeps it open)."""
NO_FORMS_OF_HERS = {"/account/application", "/account/apply", "/account/apply/business", "/account/verify"}
STATES = {"T01": "unlocked", "T04": "locked", "T14": "unlocked_unverified"}


def rules(app: Flask, method: str) -> list[Rule]:
    """Return the rules of the address map below /account that take a method."""
    return [
        rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/account") and method in (rule.methods or ())
    ]


def log_in(browser: Browser, person: dict[str, Any]) -> str:
    """Log in and return a form token."""
    browser.log_in(person["account"], person["password"])
    return dict(browser.get("/account").form_with("logout").fields)["form_token"]


@pytest.mark.rule("AC-29", "D-11")
def test_no_page_is_forgotten(app: Flask) -> None:
    """Whoever adds a page below /account says here whether a lock closes it; the functions are those of the table."""
    assert {rule.rule for rule in rules(app, "GET")} == PAGES.keys() | OTHERS.keys()
    sent = app.url_map.bind("127.0.0.1")
    named = {sent.match(path, "POST", return_rule=True)[0].rule for path in FORMS}
    assert {rule.rule for rule in rules(app, "POST")} == named | NO_FORMS_OF_HERS
    named_functions = {function for function in (*PAGES.values(), *(one for one, _ in FORMS.values())) if function}
    assert named_functions <= TEACHER_FUNCTIONS.keys()


@pytest.mark.rule("AC-22", "AC-29", "D-11")
@pytest.mark.parametrize("key", STATES)
def test_each_page(key: str, browser: Browser, people: People) -> None:
    """AC-29: locked, only D-11 pages answer 200, the others 403 with MSG-LOCK-FUNCTION; else all answer 200."""
    log_in(browser, people[key])
    for path, function in PAGES.items():
        page = browser.get(path)
        assert page.url == path, "no log-in in between"
        assert page.status == (200 if is_open(function, STATES[key]) else 403), path
        if page.status == 403:
            expected = LOCK_FUNCTION["zh-TW"].format(reason=REASON["not_in_service"]["zh-TW"])
            assert page.text("function-refused") == expected


@pytest.mark.rule("AC-29", "D-11")
@pytest.mark.parametrize("path", FORMS)
def test_each_form_while_locked(path: str, browser: Browser, people: People) -> None:
    """AC-29: a lock refuses what is sent, too, where the page is closed, and nothing that D-11 keeps open."""
    function, fields = FORMS[path]
    token = log_in(browser, people["T04"])
    page = browser.post(path, {"form_token": token, **fields})
    assert page.has("function-refused") is not is_open(function, "locked")
    assert (page.status == 403) is not is_open(function, "locked")


@pytest.mark.rule("D-11")
def test_the_password_page_under_the_strict_setting(make_app: MakeApp, people: People) -> None:
    """LOCKED_ALLOWS_PASSWORD_CHANGE off: neither the page nor what is sent to it answers a locked teacher."""
    browser = Browser(make_app(locked_allows_password_change=False))
    token = log_in(browser, people["T04"])
    new = "forty green windmills 轉啊轉"
    pages = [
        browser.get("/account/security/password"),
        browser.post("/account/security/password", {"form_token": token, "password": new, "repeated": new}),
    ]
    assert [(page.status, page.has("function-refused")) for page in pages] == [(403, True)] * 2
    assert Browser(browser.app).log_in(people["T04"]["account"], people["T04"]["password"]).url == "/account"
