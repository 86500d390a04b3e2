"""What each profile demands and grants, said once more, independently (D-41, FAPI 2.0 §5.3.2.1, §5.4)."""

import pytest

from clients.profiles import AUTH_METHODS, PROFILES, SIGNING_ALGS, Profile
from clients.resources import MACHINE_SCOPES, RESOURCES, by_uri

pytestmark = pytest.mark.no_database
FAPI = ("fapi2", "fapi2-signed")
STRONG = {"private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"}


def test_the_profiles_there_are() -> None:
    """Four; what is not demanded of a client by name is not demanded at all."""
    assert list(PROFILES) == ["default", "legacy", *FAPI]
    assert Profile(frozenset(), frozenset()) == Profile(
        auth_methods=frozenset(),
        algs=frozenset(),
        audience_is_issuer=False,
        needs_pushed_request=False,
        needs_signed_request=False,
        binds_tokens=False,
        keeps_refresh_token=False,
        may_waive_pkce=False,
    )


@pytest.mark.rule("D-41")
def test_default_and_legacy() -> None:
    """Every method and algorithm, a waiver of PKCE is possible; only a public client is never legacy."""
    default, legacy = PROFILES["default"], PROFILES["legacy"]
    assert default.auth_methods == AUTH_METHODS >= {"none", "client_secret_basic", "client_secret_post"}
    assert legacy.auth_methods == AUTH_METHODS - {"none"}
    for rules in (default, legacy):
        assert rules.algs == set(SIGNING_ALGS) == {"RS256", "PS256", "ES256", "EdDSA"}
        assert rules.may_waive_pkce
        assert not any((rules.needs_pushed_request, rules.needs_signed_request, rules.binds_tokens))
        assert not any((rules.audience_is_issuer, rules.keeps_refresh_token))


@pytest.mark.spec("FAPI 2.0 Security Profile", "5.3.2.1", "5.4")
@pytest.mark.spec("FAPI 2.0 Message Signing", "5.3")
@pytest.mark.parametrize("name", FAPI)
def test_fapi(name: str) -> None:
    """Strong authentication, no RS256, pushed requests, bound tokens, no waiver; signed requests where the name says so."""
    rules = PROFILES[name]
    assert rules.auth_methods == STRONG
    assert rules.algs == {"PS256", "ES256", "EdDSA"}
    assert all((rules.needs_pushed_request, rules.binds_tokens, rules.audience_is_issuer, rules.keeps_refresh_token))
    assert not rules.may_waive_pkce
    assert rules.needs_signed_request is (name == "fapi2-signed")


@pytest.mark.spec("RFC 8707", "2")
def test_resources() -> None:
    """Each has an identifier, a place below the issuer and scopes that no other has."""
    issuer = "https://idp.example"
    for name, resource in RESOURCES.items():
        assert resource.id == name
        assert by_uri(resource.uri(issuer), issuer) is resource
    assert len(set(MACHINE_SCOPES)) == len(MACHINE_SCOPES)
    uri = RESOURCES["reporting"].uri(issuer)
    for wrong in (f"{uri}/", uri.upper(), f"{uri}?x", issuer, "", uri.replace(issuer, "https://evil.example")):
        assert by_uri(wrong, issuer) is None
