"""使用者識別碼: pairwise where approved, ephemeral where not; the sector is the case (AC-70, AC-71, D-05, D-49)."""

import re

import pytest
from sqlalchemy import select

from clients import registry
from consent.models import Subject
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Desk, Office, Partner, People

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def sub_of(partner: RelyingParty, people: People, key: str = "T01") -> str:
    """Sign in with a new browser; the sub is a random UUID and UserInfo tells the same one."""
    signed_in = partner.sign_in(Browser(partner.app), people[key])
    sub: str = signed_in.claims["sub"]
    assert UUID.fullmatch(sub)
    assert signed_in.userinfo["sub"] == sub
    return sub


@pytest.mark.rule("AC-70", "D-49")
@pytest.mark.spec("OIDC Core", "8")
def test_ephemeral(partner: Partner, office: Office, people: People) -> None:
    """AC-70: material-hub (no 使用者識別碼): T01 logs in twice, the two sub values differ; none is stored as a subject."""
    assert sub_of(partner("material-hub"), people) != sub_of(partner("material-hub"), people)
    stored = office.rows(select(Subject).where(Subject.account_id == office.id_of(people["T01"])))
    assert stored == []


@pytest.mark.rule("AC-70", "D-49")
def test_ephemeral_in_one_session(partner: Partner, browser: Browser, people: People) -> None:
    """D-49: also two sign-ins of one browser session are not linked by sub."""
    material_hub = partner("material-hub")
    first = material_hub.sign_in(browser, people["T01"]).claims
    second = material_hub.sign_in(browser, people["T01"]).claims
    assert first["sub"] != second["sub"]


@pytest.mark.rule("AC-71", "D-49")
@pytest.mark.spec("OIDC Core", "8", "8.1")
def test_pairwise(partner: Partner, people: People) -> None:
    """AC-71: dream-n and county-study: the sub values differ and each is stable."""
    dream_n, county_study = partner("dream-n"), partner("county-study")
    assert sub_of(dream_n, people) == sub_of(dream_n, people)
    assert sub_of(county_study, people) == sub_of(county_study, people)
    assert sub_of(dream_n, people) != sub_of(county_study, people)
    assert sub_of(dream_n, people) != sub_of(dream_n, people, "T02")


@pytest.mark.rule("D-49")
def test_the_sid_joins_no_partners(partner: Partner, browser: Browser, people: People) -> None:
    """D-49: one browser session shows each partner its own sid, so two partners cannot join their data by it."""
    one = partner("dream-n").sign_in(browser, people["T01"]).claims
    other = partner("county-study").sign_in(browser, people["T01"]).claims
    assert one["sid"] != other["sid"]


@pytest.mark.rule("D-49")
def test_a_changed_redirect_host_keeps_the_identifier(desk: Desk, people: People) -> None:
    """D-49: the sector is the cooperation case, not the host of the redirect URI."""
    before = sub_of(desk.put(redirect_uris=["https://old.test/cb"]), people)
    assert sub_of(desk.put(redirect_uris=["https://new.test/cb"]), people) == before


@pytest.mark.rule("D-49")
def test_two_partners_on_one_host(desk: Desk, people: People) -> None:
    """D-49: two cases have two identifiers, even with one and the same redirect URI."""
    assert sub_of(desk.put(client_id="rp-1"), people) != sub_of(desk.put(client_id="rp-2"), people)


@pytest.mark.rule("D-49")
def test_approved_later(desk: Desk, people: People) -> None:
    """D-49: approved later, the change from ephemeral to pairwise starts with the next login."""
    partner = desk.put(items=["name"])
    assert sub_of(partner, people) != sub_of(partner, people)
    partner = desk.put(items=["name", "user_id"])
    assert sub_of(partner, people) == sub_of(partner, people)


@pytest.mark.rule("D-49")
def test_dropped_and_approved_again(desk: Desk, people: People) -> None:
    """D-49: pairwise values are kept: dropped, the sub is ephemeral; approved again, it is the old one."""
    before = sub_of(desk.put(items=["name", "user_id"]), people)
    assert sub_of(desk.put(items=["name"]), people) != before
    assert sub_of(desk.put(items=["name", "user_id"]), people) == before


@pytest.mark.rule("D-49", "D-51")
def test_the_identifier_cannot_be_declined(desk: Desk, browser: Browser, people: People) -> None:
    """D-49: the item is essential whatever else the technical sheet names: no box lets her decline it."""
    page, _ = desk.put(essential=["name"]).start(browser, people["T01"])
    assert page.has("consent-approve")
    assert not page.has("item-user_id")


@pytest.mark.rule("D-49")
def test_withdrawal_keeps_the_identifier(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-49, D-05: never reassigned: after withdrawal and a new consent it is the same one."""
    before = dream_n.sign_in(browser, people["T01"]).claims["sub"]
    page = browser.get("/account/consents")
    (form,) = [form for form in page.forms if form.action.endswith("/withdraw")]
    browser.post(form.action, dict(form.fields))
    assert sub_of(dream_n, people) == before


@pytest.mark.rule("D-49")
def test_sectors(partner: Partner, browser: Browser, people: People) -> None:
    """D-49: every client is its own sector, the test client too."""
    assert sub_of(partner("sped-learn"), people, "T22")
    with browser.app.app_context():
        sectors = {client.client_id: client.sector for client in registry.everyone().values()}
    assert len(set(sectors.values())) == len(sectors) == 4
    assert sectors["sped-learn"].endswith("-test")
