"""Who signed a request object (RFC 9101 §6.1, §10.2; RFC 8725): only the client's own registered keys count."""

import base64
import json
from typing import Any

import pytest
from flask import Flask
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.pages import Browser
from tests.spec.request_objects import BAD_OBJECT, error, is_good
from tests.spec.support import Client, Keys, client, request_object, tampered


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client with a key, which may sign its requests."""
    return client(app)


@pytest.mark.spec("RFC 9101", "10.2")
@pytest.mark.spec("RFC 8725", "3.2")
def test_an_unsigned_object_is_refused(app: Flask, rp: Client, browser: Browser) -> None:
    """Alg none, however spelt: request_not_supported; where the client must sign, it is its fault."""
    request = rp.request()
    for alg in ("none", "None", "NONE"):
        head = base64.urlsafe_b64encode(json.dumps({"alg": alg}).encode()).rstrip(b"=").decode()
        body = request_object(request.parameters, rp.issuer, rp.keys).split(".")[1]
        assert error(rp, browser, request, f"{head}.{body}.") == "request_not_supported"
    signing = client(app, client_id="signs", request_object_signing_alg="ES256")
    request = signing.request()
    unsigned = request_object(request.parameters, signing.issuer, signing.keys, alg="none")
    assert error(signing, browser, request, unsigned) == BAD_OBJECT


@pytest.mark.spec("RFC 9101", "6.1")
@pytest.mark.spec("RFC 8725", "3.1")
def test_a_public_key_is_no_secret(app: Flask, browser: Browser) -> None:
    """HS256 under the client's public key, its secret or nothing is refused (RFC 8725 §2.1)."""
    keys = Keys.generate("RS256")
    rp = client(app, keys)
    request = rp.request()
    pem = RSAKey.import_key(keys.bare).as_pem(private=False).decode()
    for secret in (pem, rp.secret, json.dumps(keys.public), "x"):
        token = request_object(request.parameters, rp.issuer, Keys.of_secret(secret), header={"kid": keys.kid})
        assert error(rp, browser, request, token) == BAD_OBJECT


@pytest.mark.spec("RFC 9101", "6.1")
def test_only_the_clients_own_key_counts(app: Flask, rp: Client, browser: Browser) -> None:
    """Another key under the same kid, an unknown kid, another client's key, a changed payload, no signature."""
    request, stranger = rp.request(), Keys.generate("ES256", 7)
    client(app, stranger, client_id="stranger")
    good = rp.signed(request)
    tokens = [
        request_object(request.parameters, rp.issuer, stranger, header={"kid": rp.keys.kid}),
        request_object(request.parameters, rp.issuer, stranger),
        rp.signed(request, header={"kid": "another"}),
        tampered(good, scope="openid profile"),
        good.rsplit(".", 1)[0] + ".",
        good[:-4] + "AAAA",
    ]
    for token in tokens:
        assert error(rp, browser, request, token) == BAD_OBJECT
    assert is_good(rp, browser, good)


@pytest.mark.spec("RFC 9101", "6.1")
def test_the_registered_algorithm_is_the_only_one(app: Flask, browser: Browser) -> None:
    """Who registered PS256 is not believed under RS256, though the key is the same."""
    keys = Keys.generate("PS256")
    jwks = {"keys": [{**keys.bare, "kid": keys.kid}]}
    rp = client(app, keys, jwks=jwks, request_object_signing_alg="PS256", token_endpoint_auth_signing_alg="PS256")
    request = rp.request()
    assert is_good(rp, browser, rp.signed(request))
    assert error(rp, browser, request, rp.signed(request, alg="RS256")) == BAD_OBJECT


@pytest.mark.spec("RFC 8725", "3.10")
@pytest.mark.spec("RFC 9101", "6.1")
@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64"])
def test_no_key_and_no_demand_from_the_header(rp: Client, browser: Browser, name: str) -> None:
    """A key that the header brings or points at, and extensions that must be understood, are refused."""
    stranger = Keys.generate("ES256", 7)
    url = "https://rp.test/jwks"
    members: dict[str, Any] = {"jwk": stranger.public, "jku": url, "x5u": url, "x5c": ["AAAA"], "crit": ["exp"]}
    header = {name: (members | {"b64": True})[name], "kid": None}
    request = rp.request()
    for keys in (stranger, rp.keys):
        token = request_object(request.parameters, rp.issuer, keys, header=header)
        assert error(rp, browser, request, token) == BAD_OBJECT


@pytest.mark.spec("RFC 7515", "4")
def test_header_members_that_nobody_knows_are_ignored(rp: Client, browser: Browser) -> None:
    """Software of the field puts things of its own there."""
    assert is_good(rp, browser, rp.signed(rp.request(), header={"x-own": [1], "cty": "json"}))


def raw(*parts: object) -> str:
    """Return three parts as a compact JWS, each JSON."""
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)


NONSENSE = (
    "x",
    "x.y",
    "x.y.z",
    "...",
    "a.b.c.d.e",
    "é.é.é",
    raw([], {}, ""),
    raw(["alg"], {}, ""),
    raw("alg", {}, ""),
    raw({"alg": ["ES256"]}, {}, ""),
    raw({"alg": {}}, {}, ""),
    raw({"alg": "ES256", "kid": ["x"]}, {}, ""),
    raw({"alg": "ES256", "kid": {}}, {}, ""),
    raw({"alg": "ES256"}, [], ""),
    raw({"alg": "XX999"}, {}, ""),
    "A" * 13_000,
)


@pytest.mark.spec("RFC 9101", "6.1")
@pytest.mark.parametrize("token", NONSENSE, ids=lambda token: token[:30])
def test_nonsense_is_refused(rp: Client, browser: Browser, token: str) -> None:
    """What is no JWS is invalid_request_object, never an accident."""
    assert error(rp, browser, rp.request(), token) == BAD_OBJECT


@pytest.mark.spec("RFC 9101", "6.1")
@pytest.mark.parametrize("payload", [b"[]", b"x", b"\xff", b'"text"', b"null"])
def test_a_signed_payload_must_be_an_object(rp: Client, browser: Browser, payload: bytes) -> None:
    """A good signature over something else than a JSON object does not help."""
    token = jws.serialize_compact({"alg": "ES256", "kid": rp.keys.kid}, payload, rp.keys.private)
    assert error(rp, browser, rp.request(), token) == BAD_OBJECT
