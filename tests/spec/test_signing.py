"""What we sign and encrypt: the algorithm and the key that each client registered (OIDC Core §10, RFC 7518)."""

import json
from typing import Any

import jwt
import pytest
import time_machine
from flask import Flask
from joserfc import jwe
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from tests.pages import Browser
from tests.protocol.wire import People, rotate
from tests.spec.support import ALGS, Keys, client, now
from tests.spec.tokens import answer_of, coded, fault, granted

BASIC: dict[str, Any] = {"token_endpoint_auth_method": "client_secret_basic"}
LEAD = 24 * 3600
ENCRYPTIONS = (
    ("RSA-OAEP-256", "A128CBC-HS256", RSAKey.generate_key(2048)),
    ("ECDH-ES", "A256GCM", ECKey.generate_key("P-256")),
    ("ECDH-ES+A128KW", "A128GCM", OKPKey.generate_key("X25519")),
    ("ECDH-ES+A256KW", "A256CBC-HS512", ECKey.generate_key("P-384")),
)


def encryption_jwks(key: Key, alg: str) -> dict[str, Any]:
    """Return a JWK set with a signing key before the key for encryption."""
    public = {**key.as_dict(private=False), "use": "enc", "kid": "enc-1", "alg": alg}
    return Keys.generate("ES256").jwks() | {"keys": [*Keys.generate("ES256").jwks()["keys"], public]}


def decrypted(token: str, key: Key) -> tuple[dict[str, Any], bytes]:
    """Open a JWE with the client's private key."""
    registry = jwe.JWERegistry(algorithms=[*(alg for alg, _, _ in ENCRYPTIONS), *(enc for _, enc, _ in ENCRYPTIONS)])
    opened = jwe.decrypt_compact(token, key, registry=registry)
    assert opened.plaintext is not None
    return opened.protected, opened.plaintext


@pytest.mark.spec("OIDC Core", "10.1")
@pytest.mark.parametrize("alg", ALGS)
def test_id_tokens_are_signed_as_registered(app: Flask, browser: Browser, people: People, alg: str) -> None:
    """Each algorithm has a key of its own in the JWKS; at_hash goes by the algorithm."""
    rp = client(app, id_token_signed_response_alg=alg, **BASIC)
    code, request = coded(rp, browser, people["T01"])
    answer = answer_of(rp.exchange(code, request))
    rp.verify(answer["id_token"], request, answer["access_token"])
    header = jwt.get_unverified_header(answer["id_token"])
    assert (header["alg"], set(header)) == (alg, {"alg", "kid", "typ"})


@pytest.mark.spec("OIDC Core", "10.1")
@pytest.mark.spec("OIDC Core", "10.1.1")
@pytest.mark.parametrize("alg", ALGS)
def test_each_algorithm_rotates_alone(app: Flask, browser: Browser, people: People, alg: str) -> None:
    """Publish, wait, sign: a sign-in under way survives; the other algorithms keep their keys."""
    rp = client(app, id_token_signed_response_alg=alg, **BASIC)
    others = {key["kid"] for key in _published(app) if key["alg"] != alg}
    with time_machine.travel(now() + 1, tick=False) as clock:
        old = jwt.get_unverified_header(granted(rp, browser, people["T01"])["id_token"])["kid"]
        new = rotate(app, alg)
        assert jwt.get_unverified_header(granted(rp, browser, people["T01"])["id_token"])["kid"] == old
        assert [key["kid"] for key in _published(app) if key["alg"] == alg] == [old, new]
        clock.shift(LEAD - 20)
        browser = Browser(app)
        code, request = coded(rp, browser, people["T01"])
        clock.shift(40)
        answer = answer_of(rp.exchange(code, request))
        rp.verify(answer["id_token"], request, answer["access_token"])
        assert jwt.get_unverified_header(answer["id_token"])["kid"] == new
        assert {key["kid"] for key in _published(app) if key["alg"] != alg} == others


def _published(app: Flask) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = app.test_client().get("/oidc/jwks").get_json()["keys"]
    return found


