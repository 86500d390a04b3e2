"""Client assertions: signed by the client alone, for us, now and once (RFC 7523 §3, RFC 7521 §4.2, OIDC Core §9)."""

import base64
import json
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, audited, race
from tests.spec.support import ALGS, ASSERTION_TYPE, Client, Keys, assertion, client, error_of, now, sign, tampered
from tests.spec.tokens import answer_of, coded, fault, twin

MACHINE: dict[str, Any] = {
    "grant_types": ["authorization_code", "client_credentials"],
    "resources": ["scim"],
}
TYP = {"typ": "JWT"}


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client with ``private_key_jwt`` that can get tokens for itself: the shortest way to authenticate."""
    return client(app, **MACHINE)


def send(rp: Client, made: str, **changes: str | None) -> TestResponse:
    """Ask for a token of the client itself with an assertion."""
    body = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": made}
    sent = {name: value for name, value in {**body, **changes}.items() if value is not None}
    return rp.back_channel.post("/oidc/token", data=sent, base_url=rp.issuer)


def is_refused(answer: TestResponse) -> bool:
    """Whether this is the answer to every failed authentication: it tells nothing."""
    assert answer.get_json() == {"error": "invalid_client", "error_description": "Client authentication failed"}
    return error_of(answer, 401) == "invalid_client"


@pytest.mark.spec("RFC 7523", "3")
@pytest.mark.spec("OIDC Core", "9")
@pytest.mark.parametrize("alg", ALGS)
def test_every_announced_algorithm_is_accepted(app: Flask, alg: str) -> None:
    """RS256, PS256, ES256, EdDSA, with and without kid, typ and iat."""
    rp = client(app, Keys.generate(alg), **MACHINE)
    for header in ({}, TYP, {"kid": None}, {"x-of-ours": "ignored"}):
        answer_of(send(rp, assertion(rp.client_id, rp.issuer, rp.keys, header=header)))
    answer_of(send(rp, assertion(rp.client_id, rp.issuer, rp.keys, iat=None)))
    document = rp.back_channel.get("/.well-known/openid-configuration").get_json()
    assert alg in document["token_endpoint_auth_signing_alg_values_supported"]


@pytest.mark.spec("RFC 7523", "3")
def test_a_teacher_is_signed_in_by_it(rp: Client, browser: Browser, people: People) -> None:
    """The code grant works by assertion, and a wrong one leaves the code good."""
    code, request = coded(rp, browser, people["T01"])
    other = Client(rp.app, rp.metadata, Keys.generate("ES256", 5))
    assert is_refused(other.exchange(code, request))
    answer = answer_of(rp.exchange(code, request))
    assert rp.userinfo(answer["access_token"]).get_json()["name"] == "王曉晴"


GOOD_AUDIENCES = ("{}", "{}/oidc/token", ["{}"], ["https://other.test", "{}/oidc/token"])


@pytest.mark.spec("RFC 7523", "3")
@pytest.mark.spec("OIDC Core", "9")
@pytest.mark.parametrize("audience", GOOD_AUDIENCES, ids=str)
def test_the_audience_is_us(rp: Client, audience: Any) -> None:
    """Issuer or token endpoint, as text or within a list."""
    named = [one.format(rp.issuer) for one in audience] if isinstance(audience, list) else audience.format(rp.issuer)
    answer_of(send(rp, assertion(rp.client_id, named, rp.keys)))


@pytest.mark.spec("RFC 9126", "2")
def test_the_audience_may_be_the_endpoint_called(rp: Client) -> None:
    """At another endpoint its own URL goes too; that URL does not go at the token endpoint."""
    for path in ("/oidc/introspect", "/oidc/revoke", "/oidc/par"):
        made = assertion(rp.client_id, rp.issuer + path, rp.keys)
        body = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": made, "token": "x"}
        body |= rp.request().parameters if path == "/oidc/par" else {}
        assert rp.back_channel.post(path, data=body, base_url=rp.issuer).status_code in {200, 201}
        assert is_refused(send(rp, assertion(rp.client_id, rp.issuer + path, rp.keys)))


def _wrong(instant: int) -> list[dict[str, Any]]:
    return [
        {"iss": None},
        {"iss": "dream-n"},
        {"iss": ["keyed"]},
        {"sub": "dream-n"},
        {"sub": "nobody"},
        {"aud": None},
        {"aud": "https://other.test"},
        {"aud": []},
        {"aud": ["https://other.test"]},
        {"aud": {"a": "b"}},
        {"aud": "http://127.0.0.1:8000/"},
        {"aud": "http://127.0.0.1:8000.evil.example"},
        {"exp": None},
        {"exp": instant - 60},
        {"exp": instant + 2 * 3600},
        {"exp": str(instant + 60)},
        {"exp": True},
        {"exp": 1e400},
        {"nbf": instant + 120},
        {"iat": instant + 120},
        {"nbf": "soon"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 501},
    ]


@pytest.mark.spec("RFC 7523", "3")
@pytest.mark.parametrize("number", range(len(_wrong(0))), ids=[next(iter(wrong)) for wrong in _wrong(0)])
def test_every_claim_is_checked(rp: Client, number: int) -> None:
    """Wrong, missing, too late, too far away, of another type: invalid_client, and nothing more."""
    wrong = _wrong(now())[number]
    claims = {"aud": rp.issuer, **wrong}
    assert is_refused(send(rp, assertion(rp.client_id, claims.pop("aud"), rp.keys, **claims)))


@pytest.mark.spec("RFC 7523", "3")
def test_it_is_short_lived(rp: Client) -> None:
    """Ten seconds of clock difference are forgiven, no more."""
    made = [assertion(rp.client_id, rp.issuer, rp.keys, exp=now() + 5) for _ in range(2)]
    with time_machine.travel(now() + 14, tick=False):
        answer_of(send(rp, made[0]))
    with time_machine.travel(now() + 17, tick=False):
        assert is_refused(send(rp, made[1]))
    ahead: dict[str, Any] = {"iat": now() + 8, "nbf": now() + 8}
    answer_of(send(rp, assertion(rp.client_id, rp.issuer, rp.keys, **ahead)))


@pytest.mark.spec("RFC 7523", "3")
def test_a_jti_counts_once(app: Flask, rp: Client) -> None:
    """The same assertion, or another with its jti, is refused; the jti of another client is another one."""
    made = assertion(rp.client_id, rp.issuer, rp.keys, jti="once")
    answer_of(send(rp, made))
    assert is_refused(send(rp, made))
    assert is_refused(send(rp, assertion(rp.client_id, rp.issuer, rp.keys, jti="once", exp=now() + 600)))
    other = client(app, Keys.generate("ES256", 3), client_id="other", **MACHINE)
    answer_of(send(other, assertion(other.client_id, other.issuer, other.keys, jti="once")))


@pytest.mark.spec("RFC 7523", "3")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_jti_counts_once_even_when_raced(make_app: MakeApp, workers: int) -> None:
    """Twelve at the same moment, in one worker or two: one gets through."""
    apps = [make_app() for _ in range(workers)]
    rp = client(apps[0], **MACHINE)
    made = assertion(rp.client_id, rp.issuer, rp.keys)
    answers = race([twin(rp, apps[number % workers]) for number in range(12)], lambda racer: send(racer, made))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 11
    assert all(is_refused(answer) for answer in answers if answer.status_code != 200)


@pytest.mark.spec("RFC 8725", "3")
@pytest.mark.spec("RFC 7523", "3")
def test_nobody_else_can_sign(rp: Client) -> None:
    """Unsigned, changed, of a foreign key, or HMAC with the public key as the secret: refused."""
    public = json.dumps(rp.keys.public)
    made = assertion(rp.client_id, rp.issuer, rp.keys)
    wrong = [
        assertion(rp.client_id, rp.issuer, rp.keys, header={"alg": "none"}),
        assertion(rp.client_id, rp.issuer, rp.keys, header={"alg": "none", "kid": None}) + "AAAA",
        tampered(made, jti="another"),
        made[:-4] + "AAAA",
        made.rpartition(".")[0] + ".",
        assertion(rp.client_id, rp.issuer, Keys.generate("ES256", 4), header={"kid": rp.keys.kid}),
        assertion(rp.client_id, rp.issuer, Keys.generate("ES256", 4)),
        assertion(rp.client_id, rp.issuer, Keys.generate("RS256")),
        assertion(rp.client_id, rp.issuer, Keys.of_secret(public), header={"kid": rp.keys.kid}),
        assertion(rp.client_id, rp.issuer, Keys.of_secret(rp.keys.public["x"]), header={"kid": None}),
        assertion(rp.client_id, rp.issuer, Keys.of_secret("")),
    ]
    assert all(is_refused(send(rp, one)) for one in wrong)
    answer_of(send(rp, made))


FOREIGN = ("jwk", "jku", "x5u", "x5c")


@pytest.mark.spec("RFC 8725", "3")
@pytest.mark.parametrize("member", FOREIGN)
def test_keys_come_from_the_registration_alone(rp: Client, member: str) -> None:
    """A key or its address in the header is refused, even with the right signature."""
    thief = Keys.generate("ES256", 4)
    values = {"jwk": thief.bare, "jku": "https://evil.example/jwks", "x5u": "https://evil.example/", "x5c": ["MIIB"]}
    for keys in (thief, rp.keys):
        header = {member: values[member], "kid": rp.keys.kid}
        assert is_refused(send(rp, assertion(rp.client_id, rp.issuer, keys, header=header)))


@pytest.mark.spec("RFC 8725", "3")
@pytest.mark.parametrize("header", [{"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": True}, {"b64": False}])
def test_critical_extensions_are_refused(rp: Client, header: dict[str, Any]) -> None:
    """We understand none, so none is passed over (RFC 7515 §4.1.11)."""
    made = assertion(rp.client_id, rp.issuer, rp.keys)
    body = made.split(".")[1]
    head = base64.urlsafe_b64encode(json.dumps({"alg": "ES256"} | header).encode()).rstrip(b"=").decode()
    assert is_refused(send(rp, f"{head}.{body}.{made.split('.')[2]}"))


@pytest.mark.spec("RFC 8725", "3")
def test_only_the_registered_algorithm_counts(app: Flask) -> None:
    """Another algorithm than the registered one is refused, though the key could do it."""
    keys = Keys.generate("RS256")
    rp = client(app, keys, token_endpoint_auth_signing_alg="PS256", jwks={"keys": [keys.bare]}, **MACHINE)
    assert is_refused(send(rp, assertion(rp.client_id, rp.issuer, keys)))
    answer_of(send(rp, assertion(rp.client_id, rp.issuer, keys, header={"alg": "PS256"})))


@pytest.mark.parametrize("keys", [Keys.generate("ES256"), Keys.generate("RS256")], ids=lambda keys: keys.alg)
@pytest.mark.spec("RFC 7517", "4")
def test_a_key_is_used_for_what_it_is_meant(app: Flask, keys: Keys) -> None:
    """A registered key for encryption, or for another algorithm, signs no assertion."""
    for number, changes in enumerate(({"use": "enc"}, {"alg": "PS256" if keys.alg == "RS256" else "ES384"})):
        rp = client(app, keys, client_id=f"c{number}", jwks={"keys": [keys.public | changes]}, **MACHINE)
        assert is_refused(send(rp, assertion(rp.client_id, rp.issuer, keys)))


def test_of_several_keys_any_will_do(app: Flask) -> None:
    """Two keys of one kind without kid: both are tried; a kid picks one."""
    one, two = Keys.generate("ES256"), Keys.generate("ES256", 1)
    rp = client(app, one, jwks={"keys": [one.bare, two.bare]}, **MACHINE)
    for keys in (one, two):
        answer_of(send(rp, assertion(rp.client_id, rp.issuer, keys, header={"kid": None})))
    named = client(app, one, client_id="named", jwks=one.jwks(two), **MACHINE)
    answer_of(send(named, assertion("named", rp.issuer, two)))
    assert is_refused(send(named, assertion("named", rp.issuer, two, header={"kid": one.kid})))


MALFORMED = ("", "x", "a.b", "a.b.c", "e30.e30.e30", "e30.e30.", "..", "é.é.é", "A" * 13_000, "e30.e30.e30.e30.e30")


@pytest.mark.spec("RFC 7521", "4.2")
@pytest.mark.parametrize("made", MALFORMED, ids=lambda text: text[:12])
def test_what_is_no_jwt_is_a_failed_authentication(rp: Client, made: str) -> None:
    """Garbage is invalid_client, never an accident."""
    assert is_refused(send(rp, made))
    assert is_refused(send(rp, made, client_id=rp.client_id)) or made != ""


@pytest.mark.spec("RFC 7523", "3")
@pytest.mark.parametrize("payload", ["[]", "1", "null", '"x"', "{", "[" * 2000])
def test_the_payload_is_an_object(rp: Client, payload: str) -> None:
    """Other JSON, and what is none, is refused although it is signed."""
    head, _, _ = assertion(rp.client_id, rp.issuer, rp.keys).split(".")
    body = base64.urlsafe_b64encode(payload.encode()).rstrip(b"=").decode()
    assert is_refused(send(rp, f"{head}.{body}.{'A' * 86}", client_id=None))


@pytest.mark.spec("RFC 7521", "4.2")
def test_the_type_and_the_client_id_must_fit(rp: Client) -> None:
    """Another assertion type is invalid_client; a client_id that differs is invalid_request, the same one is fine."""
    for kind in (None, "", "x", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"):
        made = assertion(rp.client_id, rp.issuer, rp.keys)
        assert is_refused(send(rp, made, client_assertion_type=kind))
    made = assertion(rp.client_id, rp.issuer, rp.keys)
    assert fault(send(rp, made, client_id="dream-n")) == ("invalid_request", "AUTH-02")
    answer_of(send(rp, made, client_id=rp.client_id))


@pytest.mark.spec("RFC 7521", "4.2")
def test_the_method_must_be_the_registered_one(app: Flask, rp: Client) -> None:
    """A client with a secret is not served by assertion, nor one with keys by secret or by name alone."""
    plain = client(app, client_id="plain", token_endpoint_auth_method="client_secret_basic", **MACHINE)
    assert is_refused(send(plain, assertion("plain", rp.issuer, plain.keys)))
    rp.auth_method = "client_secret_basic"
    assert is_refused(rp.call("/oidc/token", {"grant_type": "client_credentials"}))
    rp.auth_method = "none"
    assert is_refused(rp.call("/oidc/token", {"grant_type": "client_credentials"}))


@pytest.mark.spec("FAPI 2.0 Security Profile", "5.3.2.1")
def test_fapi_clients_name_the_issuer_alone(app: Flask) -> None:
    """The audience is the issuer, as one string; a list or the endpoint's URL is refused."""
    rp = client(app, profile="fapi2", dpop=Keys.generate("ES256", 9), **MACHINE)
    for audience in (f"{rp.issuer}/oidc/token", [rp.issuer], [rp.issuer, f"{rp.issuer}/oidc/token"]):
        made = assertion(rp.client_id, audience, rp.keys)
        body = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": made, "token": "x"}
        assert is_refused(rp.back_channel.post("/oidc/introspect", data=body, base_url=rp.issuer))
    assert rp.call("/oidc/introspect", {"token": "x"}).get_json() == {"active": False}


def test_no_assertion_is_kept(app: Flask, rp: Client) -> None:
    """Neither the audit nor an error tells a jti or the assertion; only a digest marks its use."""
    made = assertion(rp.client_id, rp.issuer, rp.keys, jti="a-jti-that-nobody-should-see")
    answer_of(send(rp, made))
    is_refused(send(rp, made))
    assert "a-jti" not in str([event.detail for event in audited(app, "client.registered")])
    assert sign({"a": 1}, rp.keys) not in made
