"""FAPI 2.0 Security Profile (Final): how its clients prove themselves, and with which algorithms (§5.3.2.1, §5.4)."""

from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from clients.partners import PartnerRefused
from tests.pages import Browser
from tests.protocol.wire import People, later, token_error
from tests.spec.support import (
    ASSERTION_TYPE,
    Client,
    Keys,
    assertion,
    dpop_proof,
    error_of,
    fapi_client,
    now,
)

PROFILE = "FAPI 2.0 Security Profile"


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client of the profile: private_key_jwt, PAR, PKCE, DPoP."""
    return fapi_client(app)


def authenticated(rp: Client, made: str) -> TestResponse:
    """Push a good request under an assertion."""
    return rp.push(rp.request(), client_assertion_type=ASSERTION_TYPE, client_assertion=made)


@pytest.mark.spec(PROFILE, "5.3.2.1")
def test_the_audience_is_the_issuer_as_one_string(rp: Client) -> None:
    """Token endpoint, PAR endpoint, a list, a slash more: refused, at PAR and at the token endpoint."""
    issuer = rp.issuer
    wrong: list[Any] = [
        f"{issuer}/oidc/token",
        f"{issuer}/oidc/par",
        [issuer],
        [issuer, "x"],
        f"{issuer}/",
        None,
        "",
        1,
    ]
    for audience in wrong:
        assert error_of(authenticated(rp, assertion(rp.client_id, audience, rp.keys)), 401) == "invalid_client"
        body = {"grant_type": "authorization_code", "code": "x", "client_assertion_type": ASSERTION_TYPE}
        body["client_assertion"] = assertion(rp.client_id, audience, rp.keys)
        assert error_of(rp.call("/oidc/token", body, proves=True), 401) == "invalid_client"
    assert authenticated(rp, assertion(rp.client_id, issuer, rp.keys)).status_code == 201


@pytest.mark.spec(PROFILE, "5.3.2.1")
def test_only_strong_authentication_is_registered(app: Flask) -> None:
    """No secret, no public client, no unbound token, no waiver: a client of the profile cannot even be put."""
    secret = "a-secret-of-this-test-0123456789"
    faults: tuple[dict[str, Any], ...] = (
        {"token_endpoint_auth_method": "client_secret_basic", "client_secret": secret},
        {"token_endpoint_auth_method": "client_secret_post", "client_secret": secret},
        {"token_endpoint_auth_method": "client_secret_jwt", "client_secret": secret},
        {"token_endpoint_auth_method": "none"},
        {"pkce_waived_until": "2099-01-01"},
        {"id_token_signed_response_alg": "RS256"},
        {"token_endpoint_auth_signing_alg": "RS256"},
        {"request_object_signing_alg": "RS256"},
        {"authorization_signed_response_alg": "RS256"},
        {"userinfo_signed_response_alg": "RS256"},
        {"introspection_signed_response_alg": "RS256"},
    )
    for fault in faults:
        with pytest.raises(PartnerRefused):
            fapi_client(app, **fault)
    unbound = fapi_client(app, dpop_bound_access_tokens=False)
    unbound.dpop = None
    body = {"grant_type": "authorization_code", "code": "x"}
    assert error_of(unbound.call("/oidc/token", body)) == "invalid_dpop_proof", "bound all the same"


@pytest.mark.spec(PROFILE, "5.4")
@pytest.mark.spec(PROFILE, "5.4.1")
def test_weak_algorithms_are_refused(app: Flask, browser: Browser, people: People) -> None:
    """RS256, HS256 and none sign neither assertions nor proofs; what we sign defaults to PS256."""
    rsa = Keys.generate("PS256")
    jwks = {"keys": [{**rsa.bare, "kid": rsa.kid}]}
    rp = fapi_client(app, alg="PS256", jwks=jwks)
    good = assertion(rp.client_id, rp.issuer, rsa, header={"alg": "PS256"})
    assert authenticated(rp, good).status_code == 201
    for alg, keys in (("RS256", rsa), ("none", rsa), ("HS256", Keys.of_secret("x" * 40))):
        bad = assertion(rp.client_id, rp.issuer, keys, header={"alg": alg, "kid": rsa.kid})
        assert error_of(authenticated(rp, bad), 401) == "invalid_client"
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], rp.pushed(request)), request)
    rp.dpop = Keys("RS256", rsa.kid, rsa.private)
    assert token_error(rp.exchange(code, request)) == "invalid_dpop_proof"
    rp.dpop = rsa
    token = rp.exchange(code, request).get_json()
    assert rp.opened(token["id_token"])[0]["alg"] == "PS256"


@pytest.mark.spec(PROFILE, "5.3.2.1")
def test_clocks_may_be_off_a_little(rp: Client) -> None:
    """Times up to ten seconds ahead are accepted, a minute ahead is refused; so is what has expired."""
    with time_machine.travel(now(), tick=False):
        for ahead in (0, 5, 10):
            made = assertion(rp.client_id, rp.issuer, rp.keys, iat=now() + ahead, nbf=now() + ahead)
            assert authenticated(rp, made).status_code == 201
        for wrong in ({"iat": now() + 61}, {"nbf": now() + 61}, {"exp": now() - 61}, {"exp": None}):
            made = assertion(rp.client_id, rp.issuer, rp.keys, **wrong)
            assert error_of(authenticated(rp, made), 401) == "invalid_client"
        keys, uri = rp.dpop, f"{rp.issuer}/oidc/par"
        assert keys is not None
        for ahead, status in ((10, 201), (61, 400)):
            headers = {"DPoP": dpop_proof(keys, "POST", uri, iat=now() + ahead)}
            body = {**rp.request().parameters, **rp.authentication()[1]}
            answer = rp.back_channel.post("/oidc/par", data=body, headers=headers, base_url=rp.issuer)
            assert answer.status_code == status


@pytest.mark.spec(PROFILE, "5.3.2.1")
def test_the_password_grant_is_refused(rp: Client, people: People) -> None:
    """Resource owner password credentials are of no use to anybody."""
    person = {"username": people["T01"]["account"], "password": people["T01"]["password"]}
    answer = rp.call("/oidc/token", {"grant_type": "password", **person}, proves=True)
    assert error_of(answer) == "unsupported_grant_type"


@pytest.mark.spec(PROFILE, "5.3.2.1")
def test_an_assertion_works_once(rp: Client) -> None:
    """The same jti a second time is refused, at whatever endpoint."""
    made = assertion(rp.client_id, rp.issuer, rp.keys)
    assert authenticated(rp, made).status_code == 201
    assert error_of(authenticated(rp, made), 401) == "invalid_client"
    with later(seconds=30):
        body = {"grant_type": "authorization_code", "code": "x", "client_assertion": made}
        body["client_assertion_type"] = ASSERTION_TYPE
        assert error_of(rp.call("/oidc/token", body, proves=True), 401) == "invalid_client"
