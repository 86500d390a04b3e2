"""Descriptions of partners: every fault at once, nothing unknown, no secret shown (CONTRACT §3)."""

from typing import Any

import pytest

from clients.partners import PartnerRefused, parse_partner
from scopes.items import DataItem

pytestmark = pytest.mark.no_database
GOOD: dict[str, Any] = {
    "client_id": "rp-1",
    "client_secret": "0123456789abcdef",
    "client_name": "合作網站",
    "redirect_uris": ["https://rp.test/cb"],
}


def test_defaults() -> None:
    """The identifier is essential, the secret goes by Basic, claims are in the ID token."""
    spec = parse_partner(GOOD)
    assert spec.essential == (DataItem.USER_ID,)
    assert spec.token_endpoint_auth_method == "client_secret_basic"
    assert spec.claims_in_id_token
    assert "0123456789abcdef" not in repr(spec)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"client_secret": "0123456789abcde"}, "client_secret: at least 16 characters"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": ["http://rp.test/cb"]}, "https is needed"),
        ({"post_logout_redirect_uris": ["/bye"]}, "post_logout_redirect_uris: /bye"),
        ({"token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({"id_token_signed_response_alg": "none"}, "id_token_signed_response_alg"),
        ({"items": ["birthday"]}, "items.0"),
        ({"essential": ["name"]}, "every essential item must be among the items"),
        ({"refresh_tokens": True}, "D-26"),
        ({"pkce_waived_until": "soon"}, "pkce_waived_until"),
        ({"colour": "red"}, "colour"),
        ({"client_id": "a b"}, "client_id"),
        ({"environment": "staging"}, "environment"),
        ({"profile": "fapi2"}, "profile"),
    ],
)
def test_faults(change: dict[str, Any], fault: str) -> None:
    """Each wrong value is named by its field."""
    with pytest.raises(PartnerRefused) as caught:
        parse_partner(GOOD | change)
    assert fault in str(caught.value)


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
