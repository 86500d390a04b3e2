"""A screen in a classroom: asks, shows its code, polls. And the teacher's telephone that answers it."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import TestResponse

from clients.client_metadata import DEVICE_CODE
from tests.pages import Browser, Page
from tests.protocol.wire import Person
from tests.spec.signing import Keys
from tests.spec.support import Client, client

GRANTS = ["authorization_code", DEVICE_CODE]


class Screen:
    """A device of a client; ``answer`` is that to its device authorization request."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.answer: dict[str, Any] = {}

    def request(self, **changes: str | None) -> TestResponse:
        """Send a device authorization request (§3.1)."""
        body = {"scope": self.client.scope, "device_name": "三年二班電子白板", **changes}
        return self.client.call("/oidc/device_authorization", body)

    def begin(self, **changes: str | None) -> "Screen":
        """Ask, and show the code."""
        response = self.request(**changes)
        assert response.status_code == 200, response.get_data(as_text=True)
        self.answer = response.get_json()
        return self

    @property
    def code(self) -> str:
        """The code on the screen."""
        return str(self.answer["user_code"])

    def poll(self, **changes: str | None) -> TestResponse:
        """Poll once (§3.4)."""
        body = {"grant_type": DEVICE_CODE, "device_code": self.answer["device_code"], **changes}
        return self.client.call("/oidc/token", body, proves=True)


def screen(app: Flask, dpop: Keys | None = None, **metadata: Any) -> Screen:
    """Register a client for screens."""
    given = {"client_id": "screens", "token_endpoint_auth_method": "client_secret_basic", "grant_types": GRANTS}
    return Screen(client(app, None, dpop, **given | metadata))


def enter(phone: Browser, code: str) -> Page:
    """Type a code in."""
    phone.get("/device")
    return phone.submit("device-submit", user_code=code)


def confirm(phone: Browser, code: str, person: Person) -> Page:
    """Type the code in, confirm, log in if asked; stops at the first page after that."""
    assert enter(phone, code).has("device-confirm")
    page = phone.submit("device-confirm")
    if page.has("login-submit"):
        page = phone.log_in(person["account"], person["password"])
    return page


def approve(phone: Browser, code: str, person: Person) -> Page:
    """Do everything that lets the device in."""
    page = confirm(phone, code, person)
    return phone.submit("consent-approve") if page.has("consent-approve") else page


def scanned(screen: Screen) -> str:
    """Return the address of the QR code as a path of ours."""
    uri = str(screen.answer["verification_uri_complete"])
    assert uri == f"{screen.answer['verification_uri']}?{urlencode({'user_code': screen.code})}"
    return uri.removeprefix(screen.client.issuer)
