"""Registration without a case, for conformance suites: in development only (DECISIONS 67)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from clients.initial_tokens import issue_development_token
from config.environment import Environment
from tests.pages import Browser
from tests.protocol.wire import People, later
from tests.spec.registration.partner import Partner, refused
from tests.spec.support import Client, Keys
from tests.spec.tokens import answer_of


@pytest.fixture
def token(app: Flask) -> str:
    """A token as ``idp dev initial-token`` prints it."""
    with app.app_context():
        return issue_development_token(datetime.now(UTC))


def registered(registrant: Partner, token: str, **changes: Any) -> dict[str, Any]:
    """Register a client and return what came."""
    answer = registrant.register(token, **changes)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.spec("RFC 7591", "3")
def test_every_test_gets_a_client(
    app: Flask, registrant: Partner, token: str, browser: Browser, people: People
) -> None:
    """One token, many clients on any host, each under a case of its own with all six items; PKCE may be left out."""
    one = registered(registrant, token, redirect_uris=["https://suite.test:8443/cb"], client_name="suite 1")
    two = registered(registrant, token, redirect_uris=["https://other.test/cb"])
    assert one["client_id"] != two["client_id"]
    assert (one["client_name"], one["subject_type"]) == ("suite 1", "pairwise")
    assert len(one["scope"].split()) == 6
    rp = Client(app, one | {"scopes": one["scope"].split()}, Keys.generate())
    request = rp.request(code_challenge=None, code_challenge_method=None)
    code = rp.code_of(rp.lead(browser, people["T01"], request), request)
    claims = rp.opened(answer_of(rp.exchange(code, request, code_verifier=None))["id_token"])[1]
    assert claims["name"] == "王曉晴"
    assert {"inservice_school_code", "inservice_title_name"} <= set(claims)


@pytest.mark.spec("RFC 7591", "3.2.2")
def test_what_is_wrong_is_still_refused(registrant: Partner, token: str) -> None:
    """Metadata are judged as ever; a refused registration leaves nothing; FAPI clients get no waiver."""
    refused(registrant.register(token, redirect_uris=["http://suite.test/cb"]), "invalid_redirect_uri")
    for uri in ("http://[", "https://[::1", "", "x"):
        refused(registrant.register(token, redirect_uris=[uri]), "invalid_redirect_uri")
    refused(registrant.register(token, id_token_signed_response_alg="none"), "invalid_client_metadata")
    keys = {"jwks": Keys.generate().jwks(), "token_endpoint_auth_method": "private_key_jwt"}
    registered(registrant, token, profile="fapi2", **keys)
    registered(registrant, token, token_endpoint_auth_method="none")


@pytest.mark.spec("RFC 7591", "3")
def test_it_ends(app: Flask, registrant: Partner, token: str) -> None:
    """After seven days; and in production it never counts, wherever the database comes from."""
    with later(days=7):
        refused(registrant.register(token), "invalid_token", 401)
    registered(registrant, token)
    settings = app.extensions["settings"]
    app.extensions["settings"] = settings.model_copy(update={"env": Environment.PRODUCTION})
    refused(registrant.register(token), "invalid_token", 401)
