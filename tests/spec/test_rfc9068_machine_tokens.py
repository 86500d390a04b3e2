"""Tokens of clients for themselves: client credentials (RFC 6749 §4.4), resources (RFC 8707), JWTs (RFC 9068)."""

from typing import Any

import pytest
from flask import Flask

from clients.lifecycle import CaseState
from clients.partners import PartnerRefused
from tests.pages import Browser
from tests.protocol.wire import People, audited
from tests.spec.support import Client, client, now, tampered
from tests.spec.tokens import Answer, answer_of, fault, granted, introspect
from tests.support.office import Desk

MACHINE: dict[str, Any] = {
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "client_secret_basic",
}


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client with one machine interface."""
    return client(app, resources=["scim"], **MACHINE)


def token_of(rp: Client, **asked: str) -> Answer:
    """Return a good answer."""
    return answer_of(rp.call("/oidc/token", {"grant_type": "client_credentials", **asked}))


@pytest.mark.spec("RFC 9068", "2.1")
@pytest.mark.spec("RFC 9068", "2.2")
@pytest.mark.spec("RFC 6749", "4.4")
def test_the_token_is_a_jwt_of_its_own_type(rp: Client) -> None:
    """at+jwt, the client as subject, one audience, ten minutes; no refresh token and no ID token."""
    answer = token_of(rp)
    assert set(answer) == {"token_type", "access_token", "expires_in", "scope"}
    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 600, "scim.read scim.write")
    header, claims = rp.opened(answer["access_token"], "RS256")
    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    assert claims == {
        "iss": rp.issuer,
        "sub": rp.client_id,
        "client_id": rp.client_id,
        "aud": f"{rp.issuer}/scim/v2",
        "iat": claims["iat"],
        "exp": claims["iat"] + 600,
        "jti": claims["jti"],
        "scope": "scim.read scim.write",
    }
    assert abs(claims["iat"] - now()) < 5


@pytest.mark.spec("RFC 9068", "2.2")
def test_every_token_has_a_jti_of_its_own(rp: Client) -> None:
    """Unique, also within the same second."""
    found = {rp.opened(token_of(rp)["access_token"], "RS256")[1]["jti"] for _ in range(20)}
    assert len(found) == 20
    assert all(len(jti) >= 32 for jti in found)


@pytest.mark.spec("RFC 8707", "2")
def test_the_audience_is_what_was_asked_for(app: Flask) -> None:
    """One resource or several of its own; another's, an unknown one, or none of its own is invalid_target."""
    rp = client(app, resources=["scim", "reporting"], **MACHINE)
    scim, reporting = f"{rp.issuer}/scim/v2", f"{rp.issuer}/reporting/v1"
    assert rp.opened(token_of(rp, resource=scim)["access_token"], "RS256")[1]["aud"] == scim
    assert rp.opened(token_of(rp)["access_token"], "RS256")[1]["aud"] == [scim, reporting]
    only = client(app, client_id="only", resources=["scim"], **MACHINE)
    for wrong in (reporting, f"{scim}/", "x", rp.issuer, f"{scim}#x"):
        answer = only.call("/oidc/token", {"grant_type": "client_credentials", "resource": wrong})
        assert fault(answer) == ("invalid_target", "RES-01")


@pytest.mark.spec("RFC 6749", "4.4")
@pytest.mark.spec("RFC 6749", "5.2")
def test_the_scope_may_shrink_and_never_grow(rp: Client) -> None:
    """Scopes of its resources only: no scope of teachers, no other interface."""
    assert token_of(rp, scope="scim.read")["scope"] == "scim.read"
    for wrong in ("reporting.read", "openid", "profile", "scim.read openid", "scim.admin"):
        answer = rp.call("/oidc/token", {"grant_type": "client_credentials", "scope": wrong})
        assert fault(answer) == ("invalid_scope", "SCOPE-04")


@pytest.mark.spec("RFC 6749", "4.4")
def test_only_who_registered_the_grant_gets_them(app: Flask) -> None:
    """Not a client without the grant, and never a public one."""
    plain = client(app, client_id="plain", token_endpoint_auth_method="client_secret_basic")
    answer = plain.call("/oidc/token", {"grant_type": "client_credentials"})
    assert fault(answer) == ("unauthorized_client", "REQ-13")
    public: dict[str, Any] = {"token_endpoint_auth_method": "none", "client_secret": None}
    with pytest.raises(PartnerRefused, match="client_credentials"):
        client(app, client_id="public", resources=["scim"], **MACHINE | public)


@pytest.mark.rule("X14")
@pytest.mark.spec("RFC 6749", "5.2")
def test_a_suspended_case_gets_none(rp: Client, desk: Desk) -> None:
    """While a cooperation is suspended its machines get no tokens either."""
    desk.set_case(rp.client_id, state=CaseState.SUSPENDED)
    answer = rp.call("/oidc/token", {"grant_type": "client_credentials"})
    assert fault(answer) == ("unauthorized_client", "OPEN-01")


@pytest.mark.spec("RFC 9068", "4")
def test_it_opens_no_door_of_teachers(rp: Client, app: Flask, browser: Browser, people: People) -> None:
    """A machine token is no token for UserInfo; an ID token is no machine token; a changed one is nothing."""
    token = token_of(rp)["access_token"]
    assert rp.userinfo(token).status_code == 401
    person = client(app, client_id="person", token_endpoint_auth_method="client_secret_basic")
    id_token = granted(person, browser, people["T01"])["id_token"]
    assert introspect(person, id_token) == {"active": False}
    assert introspect(rp, tampered(token, scope="scim.admin")) == {"active": False}
    assert audited(app, "release.changed") == []
