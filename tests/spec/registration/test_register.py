"""Registration: with an initial access token of an approved case, once, and never beyond the case (RFC 7591)."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from clients import registry
from clients.cases import CaseRefused
from clients.lifecycle import CaseState
from clients.models import Case, Client, InitialAccessToken
from config.database import db
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, audited, later
from tests.spec.registration.partner import ENDPOINT, GOOD, Partner, new_case, refused
from tests.spec.signing import Keys
from tests.spec.support import Client as KeyedClient
from tests.support.office import Desk

TEST_STATES = {"testing", "tested", "go_live_agreed", "live"}


@pytest.mark.spec("RFC 7591", "3", "3.2.1")
@pytest.mark.spec("OIDC Registration", "3.2")
def test_what_is_answered(app: Flask, registrant: Partner, case: int) -> None:
    """201 with identifier, secret, management token and all that is registered; nobody may store it."""
    answer = registrant.register(
        registrant.token(case), client_name="Another site", colour="red", jwks_uri=None, scope="openid profile email"
    )
    assert answer.status_code == 201
    assert (answer.headers["Cache-Control"], answer.mimetype) == ("no-store", "application/json")
    body = answer.get_json()
    assert re.fullmatch(r"rp_[A-Za-z0-9_-]{20}", body["client_id"])
    assert re.fullmatch(r"rps_[A-Za-z0-9_-]{43}", body["client_secret"])
    assert body["client_secret_expires_at"] == 0
    assert isinstance(body["client_id_issued_at"], int)
    assert body["registration_access_token"].startswith("rpm_")
    assert body["registration_client_uri"] == f"http://127.0.0.1:8000{ENDPOINT}/{body['client_id']}"
    assert body["redirect_uris"] == GOOD["redirect_uris"]
    assert (body["grant_types"], body["response_types"]) == (["authorization_code"], ["code"])
    assert body["id_token_signed_response_alg"] == "RS256"
    assert (body["client_name"], body["subject_type"]) == ("研習站", "pairwise")
    assert body["scope"] == "openid profile inservice_school_code"
    assert not {"colour", "jwks_uri"} & body.keys()
    with app.app_context():
        known = registry.find(body["client_id"])
        assert known is not None
        assert (known.case_id, known.sector, known.pkce_waived_until) == (case, f"case-{case}", None)


@pytest.mark.spec("RFC 7591", "3")
def test_no_secret_is_kept(app: Flask, registrant: Partner, case: int) -> None:
    """Invariant 5: tokens and secrets are digests in the database; events and audit hold none."""
    initial = registrant.token(case)
    body = registrant.register(initial).get_json()
    with app.app_context(), db.session.begin():
        client = db.session.query(Client).filter_by(client_id=body["client_id"]).one()
        token = db.session.query(InitialAccessToken).one()
        kept = [client.registration_token_digest, client.secrets[0].digest, token.digest, client.secrets[0].sealed]
        kept += [str(client.meta)]
    kept += [str(event) for event in registrant.events(case)]
    kept += [str(event.detail) for event in audited(app, "case.client_registered")]
    for secret in (initial, body["registration_access_token"], body["client_secret"]):
        assert not any(secret in str(one) for one in kept)


@pytest.mark.spec("RFC 7591", "3")
def test_it_signs_in_at_once(registrant: Partner, case: int, browser: Browser, people: People) -> None:
    """The snapshot epoch moved: the next request knows the client, and the teacher is asked for the case's items."""
    known = registrant.registered(case)
    signed_in = registrant.relying_party(known).sign_in(browser, people["T02"])
    assert set(signed_in.claims) >= {"name", "inservice_school_code"}
    assert [event[:2] for event in registrant.events(case)] == [
        ("initial_token_issued", "test"),
        ("client_registered", f"client:{known['client_id']}"),
    ]


@pytest.mark.spec("RFC 7591", "3")
@pytest.mark.spec("FAPI 2.0 Security Profile", "5.3.2.1")
def test_a_fapi_client_registers_itself(
    app: Flask, registrant: Partner, case: int, browser: Browser, people: People
) -> None:
    """Keys instead of a secret: none is issued, tokens are bound, and the sign-in works."""
    keys, dpop = Keys.generate("ES256"), Keys.generate("ES256", 9)
    known = registrant.registered(case, profile="fapi2", token_endpoint_auth_method="private_key_jwt", jwks=keys.jwks())
    assert not {"client_secret", "client_secret_expires_at"} & known.keys()
    assert (known["dpop_bound_access_tokens"], known["id_token_signed_response_alg"]) == (True, "PS256")
    client = KeyedClient(app, known | {"scopes": known["scope"].split()}, keys, dpop)
    request = client.request()
    page = browser.get(client.pushed(request).url)
    page = browser.log_in(people["T02"]["account"], people["T02"]["password"])
    page = browser.submit("consent-approve")
    assert client.exchange(client.code_of(page, request), request).status_code == 200


