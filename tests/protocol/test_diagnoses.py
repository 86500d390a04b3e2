"""What the protocol keeps for the partner's engineer: every refusal and weak point, by real requests, and no secret."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update

from clients.client_secrets import rotate_secret
from config.database import db, hot
from idp.accounts.models import ServiceAssignment
from idp.oidc.diagnosis import NO_FAULTS
from idp.oidc.faults import FAULTS
from scopes.roc import taipei_day
from scopes.service import EndReason, Reason
from tests.pages import Browser
from tests.protocol.wire import People, add_partner, audited, is_error_page, later, leave
from tests.rp import RelyingParty
from tests.spec.device.screen import approve, screen
from tests.spec.support import Keys, assertion, client
from tests.spec.tokens import lock, refreshing
from tests.support.diagnoses import codes, kept
from tests.support.office import Desk, Office

CODE, TOKEN = "authorization_code", "/oidc/token"
AUTHORIZE: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("REQ-16", {"redirect_uri": "https://evil.test/cb?state=s3"}),
    ("REQ-16", {"redirect_uri": None}),
    ("REQ-03", {"response_type": None}),
    ("REQ-04", {"response_type": "token"}),
    ("REQ-05", {"response_mode": "pigeon"}),
    ("REQ-06", {"prompt": "often"}),
    ("REQ-07", {"prompt": "none login"}),
    ("REQ-08", {"max_age": "soon"}),
    ("REQ-09", {"id_token_hint": "none"}),
    ("REQ-15", {"registration": "{}"}),
    ("REQ-02", {"state": "x" * 5000}),
    ("SCOPE-01", {"scope": "profile"}),
    ("SCOPE-02", {"scope": "openid inservice_title_code"}),
    ("CLAIM-01", {"claims": "["}),
    ("PKCE-01", {"code_challenge": None, "code_challenge_method": None}),
    ("PKCE-02", {"code_challenge": "short"}),
    ("PKCE-03", {"code_challenge_method": "plain"}),
    ("PAR-02", {"request_uri": "urn:ietf:params:oauth:request_uri:none"}),
    ("PAR-03", {"request_uri": "https://x.test/1"}),
    ("JAR-02", {"request": "x.y.z"}),
    ("RES-01", {"resource": "https://x.test/"}),
)
CALLS: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("REQ-11", {"grant_type": None}),
    ("REQ-12", {"grant_type": "password"}),
    ("REQ-13", {"grant_type": "client_credentials"}),
    ("REQ-14", {"code": ""}),
    ("CODE-01", {"code": "none"}),
    ("CODE-02", {"redirect_uri": "https://other.test/cb"}),
    ("PKCE-04", {"code_verifier": "v" * 43}),
    ("PKCE-05", {"code_verifier": None}),
    ("PKCE-07", {"code_verifier": "short"}),
    ("AUTH-01", {"client_id": "dream-n", "client_secret": "x"}),
    ("AUTH-02", {"client_id": "county-study"}),
)


@pytest.fixture
def code(dream_n: RelyingParty, browser: Browser, people: People) -> tuple[str, Any]:
    """A code of a good request, and the request."""
    page, request = dream_n.start(browser, people["T02"])
    page = browser.submit("consent-approve") if page.has("consent-approve") else page
    return dream_n.code_of(page, request), request


@pytest.mark.parametrize(("fault", "changes"), AUTHORIZE, ids=lambda value: str(value)[:50])
def test_the_authorization_endpoint(
    app: Flask, dream_n: RelyingParty, browser: Browser, fault: str, changes: dict[str, str | None]
) -> None:
    """Whatever is refused is kept, on a page of ours or sent back; once."""
    browser.get(dream_n.request(**changes).url)
    (row,) = kept(app)
    assert (row.client_id, row.code, row.kind, row.count) == ("dream-n", fault, "refused", 1)
    assert row.detail["endpoint"] == "authorize"


def test_what_came_and_what_is_registered(app: Flask, dream_n: RelyingParty, browser: Browser) -> None:
    """The engineer sees both addresses, and the items that were not approved."""
    browser.get(dream_n.request(redirect_uri="https://site.test/cb/?state=s3").url)
    browser.get(dream_n.request(scope="openid inservice_title_code").url)
    wrong, over = kept(app)
    assert wrong.detail["received"] == "https://site.test/cb/?state=…"
    assert dream_n.redirect_uri in wrong.detail["expected"].split()
    assert over.detail["received"] == "inservice_title_code"


@pytest.mark.parametrize(("fault", "changes"), CALLS, ids=lambda value: str(value)[:50])
def test_the_token_endpoint(
    app: Flask, dream_n: RelyingParty, code: tuple[str, Any], fault: str, changes: dict[str, str | None]
) -> None:
    """The same where the partner's server calls, also before it has proved who it is."""
    body = dict(changes)
    dream_n.exchange(body.pop("code", code[0]) or "", code[1], **body)
    rows = [one for one in kept(app) if one.client_id != "dream-n" or one.code == fault]
    assert [(one.code, one.detail["endpoint"]) for one in rows] == [(fault, "token")]


