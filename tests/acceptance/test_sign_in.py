"""A teacher signs in at a partner: what arrives, and that it is verified by another library."""

import re

import pytest

from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import People

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PROTOCOL = {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", "acr", "amr"}


@pytest.mark.rule("AC-11")
def test_t01_gets_exactly_the_approved_items(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-11: an ID token with exactly the five approved items."""
    signed_in = dream_n.sign_in(browser, people["T01"])
    assert set(signed_in.claims) - PROTOCOL == {
        "name",
        "inservice_school_code",
        "inservice_school_name",
        "inservice_title_name",
    }
    assert signed_in.claims["name"] == "王曉晴"
    assert signed_in.claims["inservice_school_code"] == "994501"
    assert signed_in.claims["inservice_school_name"] == "霧松縣立晨曦國民中學"
    assert signed_in.claims["inservice_title_name"] == "專任教師"
    assert UUID.fullmatch(signed_in.claims["sub"])