@pytest.mark.spec("RFC 7591", "3")
@pytest.mark.spec("RFC 6750", "3.1")
@pytest.mark.parametrize(
    ("header", "error"), [(None, None), ("Basic eDp5", None), ("Bearer ", None), ("Bearer x", "t")]
)
def test_registration_is_closed(app: Flask, header: str | None, error: str | None) -> None:
    """Without a token 401 and no error code; with a wrong one invalid_token, even with good metadata."""
    headers = {} if header is None else {"Authorization": header}
    answer = app.test_client().post(ENDPOINT, json=GOOD, headers=headers)
    assert answer.status_code == 401
    if error is None:
        assert (answer.headers["WWW-Authenticate"], answer.data) == ('Bearer realm="registration"', b"")
    else:
        refused(answer, "invalid_token", 401)


@pytest.mark.spec("RFC 6750", "2")
def test_a_token_in_the_query_does_not_count(registrant: Partner, case: int) -> None:
    """Nothing belongs into the query string."""
    token = registrant.token(case)
    answer = registrant.call("POST", f"{ENDPOINT}?access_token={token}", None, json=GOOD)
    refused(answer, "invalid_request")
    assert registrant.register(token).status_code == 201


@pytest.mark.spec("RFC 7591", "3")
def test_a_token_works_once(registrant: Partner, case: int) -> None:
    """A second client needs a second token, which a case with a client does not get."""
    token = registrant.token(case)
    refused(registrant.register(token, redirect_uris=["https://evil.example/"]), "invalid_redirect_uri")
    assert registrant.register(token).status_code == 201  # what was refused did not use it up
    refused(registrant.register(token), "invalid_token", 401)
    with pytest.raises(CaseRefused, match="has the production client rp_"):
        registrant.token(case)


@pytest.mark.spec("RFC 7591", "3")
def test_a_token_ends(registrant: Partner, case: int) -> None:
    """After seven days, and when a newer one is issued."""
    first = registrant.token(case)
    second = registrant.token(case)
    refused(registrant.register(first), "invalid_token", 401)
    with later(days=7, seconds=1):
        refused(registrant.register(second), "invalid_token", 401)
    with later(days=6, hours=23):
        assert registrant.register(second).status_code == 201


@pytest.mark.spec("RFC 7591", "3")
def test_of_many_at_once_one_wins(make_app: MakeApp, case: int) -> None:
    """Two workers, ten requests with one token: one client."""
    registrants = [Partner(make_app()) for _ in range(2)]
    token, start = registrants[0].token(case), Barrier(10)

    def shoot(number: int) -> int:
        start.wait()
        return registrants[number % 2].register(token).status_code

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(shoot, range(10))) == [201] + [401] * 9
    with registrants[0].app.app_context():
        assert db.session.query(Client).filter_by(case_id=case).count() == 1


@pytest.mark.spec("RFC 7591", "3")
@pytest.mark.rule("D-42")
@pytest.mark.parametrize("environment", ["test", "production"])
@pytest.mark.parametrize("state", list(CaseState))
def test_the_state_of_the_case(app: Flask, registrant: Partner, state: str, environment: str) -> None:
    """A test client from testing on, a production client once a day is agreed; no token for any other case."""
    case = new_case(app, state)
    allowed = TEST_STATES if environment == "test" else {"go_live_agreed", "live"}
    if state in allowed:
        assert registrant.registered(case, environment)["client_id"]
    else:
        with pytest.raises(CaseRefused, match=f"case {case} is {state}"):
            registrant.token(case, environment)


@pytest.mark.spec("RFC 7591", "3")
@pytest.mark.rule("D-39")
def test_a_case_that_was_suspended_since(app: Flask, registrant: Partner, case: int) -> None:
    """The state counts when the token is used: 403, and the token stays good for better days."""
    token = registrant.token(case)
    _set_state(app, case, "suspended")
    assert "no production client while it is suspended" in refused(
        registrant.register(token), "insufficient_scope", 403
    )
    _set_state(app, case, "live")
    assert registrant.register(token).status_code == 201


@pytest.mark.spec("RFC 7591", "3")
def test_a_case_that_got_its_client_otherwise(app: Flask, registrant: Partner, case: int, desk: Desk) -> None:
    """One client per case and environment, whatever way it came; the other environment is free."""
    token = registrant.token(case)
    desk.put()
    _move_client(app, "rp-1", case)
    assert "has a production client already" in refused(registrant.register(token), "insufficient_scope", 403)
    assert registrant.registered(case, "test")["client_id"]


def test_there_must_be_a_case(registrant: Partner) -> None:
    """No token for a case that is not there."""
    with pytest.raises(CaseRefused, match="no case 999"):
        registrant.token(999)


@pytest.mark.spec("OIDC Discovery", "3")
def test_it_is_announced(app: Flask) -> None:
    """Discovery names the endpoint."""
    found: dict[str, Any] = app.test_client().get("/.well-known/openid-configuration").get_json()
    assert found["registration_endpoint"] == f"{found['issuer']}{ENDPOINT}"


def _set_state(app: Flask, case: int, state: str) -> None:
    with app.app_context(), db.session.begin():
        db.session.get_one(Case, case).state = state


def _move_client(app: Flask, client_id: str, case: int) -> None:
    with app.app_context(), db.session.begin():
        db.session.query(Client).filter_by(client_id=client_id).one().case_id = case