def test_a_code_that_comes_twice(app: Flask, dream_n: RelyingParty, code: tuple[str, Any]) -> None:
    """A replay is kept; the good redemption before it is not."""
    assert dream_n.exchange(*code).status_code == 200
    assert codes(app) == []
    dream_n.exchange(*code)
    assert codes(app) == ["CODE-03"]


def synced(app: Flask, rp: RelyingParty) -> None:
    """Let the process hear of what changed, as any sign-in does."""
    assert Browser(app).get(rp.request().url).status == 200


def test_client_authentication(app: Flask, dream_n: RelyingParty, code: tuple[str, Any]) -> None:
    """A wrong secret, a secret that has ended, a method that is not the registered one: told apart, never shown."""
    old = dream_n.secret
    with app.app_context():
        rotate_secret("dream-n", overlap=timedelta(hours=1), actor="test", now=datetime.now(UTC))
    with later(hours=2):
        synced(app, dream_n)
        dream_n.exchange(*code)
    dream_n.secret = "wrong"
    dream_n.exchange(*code)
    dream_n.auth_method = "client_secret_post"
    dream_n.exchange(*code)
    ended, wrong, method = kept(app)
    assert {ended.code, wrong.code, method.code} == {"AUTH-03"}
    assert (ended.detail["received"], wrong.detail["received"]) == ("a secret that has ended", "a wrong secret")
    assert datetime.fromisoformat(ended.detail["expected"]).tzinfo is not None
    assert (method.detail["received"], method.detail["expected"]) == ("client_secret_post", "client_secret_basic")
    assert old not in json.dumps([one.detail for one in kept(app)])


def test_an_unknown_key(app: Flask) -> None:
    """private_key_jwt: the kid that came, and those that are registered."""
    rp = client(app, Keys.generate("ES256"))
    known = rp.keys.jwks()["keys"][0]["kid"]
    rp.keys = Keys.generate("ES256", 2)
    rp.exchange("none", rp.request())
    (row,) = kept(app)
    assert (row.client_id, row.code) == ("keyed", "AUTH-04")
    assert rp.keys.jwks()["keys"][0]["kid"] in row.detail["received"]
    assert row.detail["expected"] == f"kid {known}"


def test_a_missing_kid(app: Flask) -> None:
    """Who signs with one of several keys should name it; who has one key, or names it, need not be told."""
    old, new = Keys.generate("ES256"), Keys.generate("ES256", 2)
    rp = client(app, old, jwks=new.jwks(old))
    rp.exchange("none", rp.request(), client_assertion=assertion(rp.client_id, rp.issuer, old))
    assert codes(app) == ["CODE-01"]
    nameless = assertion(rp.client_id, rp.issuer, old, header={"kid": None})
    rp.exchange("none", rp.request(), client_assertion=nameless)
    row = kept(app)[-1]
    assert (row.code, row.kind) == ("ADV-06", "advice")
    assert set(row.detail["expected"].split()) == {key["kid"] for key in new.jwks(old)["keys"]}


def test_pushed_requests(app: Flask) -> None:
    """PAR: as at the authorization endpoint, and its own."""
    rp = client(app)
    rp.push(rp.request(redirect_uri="https://evil.test/"))
    rp.push(rp.request(), request_uri="urn:x")
    rp.push(rp.request(scope="openid inservice_title_name"))
    rows = kept(app, "keyed")
    assert [one.code for one in rows] == ["PAR-05", "PAR-04", "SCOPE-02"]
    assert {one.detail["endpoint"] for one in rows} == {"pushed_authorization_request"}


