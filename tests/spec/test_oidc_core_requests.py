"""Authentication requests (OIDC Core §3.1.2): what the parameters ask for, and which are let be."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, add_partner, ask, refused
from tests.rp import RelyingParty

LET_BE: tuple[dict[str, str], ...] = (
    {"display": "page"},
    {"display": "popup"},
    {"display": "touch"},
    {"display": "wap"},
    {"display": "hologram"},
    {"claims_locales": "zh-TW en"},
    {"ui_locales": "xx-YY"},
    {"ui_locales": "中文"},
    {"login_hint": "who@else.example"},
    {"acr_values": "urn:x"},
    {"access_type": "offline", "audience": "x", "foreign": "外"},
    {"max_age": "600"},
    {"prompt": ""},
)


@pytest.mark.spec("OIDC Core", "3.1.2.1", "15.1")
@pytest.mark.parametrize("extra", LET_BE, ids=str)
def test_these_disturb_nothing(dream_n: RelyingParty, browser: Browser, people: People, extra: dict[str, str]) -> None:
    """Every display is taken, locales that we do not have and unknown parameters are ignored."""
    assert dream_n.sign_in(browser, people["T02"], untick=(), **extra).claims["name"] == "林予安"


@pytest.mark.spec("OIDC Core", "3.1.2.1")
@pytest.mark.parametrize("prompt", ["create", "create login", "create consent"])
def test_prompt_create_leads_to_the_application(
    dream_n: RelyingParty, browser: Browser, people: People, prompt: str
) -> None:
    """The person without an account is led to where she applies for one, signed in or not, and the request goes along."""
    for _ in range(2):
        location = ask(browser, dream_n.request(prompt=prompt)).location
        assert location is not None
        assert urlsplit(location).path == "/account/apply"
        assert parse_qs(urlsplit(location).query)["i"]
        browser.log_in(people["T02"]["account"], people["T02"]["password"])


@pytest.mark.spec("OIDC Prompt Create", "4.1")
def test_create_is_announced_and_never_silent(dream_n: RelyingParty, browser: Browser) -> None:
    """Discovery lists it; with none it is invalid_request."""
    announced = dream_n.back_channel.get("/.well-known/openid-configuration").get_json()
    assert {"none", "login", "consent", "select_account", "create"} == set(announced["prompt_values_supported"])
    request = dream_n.request(prompt="none create")
    assert refused(ask(browser, request), request, dream_n)["error"] == "invalid_request"


@pytest.mark.spec("OIDC Prompt Create", "4.1")
def test_after_create_a_log_in_ends_it(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Who has an account after all logs in from there, and the sign-in goes on."""
    request = dream_n.request(prompt="create")
    location = ask(browser, request).location
    assert location is not None
    blob = parse_qs(urlsplit(location).query)["i"][0]
    browser.get("/login?" + urlencode({"i": blob}))
    page = browser.log_in(people["T02"]["account"], people["T02"]["password"])
    assert dream_n.finish(page, request).claims["name"] == "林予安"


@pytest.mark.spec("OIDC Registration", "2")
def test_default_max_age_stands_in(app: Flask, browser: Browser, people: People) -> None:
    """The registered default counts where a request names none; a request may ask for more or less."""
    rp, start = add_partner(app, default_max_age=60), datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:
        rp.sign_in(browser, people["T01"])
        clock.move_to(start + timedelta(seconds=60))
        assert "code" in ask(browser, rp.request(prompt="none")).answer
        clock.move_to(start + timedelta(seconds=62))
        expected = {None: "login_required", "0": "login_required", "61": "login_required", "300": None}
        for max_age, error in expected.items():
            assert ask(browser, rp.request(prompt="none", max_age=max_age)).answer.get("error") == error
        assert browser.get(rp.request().url).has("login-submit")


