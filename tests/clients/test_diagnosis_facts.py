"""What a diagnosis keeps of a request: words and registered parts, never what may be a secret."""

import secrets
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.diagnosis_facts import FACT_MAX, Ours, bounded, shown

pytestmark = pytest.mark.no_database
REGISTERED = "https://site.example/oauth2callback-handler1?tenant=12 https://site.example/b"


@pytest.mark.parametrize(
    "word",
    [
        *("code", "authorization_code", "openid inservice_title_code", "urn:ietf:params:oauth:grant-type:device_code"),
        *("https://site.example/callback/", "http://127.0.0.1:8001/cb", "client_secret_post", "S256", "plain"),
    ],
)
def test_words_are_kept(word: str) -> None:
    """Protocol words and plain addresses are what the engineer must see."""
    assert shown(word) == word


@pytest.mark.parametrize("make", [lambda: "rps_" + secrets.token_urlsafe(32), lambda: secrets.token_hex(16)])
@pytest.mark.parametrize(
    "where", ["{}", "openid {}", "https://a.example/cb/{}", "{}://x", "x={}", "https://{}@a.example/", "a:{}:b"]
)
def test_what_looks_random_is_left_out(make: Callable[[], str], where: str) -> None:
    """Secrets, tokens, codes: wherever they stand in a text."""
    for _ in range(50):
        secret = make()
        assert secret not in shown(where.format(secret))
        assert secret[:-1] not in shown(where.format(secret))


@pytest.mark.parametrize("part", ["?state={}", "?a=1&state={}", "?{}", "#{}", "?nonce={}#x", "?a;b={}"])
@pytest.mark.parametrize("value", ["abc", "s", "1"])
def test_values_of_queries_are_left_out(part: str, value: str) -> None:
    """A state may be short: of a query only names are kept."""
    text = shown("https://x.test/cb" + part.format(value))
    assert text.startswith("https://x.test/cb")
    assert "…" in text
    assert value not in text.removeprefix("https://x.test/cb").replace("state", "").replace("nonce", "").replace(
        "a=", ""
    )


def test_user_parts_and_broken_addresses() -> None:
    """A password in an address goes; what is no address at all is not shown."""
    assert shown("https://me:pass@site.example/x") == "https://…@site.example/x"
    assert shown("https://[broken/x") == "…"


def test_registered_parts_are_kept() -> None:
    """What is registered is no secret: whole addresses, path segments and parameters of it."""
    assert shown("https://site.example/oauth2callback-handler1?tenant=12", REGISTERED).endswith("tenant=12")
    assert shown("http://site.example/oauth2callback-handler1?tenant=12", REGISTERED).endswith("handler1?tenant=12")
    assert shown("http://site.example/x?tenant=13", REGISTERED) == "http://site.example/x?tenant=…"


def test_facts_are_short_and_printable() -> None:
    """Three hundred signs; nothing that changes the direction of a line; empty facts are none."""
    found = bounded({"received": "a " * 400, "expected": "b" * 400, "detail": "a\u202eb", "x": None, "y": ""})
    assert {len(found["received"]), len(found["expected"])} == {FACT_MAX}
    assert found["detail"] == "a\ufffdb"
    assert set(found) == {"received", "expected", "detail"}


def test_our_own_texts_are_kept_as_they_are() -> None:
    """A kid may look random, and must be told."""
    kid = uuid.uuid4().hex
    assert bounded({"received": Ours(f"no key for kid {kid}")})["received"].endswith(kid)
    assert kid not in bounded({"received": f"no key for kid {kid}"})["received"]


@given(st.text(max_size=400), st.text(max_size=50))
def test_any_text_is_taken(text: str, known: str) -> None:
    """Whatever a partner sends: no failure, never longer than the limit."""
    assert len(bounded({"received": text, "expected": known}).get("received", "")) <= FACT_MAX
