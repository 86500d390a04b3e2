"""Tokens of every kind: how a test gets them, asks about them, ends them, and reads what was refused."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from idp.demo.service import end_service, restore_service
from scopes.service import EndReason
from tests.pages import Browser
from tests.rp import Request
from tests.spec.support import Client, client, error_of

Person = Mapping[str, Any]
Answer = dict[str, Any]
REFRESHING: dict[str, Any] = {"refresh_tokens": True, "token_endpoint_auth_method": "client_secret_basic"}


def coded(rp: Client, browser: Browser, person: Person, **changes: str | None) -> tuple[str, Request]:
    """Bring a teacher to the point where the client has a code; push the request where the profile wants it."""
    request = rp.request(**changes)
    sent = rp.pushed(request) if str(rp.metadata.get("profile")).startswith("fapi2") else request
    return rp.code_of(rp.lead(browser, person, sent), request), request


def granted(rp: Client, browser: Browser, person: Person, **changes: str | None) -> Answer:
    """Sign a teacher in and return the token answer."""
    return answer_of(rp.exchange(*coded(rp, browser, person, **changes)))


def answer_of(response: TestResponse) -> Answer:
    """Check a good token answer (RFC 6749 §5.1) and return it."""
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.headers["Cache-Control"] == "no-store"
    body: Answer = response.get_json()
    return body


def fault(response: TestResponse, status: int = 400) -> tuple[str, str]:
    """Check an error of a machine endpoint and return its OAuth error and our code."""
    error = error_of(response, status)
    found = re.search(r"\[([A-Z]+-\d\d)\]$", response.get_json()["error_description"])
    return error, found[1] if found else ""


def introspect(rp: Client, token: str, **changes: str | None) -> Answer:
    """Ask about a token."""
    return answer_of(rp.call("/oidc/introspect", {"token": token, **changes}))


def revoke(rp: Client, token: str, **changes: str | None) -> None:
    """Revoke a token: the answer says nothing (RFC 7009 §2.2)."""
    answer = rp.call("/oidc/revoke", {"token": token, **changes})
    assert (answer.status_code, answer.get_data()) == (200, b"")


def is_dead(rp: Client, access_token: str) -> bool:
    """Whether UserInfo refuses an access token as invalid."""
    answer = rp.userinfo(access_token)
    challenge = answer.headers.get("WWW-Authenticate", "")
    return answer.status_code == 401 and 'error="invalid_token"' in challenge


def twin(rp: Client, app: Flask) -> Client:
    """Return the same client as it talks to another worker."""
    return Client(app, rp.metadata, rp.keys, rp.dpop)


def refreshing(app: Flask, **metadata: Any) -> Client:
    """Register a client with refresh tokens and a secret."""
    return client(app, **REFRESHING | metadata)


def log_out(browser: Browser) -> None:
    """End the session in the browser."""
    browser.get("/account")
    browser.submit("logout")


def withdraw(browser: Browser, rp: Client) -> None:
    """Withdraw the consent for a client, on the page for it."""
    page = browser.get("/account/consents")
    form = next(form for form in page.forms if form.action.endswith(f"/{rp.client_id}/withdraw"))
    browser.post(form.action, dict(form.fields))


def lock(app: Flask, person: Person) -> None:
    """Record that a teacher has left her school."""
    with app.app_context():
        end_service(person["account"], EndReason.DEPARTED, datetime.now(UTC))


def unlock(app: Flask, person: Person) -> None:
    """Record that she has come back."""
    with app.app_context():
        restore_service(person["account"], datetime.now(UTC))
