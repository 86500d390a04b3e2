"""UserInfo: how the token may come, and how long it is good (OIDC Core §5.3, RFC 6750)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from clients import cases
from clients.models import Client
from config.database import db
from idp.accounts.accounts import close_account
from idp.accounts.models import Account
from idp.accounts.service import Change, assignments_of, end
from idp.demo.service import end_service, restore_service
from idp.families import revoke_code
from idp.sign_ins import SignIn
from scopes.items import DataItem
from scopes.service import EndReason
from tests.pages import Browser
from tests.protocol.wire import People, audited
from tests.rp import RelyingParty


@pytest.fixture
def token(dream_n: RelyingParty, browser: Browser, people: People) -> str:
    """An access token of T02 at dream-n."""
    return dream_n.sign_in(browser, people["T02"]).access_token


def call(rp: RelyingParty, method: str = "GET", path: str = "/oidc/userinfo", **options: object) -> TestResponse:
    """Call UserInfo in any way."""
    return rp.back_channel.open(path, method=method, base_url=rp.issuer, **options)  # type: ignore[arg-type]


def is_refused(answer: TestResponse, error: str | None, status: int) -> bool:
    """Whether this is the error of RFC 6750 §3.1, with its challenge; without a token there is no error code."""
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="')
    assert ("error=" in challenge) is (error is not None)
    assert answer.headers["Cache-Control"] == "no-store"
    if error is None:
        assert answer.get_data() == b""
    else:
        body = answer.get_json()
        assert body["error"] == error
        assert re.search(r" \[USER-\d\d\]$", body["error_description"])
    return answer.status_code == status and (error is None or f'error="{error}"' in challenge)


@pytest.mark.rule("AC-73", "R-CLM-1")
def test_the_claims_equal_those_of_the_id_token(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-73: the same items and the same sub."""
    signed_in = dream_n.sign_in(browser, people["T01"])
    items = set(signed_in.userinfo)
    assert items == {"sub", "name", "inservice_school_code", "inservice_school_name", "inservice_title_name"}
    assert {name: signed_in.claims[name] for name in items} == signed_in.userinfo


@pytest.mark.spec("RFC 6750", "2")
def test_header_and_form_body_both_work(dream_n: RelyingParty, token: str) -> None:
    """GET with a header, POST with a header, POST with a form."""
    header = {"Authorization": f"Bearer {token}"}
    answers = [call(dream_n, headers=header), call(dream_n, "POST", headers=header)]
    answers += [call(dream_n, "POST", data={"access_token": token})]
    answers += [call(dream_n, headers={"Authorization": f"bEARER  {token} "})]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.get_data() for answer in answers}) == 1
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert {answer.mimetype for answer in answers} == {"application/json"}


@pytest.mark.spec("RFC 6750", "2.3")
def test_a_token_in_the_query_is_refused(dream_n: RelyingParty, token: str) -> None:
    """URLs are logged and remembered: a token there is invalid_request, also beside a good header."""
    path = f"/oidc/userinfo?access_token={token}"
    header = {"Authorization": f"Bearer {token}"}
    for answer in (call(dream_n, path=path), call(dream_n, "POST", path), call(dream_n, path=path, headers=header)):
        assert is_refused(answer, "invalid_request", 400)


def test_two_tokens_are_refused(dream_n: RelyingParty, token: str) -> None:
    """More than one way at a time is invalid_request (RFC 6750 §2)."""
    header = {"Authorization": f"Bearer {token}"}
    both = call(dream_n, "POST", headers=header, data={"access_token": token})
    twice = call(dream_n, "POST", data={"access_token": [token, token]})
    other = call(dream_n, "POST", headers={"Authorization": "Basic eDp5"}, data={"access_token": token})
    assert all(is_refused(answer, "invalid_request", 400) for answer in (both, twice, other))


@pytest.mark.spec("RFC 6750", "3.1")
def test_without_a_token_there_is_no_error_code(dream_n: RelyingParty, token: str) -> None:
    """Who sends none is only told how to."""
    answers = [call(dream_n), call(dream_n, "POST"), call(dream_n, headers={"Authorization": "Basic eDp5"})]
    answers += [call(dream_n, headers={"Authorization": token}), call(dream_n, data={"access_token": token})]
    assert all(is_refused(answer, None, 401) for answer in answers)


@pytest.mark.parametrize("garbage", ["x", "a b c", "Bearer", "é", "' OR 1=1 --", "x" * 8000, "null"])
def test_garbage_is_an_invalid_token(dream_n: RelyingParty, token: str, garbage: str) -> None:
    """What we did not issue is invalid_token."""
    assert is_refused(call(dream_n, headers={"Authorization": f"Bearer {garbage}"}), "invalid_token", 401)
    assert is_refused(call(dream_n, headers={"Authorization": f"Bearer {token}{garbage}"}), "invalid_token", 401)
    assert is_refused(call(dream_n, "POST", data={"access_token": f"{garbage}中"}), "invalid_token", 401)


