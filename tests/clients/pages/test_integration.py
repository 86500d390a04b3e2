"""The integration page: a partner's own values and no others', in every format."""

import json
import shlex
from dataclasses import replace

import pytest
from flask import Flask

from clients import registry
from clients.registry import RegisteredClient
from config.snapshot import snapshots
from examples.dream_n.settings import Settings
from idp.integration.facts import PLACEHOLDER, integration_of, php_quoted
from idp.pages.integration import SNIPPETS, snippet
from tests.clients.pages.conftest import Pages
from tests.pages import Browser
from tests.support.cases import ADMIN, APPLICANT, OFFICER, Procedure

PATHS = ("integration", "integration.txt", "integration.json", "integration.env", "log")
NASTY = "https://site.example/a'b\"c\\d${x}#{y}"


def clients_of(app: Flask, case: int) -> dict[str, RegisteredClient]:
    """Return the clients of a case by environment."""
    with app.app_context():
        snapshots().refresh()
        return {one.environment: one for one in registry.everyone().values() if one.case_id == case}


@pytest.mark.parametrize("path", PATHS)
def test_who_sees_it(pages: Pages, procedure: Procedure, browser: Browser, path: str) -> None:
    """The partner's own people, and those of ours who read logs; nobody else, not even that there is such a client."""
    client = clients_of(pages.app, procedure.live())["production"]
    url = f"/partners/{client.client_id}/{path}"
    for account in (APPLICANT, OFFICER, ADMIN, "nataud01"):
        assert pages(account).get(url).status == 200, account
    for account, status in (("ptnoff01", 404), ("rcsouth01", 403)):
        assert pages(account).get(url).status == status, account
    assert pages(APPLICANT).get(f"/partners/nobody/{path}").status == 404
    assert browser.get(url).has("login-submit")


def test_its_own_values(pages: Pages, procedure: Procedure) -> None:
    """Client, addresses and exactly the scopes of the approved items, in every snippet; no secret anywhere."""
    case = procedure.live()
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/technical")
    officer.submit("secret-production")
    secret = officer.page.text("secret")
    client = clients_of(pages.app, case)["production"]
    page = officer.get(f"/partners/{client.client_id}/integration")
    scopes = "openid profile inservice_school_code inservice_school_name"
    assert page.text("scope") == scopes
    for name in SNIPPETS:
        text = page.text(f"snippet-{name}")
        assert client.client_id in text
        assert pages.app.extensions["settings"].issuer in text
        assert "inservice_title" not in text
        assert "S256" in text or "Pkce" in text or "PKCE" in text
        assert all(scope in text for scope in scopes.split() if (name, scope) != ("php", "openid"))
    assert secret not in page.html


def test_a_dropped_item_is_not_asked_for(pages: Pages, procedure: Procedure) -> None:
    """The very next look shows it."""
    case = procedure.live()
    client = clients_of(pages.app, case)["production"]
    procedure.step(case, "X19", APPLICANT, {"item": "name"})
    clients_of(pages.app, case)
    assert "profile" not in pages(OFFICER).get(f"/partners/{client.client_id}/integration").text("scope")


def test_libraries_that_know_one_method_only(pages: Pages, procedure: Procedure) -> None:
    """PHP's is told to use the body; .NET's, which knows nothing else, says what to register (OpenIdConnectHandler)."""
    client = clients_of(pages.app, procedure.live())["production"]
    with pages.app.test_request_context():
        found = integration_of(client, "https://idp.example")
        said = {
            method: [snippet(name, replace(found, auth_method=method)) for name in ("php", "dotnet")]
            for method in ("client_secret_basic", "client_secret_post", "private_key_jwt")
        }
    told, warned = "setTokenEndpointAuthMethodsSupported(['client_secret_post'])", "registered with"
    assert {method: (told in php, warned in php, warned in net) for method, (php, net) in said.items()} == {
        "client_secret_basic": (False, False, True),
        "client_secret_post": (True, False, False),
        "private_key_jwt": (False, True, True),
    }


def test_for_programs(pages: Pages, procedure: Procedure) -> None:
    """JSON under standard names; variables that the example site takes as they are, but for the secret."""
    client = clients_of(pages.app, procedure.testing())["test"]
    browser = pages(OFFICER)
    found = json.loads(browser.get(f"/partners/{client.client_id}/integration.json").response.data)
    assert found["client_id"] == client.client_id
    assert found["redirect_uris"] == list(client.redirect_uris)
    assert found["code_challenge_method"] == "S256"
    text = browser.get(f"/partners/{client.client_id}/integration.env").response.get_data(as_text=True)
    variables = dict(word.split("=", 1) for word in shlex.split(text))
    assert variables["OIDC_CLIENT_SECRET"] == PLACEHOLDER
    site = Settings.load(variables)
    assert (site.client_id, site.site_url) == (client.client_id, "https://site.example")
    assert site.scope == found["scope"]
    summary = browser.get(f"/partners/{client.client_id}/integration.txt").response.get_data(as_text=True)
    assert f"client_id                   {client.client_id}" in summary


@pytest.mark.parametrize("name", SNIPPETS)
def test_no_value_breaks_out_of_its_quotes(pages: Pages, procedure: Procedure, name: str) -> None:
    """Quotes, backslashes and what a language might fill in stay part of the value."""
    client = clients_of(pages.app, procedure.testing())["test"]
    with pages.app.app_context():
        found = replace(integration_of(client, "https://idp.example"), redirect_uris=(NASTY,))
        text = snippet(name, found)
    quoted = {"php": php_quoted(NASTY), "apache": '"https://site.example/a\'b\\"c\\\\d${x}#{y}"'}
    if name == "dotnet":
        assert '"/a\'b\\"c\\\\d${x}"' in text
    else:
        assert quoted.get(name, json.dumps(NASTY)) in text


def test_the_kit_is_open(browser: Browser) -> None:
    """Four buttons as SVG that scripts nothing, without log-in."""
    page = browser.get("/kit")
    assert page.status == 200
    for language in ("zh", "en"):
        for look in ("light", "dark"):
            response = browser.get(page.link(f"download-{language}-{look}")).response
            assert response.mimetype == "image/svg+xml"
            content = response.data
            response.close()
            assert b"<script" not in content
            assert ("教師進修網" in content.decode()) == (language == "zh")
