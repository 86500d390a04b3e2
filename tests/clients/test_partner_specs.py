"""Descriptions of partners: every fault at once, nothing unknown, no secret shown (CONTRACT §3)."""

from typing import Any

import pytest

from clients.client_metadata import REFRESH_TOKEN
from clients.partners import PartnerRefused, parse_partner
from scopes.items import DataItem

pytestmark = pytest.mark.no_database
GOOD: dict[str, Any] = {
    "client_id": "rp-1",
    "client_secret": "0123456789abcdef",
    "client_name": "合作網站",
    "redirect_uris": ["https://rp.test/cb"],
}
PUBLIC = {"token_endpoint_auth_method": "none", "client_secret": None}


def test_defaults() -> None:
    """The identifier is essential, the secret goes by Basic, claims are in the ID token, PKCE is not waived."""
    spec = parse_partner(GOOD)
    assert spec.essential == (DataItem.USER_ID,)
    assert spec.token_endpoint_auth_method == "client_secret_basic"
    assert spec.claims_in_id_token
    assert spec.pkce_waived_until is None
    assert spec.environment == "production"
    assert not spec.has_refresh_tokens
    assert "0123456789abcdef" not in repr(spec)


def test_what_is_stored() -> None:
    """The metadata under its registered names, without defaults, and nothing that has a place of its own."""
    spec = parse_partner(GOOD | {"items": ["name"], "contacts": ["mei@rp.test"], "default_max_age": 60})
    assert spec.metadata() == {
        "redirect_uris": ["https://rp.test/cb"],
        "contacts": ["mei@rp.test"],
        "default_max_age": 60,
    }


@pytest.mark.rule("D-26")
def test_the_switch_for_refresh_tokens() -> None:
    """It stands for the grant, beside those that are listed."""
    assert parse_partner(GOOD | {"refresh_tokens": True}).grant_types == ("authorization_code", REFRESH_TOKEN)
    listed = {"refresh_tokens": True, "grant_types": ["refresh_token", "authorization_code"]}
    assert parse_partner(GOOD | listed).grant_types == ("refresh_token", "authorization_code")
    assert not parse_partner(GOOD | {"refresh_tokens": False}).has_refresh_tokens


def test_a_public_client() -> None:
    """It has no secret; one that came along is not used."""
    assert parse_partner(GOOD | PUBLIC).client_secret is None
    assert parse_partner(GOOD | {"token_endpoint_auth_method": "none"}).token_endpoint_auth_method == "none"


@pytest.mark.rule("D-41")
@pytest.mark.parametrize("profile", ["default", "legacy"])
def test_a_waiver(profile: str) -> None:
    """A confidential client may have one."""
    spec = parse_partner(GOOD | {"profile": profile, "pkce_waived_until": "2030-01-31"})
    assert str(spec.pkce_waived_until) == "2030-01-31"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"client_secret": "0123456789abcde"}, "client_secret: at least 16 characters"),
        ({"client_secret": None}, "client_secret: client_secret_basic needs one"),
        ({"client_name": ""}, "client_name"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": ["http://rp.test/cb"]}, "https is needed"),
        ({"post_logout_redirect_uris": ["/bye"]}, "post_logout_redirect_uris.0: /bye"),
        ({"token_endpoint_auth_method": "magic"}, "token_endpoint_auth_method"),
        ({"id_token_signed_response_alg": "none"}, "id_token_signed_response_alg"),
        ({"items": ["birthday"]}, "items.0"),
        ({"essential": ["name"]}, "every essential item must be among the items"),
        ({"refresh_tokens": "often"}, "refresh_tokens"),
        (PUBLIC | {"refresh_tokens": True}, "D-41"),
        ({"pkce_waived_until": "soon"}, "pkce_waived_until"),
        (PUBLIC | {"pkce_waived_until": "2030-01-31"}, "no waiver for a public client"),
        ({"colour": "red"}, "colour"),
        ({"client_id": "a b"}, "client_id"),
        ({"client_id": "a" * 101}, "client_id"),
        ({"environment": "staging"}, "environment"),
        ({"profile": "fapi3"}, "profile"),
        ({"profile": "fapi2"}, "profile fapi2: token_endpoint_auth_method"),
    ],
)
def test_faults(change: dict[str, Any], fault: str) -> None:
    """Each wrong value is named by its field."""
    with pytest.raises(PartnerRefused) as caught:
        parse_partner(GOOD | change)
    assert fault in str(caught.value)


@pytest.mark.rule("D-41")
@pytest.mark.parametrize("profile", ["fapi2", "fapi2-signed"])
def test_no_waiver_under_fapi(profile: str) -> None:
    """FAPI 2.0 §5.3.2.2 knows no exception."""
    key = {"kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ"}
    fapi = {"profile": profile, "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key]}}
    parse_partner(GOOD | fapi)
    with pytest.raises(PartnerRefused, match="pkce_waived_until: no waiver"):
        parse_partner(GOOD | fapi | {"pkce_waived_until": "2030-01-31"})


def test_all_faults_at_once() -> None:
    """Whoever writes a description learns everything in one go; values that may be secret are not repeated."""
    with pytest.raises(PartnerRefused) as caught:
        parse_partner(GOOD | {"client_secret": "hidden-secret", "items": ["birthday"], "colour": "red"})
    text = str(caught.value)
    assert all(name in text for name in ("client_secret", "items", "colour"))
    assert "hidden-secret" not in text


@pytest.mark.parametrize("data", [None, [], "text", 7])
def test_what_is_no_description(data: object) -> None:
    """Other JSON is refused with a reason."""
    with pytest.raises(PartnerRefused, match="partner"):
        parse_partner(data)