@pytest.mark.rule("D-18")
@pytest.mark.parametrize("where", ["token", "userinfo", "refresh"])
def test_why_a_teacher_was_refused_is_not_told(app: Flask, browser: Browser, people: People, where: str) -> None:
    """Her school says that she left: the engineer learns that code or token do not work, never why or whose."""
    rp = refreshing(app)
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T02"], request), request)
    given = rp.exchange(code, request).get_json() if where != "token" else {}
    if where == "userinfo":  # the day on which her service ends comes, and no job has run yet
        ended = {"end_date": taipei_day(datetime.now(UTC)) - timedelta(days=9), "end_reason": EndReason.DEPARTED}
        teacher = Office(app).id_of(people["T02"])
        with app.app_context(), db.session.begin():
            hers = ServiceAssignment.account_id == teacher
            db.session.execute(update(ServiceAssignment).where(hers).values(ended))
    else:
        lock(app, people["T02"])
    if where == "token":
        rp.exchange(code, request)
    elif where == "userinfo":
        rp.userinfo(given["access_token"])
    else:
        rp.refresh(given["refresh_token"])
    (row,) = kept(app)
    assert row.code == {"token": "CODE-01", "userinfo": "USER-05", "refresh": "REF-01"}[where]
    told = json.dumps(row.detail).lower()
    assert not any(word in told for word in ("lock", "unverified", *(reason.value.lower() for reason in Reason)))
    assert people["T02"]["account"] not in told


