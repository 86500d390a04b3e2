"""Weak points of requests that worked: kept for the partner's engineer, once an hour."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from clients.client_secrets import rotate_secret
from tests.pages import Browser
from tests.protocol.wire import People, add_partner, synced
from tests.rp import RelyingParty
from tests.spec.request_objects import is_good
from tests.spec.support import Client, Keys, assertion, client
from tests.support.diagnoses import codes, kept
from tests.support.office import Desk


@pytest.fixture
def two_keys(app: Flask) -> Client:
    """A client that has published a second key."""
    old = Keys.generate("ES256")
    return client(app, old, jwks=Keys.generate("ES256", 2).jwks(old))


def nameless(rp: Client, keys: Keys) -> str:
    """Return an assertion that does not say by which key it is signed."""
    return assertion(rp.client_id, rp.issuer, keys, header={"kid": None})


def test_a_missing_kid(app: Flask, two_keys: Client) -> None:
    """Who signs with one of several keys should name it; who names it need not be told."""
    two_keys.exchange("none", two_keys.request())
    assert codes(app) == ["CODE-01"]
    two_keys.exchange("none", two_keys.request(), client_assertion=nameless(two_keys, two_keys.keys))
    row = kept(app)[-1]
    assert (row.code, row.kind) == ("ADV-06", "advice")
    assert set(row.detail["expected"].split()) == {key["kid"] for key in two_keys.metadata["jwks"]["keys"]}


def test_a_request_object_without_kid(app: Flask, two_keys: Client, browser: Browser) -> None:
    """The same where a request is signed."""
    for header, expected in (({}, []), ({"kid": None}, ["ADV-06"])):
        assert is_good(two_keys, browser, two_keys.signed(two_keys.request(), header=header))
        assert codes(app) == expected


def test_a_key_without_a_choice(app: Flask) -> None:
    """Who has one key, or two secrets while one is rotated, leaves nothing to name."""
    lone = client(app, client_id="lone")
    lone.exchange("none", lone.request(), client_assertion=nameless(lone, lone.keys))
    shared = client(app, client_id="shared", token_endpoint_auth_method="client_secret_jwt")
    with app.app_context():
        rotate_secret("shared", actor="test", now=datetime.now(UTC))
    synced(app, shared)
    shared.exchange("none", shared.request(), client_assertion=nameless(shared, Keys.of_secret(shared.secret)))
    assert codes(app) == ["CODE-01", "CODE-01"]


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
