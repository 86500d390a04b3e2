"""Best current practice for OAuth 2.0 security (RFC 9700): PKCE, redirects, replay, no open redirector."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, add_partner, ask, is_error_page, later, refused, sign_on, token_error
from tests.rp import RelyingParty
from tests.spec.support import client

EVIL = "https://evil.example/cb"
WITHOUT: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}


@pytest.mark.rule("D-41")
@pytest.mark.spec("RFC 9700", "2.1.1", "4.8.2")
@pytest.mark.spec("RFC 7636", "4.3", "4.4.1")
def test_pkce_cannot_be_left_out_or_weakened(dream_n: RelyingParty, browser: Browser) -> None:
    """No challenge, no method, plain, or a challenge that is none: invalid_request; only S256 is announced."""
    for fault in (
        WITHOUT,
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "x"},
    ):
        request = dream_n.request(**fault)
        assert refused(ask(browser, request), request, dream_n)["error"] == "invalid_request"
    announced = dream_n.back_channel.get("/.well-known/openid-configuration").get_json()
    assert announced["code_challenge_methods_supported"] == ["S256"]


@pytest.mark.spec("RFC 9700", "2.1.1", "4.8.2")
@pytest.mark.spec("RFC 7636", "4.6")
def test_the_verifier_is_checked(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Missing or malformed is invalid_request, another invalid_grant; the challenge itself is no verifier."""
    code, request = sign_on(dream_n, browser, people["T02"])
    expected = {None: "invalid_request", "x": "invalid_request", "": "invalid_request", "é" * 50: "invalid_request"}
    expected |= {"v" * 43: "invalid_grant", request.challenge: "invalid_grant"}
    expected |= {request.verifier + "x": "invalid_grant", request.verifier.lower() + "A": "invalid_grant"}
    for verifier, error in expected.items():
        assert token_error(dream_n.exchange(code, request, code_verifier=verifier)) == error
    assert dream_n.exchange(code, request).status_code == 200


@pytest.mark.spec("RFC 9700", "2.1.1", "4.8.2")
def test_a_downgraded_sign_in_is_noticed(app: Flask, browser: Browser, people: People) -> None:
    """A waiver admits a request without a challenge; a verifier that comes then betrays that the challenge was stripped."""
    waived = datetime.now(UTC).date() + timedelta(days=2)
    rp = add_partner(app, pkce_waived_until=waived.isoformat())
    code, request = sign_on(rp, browser, people["T01"], **WITHOUT)
    assert token_error(rp.exchange(code, request)) == "invalid_grant"
    assert rp.exchange(code, request, code_verifier=None).status_code == 200
    code, request = sign_on(rp, browser, people["T01"])
    assert token_error(rp.exchange(code, request, code_verifier=None)) == "invalid_request"


@pytest.mark.spec("RFC 9700", "2.1", "4.1.3")
def test_redirect_uris_match_to_the_letter(dream_n: RelyingParty, browser: Browser) -> None:
    """No prefix, no case, no port, no extra query, no encoding; a page and never a redirect."""
    uri = dream_n.redirect_uri
    wrong = [EVIL, uri + "/", uri + "?x=1", uri + "#f", uri.upper(), uri + "/../evil", uri.replace("://", "://x@")]
    wrong += [
        uri.replace("127.0.0.1", "localhost"),
        uri.replace("/", "%2F"),
        uri + " ",
        f"{uri} {EVIL}",
        "",
        "javascript:0",
    ]
    for attempt in wrong:
        page = browser.get(dream_n.request(redirect_uri=attempt).url)
        assert is_error_page(page, "invalid_request"), attempt
        assert not any("evil.example" in form.action for form in page.forms)


@pytest.mark.spec("RFC 9700", "4.11.2")
def test_an_error_page_is_no_redirector(dream_n: RelyingParty, browser: Browser) -> None:
    """What came is shown as text: no link, no form, no refresh leads to it."""
    page = browser.get(dream_n.request(redirect_uri=f'{EVIL}"><a href="{EVIL}">x</a>').url)
    assert is_error_page(page, "invalid_request")
    for attribute in ("href", "action", "src", "content"):
        assert f'{attribute}="{EVIL}' not in page.html
    assert f'"><a href="{EVIL}"' not in page.html
    assert "Refresh" not in page.response.headers
    for headers in ({}, {"prompt": "none"}, {"response_mode": "form_post"}, {"request_uri": "urn:x"}, {"request": "x"}):
        assert browser.get(dream_n.request(redirect_uri=EVIL, **headers).url).location is None


