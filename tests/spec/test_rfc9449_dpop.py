"""DPoP (RFC 9449): every check of a proof, nonces, replay, and tokens that belong to a key."""

import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from tests.pages import Browser
from tests.protocol.wire import MakeApp, People
from tests.spec.support import Client, Keys, assertion, client, dpop_proof, now, tampered
from tests.spec.tokens import REFRESHING, answer_of, coded, fault, granted, introspect, twin

MACHINE: dict[str, Any] = {"grant_types": ["client_credentials"], "resources": ["scim"]}
BASIC: dict[str, Any] = {"token_endpoint_auth_method": "client_secret_basic"}
MINE, OTHER = Keys.generate("ES256", 9), Keys.generate("ES256", 8)
TOKEN, USERINFO = "/oidc/token", "/oidc/userinfo"


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client that may get tokens for itself, so that a proof is all that can be wrong."""
    return client(app, dpop=MINE, dpop_bound_access_tokens=True, **BASIC | MACHINE)


def send(rp: Client, *proofs: str) -> TestResponse:
    """Ask for a token with these very proofs."""
    headers = [*rp.authentication()[0].items(), *(("DPoP", proof) for proof in proofs)]
    body = {"grant_type": "client_credentials"}
    return rp.back_channel.post(TOKEN, data=body, headers=headers, base_url=rp.issuer)


def nonce_of(rp: Client) -> str:
    """Return the nonce of this minute."""
    answer = send(rp, proof(rp, nonce=None))
    assert fault(answer) == ("use_dpop_nonce", "DPOP-03")
    return answer.headers["DPoP-Nonce"]


def proof(rp: Client, keys: Keys = MINE, **changes: Any) -> str:
    """Return a proof for the token endpoint."""
    return dpop_proof(keys, "POST", rp.issuer + TOKEN, **changes)


HEADERS: tuple[Mapping[str, Any], ...] = (
    {"typ": None},
    {"typ": "JWT"},
    {"typ": "DPOP+JWT"},
    {"jwk": None},
    {"jwk": []},
    {"jwk": "https://rp.test/key"},
    {"jwk": {"kty": "EC", "crv": "P-256"}},
    {"jwk": {"kty": "oct", "k": "AAAA"}},
    {"jwk": MINE.private.as_dict(private=True)},
    {"jwk": OTHER.bare},
    {"alg": "none"},
    {"crit": ["exp"], "exp": 1},
    {"crit": []},
)


@pytest.mark.spec("RFC 9449", "4.3")
@pytest.mark.parametrize("header", HEADERS, ids=lambda header: str(next(iter(header))))
def test_the_header_is_checked(rp: Client, header: Mapping[str, Any]) -> None:
    """Type, algorithm and a public key that fits the signature (checks 2 to 7)."""
    nonce = nonce_of(rp)
    assert fault(send(rp, proof(rp, nonce=nonce, header=header))) == ("invalid_dpop_proof", "DPOP-02")
    answer_of(send(rp, proof(rp, nonce=nonce)))


@pytest.mark.spec("RFC 9449", "4.3")
@pytest.mark.spec("RFC 8725", "3")
def test_the_signature_is_checked(rp: Client) -> None:
    """Changed, unsigned, or by an algorithm that takes a public key for a secret: refused."""
    nonce = nonce_of(rp)
    made = proof(rp, nonce=nonce)
    secret = Keys.of_secret(MINE.bare["x"])
    wrong = [
        tampered(made, jti="another"),
        made[:-6] + "AAAAAA",
        made.rpartition(".")[0] + ".",
        dpop_proof(secret, "POST", rp.issuer + TOKEN, nonce=nonce, header={"jwk": MINE.bare}),
        "x",
        "a.b.c",
        made + ".x",
    ]
    for one in wrong:
        assert fault(send(rp, one))[0] in {"invalid_dpop_proof", "use_dpop_nonce"}
    answer_of(send(rp, made))


@pytest.mark.spec("RFC 9449", "4.3")
@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
def test_announced_algorithms_work(app: Flask, alg: str) -> None:
    """What discovery announces is what a proof may be signed by, and nothing else."""
    announced = app.test_client().get("/.well-known/openid-configuration").get_json()
    keys = Keys.generate(alg, 7)
    assert sorted(announced["dpop_signing_alg_values_supported"]) == ["ES256", "EdDSA", "PS256"]
    rp = client(app, dpop=keys, dpop_bound_access_tokens=True, **BASIC | MACHINE)
    answer_of(rp.call(TOKEN, {"grant_type": "client_credentials"}, proves=True))
    weak = proof(rp, Keys.generate("RS256", 7), nonce=rp.nonce)
    assert fault(send(rp, weak)) == ("invalid_dpop_proof", "DPOP-02")


CLAIMS: tuple[Mapping[str, Any], ...] = (
    *({"htm": wrong} for wrong in (None, "GET", "post", 1)),
    *({"htu": wrong} for wrong in (None, "", "https://evil.example/oidc/token", 1, ["x"], "/oidc/token", "http://[")),
    *({"iat": wrong} for wrong in (None, "now", True)),
    *({"jti": wrong} for wrong in (None, "", 7, "x" * 501)),
)


@pytest.mark.spec("RFC 9449", "4.3")
@pytest.mark.parametrize("claims", CLAIMS, ids=lambda claims: str(claims)[:30])
def test_every_claim_is_checked(rp: Client, claims: Mapping[str, Any]) -> None:
    """Method, URI, time and identifier (checks 8, 9, 11 and §4.2)."""
    assert fault(send(rp, proof(rp, nonce=nonce_of(rp), **claims))) == ("invalid_dpop_proof", "DPOP-02")


@pytest.mark.spec("RFC 9449", "4.3")
def test_the_uri_is_compared_without_its_query(rp: Client) -> None:
    """Query and fragment do not count, nor do case of scheme and host; the path does."""
    nonce = nonce_of(rp)
    scheme, _, rest = rp.issuer.partition("://")
    for good in ("?a=b", "#x"):
        answer_of(send(rp, proof(rp, nonce=nonce, htu=rp.issuer + TOKEN + good)))
    answer_of(send(rp, proof(rp, nonce=nonce, htu=f"{scheme.upper()}://{rest.upper()}{TOKEN}")))
    for bad in ("/", "/x", "%20"):
        assert fault(send(rp, proof(rp, nonce=nonce, htu=rp.issuer + TOKEN + bad)))[1] == "DPOP-02"


@pytest.mark.spec("RFC 9449", "4.3")
@pytest.mark.spec("RFC 8705", "5")
def test_the_mtls_address_counts_too(make_app: MakeApp) -> None:
    """Whoever calls the alias names it, in a proof and in an assertion; no other host (DECISIONS 66)."""
    app = make_app(mtls_base_url="https://mtls.test")
    rp = client(app, dpop=MINE, dpop_bound_access_tokens=True, **BASIC | MACHINE)
    nonce = nonce_of(rp)
    answer_of(send(rp, proof(rp, nonce=nonce, htu=f"https://mtls.test{TOKEN}")))
    assert fault(send(rp, proof(rp, nonce=nonce, htu=f"https://other.test{TOKEN}")))[1] == "DPOP-02"
    keyed = client(app, client_id="asserting", **MACHINE)
    for host, status in (("mtls.test", 200), ("other.test", 401)):
        body = {"grant_type": "client_credentials"} | keyed.authentication()[1]
        body["client_assertion"] = assertion(keyed.client_id, f"https://{host}{TOKEN}", keyed.keys)
        assert keyed.back_channel.post(TOKEN, data=body, base_url=keyed.issuer).status_code == status


@pytest.mark.spec("RFC 9449", "4.3")
def test_a_proof_is_of_now(rp: Client) -> None:
    """A minute of difference is forgiven in both directions, no more (check 11)."""
    with time_machine.travel(now(), tick=False):
        nonce = nonce_of(rp)
        for good in (now() - 60, now() + 60, now()):
            answer_of(send(rp, proof(rp, nonce=nonce, iat=good)))
        for bad in (now() - 61, now() + 61, 0):
            assert fault(send(rp, proof(rp, nonce=nonce, iat=bad)))[1] == "DPOP-02"


@pytest.mark.spec("RFC 9449", "4.3")
def test_one_proof_at_a_time(rp: Client) -> None:
    """Two headers, or two proofs in one, are refused (check 1); none where one is needed too."""
    nonce = nonce_of(rp)
    one, two = (proof(rp, nonce=nonce) for _ in range(2))
    assert fault(send(rp, one, two)) == ("invalid_dpop_proof", "DPOP-02")
    assert fault(send(rp, f"{one}, {two}")) == ("invalid_dpop_proof", "DPOP-02")
    assert fault(send(rp)) == ("invalid_dpop_proof", "DPOP-01")


@pytest.mark.spec("RFC 9449", "8")
def test_nonces_are_ours_and_of_the_last_minutes(rp: Client) -> None:
    """A foreign or old nonce asks for a new one; the answer carries it, also a good one."""
    with time_machine.travel(now() // 60 * 60 + 1, tick=False) as clock:
        first = nonce_of(rp)
        for foreign in ("x", "", first[:-1], 7, secrets.token_urlsafe(18)):
            assert fault(send(rp, proof(rp, nonce=foreign)))[0] == "use_dpop_nonce"
        clock.shift(298)
        good = send(rp, proof(rp, nonce=first))
        answer_of(good)
        assert good.headers["DPoP-Nonce"] != first
        clock.shift(2)
        assert fault(send(rp, proof(rp, nonce=first)))[0] == "use_dpop_nonce"
        answer_of(send(rp, proof(rp, nonce=good.headers["DPoP-Nonce"])))


@pytest.mark.spec("RFC 9449", "8")
def test_a_demand_for_a_nonce_uses_nothing_up(app: Flask, browser: Browser, people: People) -> None:
    """The same code and the same assertion serve the repetition."""
    rp = client(app, dpop=MINE, dpop_bound_access_tokens=True)
    code, request = coded(rp, browser, people["T01"])
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": rp.redirect_uri}
    body |= {"code_verifier": request.verifier, **rp.authentication()[1]}
    first = rp.back_channel.post(TOKEN, data=body, headers={"DPoP": proof(rp)}, base_url=rp.issuer)
    assert fault(first) == ("use_dpop_nonce", "DPOP-03")
    again = {"DPoP": proof(rp, nonce=first.headers["DPoP-Nonce"])}
    answer_of(rp.back_channel.post(TOKEN, data=body, headers=again, base_url=rp.issuer))


@pytest.mark.spec("RFC 9449", "11.1")
def test_a_proof_works_once(rp: Client) -> None:
    """Its jti is used up; another key may use the same one."""
    nonce = nonce_of(rp)
    made = proof(rp, nonce=nonce, jti="one")
    answer_of(send(rp, made))
    assert fault(send(rp, made)) == ("invalid_dpop_proof", "DPOP-04")
    assert fault(send(twin(rp, rp.app), proof(rp, nonce=nonce, jti="one")))[1] == "DPOP-04"
    answer_of(send(rp, proof(rp, OTHER, nonce=nonce, jti="one")))


@pytest.mark.spec("RFC 9449", "11.1")
def test_a_raced_proof_works_once(make_app: MakeApp) -> None:
    """Four workers get the same proof at the same moment: one takes it, no other answers 5xx."""
    workers = [make_app() for _ in range(4)]
    rp = client(workers[0], dpop=MINE, dpop_bound_access_tokens=True, **BASIC | MACHINE)
    made = proof(rp, nonce=nonce_of(rp))
    racers = [twin(rp, worker) for worker in workers]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda racer: send(racer, made), racers))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


@pytest.mark.spec("RFC 9449", "5")
def test_tokens_name_their_key(app: Flask, browser: Browser, people: People) -> None:
    """token_type is DPoP and introspection shows the thumbprint; without a proof it stays a bearer token."""
    rp = client(app, dpop=MINE, **BASIC)
    answer = granted(rp, browser, people["T01"])
    assert answer["token_type"] == "DPoP"
    assert introspect(rp, answer["access_token"])["cnf"] == {"jkt": MINE.thumbprint}
    rp.dpop = None
    plain = granted(rp, browser, people["T01"])
    assert plain["token_type"] == "Bearer"
    assert "cnf" not in introspect(rp, plain["access_token"])


@pytest.mark.spec("RFC 9449", "5")
def test_a_machine_token_names_its_key(rp: Client) -> None:
    """The JWT carries cnf, for the resource that checks it."""
    token = rp.call(TOKEN, {"grant_type": "client_credentials"}, proves=True).get_json()["access_token"]
    assert rp.opened(token, "RS256")[1]["cnf"] == {"jkt": MINE.thumbprint}


@pytest.mark.spec("RFC 9449", "5")
def test_a_public_clients_refresh_token_is_bound(app: Flask, browser: Browser, people: People) -> None:
    """Whoever has no secret proves itself by its key; a confidential client may change its key."""
    public: dict[str, Any] = {
        "token_endpoint_auth_method": "none",
        "client_secret": None,
        "dpop_bound_access_tokens": True,
    }
    rp = client(app, dpop=MINE, **REFRESHING | public)
    first = granted(rp, browser, people["T01"])["refresh_token"]
    rp.dpop = OTHER
    assert fault(rp.refresh(first)) == ("invalid_grant", "REF-03")
    rp.dpop = None
    assert fault(rp.refresh(first)) == ("invalid_dpop_proof", "DPOP-01")
    rp.dpop = MINE
    assert answer_of(rp.refresh(first))["token_type"] == "DPoP"
    confidential = client(app, dpop=MINE, client_id="confidential", **REFRESHING)
    first = granted(confidential, browser, people["T01"])["refresh_token"]
    confidential.dpop = OTHER
    renewed = answer_of(confidential.refresh(first))
    assert introspect(confidential, renewed["access_token"])["cnf"] == {"jkt": OTHER.thumbprint}


@pytest.fixture
def bound(app: Flask, browser: Browser, people: People) -> tuple[Client, str]:
    """A client and an access token that belongs to its key."""
    rp = client(app, dpop=MINE, **BASIC)
    token: str = granted(rp, browser, people["T01"])["access_token"]
    return rp, token


def show(rp: Client, token: str, scheme: str = "DPoP", *, keys: Keys = MINE, **changes: Any) -> TestResponse:
    """Call UserInfo with a proof."""
    made = dpop_proof(keys, "GET", rp.issuer + USERINFO, **{"access_token": token, "nonce": rp.nonce, **changes})
    headers = {"Authorization": f"{scheme} {token}", "DPoP": made}
    return rp.back_channel.get(USERINFO, headers=headers, base_url=rp.issuer)


@pytest.mark.spec("RFC 9449", "7")
@pytest.mark.spec("RFC 9449", "7.1")
def test_a_bound_token_needs_its_key(bound: tuple[Client, str]) -> None:
    """Proof of the right key, for this token and this request, or 401 under the scheme DPoP."""
    rp, token = bound
    assert show(rp, token).get_json()["name"] == "王曉晴"
    wrong = [show(rp, token, access_token="another"), show(rp, token, ath=None), show(rp, token, htm="POST")]
    wrong += [show(rp, token, keys=OTHER), show(rp, token, iat=now() - 100)]
    for answer in wrong:
        challenge = answer.headers["WWW-Authenticate"]
        assert answer.status_code == 401
        assert challenge.startswith('DPoP realm="userinfo", error="inval')
        assert 'algs="ES256 EdDSA PS256"' in challenge
    assert wrong[0].get_json()["error"] == "invalid_dpop_proof"
    assert wrong[3].get_json()["error"] == "invalid_token"


@pytest.mark.spec("RFC 9449", "7.2")
def test_no_downgrade_to_a_bearer_token(bound: tuple[Client, str], browser: Browser, people: People) -> None:
    """A bound token is no bearer token, with or without a proof, in the header or in the body; nor the other way round."""
    rp, token = bound
    bare = rp.back_channel.get(USERINFO, headers={"Authorization": f"Bearer {token}"}, base_url=rp.issuer)
    posted = rp.back_channel.post(USERINFO, data={"access_token": token}, base_url=rp.issuer)
    naked = rp.back_channel.get(USERINFO, headers={"Authorization": f"DPoP {token}"}, base_url=rp.issuer)
    for answer in (bare, posted, naked, show(rp, token, "Bearer")):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("DPoP ")
    rp.dpop = None
    plain = granted(rp, browser, people["T01"])["access_token"]
    assert show(rp, plain).status_code == 401
    assert rp.userinfo(plain).status_code == 200


@pytest.mark.spec("RFC 9449", "8")
@pytest.mark.spec("RFC 9449", "9")
def test_userinfo_gives_nonces_too(bound: tuple[Client, str]) -> None:
    """A foreign nonce gets 401, the challenge and a new one."""
    rp, token = bound
    answer = show(rp, token, nonce="foreign")
    assert (answer.status_code, answer.get_json()["error"]) == (401, "use_dpop_nonce")
    assert 'error="use_dpop_nonce"' in answer.headers["WWW-Authenticate"]
    rp.nonce = answer.headers["DPoP-Nonce"]
    assert show(rp, token).status_code == 200


@pytest.mark.spec("RFC 9449", "11.1")
def test_a_proof_for_userinfo_works_once(bound: tuple[Client, str]) -> None:
    """Replayed at UserInfo it is refused."""
    rp, token = bound
    assert show(rp, token, jti="once").status_code == 200
    assert show(rp, token, jti="once").get_json()["error"] == "invalid_dpop_proof"


@pytest.mark.spec("RFC 9449", "10.1")
def test_a_proof_at_the_pushing_endpoint_binds_the_code(app: Flask, browser: Browser, people: People) -> None:
    """A DPoP header there counts as dpop_jkt; both must agree."""
    rp = client(app, dpop=MINE)
    request = rp.request()

    def push(**more: str) -> TestResponse:
        for _ in range(2):
            headers = {"DPoP": dpop_proof(MINE, "POST", f"{rp.issuer}/oidc/par", nonce=rp.nonce)}
            body = {**request.parameters, **rp.authentication()[1], **more}
            answer = rp.back_channel.post("/oidc/par", data=body, headers=headers, base_url=rp.issuer)
            if "DPoP-Nonce" not in answer.headers or answer.status_code == 201:
                break
            rp.nonce = answer.headers["DPoP-Nonce"]
        return answer

    assert push(dpop_jkt=OTHER.thumbprint).status_code == 400
    pushed = push(dpop_jkt=MINE.thumbprint)
    assert pushed.status_code == 201
    carried = rp.carrying(request, pushed.get_json()["request_uri"])
    code = rp.code_of(rp.lead(browser, people["T01"], carried), request)
    rp.dpop = OTHER
    assert fault(rp.exchange(code, request)) == ("invalid_grant", "CODE-04")
    rp.dpop = None
    assert fault(rp.exchange(code, request)) == ("invalid_grant", "CODE-04")
    rp.dpop = MINE
    answer_of(rp.exchange(code, request))
