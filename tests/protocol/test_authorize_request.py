"""Faulty authorization requests get the right OAuth error, with state and iss (DOMAIN §4.8 rows 3 and 4)."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask

from tests.pages import Browser, Page
from tests.protocol.wire import PartnerOf, People, add_partner, ask, audited, is_error_page, refused
from tests.rp import RelyingParty

WITHOUT_PKCE: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
FAULTS: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("invalid_request", {"response_type": None}),
    ("invalid_request", {"response_type": ""}),
    ("unsupported_response_type", {"response_type": "token"}),
    ("unsupported_response_type", {"response_type": "id_token"}),
    ("unsupported_response_type", {"response_type": "code token"}),
    ("unsupported_response_type", {"response_type": "code id_token token"}),
    ("unsupported_response_type", {"response_type": "none"}),
    ("unsupported_response_type", {"response_type": "CODE"}),
    ("unsupported_response_type", {"response_type": "授權碼"}),
    ("unsupported_response_type", {"response_type": 'code"\\\n'}),
    ("invalid_request", {"response_mode": "fragment"}),
    ("invalid_request", {"response_mode": "表單"}),
    ("request_not_supported", {"request": "eyJhbGciOiJub25lIn0.e30."}),
    ("request_uri_not_supported", {"request_uri": "https://127.0.0.1:8001/request.jwt"}),
    ("registration_not_supported", {"registration": "{}"}),
    ("invalid_scope", {"scope": None}),
    ("invalid_scope", {"scope": ""}),
    ("invalid_scope", {"scope": "profile"}),
    ("invalid_scope", {"scope": "OPENID profile"}),
    ("invalid_scope", {"scope": "openid,profile"}),
    ("invalid_scope", {"scope": "openid inservice_title_code"}),
    ("invalid_request", {"prompt": "nonsense"}),
    ("invalid_request", {"prompt": "login 登入"}),
    ("invalid_request", {"prompt": "none login"}),
    ("invalid_request", {"prompt": "consent none"}),
    ("invalid_request", {"max_age": "soon"}),
    ("invalid_request", {"max_age": "-1"}),
    ("invalid_request", {"max_age": "1.5"}),
    ("invalid_request", {"max_age": "٣"}),
    ("invalid_request", {"max_age": "9" * 400}),
    ("invalid_request", WITHOUT_PKCE),
    ("invalid_request", {"code_challenge": None}),
    ("invalid_request", {"code_challenge_method": None}),
    ("invalid_request", {"code_challenge_method": "plain"}),
    ("invalid_request", {"code_challenge_method": "s256"}),
    ("invalid_request", {"code_challenge_method": "S512"}),
    ("invalid_request", {"code_challenge": "x" * 42}),
    ("invalid_request", {"code_challenge": "x" * 129}),
    ("invalid_request", {"code_challenge": "x" * 42 + "="}),
    ("invalid_request", {"code_challenge": "x" * 42 + "é"}),
    ("invalid_request", {"code_challenge": "x" * 43 + "\n"}),
    ("invalid_request", {"nonce": "n" * 5000}),
    ("invalid_request", {"state": "狀" * 1500}),
    ("invalid_request", {f"p{number}": "x" * 100 for number in range(45)}),
)


@pytest.mark.rule("D-41", "R-CLM-2")
@pytest.mark.spec("RFC 6749", "4.1.2.1")
@pytest.mark.spec("RFC 7636", "4.4.1")
@pytest.mark.spec("RFC 9207", "2")
@pytest.mark.parametrize(("error", "fault"), FAULTS, ids=lambda value: str(value)[:60])
def test_a_faulty_request_goes_back_as_an_error(
    dream_n: RelyingParty, browser: Browser, error: str, fault: dict[str, str | None]
) -> None:
    """The error redirects with state and iss, its description printable ASCII; nobody is asked to log in first."""
    request = dream_n.request(**fault)
    assert refused(ask(browser, request), request, dream_n)["error"] == error


NAMES = ("response_type", "scope", "nonce", "prompt", "max_age", "code_challenge", "code_challenge_method")


@pytest.mark.spec("RFC 6749", "3.1")
@pytest.mark.parametrize("name", [*NAMES, "response_mode", "ui_locales", "login_hint", "request", "foreign"])
def test_no_parameter_may_come_twice(dream_n: RelyingParty, browser: Browser, name: str) -> None:
    """A repeated parameter is an error, even with the same value, even one that we do not know."""
    request = dream_n.request(**{name: "x"})
    page = browser.get(f"{request.url}&{name}=x")
    assert refused(page, request, dream_n)["error"] == "invalid_request"


def test_a_repeated_state_is_not_believed(dream_n: RelyingParty, browser: Browser) -> None:
    """Of two states none is sent back."""
    request = dream_n.request()
    page = browser.get(f"{request.url}&state=other")
    request.parameters.pop("state")
    assert refused(page, request, dream_n)["error"] == "invalid_request"


@pytest.mark.rule("AC-72", "R-CLM-2")
def test_over_asking_is_refused_and_audited(app: Flask, partner: PartnerOf, browser: Browser) -> None:
    """AC-72: a scope that was never approved is invalid_scope, and the attempt is on record."""
    rp = partner("material-hub")
    request = rp.request(scope="openid profile inservice_title_name")
    assert refused(ask(browser, request), request, rp)["error"] == "invalid_scope"
    (event,) = audited(app, "scope.over_request")
    assert (event.client_id, event.detail) == ("material-hub", {"items": ["name"]})


STATES = ("", " ", "a b+c&d=e%2F#?;\"'\\", "狀態 ✓", "line\r\nSet-Cookie: x=1", "<script>alert(1)</script>", "s" * 2000)


@pytest.mark.parametrize("state", STATES, ids=ascii)
def test_state_comes_back_exactly(dream_n: RelyingParty, browser: Browser, people: People, state: str) -> None:
    """The state returns as it came, in errors and in success; an empty one counts as omitted."""
    for changes in ({"response_type": "token"}, {"prompt": "none"}):
        page = ask(browser, dream_n.request(state=state, **changes))
        assert page.answer.get("state") == (state or None)
    page, request = dream_n.start(browser, people["T02"], state=state or None)
    dream_n.code_of(page, request)


def test_without_state_none_is_made_up(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """State is optional."""
    request = dream_n.request(state=None, prompt="none")
    assert "state" not in refused(ask(browser, request), request, dream_n)
    assert dream_n.sign_in(browser, people["T02"], state=None).claims["name"] == "林予安"


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_unknown_parameters_and_scopes_are_ignored(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """What we do not know changes nothing, and is left out of the granted scope."""
    extra = {"display": "touch", "acr_values": "urn:x", "audience": "x", "foreign": "外"}
    extra["scope"] = "email openid  profile offline_access eduinfo 中文 openid"
    page, request = dream_n.start(browser, people["T02"], **extra)
    signed_in = dream_n.finish(page, request)
    assert signed_in.scope == "openid profile"
    assert set(signed_in.userinfo) == {"sub", "name"}


@pytest.mark.spec("RFC 6749", "3.1")
def test_a_parameter_without_value_counts_as_omitted(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Empty parameters are as good as none."""
    empty: dict[str, str | None] = {"nonce": "", "prompt": "", "max_age": "", "response_mode": "", "request": ""}
    page, request = dream_n.start(browser, people["T02"], **empty)
    request.parameters.pop("nonce")
    assert "nonce" not in dream_n.finish(page, request).claims