@pytest.mark.spec("RFC 9700", "4.11")
@pytest.mark.parametrize(
    "target", [EVIL, "//evil.example", "/\\evil.example", "https:evil.example", "/%0d%0aLocation:x"]
)
def test_no_page_of_ours_redirects_away(browser: Browser, people: People, target: str) -> None:
    """Neither the log-in nor the choice of language nor the logout leads to a place that somebody put into a URL."""
    browser.get(f"/login?next={quote(target, safe='')}")
    assert browser.log_in(people["T02"]["account"], people["T02"]["password"]).location is None
    assert browser.get(f"/language/en?next={quote(target, safe='')}").location is None
    assert browser.get(f"/oidc/logout?{urlencode({'post_logout_redirect_uri': target})}").location is None


@pytest.mark.rule("AC-33")
@pytest.mark.spec("RFC 9700", "2.1.1", "4.5")
@pytest.mark.spec("RFC 6749", "4.1.2")
def test_a_replayed_code_ends_what_it_gave(app: Flask, browser: Browser, people: People) -> None:
    """The second redemption is invalid_grant and takes access and refresh token of the first along, after its own time too."""
    grants = ["authorization_code", "refresh_token"]
    rp = client(app, token_endpoint_auth_method="client_secret_basic", grant_types=grants)
    for delay in (0, 120):
        code, request = sign_on(rp, browser, people["T01"])
        token = rp.exchange(code, request).get_json()
        assert rp.userinfo(token["access_token"]).status_code == 200
        with later(seconds=delay):
            assert token_error(rp.exchange(code, request)) == "invalid_grant"
            assert rp.userinfo(token["access_token"]).status_code == 401
            assert token_error(rp.refresh(token["refresh_token"])) == "invalid_grant"


@pytest.mark.spec("RFC 9700", "4.5.3")
def test_a_stolen_code_is_worth_nothing(
    dream_n: RelyingParty, partner: PartnerOf, browser: Browser, people: People
) -> None:
    """Another client, another redirect_uri, another's verifier: invalid_grant, and the owner can still redeem it."""
    code, request = sign_on(dream_n, browser, people["T02"])
    thief = partner("county-study")
    assert token_error(thief.exchange(code, request, redirect_uri=dream_n.redirect_uri)) == "invalid_grant"
    assert token_error(dream_n.exchange(code, request, redirect_uri=EVIL)) == "invalid_grant"
    assert token_error(dream_n.exchange(code, request, redirect_uri=None)) == "invalid_grant"
    assert token_error(dream_n.exchange(code, dream_n.request())) == "invalid_grant"
    assert dream_n.exchange(code, request).status_code == 200


@pytest.mark.spec("RFC 9700", "2.1.2", "2.4", "4.3.2")
def test_old_flows_are_gone(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """No token from the authorization endpoint, no password grant, no token in a URL."""
    for response_type in ("token", "id_token", "id_token token", "code id_token"):
        request = dream_n.request(response_type=response_type)
        assert refused(ask(browser, request), request, dream_n)["error"] == "unsupported_response_type"
    person = {"username": people["T02"]["account"], "password": people["T02"]["password"]}
    for grant in ("password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
        answer = dream_n.exchange("x", dream_n.request(), grant_type=grant, **person)
        assert token_error(answer) == "unsupported_grant_type"
    token = dream_n.sign_in(browser, people["T02"]).access_token
    answer = dream_n.back_channel.get(f"/oidc/userinfo?access_token={token}", base_url=dream_n.issuer)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.spec("RFC 9700", "4.2.4", "4.16")
def test_answers_leak_nothing_to_others(dream_n: RelyingParty, browser: Browser) -> None:
    """No referrer leaves the site, no page can be framed, nothing is cached."""
    page = browser.get(dream_n.request().url)
    headers = page.response.headers
    assert headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
