"""The device authorization request and its answer (RFC 8628 §3.1, §3.2, §6.1)."""

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from config.database import db, hot
from idp.oidc import device_grants, user_codes
from idp.oidc.device_grants import DeviceGrant
from tests.protocol.wire import audited, later, token_error
from tests.spec.device.screen import screen
from tests.spec.support import Client
from tests.support.office import Desk

ASKED = "/oidc/device_authorization"


def rows(app: Flask) -> list[DeviceGrant]:
    """Read the table."""
    with app.app_context(), db.session.begin():
        return list(db.session.scalars(select(DeviceGrant).order_by(DeviceGrant.id)))


@pytest.mark.spec("RFC 8628", "3.1", "3.2", "6.1")
def test_what_is_answered(app: Flask) -> None:
    """A long device code, a code to type without vowels, our page with and without it, ten minutes, five seconds."""
    response = screen(app).request()
    body = response.get_json()
    assert response.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", body["device_code"])
    assert re.fullmatch(r"[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}", body["user_code"])
    assert body["verification_uri"] == "http://127.0.0.1:8000/device"
    assert body["verification_uri_complete"] == f"http://127.0.0.1:8000/device?user_code={body['user_code']}"
    assert (body["expires_in"], body["interval"]) == (600, 5)
    assert len(body) == 6


@pytest.mark.spec("RFC 8628", "6.1")
def test_the_alphabet() -> None:
    """The twenty letters of RFC 8628 §6.1: no vowels, so no words; nothing that looks like a digit."""
    assert user_codes.ALPHABET == "BCDFGHJKLMNPQRSTVWXZ"
    with_every_letter = {sign for _ in range(200) for sign in user_codes.new()}
    assert with_every_letter == set(user_codes.ALPHABET)


@pytest.mark.spec("RFC 8628", "3.2")
def test_no_code_is_kept(app: Flask) -> None:
    """Invariant 5: neither code is in the database, and the short one not as a hash that could be tried out either."""
    body = screen(app).begin().answer
    (row,) = rows(app)
    kept = str([getattr(row, column.name) for column in DeviceGrant.__table__.columns])
    plain = body["user_code"].replace("-", "")
    for word in (body["device_code"], body["user_code"], plain, hashlib.sha256(plain.encode()).hexdigest()):
        assert word not in kept
    assert (row.device_name, row.address, row.expires_at - row.created_at) == (
        "三年二班電子白板",
        "127.0.0.1",
        timedelta(minutes=10),
    )


@pytest.mark.spec("RFC 8628", "3.1")
def test_the_client_must_authenticate(app: Flask) -> None:
    """As at the token endpoint; the query string carries nothing."""
    made = screen(app).client
    wrong = {"Authorization": "Basic " + base64.b64encode(b"screens:wrong").decode()}
    for headers in ({}, wrong):
        answer = made.back_channel.post(ASKED, data={"scope": made.scope, "client_id": "screens"}, headers=headers)
        assert (answer.status_code, token_error(answer)) == (401, "invalid_client")
    answer = made.back_channel.post(f"{ASKED}?scope=openid", data={}, headers=wrong)
    assert token_error(answer) == "invalid_request"
    assert rows(app) == []


@pytest.mark.spec("RFC 8628", "3.1")
def test_a_public_client_may_ask(app: Flask) -> None:
    """A screen keeps no secret: it may be a public client."""
    made = screen(app, token_endpoint_auth_method="none", client_secret=None)
    assert made.request().status_code == 200


@pytest.mark.spec("RFC 8628", "3.1")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": None}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid inservice_title_name"}, "invalid_scope"),
        ({"resource": "https://elsewhere.test"}, "invalid_target"),
        ({"device_name": "x" * 101}, "invalid_request"),
        ({"device_name": "line\nbreak"}, "invalid_request"),
        ({"device_name": "turned\u202eround"}, "invalid_request"),
    ],
)
def test_a_faulty_request(changes: dict[str, str | None], error: str, app: Flask) -> None:
    """The scope is judged as at the authorization endpoint; a device cannot garble the page by its name."""
    assert token_error(screen(app).request(**changes)) == error
    assert rows(app) == []


@pytest.mark.rule("R-CLM-2")
@pytest.mark.spec("RFC 8628", "3.1")
def test_asking_for_too_much_is_audited(app: Flask) -> None:
    """R-CLM-2: an item outside the approval; names that nobody knows are ignored, as they are there."""
    made = screen(app)
    made.request(scope="openid inservice_title_name")
    (event,) = audited(app, "scope.over_request")
    assert (event.client_id, event.detail) == ("screens", {"items": ["title_name"]})
    assert made.request(scope=f"{made.client.scope} unheard_of", unknown="1").status_code == 200


@pytest.mark.spec("RFC 8628", "3.1")
def test_the_grant_must_be_registered(app: Flask) -> None:
    """unauthorized_client at both endpoints for who did not register it."""
    made = screen(app, grant_types=["authorization_code"])
    assert token_error(made.request()) == "unauthorized_client"
    made.answer = {"device_code": "x"}
    assert token_error(made.poll()) == "unauthorized_client"


@pytest.mark.spec("RFC 8628", "3.1")
def test_a_client_that_is_not_open(app: Flask, desk: Desk) -> None:
    """A suspended case gets no codes, from the very next request."""
    made = screen(app)
    desk.set_case("screens", state="suspended")
    assert token_error(made.request()) == "unauthorized_client"


@pytest.mark.spec("RFC 8628", "4")
def test_discovery_announces_it(app: Flask) -> None:
    """Endpoint and grant type; scripts of any site may call it."""
    data: dict[str, Any] = app.test_client().get("/.well-known/openid-configuration").get_json()
    assert data["device_authorization_endpoint"] == f"http://127.0.0.1:8000{ASKED}"
    assert "urn:ietf:params:oauth:grant-type:device_code" in data["grant_types_supported"]
    answer = app.test_client().open(ASKED, method="OPTIONS", headers={"Origin": "https://screen.test"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.spec("RFC 8628", "6.1")
def test_a_code_in_use_is_thrown_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two devices never show the same code."""
    made, thrown = screen(app), iter(["BBBBBBBB", "BBBBBBBB", "CCCCCCCC"])
    monkeypatch.setattr(user_codes, "new", lambda: next(thrown))
    assert [made.begin().code, made.begin().code] == ["BBBB-BBBB", "CCCC-CCCC"]


@pytest.mark.spec("RFC 8628", "3.5")
def test_sweeping(app: Flask) -> None:
    """Expired requests go an hour later; until then the device is told that it came too late."""
    made: Client = screen(app).begin().client
    now = datetime.now(UTC)
    for minutes, gone in ((69, 0), (71, 1)):
        with app.app_context(), hot() as connection:
            assert device_grants.sweep(connection, now + timedelta(minutes=minutes)) == gone
    with later(minutes=5):
        assert rows(made.app) == []