@pytest.mark.rule("D-18")
def test_refusals_of_people_are_no_faults(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """login_required, consent_required and access_denied are answers, not mistakes of the partner."""
    browser.get(dream_n.request(prompt="none").url)
    browser.get(dream_n.request(prompt="none", claims='{"id_token":{"sub":{"value":"x"}}}').url)
    dream_n.start(browser, people["T02"])
    browser.get(dream_n.request(prompt="none").url)
    browser.get(dream_n.request(prompt="none", claims='{"id_token":{"sub":{"value":"x"}}}').url)
    lock(app, people["T02"])
    assert "access_denied" in str(browser.get(dream_n.request(prompt="none").url).answer)
    assert len(audited(app, "roaming.refused")) == 1
    assert codes(app) == []


def test_a_closed_partner(app: Flask, dream_n: RelyingParty, browser: Browser, desk: Desk) -> None:
    """Row 2 of DOMAIN §4.8: the state of the partner's own case is told."""
    desk.set_case("dream-n", state="suspended")
    browser.get(dream_n.request().url)
    (row,) = kept(app)
    assert (row.code, row.detail["expected"].split()[0]) == ("OPEN-01", "suspended")


def test_logout(app: Flask, browser: Browser) -> None:
    """Where the browser may not be sent back to, and hints that are none."""
    answer = leave(browser, client_id="dream-n", post_logout_redirect_uri="https://evil.test/bye?state=s3")
    assert is_error_page(answer, "invalid_request")
    leave(browser, client_id="dream-n", id_token_hint="none")
    leave(browser, client_id="nobody", id_token_hint="none")
    uri, hint = kept(app)
    assert (uri.code, uri.detail["received"]) == ("OUT-01", "https://evil.test/bye?state=…")
    assert (hint.code, hint.client_id, hint.detail) == ("OUT-02", "dream-n", {"endpoint": "logout"})


def test_a_correct_client_leaves_nothing(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A whole sign-in, again, and its end."""
    first = dream_n.sign_in(browser, people["T02"])
    dream_n.sign_in(browser, people["T02"])
    leave(browser, id_token_hint=first.id_token)
    assert kept(app) == []


def test_correct_clients_of_other_kinds_leave_nothing(app: Flask, browser: Browser, people: People) -> None:
    """One that is asked for a DPoP nonce, as RFC 9449 has it; and a device that waits for its teacher."""
    rp = client(app, dpop=Keys.generate("ES256", 9), dpop_bound_access_tokens=True)
    rp.exchange(rp.code_of(rp.lead(browser, people["T02"], request := rp.request()), request), request)
    device = screen(app, client_id="device").begin()
    assert "authorization_pending" in device.poll().get_data(as_text=True)
    approve(browser, device.code, people["T02"])
    assert kept(app) == []


def weak(app: Flask, dream_n: RelyingParty, desk: Desk) -> dict[str, Callable[[], tuple[RelyingParty, dict[str, Any]]]]:
    """Return how to make each weak request."""

    def dropped() -> tuple[RelyingParty, dict[str, Any]]:
        desk.set_item("dream-n", "title_name", dropped_at=datetime.now(UTC))
        return dream_n, {}

    def waived() -> tuple[RelyingParty, dict[str, Any]]:
        until = (datetime.now(UTC) + timedelta(days=9)).date()
        rp = add_partner(app, pkce_waived_until=until.isoformat())
        return rp, {"code_challenge": None, "code_challenge_method": None}

    claims = json.dumps({"userinfo": {"title_code": None, "tw_edu_title_code": None, "inservice_title_code": None}})
    return {
        "ADV-01": lambda: (dream_n, {"nonce": None}),
        "ADV-02": lambda: (dream_n, {"state": None}),
        "ADV-03": dropped,
        "ADV-04": lambda: (dream_n, {"scope": f"{dream_n.scope} email"}),
        "ADV-05": waived,
        "ADV-08": lambda: (dream_n, {"claims": claims}),
    }


@pytest.mark.parametrize("advice", ["ADV-01", "ADV-02", "ADV-03", "ADV-04", "ADV-05", "ADV-08"])
def test_weak_points_of_requests_that_work(
    app: Flask, dream_n: RelyingParty, browser: Browser, people: People, desk: Desk, advice: str
) -> None:
    """The sign-in works; the weak point is kept once an hour, however often it comes."""
    rp, changes = weak(app, dream_n, desk)[advice]()
    for _ in range(2):
        page, request = rp.start(browser, people["T02"], **changes)
        page = browser.submit("consent-approve") if page.has("consent-approve") else page
        rp.code_of(page, request)
    (row,) = kept(app)
    assert (row.client_id, row.code, row.kind, row.count) == (rp.client_id, advice, "advice", 1)
    if advice == "ADV-05":
        assert date.fromisoformat(row.detail["expected"]) > datetime.now(UTC).date()


def test_the_old_secret(app: Flask, dream_n: RelyingParty, code: tuple[str, Any]) -> None:
    """Who still uses a secret that is being replaced learns when it ends."""
    with app.app_context():
        rotate_secret("dream-n", actor="test", now=datetime.now(UTC))
    synced(app, dream_n)
    assert dream_n.exchange(*code).status_code == 200
    (row,) = kept(app)
    assert (row.code, row.kind) == ("ADV-07", "advice")
    assert datetime.fromisoformat(row.detail["expected"]) > datetime.now(UTC) + timedelta(days=6)


def test_nothing_secret_is_kept(app: Flask, dream_n: RelyingParty, code: tuple[str, Any], people: People) -> None:
    """Every value that was used, put where it belongs and where it does not: none of them stands in the table."""
    sealed, request = code
    token = dream_n.exchange(sealed, request).get_json()
    secret = {
        "secret": dream_n.secret,
        "code": sealed,
        "access_token": token["access_token"],
        "id_token": token["id_token"],
        "verifier": request.verifier,
        "state": request.state,
        "nonce": request.nonce,
        "password": people["T02"]["password"],
    }
    browser = Browser(app)
    for value in secret.values():
        for name in ("scope", "prompt", "response_type", "response_mode", "max_age", "resource", "claims", "request"):
            browser.get(dream_n.request(**{name: f"openid {value}" if name == "scope" else value}).url)
        for uri in (f"https://x.test/{value}", f"https://x.test/?a={value}", f"https://{value}@x.test/", value):
            browser.get(dream_n.request(redirect_uri=uri, request_uri=None).url)
            browser.get(dream_n.request(request_uri=uri).url)
            leave(browser, client_id="dream-n", post_logout_redirect_uri=uri)
        for name in ("code", "redirect_uri", "code_verifier", "grant_type", "client_id", "client_secret", "resource"):
            dream_n.exchange(
                **({"code": sealed, "request": request} | ({"code": value} if name == "code" else {name: value}))
            )
        pair = base64.b64encode(f"{value}:{value}".encode()).decode()
        dream_n.back_channel.post(
            TOKEN, data={"client_id": "dream-n", "grant_type": CODE}, headers={"Authorization": f"Basic {pair}"}
        )
    with app.app_context(), hot() as connection:
        table = str(connection.execute(text("SELECT * FROM client_diagnosis")).all())
    assert len(kept(app)) > 30
    assert [name for name, value in secret.items() if value in table] == []


def test_a_broken_log_breaks_no_refusal(
    app: Flask, dream_n: RelyingParty, browser: Browser, code: tuple[str, Any]
) -> None:
    """Without its table every refusal is as it was: never a 500."""
    with app.app_context(), hot() as connection:
        connection.execute(text("DROP TABLE client_diagnosis"))
    assert is_error_page(browser.get(dream_n.request(redirect_uri="https://evil.test/").url), "invalid_request")
    assert browser.get(dream_n.request(prompt="none login").url).answer["error"] == "invalid_request"
    assert dream_n.exchange("none", code[1]).status_code == 400
    assert "code" in browser.get(dream_n.request(nonce=None).url).answer


def test_answers_that_are_no_faults_are_known() -> None:
    """What is left out of the log on purpose is out of the table of faults."""
    assert set(FAULTS) > NO_FAULTS
