"""Keys of clients by ``jwks_uri``: rotation breaks no sign-in, and nobody makes us ask more than once a minute."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from idp.oidc import client_keys
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, later, sign_on
from tests.rp import Request
from tests.spec.client_keys.conftest import rotate, tried
from tests.spec.client_keys.key_site import KeySite
from tests.spec.logout.receiver import wait_for
from tests.spec.signing import Keys, assertion
from tests.spec.support import ASSERTION_TYPE, Client, client
from tests.support.diagnoses import kept

BELIEVED, NOT = "invalid_grant", "invalid_client"


def grants(known: Client, browser: Browser, people: People, count: int) -> list[tuple[str, Request]]:
    """Bring a teacher to the partner, so many times."""
    return [sign_on(known, browser, people["T02"]) for _ in range(count)]


def unknown(number: int) -> Keys:
    """Return a key that nobody published, with a ``kid`` of its own."""
    return Keys("ES256", f"nobody-{number}", Keys.generate("ES256", 90).private)


@pytest.mark.spec("RFC 7591", "2")
@pytest.mark.spec("OIDC Core", "10.1.1")
def test_a_set_is_asked_once(keyed: Client, site: KeySite) -> None:
    """Many sign-ins, one question; after ten minutes another."""
    assert [tried(keyed) for _ in range(5)] == [BELIEVED] * 5
    assert site.asked == ["/keys"]
    with later(minutes=9):
        assert tried(keyed) == BELIEVED
    assert len(site.asked) == 1
    with later(minutes=10, seconds=1):
        assert tried(keyed) == BELIEVED
    assert len(site.asked) == 2


@pytest.mark.spec("OIDC Core", "10.1.1")
@pytest.mark.parametrize("seconds", [0, 59, 61, 599, 601])
def test_a_rotation_breaks_no_sign_in(
    keyed: Client, site: KeySite, browser: Browser, people: People, seconds: int
) -> None:
    """The client signs with a new key as soon as it is published, whenever that is; the old one counts as long."""
    (first, second, third) = grants(keyed, browser, people, 3)
    assert keyed.exchange(*first).status_code == 200
    with later(seconds=min(seconds, 59)):  # codes live a minute
        old = rotate(keyed, site, 1)
        assert keyed.exchange(*second).status_code == 200
        keyed.keys = old
        assert keyed.exchange(*third).status_code == 200
    with later(seconds=seconds + 61):
        rotate(keyed, site, 2)
        assert tried(keyed) == BELIEVED


@pytest.mark.spec("OIDC Core", "10.1.1")
def test_a_rotation_under_a_burst(app: Flask, keyed: Client, site: KeySite, browser: Browser, people: People) -> None:
    """Ten sign-ins at the very moment of a rotation: all succeed, by one question; who has the old key does not wait."""
    assert tried(keyed) == BELIEVED
    codes = grants(keyed, browser, people, 10)
    old = rotate(keyed, site, 1)
    start, clients = Barrier(10), [Client(app, {**keyed.metadata, "scopes": ["openid"]}, keyed.keys) for _ in codes]

    def shoot(number: int) -> int:
        start.wait()
        return clients[number].exchange(*codes[number]).status_code

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(shoot, range(10))) == [200] * 10
    assert len(site.asked) == 2
    site.gate.clear()
    site.asked.clear()
    with later(minutes=11), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(tried, clients[0])
        assert wait_for(lambda: bool(site.asked))
        keyed.keys = old
        assert tried(keyed) == BELIEVED
        assert not waiting.done()
        site.gate.set()
        assert waiting.result() == BELIEVED


@pytest.mark.spec("OIDC Core", "10.1.1")
def test_an_unknown_kid_asks_once_a_minute(keyed: Client, site: KeySite) -> None:
    """Whoever invents key identifiers makes us ask once a minute, no more; good keys go on working."""
    assert tried(keyed) == BELIEVED
    good, asked = keyed.keys, len(site.asked)
    for number in range(10):
        keyed.keys = unknown(number)
        assert tried(keyed) == NOT
    assert len(site.asked) == asked + 1
    with later(seconds=61):
        assert tried(keyed) == NOT
        assert tried(keyed) == NOT
    assert len(site.asked) == asked + 2
    keyed.keys = good
    assert tried(keyed) == BELIEVED


@pytest.mark.spec("OIDC Core", "10.1.1")
@pytest.mark.parametrize("kid", ["nobody", None])
def test_who_does_not_answer_is_left_alone(keyed: Client, site: KeySite, kid: str | None) -> None:
    """No keys yet and an error: one question a minute, whatever kid is asked for; then it works."""
    good, site.status = keyed.keys, 500
    body = {"client_assertion": assertion(keyed.client_id, keyed.issuer, good, header={"kid": kid})}
    assert [tried(keyed, **body) for _ in range(5)] == [NOT] * 5
    assert len(site.asked) == 1
    site.status = 200
    with later(seconds=61):
        assert tried(keyed) == BELIEVED


@pytest.mark.spec("OIDC Core", "10.1.1")
@pytest.mark.parametrize("days", [0, 1])
@pytest.mark.parametrize(
    "broken", [{"status": 404}, {"body": b"oops"}, {"body": {"keys": []}}, {"body": []}, {"body": b"x" * 70_000}]
)
def test_a_set_that_vanishes(keyed: Client, site: KeySite, broken: dict[str, Any], days: int) -> None:
    """The last good keys count on."""
    assert tried(keyed) == BELIEVED
    for name, value in broken.items():
        setattr(site, name, value)
    with later(days=days, minutes=11):
        assert [tried(keyed), tried(keyed)] == [BELIEVED, BELIEVED]
        assert len(site.asked) == 2
        keyed.keys = unknown(1)
        assert tried(keyed) == NOT
        assert len(site.asked) == 2


@pytest.mark.spec("RFC 7517", "9.2")
@pytest.mark.parametrize("kind", ["private", "symmetric", "small"])
def test_sets_that_are_refused(keyed: Client, site: KeySite, kind: str) -> None:
    """A set with a private, symmetric or small key is no good at all, good keys beside it or not."""
    small = {"kty": "RSA", "n": "A" * 171, "e": "AQAB"}
    bad = {
        "private": keyed.keys.private.as_dict(private=True),
        "symmetric": {"kty": "oct", "k": "A" * 43},
        "small": small,
    }
    site.body = {"keys": [*keyed.keys.jwks()["keys"], bad[kind]]}
    assert tried(keyed) == NOT


@pytest.mark.spec("RFC 7517", "5")
def test_kinds_of_keys_that_we_do_not_know(keyed: Client, site: KeySite) -> None:
    """They are left out; the others count."""
    site.body = {"keys": [{"kty": "AKP", "alg": "ML-DSA-44", "pub": "x", "kid": "pq"}, *keyed.keys.jwks()["keys"]]}
    assert tried(keyed) == BELIEVED
    site.body = {"keys": [{"kty": "AKP", "priv": "x", "kid": "pq"}]}
    with later(minutes=11):
        assert tried(keyed) == BELIEVED  # nothing usable: the last keys count on


@pytest.mark.spec("OIDC Core", "10.1.1")
def test_a_rotation_without_kid(keyed: Client, site: KeySite) -> None:
    """A client with one key need not name it; an assertion that does not fit asks again, once a minute."""

    def unnamed() -> dict[str, str]:
        made = assertion(keyed.client_id, keyed.issuer, keyed.keys, header={"kid": None})
        return {"client_assertion": made, "client_assertion_type": ASSERTION_TYPE}

    site.body = {"keys": [keyed.keys.bare]}
    assert tried(keyed, **unnamed()) == BELIEVED
    rotate(keyed, site, 1)
    site.body = {"keys": [keyed.keys.bare]}
    assert tried(keyed, **unnamed()) == BELIEVED
    asked = len(site.asked)
    keyed.keys = Keys.generate("ES256", 2)
    assert [tried(keyed, **unnamed()) for _ in range(3)] == [NOT] * 3
    assert len(site.asked) == asked


@pytest.mark.spec("RFC 9101", "6.1")
def test_request_objects(keyed: Client, site: KeySite, browser: Browser, people: People) -> None:
    """What verifies assertions verifies request objects, right after a rotation too."""
    sign_on(keyed, browser, people["T02"])
    request = keyed.request()
    assert keyed.code_of(browser.get(keyed.by_value(request).url), request)
    rotate(keyed, site, 1)
    request = keyed.request()
    assert keyed.code_of(browser.get(keyed.by_value(request).url), request)
    keyed.keys = unknown(1)
    page = browser.get(keyed.by_value(keyed.request()).url)
    assert page.location is None
    assert page.text("error-code") == "invalid_request"
    assert len(site.asked) == 2


@pytest.mark.spec("RFC 7591", "5")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(keyed: Client, site: KeySite, status: int) -> None:
    """Keys come from the registered URI or not at all."""
    site.status, site.location = status, site.uri("/elsewhere")
    assert tried(keyed) == NOT
    assert site.asked == ["/keys"]


@pytest.mark.spec("RFC 7591", "5")
def test_private_addresses_are_not_called(make_app: MakeApp, site: KeySite) -> None:
    """Unless a developer allows it, we call nobody in our own network."""
    keys = Keys.generate("ES256")
    site.body = keys.jwks()
    assert tried(client(make_app(), keys, jwks_uri=site.uri())) == NOT
    assert site.asked == []


@pytest.mark.spec("RFC 8725", "3.10")
def test_keys_of_the_header_mean_nothing(keyed: Client, site: KeySite) -> None:
    """``jku`` and ``jwk`` of an assertion are not looked at, let alone called."""
    thief = Keys.generate("ES256", 5)
    headers: tuple[dict[str, Any], ...] = (
        {"jku": site.uri("/thief")},
        {"jwk": thief.bare},
        {"x5u": site.uri("/thief")},
    )
    for header in headers:
        made = assertion(keyed.client_id, keyed.issuer, thief, header=header)
        assert tried(keyed, client_assertion=made) == NOT
    assert set(site.asked) <= {"/keys"}


@pytest.mark.spec("RFC 7591", "2")
def test_keys_of_one_client_are_not_those_of_another(app: Flask, site: KeySite) -> None:
    """Each has its own URI, and a URI that changed is asked anew."""
    one, two = Keys.generate("ES256", 1), Keys.generate("ES256", 2)
    site.body = one.jwks()
    first = client(app, one, client_id="first", jwks_uri=site.uri("/first"))
    assert tried(first) == BELIEVED
    site.body = two.jwks()
    second = client(app, two, client_id="second", jwks_uri=site.uri("/second"))
    assert tried(second) == BELIEVED
    second.keys = one
    assert tried(second) == NOT
    moved = client(app, two, client_id="first", jwks_uri=site.uri("/moved"))
    assert tried(moved) == BELIEVED
    assert tried(first) == NOT


def test_many_sources(keyed: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory for sets is bounded; what was forgotten is asked again."""
    monkeypatch.setattr(client_keys, "SOURCES_MAX", 2)
    for number in range(5):
        client_keys._source(f"https://rp.example/{number}")
    assert len(client_keys._sources) <= 2
    assert tried(keyed) == BELIEVED


def test_a_site_that_gives_no_keys_is_kept_for_its_engineer(app: Flask, site: KeySite, keyed: Client) -> None:
    """Where we asked, and what came."""
    site.status = 500
    tried(keyed)
    found = [one for one in kept(app, keyed.client_id) if one.kind == "call"]
    assert [(one.code, one.detail) for one in found] == [
        ("CALL-02", {"received": "status 500", "expected": site.uri()}),
    ]
