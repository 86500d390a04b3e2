"""The hot path keeps its budget of statements (docs/architecture.md, ARCHITECTURE §7): counted on both engines."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import People
from tests.rp import RelyingParty
from tests.spec.support import Keys
from tests.spec.tokens import granted, refreshing
from tests.support.statements import statements

READ, WRITE = "SELECT", "INSERT"
Counter = Callable[[], Any]


@pytest.fixture(name="statements")
def counter(app: Flask) -> Counter:
    """Return a context manager that lists the statements, and the transaction blocks too."""
    return partial(statements, app, transactions=True)


@pytest.fixture
def returning(dream_n: RelyingParty, browser: Browser, people: People) -> Browser:
    """A browser in which T02 has signed in before."""
    dream_n.sign_in(browser, people["T02"])
    return browser


def test_a_returning_sign_in(dream_n: RelyingParty, returning: Browser, statements: Counter) -> None:
    """Authorize: one SELECT. Token: one SELECT, one INSERT. UserInfo: one SELECT. No transaction blocks."""
    request = dream_n.request()
    with statements() as authorize:
        page = returning.get(request.url)
    code = dream_n.code_of(page, request)
    with statements() as token:
        answer = dream_n.exchange(code, request).get_json()
    with statements() as userinfo:
        assert dream_n.userinfo(answer["access_token"]).status_code == 200
    assert (authorize, token, userinfo) == ([READ], [READ, WRITE], [READ])


def test_a_silent_sign_in(dream_n: RelyingParty, returning: Browser, statements: Counter) -> None:
    """prompt=none costs no more; nor does a refusal of it."""
    with statements() as silent:
        assert "code" in returning.get(dream_n.request(prompt="none").url).answer
    with statements() as refused:
        assert Browser(returning.app).get(dream_n.request(prompt="none").url).answer["error"] == "login_required"
    assert (silent, refused) == ([READ], [READ])


def test_the_session_is_touched_at_most_once_in_five_minutes(
    dream_n: RelyingParty, returning: Browser, statements: Counter
) -> None:
    """seen_at adds one UPDATE when it is older than five minutes, and then none for five minutes."""
    later = datetime.now(UTC) + timedelta(minutes=6)
    with time_machine.travel(later), statements() as seen:
        returning.get(dream_n.request().url)
        returning.get(dream_n.request().url)
    assert seen == [READ, "UPDATE", READ]


@pytest.mark.parametrize("path", ["/oidc/jwks", "/.well-known/openid-configuration"])
def test_documents(path: str, dream_n: RelyingParty, returning: Browser, statements: Counter) -> None:
    """Discovery and JWKS are answered from memory."""
    assert returning.http.get("/oidc/jwks", base_url=dream_n.issuer).status_code == 200
    with statements() as seen:
        assert returning.http.get(path, base_url=dream_n.issuer).status_code == 200
    assert seen == []


def test_bad_secrets_cost_nothing(dream_n: RelyingParty, returning: Browser, statements: Counter) -> None:
    """A code that is none is refused before anything is read; a wrong secret asks once whether a newer one is known.

    The first of each kind is noted for the partner's engineer; those that follow at once are not.
    """
    request = dream_n.request()
    code = dream_n.code_of(returning.get(request.url), request)
    with time_machine.travel(datetime.now(UTC), tick=False):
        for noted in ([WRITE], []):
            with statements() as none:
                assert dream_n.exchange("no code", request).status_code == 400
            assert none == noted
        dream_n.secret = "wrong"
        for noted in ([WRITE], []):
            with statements() as one:
                assert dream_n.exchange(code, request).status_code == 401
            assert one == [READ, *noted]


def test_what_machines_ask(app: Flask, browser: Browser, people: People, statements: Counter) -> None:
    """Refresh: its sign-in is read and written, its family looked at last. Introspection: one SELECT. PAR: one INSERT.

    A DPoP proof adds an INSERT.
    """
    rp = refreshing(app, dpop_bound_access_tokens=False)
    first = granted(rp, browser, people["T02"])
    with statements() as introspection:
        assert rp.call("/oidc/introspect", {"token": first["access_token"]}).status_code == 200
    with statements() as refresh:
        assert rp.refresh(first["refresh_token"]).status_code == 200
    with statements() as push:
        assert rp.push(rp.request()).status_code == 201
    rp.dpop = Keys.generate("ES256", 9)
    first = granted(rp, browser, people["T02"])
    with statements() as bound:
        assert rp.refresh(first["refresh_token"]).status_code == 200
    found = {"introspection": introspection, "refresh": refresh, "push": push, "bound": bound}
    assert found == {
        "introspection": [READ],
        "refresh": [READ, WRITE, READ],
        "push": [WRITE],
        "bound": [WRITE, READ, WRITE, READ],
    }
