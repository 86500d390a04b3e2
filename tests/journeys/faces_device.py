"""Faces of devices that sign in, of the application for an account, of wishes and of frames."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from playwright.sync_api import expect

from clients.client_metadata import DEVICE_CODE
from tests.journeys.faces import Visitor, face
from tests.journeys.steps import press
from tests.support.authorization import VERIFIER, authorization_url


def waiting_device(visitor: Visitor) -> str:
    """Let a device ask, and return the code on its screen."""
    grants = ["authorization_code", DEVICE_CODE]
    client = visitor.demo.add_partner("faces-screens", "http://127.0.0.1:9/callback", grant_types=grants)
    body = {"scope": "openid profile", "device_name": "Screen in room 302"}
    basic = (client["client_id"], client["client_secret"])
    with httpx.Client(trust_env=False) as device:
        answer = device.post(f"{visitor.demo.issuer}/oidc/device_authorization", data=body, auth=basic)
    return str(answer.raise_for_status().json()["user_code"])


def confirm(visitor: Visitor) -> None:
    """Go to the question from a QR code."""
    visitor.open(f"/device?user_code={waiting_device(visitor)}")
    press(visitor.page, "#device-submit")


@face()
def device(visitor: Visitor) -> None:
    """Where a code is typed in."""
    visitor.open("/device")


@face(400)
def device_wrong_code(visitor: Visitor) -> None:
    """No such code."""
    visitor.open("/device")
    visitor.page.fill("#user_code", "BCDF-GHJK")
    press(visitor.page, "#device-submit")


@face()
def device_confirm(visitor: Visitor) -> None:
    """The question."""
    confirm(visitor)


@face()
def device_denied(visitor: Visitor) -> None:
    """She refused."""
    confirm(visitor)
    press(visitor.page, "#device-deny")


@face()
def device_done(visitor: Visitor) -> None:
    """She confirmed, logged in and approved."""
    confirm(visitor)
    press(visitor.page, "#device-confirm")
    visitor.type_in("T02")
    if visitor.page.locator("#consent-approve").count():
        press(visitor.page, "#consent-approve")


@face()
def device_over(visitor: Visitor) -> None:
    """The code was answered already."""
    visitor.open("/device/over")


@face()
def apply(visitor: Visitor) -> None:
    """The application for an account, on the way to a partner."""
    visitor.request("dream-n", prompt="create")


@face(400)
def apply_with_errors(visitor: Visitor) -> None:
    """Fields that need a change."""
    visitor.open("/account/apply")
    for field, value in (("username", "ab"), ("name", "Wang"), ("password", "short"), ("repeated", "other")):
        visitor.page.fill(f"#{field}", value)
    visitor.page.evaluate("() => { document.querySelector('main form').noValidate = true; }")
    press(visitor.page, "#apply-submit")


@face()
def consent_with_wishes(visitor: Visitor) -> None:
    """A partner that marks an item as essential by the claims parameter."""
    claims = '{"userinfo": {"inservice_school_name": {"essential": true}}}'
    visitor.request_as("T01", scope="openid profile", claims=claims, prompt="consent")


@face()
def logged_out_everywhere(visitor: Visitor) -> None:
    """The last page while partners are told in frames."""
    frame = f"{visitor.demo.site}/frame"
    visitor.page.route(f"{frame}**", lambda route: route.fulfill(body="ok", content_type="text/plain"))
    client = visitor.demo.add_partner("faces-frames", f"{visitor.demo.site}/", frontchannel_logout_uri=frame)
    visitor.page.goto(authorization_url(visitor.demo.issuer, client))
    visitor.type_in("T02")
    if visitor.page.locator("#consent-approve").count():
        press(visitor.page, "#consent-approve")
    redeem(visitor, client)
    visitor.open("/account")
    press(visitor.page, "#logout")
    expect(visitor.page.locator("iframe")).to_have_count(1)


def redeem(visitor: Visitor, client: dict[str, Any]) -> None:
    """Redeem the code in the address of the page, as the partner would."""
    code = parse_qs(urlsplit(visitor.page.url).query)["code"][0]
    body = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    body |= {"redirect_uri": client["redirect_uris"][0]}
    with httpx.Client(trust_env=False) as back_channel:
        basic = (client["client_id"], client["client_secret"])
        back_channel.post(f"{visitor.demo.issuer}/oidc/token", data=body, auth=basic).raise_for_status()
