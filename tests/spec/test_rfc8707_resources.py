"""Resource indicators (RFC 8707) of sign-ins: their tokens are for UserInfo, and for nothing else."""

from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import People, ask, refused, token_error
from tests.rp import RelyingParty
from tests.spec.support import Client, client, error_of

pytestmark = pytest.mark.spec("RFC 8707", "2")
OTHERS = ("https://api.test/", "http://127.0.0.1:8000/scim/v2", "urn:x", "/relative", "x", "http://127.0.0.1:8000#f")


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client that also has machine interfaces and refresh tokens."""
    grants = ["authorization_code", "refresh_token", "client_credentials"]
    return client(app, token_endpoint_auth_method="client_secret_basic", grant_types=grants, resources=["scim"])


@pytest.mark.parametrize("slash", ["", "/"])
def test_our_own_identifier_is_the_resource(
    dream_n: RelyingParty, browser: Browser, people: People, slash: str
) -> None:
    """The issuer may be named, with or without a slash; once or twice."""
    resource = dream_n.issuer + slash
    assert dream_n.sign_in(browser, people["T02"], resource=resource).claims["name"] == "林予安"
    request = dream_n.request(resource=resource, prompt="none")
    page = browser.get(f"{request.url}&{urlencode({'resource': dream_n.issuer})}")
    assert dream_n.finish(page, request).claims["name"] == "林予安"


@pytest.mark.spec("RFC 8707", "2.1")
@pytest.mark.parametrize("resource", OTHERS)
def test_another_resource_is_an_invalid_target(rp: Client, browser: Browser, resource: str) -> None:
    """Also one that the client has as a machine: it is not for tokens of teachers. Pushed and signed too."""
    request = rp.request(resource=resource)
    assert refused(ask(browser, request), request, rp)["error"] == "invalid_target"
    assert error_of(rp.push(request)) == "invalid_target"
    by_value = rp.by_value(request)
    by_value.parameters["request"] = rp.signed(request, resource=[rp.issuer, resource])
    assert refused(ask(browser, by_value), request, rp)["error"] == "invalid_target"
    page = browser.get(f"{rp.request(resource=rp.issuer).url}&{urlencode({'resource': resource})}")
    assert page.answer["error"] == "invalid_target"


def test_a_signed_list_of_resources(rp: Client, browser: Browser) -> None:
    """Inside a request object several resources are a list."""
    request = rp.request()
    by_value = rp.by_value(request)
    by_value.parameters["request"] = rp.signed(request, resource=[rp.issuer, rp.issuer + "/"])
    assert browser.get(by_value.url).has("login-submit")


@pytest.mark.spec("RFC 8707", "2.2")
def test_the_token_endpoint_gives_no_other_target(rp: Client, browser: Browser, people: People) -> None:
    """A code and a refresh token give no token for another resource; refused, they are not used up."""
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], request), request)
    for resource in OTHERS:
        assert token_error(rp.exchange(code, request, resource=resource)) == "invalid_target"
    token = rp.exchange(code, request, resource=rp.issuer).get_json()
    for resource in OTHERS:
        assert token_error(rp.refresh(token["refresh_token"], resource=resource)) == "invalid_target"
    assert rp.refresh(token["refresh_token"], resource=rp.issuer).status_code == 200