@pytest.mark.spec("OIDC Core", "5.3")
@pytest.mark.spec("OIDC Core", "5.3.2")
def test_userinfo_comes_as_registered(app: Flask, browser: Browser, people: People) -> None:
    """JSON by default, by GET and POST; a JWT with iss and aud where one was registered."""
    plain = client(app, client_id="plain", **BASIC)
    token = granted(plain, browser, people["T01"])["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    answers = [
        plain.back_channel.get("/oidc/userinfo", headers=header, base_url=plain.issuer),
        plain.back_channel.post("/oidc/userinfo", headers=header, base_url=plain.issuer),
        plain.back_channel.post("/oidc/userinfo", data={"access_token": token}, base_url=plain.issuer),
    ]
    assert [answer.mimetype for answer in answers] == ["application/json"] * 3
    assert answers[0].get_json() == answers[1].get_json() == answers[2].get_json()
    for alg in ALGS:
        rp = client(app, client_id=f"signed-{alg}", userinfo_signed_response_alg=alg, **BASIC)
        answer = rp.userinfo(granted(rp, browser, people["T01"])["access_token"])
        assert answer.mimetype == "application/jwt"
        claims = rp.opened(answer.get_data(as_text=True), alg)[1]
        assert (claims.pop("iss"), claims.pop("aud")) == (rp.issuer, rp.client_id)
        assert {**claims, "sub": ""} == {**answers[0].get_json(), "sub": ""}


@pytest.mark.spec("OIDC Core", "10.2")
@pytest.mark.parametrize(("alg", "enc", "key"), ENCRYPTIONS, ids=[alg for alg, _, _ in ENCRYPTIONS])
def test_they_are_encrypted_to_the_registered_key(
    app: Flask, browser: Browser, people: People, alg: str, enc: str, key: Key
) -> None:
    """Signed, then encrypted, to the key for encryption; userinfo that is only encrypted holds plain claims."""
    wish: dict[str, Any] = {
        f"id_token_encrypted_response_{name}": value for name, value in (("alg", alg), ("enc", enc))
    }
    wish |= {f"userinfo_encrypted_response_{name}": value for name, value in (("alg", alg), ("enc", enc))}
    rp = client(app, jwks=encryption_jwks(key, alg), **BASIC, **wish)
    code, request = coded(rp, browser, people["T01"])
    answer = answer_of(rp.exchange(code, request))
    header, inside = decrypted(answer["id_token"], key)
    assert (header["alg"], header["enc"], header["cty"], header["kid"]) == (alg, enc, "JWT", "enc-1")
    rp.verify(inside.decode(), request, answer["access_token"])
    told = rp.userinfo(answer["access_token"])
    assert told.mimetype == "application/jwt"
    header, claims = decrypted(told.get_data(as_text=True), key)
    assert "cty" not in header
    assert json.loads(claims)["name"] == "王曉晴"


@pytest.mark.spec("OIDC Core", "5.3.2")
@pytest.mark.spec("OIDC Core", "10.2")
def test_userinfo_may_be_signed_and_encrypted(app: Flask, browser: Browser, people: People) -> None:
    """Nested; enc has its default where none was registered."""
    alg, _, key = ENCRYPTIONS[0]
    wish: dict[str, Any] = {"userinfo_signed_response_alg": "ES256", "userinfo_encrypted_response_alg": alg}
    rp = client(app, jwks=encryption_jwks(key, alg), **BASIC, **wish)
    told = rp.userinfo(granted(rp, browser, people["T01"])["access_token"])
    header, inside = decrypted(told.get_data(as_text=True), key)
    assert (header["enc"], header["cty"]) == ("A128CBC-HS256", "JWT")
    assert rp.opened(inside.decode(), "ES256")[1]["aud"] == rp.client_id


@pytest.mark.spec("OIDC Core", "10.2")
def test_without_a_fitting_key_nothing_leaves(app: Flask, browser: Browser, people: People) -> None:
    """A client whose keys do not fit gets an error that says so, never a token in clear."""
    rp = client(app, id_token_encrypted_response_alg="RSA-OAEP-256", **BASIC)
    assert fault(rp.exchange(*coded(rp, browser, people["T01"]))) == ("invalid_request", "KEY-01")
    rp = client(app, client_id="info", userinfo_encrypted_response_alg="RSA-OAEP-256", **BASIC)
    answer = rp.userinfo(granted(rp, browser, people["T01"])["access_token"])
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert "[KEY-01]" in answer.get_json()["error_description"]