def test_the_query_of_a_registered_uri_is_kept(app: Flask, browser: Browser, people: People) -> None:
    """A redirect_uri with a query of its own keeps it (RFC 6749 §3.1.2)."""
    rp = add_partner(app, redirect_uris=["https://rp.test/cb?site=%E5%A4%A2&x=1"])
    page, _ = rp.start(browser, people["T01"])
    page = browser.submit("consent-approve")
    assert page.location is not None
    assert page.location.startswith("https://rp.test/cb?site=%E5%A4%A2&x=1&code=")
    assert dict(parse_qsl(urlsplit(page.location).query))["site"] == "夢"


def test_query_mode_may_be_named(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """response_mode=query is the default and may be said."""
    assert dream_n.sign_in(browser, people["T02"], response_mode="query").userinfo["name"] == "林予安"


@pytest.mark.spec("OAuth Form Post", "2")
def test_errors_use_the_mode_that_was_asked_for(dream_n: RelyingParty, browser: Browser) -> None:
    """With form_post an error is posted too."""
    for fault in ({"scope": "profile"}, {"prompt": "none"}):
        request = dream_n.request(response_mode="form_post", **fault)
        page = ask(browser, request)
        assert (page.status, page.location) == (200, None)
        assert page.form_with("answer").action == dream_n.redirect_uri
        assert {"error", "state", "iss"} <= set(page.answer)
        assert page.answer["state"] == request.parameters["state"]


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_post_works_like_get(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A posted request goes on as GET with the same parameters, so that SameSite=Lax cookies come along."""
    request = dream_n.request(state="狀 態&+", ui_locales="en")
    cross_site = {"Origin": "https://dream-n.example", "Sec-Fetch-Site": "cross-site"}
    response = browser.http.post(
        "/oidc/authorize", data=request.parameters, headers=cross_site, base_url=browser.issuer
    )
    assert response.status_code == 303
    target = urlsplit(response.headers["Location"])
    assert (target.netloc, target.path) == ("", "/oidc/authorize")
    assert dict(parse_qsl(target.query, strict_parsing=True)) == request.parameters
    browser.get(response.headers["Location"])
    page = browser.log_in(people["T02"]["account"], people["T02"]["password"])
    assert dream_n.finish(page, request).claims["name"] == "林予安"


def test_a_posted_fault_is_the_same_fault(dream_n: RelyingParty, browser: Browser) -> None:
    """Errors of a posted request are those of the GET, repeated parameters too."""
    request = dream_n.request(scope="profile")
    page = browser.post("/oidc/authorize", request.parameters)
    assert refused(page, request, dream_n)["error"] == "invalid_scope"
    request = dream_n.request()
    page = browser.post("/oidc/authorize", {**request.parameters, "scope": ["openid", "openid"]})
    assert refused(page, request, dream_n)["error"] == "invalid_request"


def test_what_is_too_large_is_refused(dream_n: RelyingParty, browser: Browser) -> None:
    """More than fits into our own URLs gives a page, by GET and by POST."""
    for size in (5000, 20_000, 70_000):
        request = dream_n.request(nonce="中" * size)
        posted = browser.post("/oidc/authorize", request.parameters)
        assert posted.status in {400, 413}
        assert posted.has("error-message")
    page: Page = browser.get(f"/oidc/authorize?{urlencode({'x': 'y' * 17_000})}")
    assert is_error_page(page, "invalid_request", 414)