@pytest.mark.spec("OIDC Core", "3.1.2.1", "2")
def test_auth_time_and_amr_are_honest(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A silent sign-in tells of the log-in that was, whatever was demanded meanwhile."""
    start = datetime.now(UTC).replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        first = dream_n.sign_in(browser, people["T02"], max_age="100")
        clock.move_to(start + timedelta(seconds=90))
        request = dream_n.request(prompt="none", max_age="100")
        silent = dream_n.finish(ask(browser, request), request)
    for signed_in in (first, silent):
        assert signed_in.claims["auth_time"] == int(start.timestamp())
        assert signed_in.claims["amr"] == ["pwd"]
    assert silent.claims["iat"] == int(start.timestamp()) + 90


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_max_age_zero_is_a_log_in_of_now(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """max_age=0 is prompt=login: even a log-in of this second does not do."""
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        browser.log_in(people["T02"]["account"], people["T02"]["password"])
        clock.shift(1)
        request = dream_n.request(max_age="0")
        assert browser.get(request.url).has("login-submit")
        page = browser.log_in(people["T02"]["account"], people["T02"]["password"])
        assert dream_n.finish(page, request).claims["auth_time"] == int(datetime.now(UTC).timestamp())


@pytest.mark.spec("OIDC Core", "3.1.2.6", "7.2.1")
def test_registration_is_not_supported(dream_n: RelyingParty, browser: Browser) -> None:
    """The registration parameter of self-issued providers has an error of its own."""
    request = dream_n.request(registration=json.dumps({"client_name": "x"}))
    assert refused(ask(browser, request), request, dream_n)["error"] == "registration_not_supported"


NONCES = ("n", "狀態 ✓", "a b+c&d=e%2F#?;\"'\\", "n" * 1000, "0", "<b>")


@pytest.mark.spec("OIDC Core", "2", "3.1.2.5", "3.1.3.7")
@pytest.mark.parametrize("nonce", NONCES, ids=ascii)
def test_nonce_and_state_come_back_exactly(dream_n: RelyingParty, browser: Browser, people: People, nonce: str) -> None:
    """To the character: the nonce in the ID token, the state in the answer."""
    assert dream_n.sign_in(browser, people["T02"], nonce=nonce, state=nonce).claims["nonce"] == nonce


@pytest.mark.spec("OIDC Core", "3.1.2.5")
@pytest.mark.spec("RFC 6749", "3.1")
def test_an_answer_repeats_nothing(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Every parameter of an answer comes once: code, state and iss; an error adds its description only."""
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    for changes, names in (
        ({}, ["code", "state", "iss"]),
        ({"prompt": "x"}, ["error", "error_description", "state", "iss"]),
    ):
        location = ask(browser, dream_n.request(**changes)).location
        assert location is not None
        assert [name for name, _ in parse_qsl(urlsplit(location).query)] == names


@pytest.mark.spec("OIDC Core", "3.1.2.1", "13.2")
def test_a_form_of_another_site_signs_in(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A partner's page may post the request: no form token is asked for, and the session counts."""
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    request = dream_n.request()
    headers = {"Origin": "https://dream-n.example", "Sec-Fetch-Site": "cross-site"}
    page = browser.post("/oidc/authorize", request.parameters, headers=headers)
    assert dream_n.finish(page, request).claims["name"] == "林予安"


@pytest.mark.spec("OIDC Core", "3.1.2.1")
@pytest.mark.parametrize("form", ["json", "multipart"])
def test_a_post_must_be_a_form(dream_n: RelyingParty, browser: Browser, form: str) -> None:
    """Form serialisation only (§13.2); anything else is no request."""
    parameters: Any = dream_n.request().parameters
    options = {"json": parameters} if form == "json" else {"data": parameters, "content_type": "multipart/form-data"}
    response = browser.http.post("/oidc/authorize", base_url=browser.issuer, **options)
    assert response.status_code == 415


@pytest.mark.spec("OIDC Core", "5.4", "3.1.2.1")
def test_without_openid_nothing_is_given(partner: PartnerOf, browser: Browser) -> None:
    """A request without the scope openid is no OpenID request; we serve no other."""
    rp = partner("county-study")
    for scope in ("profile", "", None, "OpenID", "openid\tprofile"):
        request = rp.request(scope=scope)
        assert refused(ask(browser, request), request, rp)["error"] == "invalid_scope"