@pytest.mark.rule("D-27")
def test_a_token_lives_ten_minutes(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-27 (b): good at 599 seconds, dead at 600."""
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:
        token = dream_n.sign_in(browser, people["T02"]).access_token
        clock.move_to(start + timedelta(seconds=599))
        assert dream_n.userinfo(token).status_code == 200
        clock.move_to(start + timedelta(seconds=600))
        assert is_refused(dream_n.userinfo(token), "invalid_token", 401)


def test_a_revoked_token_is_dead(app: Flask, dream_n: RelyingParty, token: str) -> None:
    """Revoked is revoked."""
    with app.app_context(), db.session.begin():
        code_id = db.session.execute(select(SignIn.code_id)).scalar_one()
        revoke_code(db.session.connection(), code_id, datetime.now(UTC))
    assert is_refused(dream_n.userinfo(token), "invalid_token", 401)


def test_a_token_ends_with_the_session(dream_n: RelyingParty, browser: Browser, token: str) -> None:
    """After logout nothing is given any more."""
    browser.get("/account")
    browser.submit("logout")
    assert is_refused(dream_n.userinfo(token), "invalid_token", 401)


def test_another_persons_log_in_in_the_same_browser_ends_the_session(
    dream_n: RelyingParty, browser: Browser, people: People, token: str
) -> None:
    """The same person's log-in keeps session and tokens; another person's ends both."""
    dream_n.sign_in(browser, people["T02"], prompt="login")
    assert dream_n.userinfo(token).status_code == 200
    browser.get("/login")
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert is_refused(dream_n.userinfo(token), "invalid_token", 401)


@pytest.mark.rule("D-54")
def test_a_token_ends_with_the_consent(dream_n: RelyingParty, browser: Browser, token: str, people: People) -> None:
    """D-54: withdrawal kills the token, and a new consent does not revive it."""
    page = browser.get("/account/consents")
    form = next(form for form in page.forms if form.action.endswith("/dream-n/withdraw"))
    browser.post(form.action, dict(form.fields))
    assert is_refused(dream_n.userinfo(token), "invalid_token", 401)
    dream_n.sign_in(browser, people["T02"])
    assert is_refused(dream_n.userinfo(token), "invalid_token", 401)


@pytest.mark.rule("AC-31", "D-25")
def test_a_token_ends_with_the_service(app: Flask, dream_n: RelyingParty, token: str, people: People) -> None:
    """AC-31: a lock kills it at once, and restoration does not revive it."""
    with app.app_context():
        end_service(people["T02"]["account"], EndReason.DEPARTED, datetime.now(UTC))
    assert is_refused(dream_n.userinfo(token), "invalid_token", 401)
    with app.app_context():
        restore_service(people["T02"]["account"], datetime.now(UTC))
    assert is_refused(dream_n.userinfo(token), "invalid_token", 401)


def _account(app: Flask, person: dict[str, str]) -> int:
    with app.app_context(), db.session.begin():
        return db.session.execute(select(Account.id).where(Account.login_name == person["account"])).scalar_one()


def test_a_token_ends_with_the_account(app: Flask, dream_n: RelyingParty, token: str, people: People) -> None:
    """A closed account gives nothing."""
    ident = _account(app, people["T02"])
    with app.app_context():
        close_account(ident, actor="test", now=datetime.now(UTC))
    assert is_refused(dream_n.userinfo(token), "invalid_token", 401)


@pytest.mark.rule("AC-53", "R-CLM-5")
def test_a_narrowed_item_is_gone_at_once(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-53: what is dropped from the approval leaves the next answer; asking for it still is no error."""
    signed_in = dream_n.sign_in(browser, people["T02"])
    with app.app_context():
        with db.session.begin():
            case = db.session.execute(select(Client.case_id).where(Client.client_id == "dream-n")).scalar_one()
        cases.drop_item(case, DataItem.NAME, actor="test", now=datetime.now(UTC))
    narrowed = dream_n.userinfo(signed_in.access_token).get_json()
    assert narrowed == {name: value for name, value in signed_in.userinfo.items() if name != "name"}
    assert [event.client_id for event in audited(app, "release.changed")] == ["dream-n"]
    again = dream_n.sign_in(browser, people["T02"])
    assert "name" not in again.claims
    assert again.scope == signed_in.scope.replace(" profile", "")


@pytest.mark.rule("R-CLM-4", "R-CLM-7")
def test_values_are_those_of_now(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """R-CLM-4: after a transfer the new school appears, with the token issued before."""
    signed_in = dream_n.sign_in(browser, people["T03"])
    assert signed_in.userinfo["inservice_school_code"] == "990301"
    change = Change("test", datetime.now(UTC), "測試")
    ident = _account(app, people["T03"])
    with app.app_context():
        with db.session.begin():
            rows = assignments_of(ident)
        primary = next(row for row in rows if row.kind == "primary")
        end(primary.id, change.day - timedelta(days=1), EndReason.TRANSFERRED, change)
    now = dream_n.userinfo(signed_in.access_token).get_json()
    assert now["inservice_school_code"] == "991301"
    assert now["inservice_school_name"] == "私立禾光高級中學"
    assert now["inservice_title_name"] == "兼任教師"
    assert now["sub"] == signed_in.claims["sub"]
