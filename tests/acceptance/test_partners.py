"""What a partner gets: exactly its approved items, under an identifier of its own (AC-53, AC-70 … AC-74, D-47, D-48)."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from clients import cases
from clients.lifecycle import CooperationItem
from clients.models import Case
from scopes.items import DataItem
from tests.pages import Browser
from tests.rp import ALL_SCOPES, RelyingParty
from tests.support.office import Desk, Office, Partner, People

PROTOCOL = {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", "acr", "amr"}
ITEMS = {
    "name": ("profile", "name"),
    "school_code": ("inservice_school_code", "inservice_school_code"),
    "school_name": ("inservice_school_name", "inservice_school_name"),
    "title_code": ("inservice_title_code", "inservice_title_code"),
    "title_name": ("inservice_title_name", "inservice_title_name"),
}
"""Item → scope, claim (§4.4)."""


@pytest.mark.rule("AC-53")
def test_a_dropped_item_disappears(
    dream_n: RelyingParty, desk: Desk, office: Office, browser: Browser, people: People
) -> None:
    """AC-53: the partner drops 姓名: the next token has no name, UserInfo of the old one neither, and no error comes."""
    before = dream_n.sign_in(browser, people["T01"])
    assert before.userinfo["name"] == "王曉晴"
    with browser.app.app_context():
        cases.drop_item(desk.case_id("dream-n"), DataItem.NAME, actor="tests", now=datetime.now(UTC))
    assert "name" not in dream_n.userinfo(before.access_token).get_json()
    page, request = dream_n.start(browser, people["T01"])
    after = dream_n.finish(page, request)
    assert "name" not in after.claims
    assert after.claims["inservice_school_code"] == "994501"
    assert "profile" not in after.scope.split()
    assert [event.detail["items"] for event in office.events("release.changed")] == [
        ["school_code", "school_name", "title_name", "user_id"]
    ]


@pytest.mark.rule("AC-53")
def test_a_dropped_item_that_comes_back_is_asked_again(desk: Desk, browser: Browser, people: People) -> None:
    """R-CLM-5: with the approval the stored consent for the item is void: approved once more, it is asked once more."""
    desk.put(items=["name", "user_id"]).sign_in(browser, people["T01"])
    desk.put(items=["user_id"])
    partner = desk.put(items=["name", "user_id"])
    page, _ = partner.start(browser, people["T01"])
    assert page.has("item-name")


@pytest.mark.rule("AC-72")
def test_asking_for_more_than_approved(partner: Partner, office: Office, browser: Browser, people: People) -> None:
    """AC-72: material-hub requests profile: invalid_scope, and audit scope.over_request."""
    material_hub = partner("material-hub")
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    request = material_hub.request(scope="openid profile inservice_school_name")
    page = browser.get(request.url)
    assert page.location is not None
    assert (page.answer["error"], page.answer["state"]) == ("invalid_scope", request.state)
    assert "code" not in page.answer
    (event,) = office.events("scope.over_request")
    assert (event.client_id, event.detail) == ("material-hub", {"items": ["name"]})


def test_names_outside_the_vocabulary_are_ignored(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """R-CLM-2: email, phone, eduinfo are ignored and left out of the granted scope."""
    signed_in = dream_n.sign_in(browser, people["T01"], scope="openid email phone profile eduinfo")
    assert signed_in.scope == "openid profile"
    assert set(signed_in.userinfo) == {"sub", "name"}


@pytest.mark.rule("AC-73")
def test_userinfo_equals_the_id_token(partner: Partner, people: People) -> None:
    """AC-73: UserInfo's claims equal those of the ID token, at every live partner."""
    for client_id in ("dream-n", "county-study", "material-hub"):
        relying_party = partner(client_id)
        signed_in = relying_party.sign_in(Browser(relying_party.app), people["T01"])
        shared = {name: value for name, value in signed_in.claims.items() if name not in PROTOCOL - {"sub"}}
        assert signed_in.userinfo == shared


