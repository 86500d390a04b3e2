"""The issuer in every authorization response, so that no answer of another server is taken for ours (RFC 9207)."""

import pytest
from flask import Flask

from tests.pages import Browser, Page
from tests.protocol.wire import PartnerOf, People, ask
from tests.rp import RelyingParty
from tests.spec.support import Client, client, fapi_client

pytestmark = pytest.mark.spec("RFC 9207", "2")
PLAIN = ("query", "form_post")
SIGNED = ("jwt", "query.jwt", "form_post.jwt")


def issuer_of(rp: Client, page: Page, mode: str) -> str:
    """Return the issuer of an answer, from inside the JWT where there is one."""
    answer = page.answer
    if mode in SIGNED:
        assert "iss" not in answer, "JARM §2.1 has it inside"
        answer = rp.opened(answer["response"])[1]
    return str(answer["iss"])


@pytest.mark.spec("RFC 9207", "3")
def test_it_is_announced(dream_n: RelyingParty) -> None:
    """Clients may rely on it, and compare it with the issuer of discovery."""
    found = dream_n.back_channel.get("/.well-known/openid-configuration").get_json()
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["issuer"] == dream_n.issuer


@pytest.mark.spec("RFC 9700", "4.4.2")
@pytest.mark.parametrize("mode", PLAIN + SIGNED)
def test_every_answer_names_its_issuer(app: Flask, browser: Browser, people: People, mode: str) -> None:
    """Success, faulty requests, silent refusals, a cancelled log-in and a refused consent, in every mode."""
    rp = client(app)
    for fault in ({"scope": "profile"}, {"prompt": "none"}, {"prompt": "x"}, {"response_type": "token"}):
        assert issuer_of(rp, ask(browser, rp.request(response_mode=mode, **fault)), mode) == rp.issuer
    request = rp.request(response_mode=mode)
    browser.get(request.url)
    assert issuer_of(rp, browser.follow("login-cancel"), mode) == rp.issuer
    browser.get(request.url)
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert issuer_of(rp, browser.submit("consent-deny"), mode) == rp.issuer
    browser.get(request.url)
    assert issuer_of(rp, browser.submit("consent-approve"), mode) == rp.issuer


@pytest.mark.parametrize("key", ["T05", "T06"])
def test_refusals_of_the_service_name_it(dream_n: RelyingParty, browser: Browser, people: People, key: str) -> None:
    """Who is locked goes back by a button; the answer names its issuer too."""
    person = people[key]
    page, _ = dream_n.start(browser, person)
    answer = page.answer if page.location else browser.follow("refusal-return").answer
    assert (answer["error"], answer["iss"]) == ("access_denied", dream_n.issuer)


def test_a_closed_partner_learns_it(partner: PartnerOf, browser: Browser, people: People) -> None:
    """unauthorized_client of a test client, silently."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    rp = partner("sped-learn")
    answer = ask(browser, rp.request(prompt="none")).answer
    assert (answer["error"], answer["iss"]) == ("unauthorized_client", rp.issuer)


def test_pushed_requests_are_answered_alike(app: Flask, browser: Browser, people: People) -> None:
    """A FAPI client, by PAR."""
    rp = fapi_client(app)
    page = rp.lead(browser, people["T01"], rp.pushed(rp.request()))
    assert page.answer["iss"] == rp.issuer


def test_the_host_header_does_not_decide(dream_n: RelyingParty, browser: Browser) -> None:
    """Whatever Host or X-Forwarded-Host say, the issuer is the configured one."""
    request = dream_n.request(prompt="none")
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    page = Page(browser.http.get(request.url, headers=headers), request.url)
    assert page.answer["iss"] == dream_n.issuer
