"""The stock relying parties sign in at a provider that does everything right, and at no other."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.relying_parties.node import stock
from tests.relying_parties.node.fake_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, fake_provider

pytestmark = [pytest.mark.needs("node", "node-packages"), pytest.mark.no_database]


def request_to(provider: FakeProvider, **changes: str) -> dict[str, Any]:
    """Give what the relying party is told."""
    return {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uri": "https://rp.test/cb",
        "scope": "openid profile",
    } | changes


@pytest.mark.parametrize("mode", [{}, {"response_mode": "form_post"}])
@pytest.mark.parametrize("library", stock.LIBRARIES)
def test_it_signs_in(library: str, mode: dict[str, str]) -> None:
    """Claims and userinfo arrive, whichever way the code came."""
    with fake_provider() as provider:
        answer = stock.sign_in(request_to(provider, **mode), provider.authorize, library)
    assert answer["claims"]["sub"] == "teacher-1"
    assert answer["userinfo"] == {"sub": "teacher-1", "name": "王曉晴"}


@pytest.mark.parametrize("library", stock.LIBRARIES)
def test_its_request_is_complete(library: str) -> None:
    """PKCE with S256, state and nonce are in every request."""
    with fake_provider() as provider:
        stock.sign_in(request_to(provider, response_mode="form_post"), provider.authorize, library)
        asked = provider.asked
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid profile"
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_mode"] == "form_post"
    assert all(len(asked[name]) >= 32 for name in ("code_challenge", "state", "nonce"))


@pytest.mark.parametrize(
    ("wrong", "objection"),
    [
        ("state", 'unexpected "state"'),
        ("response issuer", 'unexpected "iss"'),
        ("audience", 'unexpected JWT "aud"'),
        ("expiry", 'unexpected JWT "exp"'),
        ("nonce", 'unexpected ID Token "nonce"'),
        ("signature", "JWT signature verification failed"),
        ("subject", '"sub" property'),
        ("grant", "invalid_grant"),
    ],
)
def test_it_objects_to_a_wrong_provider(wrong: str, objection: str) -> None:
    """Each check is on: one wrong thing, one refusal that names it."""
    with fake_provider(wrong) as provider:
        answer = stock.sign_in(request_to(provider), provider.authorize)
    assert objection in (answer["error"].get("cause") or answer["error"]["error"])


@pytest.mark.parametrize("library", [stock.OPENID_CLIENT_5, stock.OAUTH4WEBAPI])
@pytest.mark.parametrize("wrong", ["state", "response issuer", "nonce", "signature", "subject"])
def test_the_others_object_too(library: str, wrong: str) -> None:
    """In their own words; what they check only where it is asked for is asked for."""
    with fake_provider(wrong) as provider:
        assert "error" in stock.sign_in(request_to(provider), provider.authorize, library)


def test_it_objects_to_plain_http_elsewhere() -> None:
    """The exception for http is for loopback alone."""
    with fake_provider() as provider:
        answer = stock.sign_in(request_to(provider, issuer="http://provider.test"), provider.authorize)
    assert answer["error"]["code"] == "OAUTH_HTTP_REQUEST_FORBIDDEN"


def test_an_error_response_is_reported() -> None:
    """What the provider refuses arrives as its OAuth error."""

    def refuse(url: str) -> str:
        asked = parse_qs(urlsplit(url).query)
        return f"https://rp.test/cb?error=access_denied&state={asked['state'][0]}&iss={provider.issuer}"

    with fake_provider() as provider:
        answer = stock.sign_in(request_to(provider), refuse)
    assert answer["error"]["error"] == "access_denied"
