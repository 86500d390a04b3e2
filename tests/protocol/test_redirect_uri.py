"""Who asks and where the answer would go is settled before anything may redirect (DOMAIN §4.8 row 1)."""

from urllib.parse import urlencode

import pytest
from flask import Flask

from config.environment import Environment
from tests.pages import Browser, Page
from tests.protocol.wire import PartnerOf, ask, is_error_page
from tests.rp import RelyingParty

FOREIGN = (
    "https://evil.example/callback",
    "http://127.0.0.1:8001/callback/",
    "http://127.0.0.1:8001/Callback",
    "http://127.0.0.1:8001/callback?x=1",
    "http://127.0.0.1:8001/callback#x",
    "http://127.0.0.1:8001/callback/../other",
    "http://127.0.0.1:8001/%63allback",
    "http://127.0.0.1:8001/callback ",
    "http://127.0.0.1:80/callback",
    "http://127.0.0.1:8001@evil.example/callback",
    "https://127.0.0.1:8001/callback",
    "//127.0.0.1:8001/callback",
    "/callback",
    "javascript:alert(1)",
    "http://[::1/callback",
    "http://127.0.0.1:port/callback",
    "http://127.0.0.1:8001/回呼",
)


@pytest.mark.spec("RFC 9700", "2.1")
@pytest.mark.parametrize("uri", FOREIGN)
def test_only_the_registered_uri_is_redirected_to(dream_n: RelyingParty, browser: Browser, uri: str) -> None:
    """The redirect_uri is compared as an exact string; any other one gives a page."""
    assert is_error_page(ask(browser, dream_n.request(redirect_uri=uri)), "invalid_request")


@pytest.mark.parametrize("uri", [None, ""])
def test_a_missing_redirect_uri_gives_a_page(dream_n: RelyingParty, browser: Browser, uri: str | None) -> None:
    """Every request names its redirect_uri, although only one is registered."""
    assert is_error_page(ask(browser, dream_n.request(redirect_uri=uri)), "invalid_request")


@pytest.mark.parametrize("client_id", [None, "", "nobody", "DREAM-N", "dream-n ", "夢"])
def test_an_unknown_client_gives_a_page(dream_n: RelyingParty, browser: Browser, client_id: str | None) -> None:
    """An unknown client is told nothing by a redirect."""
    assert is_error_page(ask(browser, dream_n.request(client_id=client_id)), "invalid_client")


@pytest.mark.parametrize(
    ("name", "other", "code"),
    [
        ("client_id", "dream-n", "invalid_client"),
        ("client_id", "county-study", "invalid_client"),
        ("redirect_uri", "http://127.0.0.1:8001/callback", "invalid_request"),
        ("redirect_uri", "https://evil.example/callback", "invalid_request"),
    ],
)
def test_a_repeated_addressee_gives_a_page(
    dream_n: RelyingParty, browser: Browser, name: str, other: str, code: str
) -> None:
    """Of two addressees none is believed, in whichever order they come."""
    pairs = list(dream_n.request().parameters.items())
    for query in (urlencode([*pairs, (name, other)]), urlencode([(name, other), *pairs])):
        assert is_error_page(browser.get(f"/oidc/authorize?{query}"), code)


def test_the_uri_of_another_partner_gives_a_page(dream_n: RelyingParty, partner: PartnerOf, browser: Browser) -> None:
    """A redirect_uri belongs to the client that registered it."""
    uri = partner("county-study").redirect_uri
    assert is_error_page(ask(browser, dream_n.request(redirect_uri=uri)), "invalid_request")


FAULTS: tuple[dict[str, str | None], ...] = (
    {"prompt": "none"},
    {"prompt": "nonsense"},
    {"prompt": "none login"},
    {"scope": "inservice_title_code"},
    {"scope": None},
    {"response_type": "token"},
    {"response_type": None},
    {"response_mode": "form_post"},
    {"response_mode": "fragment"},
    {"code_challenge": None, "code_challenge_method": None},
    {"request": "x"},
    {"max_age": "x"},
    {"nonce": "n" * 5000},
)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_nothing_is_looked_at_before_the_redirect_uri(
    dream_n: RelyingParty, browser: Browser, fault: dict[str, str | None]
) -> None:
    """Whatever else is wrong or wished, an unregistered redirect_uri comes first."""
    wrong = dream_n.request(redirect_uri="https://evil.example/cb", **fault)
    assert is_error_page(ask(browser, wrong), "invalid_request")
    assert is_error_page(ask(browser, dream_n.request(client_id="nobody", **fault)), "invalid_client")


def test_the_redirect_uri_comes_before_repeated_parameters(dream_n: RelyingParty, browser: Browser) -> None:
    """A repeated parameter is no reason to redirect to an unregistered address."""
    url = dream_n.request(redirect_uri="https://evil.example/cb").url
    assert is_error_page(browser.get(f"{url}&scope=openid&state=x&prompt=none"), "invalid_request")


def test_a_posted_request_gets_the_same_page(dream_n: RelyingParty, browser: Browser) -> None:
    """POST is no way round the check."""
    parameters = dream_n.request(redirect_uri="https://evil.example/cb").parameters
    page = browser.post("/oidc/authorize", parameters)
    assert is_error_page(page, "invalid_request")
    assert page.url.startswith("/oidc/authorize")


def test_a_closed_partner_is_not_redirected_to_an_unregistered_uri(partner: PartnerOf, browser: Browser) -> None:
    """The check holds for every client, in whatever state its case is."""
    page = ask(browser, partner("sped-learn").request(redirect_uri="https://evil.example/cb", prompt="none"))
    assert is_error_page(page, "invalid_request")


def _values(page: Page) -> list[str]:
    return page.html.split("<code")[1:]


def test_the_page_shows_what_came_escaped(dream_n: RelyingParty, browser: Browser) -> None:
    """The value received is shown as text, never as markup."""
    evil = 'https://evil.example/"><script>alert(1)</script>'
    for changes in ({"redirect_uri": evil}, {"client_id": evil}):
        page = ask(browser, dream_n.request(**changes))
        assert "<script" not in page.html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in _values(page)[0]


def test_a_developer_sees_the_difference(dream_n: RelyingParty, browser: Browser) -> None:
    """In development the page names the registered value and the first part that differs."""
    page = ask(browser, dream_n.request(redirect_uri="http://127.0.0.1:8002/callback"))
    assert "http://127.0.0.1:8001/callback (port: 8002 ≠ 8001)" in page.html
    page = ask(browser, dream_n.request(redirect_uri="http://127.0.0.1:8001/<b>"))
    assert "<b>" not in page.html
    assert "path: &#39;/&lt;b&gt;&#39; ≠ &#39;/callback&#39;" in page.html


def test_production_shows_it_for_test_clients_only(app: Flask, partner: PartnerOf, browser: Browser) -> None:
    """In production a production client's registered addresses are not told to whoever asks."""
    rules = app.extensions["settings"]
    app.extensions["settings"] = rules.model_copy(update={"env": Environment.PRODUCTION})
    for client_id, shown in (("dream-n", False), ("sped-learn", True)):
        rp = partner(client_id)
        page = ask(browser, rp.request(redirect_uri="https://wrong.example/callback"))
        assert is_error_page(page, "invalid_request")
        assert (rp.redirect_uri in page.html) is shown