@pytest.mark.rule("AC-74")
@pytest.mark.parametrize("client_id", ["dream-n", "county-study", "material-hub", "sped-learn"])
def test_what_no_token_ever_holds(client_id: str, partner: Partner, browser: Browser, people: People) -> None:
    """AC-74: no token or answer holds account name, e-mail, national id or employment status; nor does the code."""
    relying_party, person = partner(client_id), people["T22" if client_id == "sped-learn" else "T01"]
    page, request = relying_party.start(browser, person)
    if page.has("consent-approve"):
        page = browser.submit("consent-approve")
    response = relying_party.exchange(relying_party.code_of(page, request), request)
    token = response.get_json()
    assert set(token) == {"access_token", "token_type", "expires_in", "id_token", "scope"}
    header, payload = (decoded(part) for part in token["id_token"].split(".")[:2])
    assert set(json.loads(header)) == {"alg", "kid", "typ"}
    allowed = {claim for _, claim in ITEMS.values()} | PROTOCOL
    assert set(json.loads(payload)) <= allowed
    userinfo = relying_party.userinfo(token["access_token"]).get_data(as_text=True)
    for text in (payload, userinfo, json.dumps({**token, "id_token": ""}), str(page.location)):
        assert not [word for word in (person["account"], "@", "unlocked", "in_service", "在職") if word in text]


def decoded(part: str) -> str:
    """Return a part of a JWT as text."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


@pytest.mark.rule("D-48")
@pytest.mark.parametrize("item", ITEMS)
def test_one_item_one_scope_one_claim(item: str, desk: Desk, browser: Browser, people: People) -> None:
    """D-48: each scope alone brings its own claim and nothing else, though all six items are approved."""
    scope, claim = ITEMS[item]
    signed_in = desk.put().sign_in(browser, people["T01"], scope=f"openid {scope}")
    assert set(signed_in.claims) - PROTOCOL == {claim}
    assert set(signed_in.userinfo) == {"sub", claim}
    assert set(signed_in.scope.split()) == {"openid", scope}


@pytest.mark.rule("D-48")
def test_openid_alone_brings_the_identifier_only(desk: Desk, browser: Browser, people: People) -> None:
    """§4.4: openid alone gives sub and nothing else."""
    signed_in = desk.put().sign_in(browser, people["T01"], scope="openid")
    assert set(signed_in.userinfo) == {"sub"}
    assert not set(signed_in.claims) - PROTOCOL


@pytest.mark.rule("D-48")
def test_all_six_items(desk: Desk, browser: Browser, people: People) -> None:
    """§4.4: everything approved and requested: five claims and sub, all strings, the code with leading digits kept."""
    userinfo = desk.put().sign_in(browser, people["T01"], scope=ALL_SCOPES).userinfo
    assert {name: value for name, value in userinfo.items() if name != "sub"} == {
        "name": "王曉晴",
        "inservice_school_code": "994501",
        "inservice_school_name": "霧松縣立晨曦國民中學",
        "inservice_title_code": "J40",
        "inservice_title_name": "專任教師",
    }


@pytest.mark.rule("D-47")
def test_who_reports_has_the_identifier(office: Office) -> None:
    """D-47: every case with reporting was approved for 使用者識別碼."""
    query = select(Case).where(Case.items.any(item=CooperationItem.REPORTING)).options(selectinload(Case.data_items))
    found = [{row.item for row in case.data_items} for case in office.rows(query)]
    assert len(found) == 3
    assert all("user_id" in items for items in found)


def test_claims_only_at_userinfo(desk: Desk, browser: Browser, people: dict[str, dict[str, Any]]) -> None:
    """ARCHITECTURE §6: a client may take its claims from UserInfo only."""
    signed_in = desk.put(claims_in_id_token=False).sign_in(browser, people["T01"])
    assert not set(signed_in.claims) - PROTOCOL
    assert signed_in.userinfo["name"] == "王曉晴"
