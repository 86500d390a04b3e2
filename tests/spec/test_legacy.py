"""The legacy profile: what the field's old software does, and no more than that (D-41)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from scopes.roc import taipei_day
from tests.pages import Browser
from tests.protocol.wire import People, ask, refused
from tests.spec.support import Client, client
from tests.spec.tokens import answer_of, fault

WITHOUT_PKCE: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}


@pytest.fixture
def rp(app: Flask) -> Client:
    """A module of 2017: no PKCE under a waiver, a secret in the body."""
    until = (taipei_day(datetime.now(UTC)) + timedelta(days=90)).isoformat()
    post: dict[str, Any] = {"token_endpoint_auth_method": "client_secret_post"}
    return client(app, client_id="xoops", profile="legacy", pkce_waived_until=until, **post)


@pytest.mark.rule("D-41")
def test_old_software_signs_in(rp: Client, browser: Browser, people: People) -> None:
    """No nonce, no PKCE, unknown scopes and parameters, client_id repeated beside Basic."""
    scope = "openid profile email offline_access eduinfo"
    request = rp.request(**WITHOUT_PKCE, nonce=None, scope=scope, access_type="offline", foo="bar")
    code = rp.code_of(rp.lead(browser, people["T01"], request), request)
    answer = answer_of(rp.exchange(code, request, code_verifier=None))
    assert answer["scope"] == "openid profile"
    claims = rp.opened(answer["id_token"])[1]
    assert "nonce" not in claims
    assert claims["name"] == "王曉晴"
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    told = rp.back_channel.get("/oidc/userinfo?schema=openid&v=1", headers=headers, base_url=rp.issuer)
    assert told.get_json()["name"] == "王曉晴"


@pytest.mark.rule("D-41")
@pytest.mark.spec("RFC 9700", "2.1.1")
def test_the_waiver_has_a_date(app: Flask, rp: Client, browser: Browser, people: People) -> None:
    """After its last day, and without a waiver, PKCE is demanded of a legacy client too."""
    yesterday = (taipei_day(datetime.now(UTC)) - timedelta(days=1)).isoformat()
    waivers: tuple[dict[str, Any], ...] = ({"pkce_waived_until": yesterday}, {})
    for waiver in waivers:
        post: dict[str, Any] = {"token_endpoint_auth_method": "client_secret_post"}
        late = client(app, client_id="xoops", profile="legacy", **post, **waiver)
        request = late.request(**WITHOUT_PKCE)
        assert refused(ask(browser, request), request, late)["error"] == "invalid_request"
    request = rp.request()
    rp.code_of(rp.lead(browser, people["T01"], request), request)


@pytest.mark.spec("RFC 9700", "2.1.1")
def test_a_waiver_opens_no_downgrade(rp: Client, browser: Browser, people: People) -> None:
    """A challenge that came is checked; a verifier without one, and plain, are refused as everywhere."""
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], request), request)
    assert fault(rp.exchange(code, request, code_verifier=None))[0] in {"invalid_grant", "invalid_request"}
    request = rp.request(**WITHOUT_PKCE)
    code = rp.code_of(rp.lead(browser, people["T01"], request), request)
    assert fault(rp.exchange(code, request)) == ("invalid_grant", "PKCE-06")
    request = rp.request(code_challenge_method="plain")
    assert refused(ask(browser, request), request, rp)["error"] == "invalid_request"


@pytest.mark.spec("RFC 6749", "2.3.1")
def test_it_is_not_lax_where_it_matters(rp: Client, browser: Browser, people: People) -> None:
    """Another redirect_uri, two authentications and a used code fail as everywhere."""
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T01"], request), request)
    assert fault(rp.exchange(code, request, redirect_uri="https://rp.test/cb/"))[0] == "invalid_grant"
    twice = rp.exchange(code, request, client_assertion="x")
    assert fault(twice) == ("invalid_request", "AUTH-01")
    answer_of(rp.exchange(code, request))
    assert fault(rp.exchange(code, request))[0] == "invalid_grant"
