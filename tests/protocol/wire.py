"""What the protocol tests share: partners made for one test, raw requests, and how an error must look."""

import base64
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from clients.partners import parse_partner, put_partner
from config.audit import AuditEvent
from config.database import db
from idp import keys
from scopes.items import DataItem, scope_string
from tests.pages import Browser, Page
from tests.rp import RelyingParty, Request

Racer = TypeVar("Racer", bound=RelyingParty)
Person = dict[str, Any]
People = dict[str, Person]
PartnerOf = Callable[[str], RelyingParty]
MakeApp = Callable[..., Flask]

DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")
"""What RFC 6749 §4.1.2.1 and §5.2 allow in an ``error_description``."""


def add_partner(app: Flask, **changes: object) -> RelyingParty:
    """Register one more partner, as ``idp dev partner`` does."""
    given: dict[str, Any] = {
        "client_id": "rp-1",
        "client_secret": "a-secret-of-this-test-0123456789",
        "client_name": "測試合作網站",
        "redirect_uris": ["https://rp.test/cb"],
        "post_logout_redirect_uris": ["https://rp.test/bye"],
        "token_endpoint_auth_method": "client_secret_basic",
        "items": ["name", "school_code", "user_id"],
    } | changes
    with app.app_context(), db.session.begin():
        put_partner(parse_partner(given), actor="test", now=datetime.now(UTC))
    scopes = scope_string([DataItem(item) for item in given["items"]]).split()
    return RelyingParty(app, given | {"scopes": scopes})


def later(**delta: float) -> time_machine.travel:
    """Move the clock on; it keeps running."""
    return time_machine.travel(datetime.now(UTC) + timedelta(**delta), tick=True)


def ask(browser: Browser, request: Request) -> Page:
    """Send an authorization request and look at the very answer, without following it."""
    return Page(browser.http.get(request.url, base_url=browser.issuer), request.url)


def refused(page: Page, request: Request, rp: RelyingParty) -> dict[str, str]:
    """Check an error answer to a partner (RFC 6749 §4.1.2.1, RFC 9207 §2) and return it."""
    assert page.location is not None, f"{page.status} {page.html[:500]}"
    assert page.location.startswith(f"{rp.redirect_uri}?"), page.location
    answer = page.answer
    assert answer.get("state") == request.parameters.get("state")
    assert answer["iss"] == rp.issuer
    assert "code" not in answer
    assert DESCRIPTION.fullmatch(answer.get("error_description", "-"))
    assert set(answer) <= {"error", "error_description", "state", "iss"}
    return answer


def is_error_page(page: Page, code: str, status: int = 400) -> bool:
    """Whether this is our own error page and leads nowhere."""
    assert "Location" not in page.response.headers
    return page.status == status and page.has("error-message") and page.text("error-code") == code


def sign_on(rp: RelyingParty, browser: Browser, person: Person, **changes: str | None) -> tuple[str, Request]:
    """Bring a teacher to the point where the partner has a code."""
    page, request = rp.start(browser, person, **changes)
    if page.has("consent-approve"):
        page = browser.submit("consent-approve")
    return rp.code_of(page, request), request


def token_error(response: TestResponse) -> str:
    """Check an error of the token endpoint (RFC 6749 §5.2) and return its code."""
    body = response.get_json()
    assert response.status_code in {400, 401, 405, 413, 415}, response.get_data(as_text=True)
    assert set(body) <= {"error", "error_description"}
    assert DESCRIPTION.fullmatch(body.get("error_description", "-"))
    assert response.headers["Cache-Control"] == "no-store"
    return str(body["error"])


def audited(app: Flask, action: str) -> list[AuditEvent]:
    """Return the audit events of an action, oldest first."""
    with app.app_context(), db.session.begin():
        return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)))


def basic(client_id: str, secret: str, scheme: str = "Basic") -> dict[str, str]:
    """Return the Authorization header of a client, both halves form-encoded."""
    return raw_basic(f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode(), scheme)


def raw_basic(pair: bytes, scheme: str = "Basic") -> dict[str, str]:
    """Return an Authorization header with any bytes in it."""
    return {"Authorization": f"{scheme} {base64.b64encode(pair).decode()}"}


def leave(browser: Browser, **parameters: str) -> Page:
    """Open the end-session endpoint."""
    return browser.get(f"/oidc/logout?{urlencode(parameters)}")


def session_of(browser: Browser) -> str:
    """Return the value of the session cookie."""
    cookie = browser.http.get_cookie("session", domain="127.0.0.1")
    assert cookie is not None
    return cookie.value


def is_signed_in(app: Flask, session: str) -> bool:
    """Whether a session cookie is worth anything, in a browser that has nothing but it."""
    answer = app.test_client(use_cookies=False).get("/account", headers={"Cookie": f"session={session}"})
    assert answer.status_code in {200, 303}
    return answer.status_code == 200


def rotate(app: Flask, alg: str = "RS256") -> str:
    """Rotate as ``idp keys rotate`` does, in another process: a worker learns of it by its next request."""
    with app.app_context():
        kid, activates = keys.rotate(datetime.now(UTC), alg)
    assert activates - datetime.now(UTC) <= timedelta(hours=24)
    return kid


def race(rps: Sequence[Racer], shoot: Callable[[Racer], TestResponse]) -> list[TestResponse]:
    """Let every relying party shoot at the same moment, each in a thread of its own."""
    start = Barrier(len(rps))

    def run(rp: Racer) -> TestResponse:
        start.wait()
        return shoot(rp)

    with ThreadPoolExecutor(len(rps)) as pool:
        return list(pool.map(run, rps))


def synced(app: Flask, rp: RelyingParty) -> None:
    """Let the process hear of what changed, as any sign-in does."""
    assert Browser(app).get(rp.request().url).status == 200
