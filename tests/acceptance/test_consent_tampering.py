"""Forms that are not as the consent page made them release nothing (D-50, D-51)."""

from typing import Any

import pytest
from sqlalchemy import select

from consent.models import Consent
from tests.pages import Browser, Page
from tests.rp import RelyingParty
from tests.support.office import Desk, Office, People

Fields = dict[str, list[str]]


def fields(page: Page) -> Fields:
    """Return what the approve button would send."""
    form, found = page.form_with("consent-approve"), Fields()
    pairs = [*form.fields, *((name, value) for name, value, checked in form.boxes.values() if checked)]
    for name, value in [*pairs, ("answer", "approve")]:
        found.setdefault(name, []).append(value)
    return found


def count(office: Office, person: dict[str, Any]) -> int:
    """How many consents of hers are stored."""
    return len(office.rows(select(Consent).where(Consent.account_id == office.id_of(person))))


@pytest.mark.rule("AC-78")
@pytest.mark.parametrize("missing", ["name", "user_id"])
def test_without_an_essential_item(missing: str, desk: Desk, browser: Browser, office: Office, people: People) -> None:
    """AC-78: the form comes back without an essential item: access_denied, nothing is stored."""
    partner = desk.put(essential=["user_id", "name"])
    page, request = partner.start(browser, people["T01"])
    data = fields(page)
    data["items"].remove(missing)
    answer = browser.post("/consent", data).answer
    assert (answer["error"], answer["state"]) == ("access_denied", request.state)
    assert count(office, people["T01"]) == 0


@pytest.mark.rule("D-50")
def test_more_items_than_the_page_showed(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Items that were not asked for or not approved, added to the form, are not given."""
    page, request = dream_n.start(browser, people["T01"], scope="openid profile")
    data = fields(page)
    data["items"] += ["school_name", "title_code", "password", "*", "NAME"]
    data |= {"scope": ["openid profile inservice_school_name"], "client_id": ["county-study"], "given": ["title_code"]}
    signed_in = dream_n.finish(browser.post("/consent", data), request)
    assert set(signed_in.userinfo) == {"sub", "name"}
    page, request = dream_n.start(browser, people["T01"])
    assert page.has("item-school_name"), "it counts as never asked"


@pytest.mark.rule("D-50")
@pytest.mark.parametrize("answer", ["", "yes", "APPROVE", "deny"])
def test_only_approve_approves(
    answer: str, dream_n: RelyingParty, browser: Browser, office: Office, people: People
) -> None:
    """Whatever else the button says is a refusal."""
    page, _ = dream_n.start(browser, people["T01"])
    data = fields(page) | {"answer": [answer]}
    assert browser.post("/consent", data).answer["error"] == "access_denied"
    assert count(office, people["T01"]) == 0


@pytest.mark.rule("D-24", "R-CLM-7")
def test_a_school_of_somebody_else(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """R-CLM-7: an assignment that is not hers, or ended, is not taken; the default stays."""
    page, request = dream_n.start(browser, people["T03"])
    (other,) = office.services(people["T01"])
    data = fields(page) | {"assignment": [str(other.id)]}
    claims = dream_n.finish(browser.post("/consent", data), request).claims
    assert claims["inservice_school_code"] == "990301"


@pytest.mark.rule("D-50")
def test_a_question_of_another_account(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """The sealed question of T01 opens for nobody else: neither its page nor its form."""
    page, _ = dream_n.start(browser, people["T01"])
    theirs, url = fields(page), page.url
    other = Browser(browser.app)
    mine = fields(dream_n.start(other, people["T03"])[0])
    assert other.get(url).status == 400
    answer = other.post("/consent", theirs | {"form_token": mine["form_token"]})
    assert answer.status == 400
    assert count(office, people["T01"]) == count(office, people["T03"]) == 0


@pytest.mark.rule("D-50")
def test_a_question_of_another_person(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """Whoever logged in since is asked herself, with her own values: nobody answers another's question."""
    page, _ = dream_n.start(browser, people["T01"])
    old, url = fields(page), page.url
    browser.get("/login")
    browser.log_in(people["T03"]["account"], people["T03"]["password"])
    asked = browser.get(url)
    assert asked.has("consent-approve")
    assert people["T03"]["name"] in asked.html
    assert people["T01"]["name"] not in asked.html
    token = fields(asked)["form_token"]
    assert browser.post("/consent", old | {"form_token": token}).has("consent-approve")
    assert count(office, people["T01"]) == count(office, people["T03"]) == 0


@pytest.mark.parametrize("change", [{"form_token": ["x"]}, {"form_token": []}, {"form": ["x"]}, {"form": []}])
def test_without_the_seals(
    change: Fields, dream_n: RelyingParty, browser: Browser, office: Office, people: People
) -> None:
    """Without the session-bound token 403, without the sealed question 400; nothing is stored."""
    page, _ = dream_n.start(browser, people["T01"])
    answer = browser.post("/consent", fields(page) | change)
    assert answer.status == (403 if "form_token" in change else 400)
    assert count(office, people["T01"]) == 0


def test_a_question_is_no_answer(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """The seal of the question in the URL is not that of the form: one cannot stand for the other."""
    page, _ = dream_n.start(browser, people["T01"])
    question = page.url.partition("q=")[2].partition("&")[0]
    assert browser.post("/consent", fields(page) | {"form": [question]}).status == 400
    assert count(office, people["T01"]) == 0


def test_a_form_of_another_site(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """A form that another site sent is refused, token or not."""
    page, _ = dream_n.start(browser, people["T01"])
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.post("/consent", fields(page), headers=headers).status == 403
    assert count(office, people["T01"]) == 0


@pytest.mark.rule("D-52")
def test_a_purpose_that_changed_meanwhile(dream_n: RelyingParty, desk: Desk, browser: Browser, people: People) -> None:
    """D-52: her answer is about the purpose that she read; changed meanwhile, she is asked at once again."""
    dream_n.start(browser, people["T01"])
    desk.set_item("dream-n", "name", purpose="另一個用途", purpose_version=2)
    page = browser.submit("consent-approve")
    assert page.has("consent-approve")
    assert "另一個用途" in page.text("about-name")


def test_the_page_of_nobody(browser: Browser) -> None:
    """Without a session the consent page leads to the log-in page."""
    assert browser.get("/consent?q=x").has("login-submit")
