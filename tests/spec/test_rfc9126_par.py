"""Pushed authorization requests: the endpoint (RFC 9126 §2, §3, §6)."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, ask, audited, basic, token_error
from tests.spec.support import (
    ASSERTION_TYPE,
    Client,
    Keys,
    assertion,
    client,
    dpop_proof,
    error_of,
    request_object,
)

URN = "urn:ietf:params:oauth:request_uri:"


@pytest.fixture
def rp(app: Flask) -> Client:
    """A client that pushes of its own accord, by a secret."""
    return client(app, token_endpoint_auth_method="client_secret_basic")


@pytest.mark.spec("RFC 9126", "2.2")
def test_a_push_is_answered_with_a_request_uri(rp: Client) -> None:
    """201, JSON, not to be stored: an unguessable URN, another each time, good for 120 seconds."""
    answers = [rp.push(rp.request()) for _ in range(2)]
    for answer in answers:
        assert (answer.status_code, answer.mimetype) == (201, "application/json")
        assert answer.headers["Cache-Control"] == "no-store"
        assert set(answer.get_json()) == {"request_uri", "expires_in"}
        assert answer.get_json()["expires_in"] == 120
        assert answer.get_json()["request_uri"].startswith(URN)
        assert len(answer.get_json()["request_uri"].removeprefix(URN)) >= 43
    assert answers[0].get_json()["request_uri"] != answers[1].get_json()["request_uri"]


@pytest.mark.spec("RFC 9126", "4")
def test_a_pushed_request_signs_in(rp: Client, browser: Browser, people: People) -> None:
    """client_id and request_uri are all that the browser carries; state, nonce and PKCE are those that were pushed."""
    request = rp.request()
    pushed = rp.pushed(request)
    assert set(pushed.parameters) == {"client_id", "request_uri"}
    assert rp.finish(rp.lead(browser, people["T01"], pushed), request).userinfo["name"] == "王曉晴"


@pytest.mark.spec("RFC 9126", "2.1")
@pytest.mark.spec("RFC 9126", "2.3")
def test_the_endpoint_authenticates_as_the_token_endpoint_does(rp: Client, partner: PartnerOf) -> None:
    """Missing, wrong, of another client or by another method: invalid_client; two ways at once: invalid_request."""
    body, other = rp.request().parameters, partner("county-study")

    def push(headers: dict[str, str], **more: str) -> TestResponse:
        return rp.back_channel.post("/oidc/par", data={**body, **more}, headers=headers, base_url=rp.issuer)

    right = basic(rp.client_id, rp.secret)
    for answer in (
        push({}),
        push(basic(rp.client_id, "wrong")),
        push(basic("nobody", rp.secret), client_id="nobody"),
        push({}, client_secret=rp.secret),
        push({}, client_id=other.client_id, client_secret="wrong"),
    ):
        assert error_of(answer, 401) == "invalid_client"
    assert error_of(push(right, client_secret=rp.secret)) == "invalid_request"
    assert error_of(push(right, client_id=other.client_id)) == "invalid_request"
    assert push(right).status_code == 201


@pytest.mark.spec("RFC 9126", "2")
@pytest.mark.parametrize("path", ["", "/oidc/token", "/oidc/par"])
def test_an_assertion_may_name_issuer_token_or_par_endpoint(app: Flask, path: str) -> None:
    """Issuer, token endpoint and PAR endpoint are all accepted as audience."""
    rp = client(app)
    made = assertion(rp.client_id, rp.issuer + path, rp.keys)
    assert rp.push(rp.request(), client_assertion_type=ASSERTION_TYPE, client_assertion=made).status_code == 201
    wrong = assertion(rp.client_id, rp.issuer + "/oidc/authorize", rp.keys)
    answer = rp.push(rp.request(), client_assertion_type=ASSERTION_TYPE, client_assertion=wrong)
    assert error_of(answer, 401) == "invalid_client"


def test_a_public_client_pushes_by_its_name(app: Flask, browser: Browser, people: People) -> None:
    """Who has no secret proves nothing, and may push all the same (RFC 9126 §2)."""
    rp = client(app, token_endpoint_auth_method="none", client_secret=None)
    request = rp.request()
    page = rp.lead(browser, people["T01"], rp.pushed(request))
    assert rp.finish(page, request).claims["name"] == "王曉晴"


def test_nothing_of_the_authentication_is_kept(app: Flask, browser: Browser, people: People) -> None:
    """Neither secret nor assertion travels on in our own URLs."""
    rp = client(app, token_endpoint_auth_method="client_secret_post")
    request = rp.request()
    assert rp.finish(rp.lead(browser, people["T01"], rp.pushed(request)), request).claims["name"] == "王曉晴"


FAULTS: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("invalid_request", {"request_uri": URN + "x"}),
    ("invalid_request", {"redirect_uri": "https://rp.test/cb/"}),
    ("invalid_request", {"redirect_uri": "https://evil.example/cb"}),
    ("invalid_request", {"redirect_uri": None}),
    ("invalid_request", {"response_type": None}),
    ("unsupported_response_type", {"response_type": "token"}),
    ("invalid_request", {"response_mode": "fragment"}),
    ("invalid_scope", {"scope": "profile"}),
    ("invalid_scope", {"scope": "openid inservice_title_code"}),
    ("invalid_request", {"code_challenge": None, "code_challenge_method": None}),
    ("invalid_request", {"code_challenge_method": "plain"}),
    ("invalid_request", {"prompt": "none login"}),
    ("invalid_request", {"max_age": "soon"}),
    ("invalid_request", {"claims": "{"}),
    ("invalid_request", {"id_token_hint": "x.y.z"}),
    ("registration_not_supported", {"registration": "{}"}),
    ("invalid_target", {"resource": "https://api.test/"}),
    ("invalid_request_object", {"request": "x.y.z"}),
    ("invalid_request", {"state": "s" * 4000}),
)


@pytest.mark.spec("RFC 9126", "2.1")
@pytest.mark.spec("RFC 9126", "2.3")
@pytest.mark.parametrize(("error", "fault"), FAULTS, ids=lambda value: str(value)[:50])
@pytest.mark.parametrize("beside", [{}, {"_device": "1"}], ids=["", "device"])
def test_what_is_faulty_is_refused_at_once(
    rp: Client, error: str, fault: dict[str, str | None], beside: dict[str, str]
) -> None:
    """The client learns of it before any browser is sent; a name of our own among the parameters changes nothing."""
    assert error_of(rp.push(rp.request(), **beside | fault)) == error


@pytest.mark.rule("R-CLM-2")
@pytest.mark.spec("RFC 9126", "2.3")
def test_over_asking_is_refused_when_pushed(app: Flask, rp: Client) -> None:
    """What was never approved is invalid_scope; the attempt is on record."""
    assert error_of(rp.push(rp.request(scope="openid inservice_title_code"))) == "invalid_scope"
    (event,) = audited(app, "scope.over_request")
    assert (event.client_id, event.detail) == (rp.client_id, {"items": ["title_code"]})


@pytest.mark.spec("RFC 9126", "2.1")
def test_a_repeated_parameter_is_refused(rp: Client) -> None:
    """RFC 6749 §3.1 holds here too; and parameters belong into the body."""
    headers, body = basic(rp.client_id, rp.secret), rp.request().parameters
    for name in ("scope", "redirect_uri", "client_id"):
        twice = {**body, name: [body[name], body[name]]}
        assert error_of(rp.back_channel.post("/oidc/par", data=twice, headers=headers)) == "invalid_request"
    answer = rp.back_channel.post("/oidc/par?prompt=none", data=body, headers=headers)
    assert error_of(answer) == "invalid_request"


@pytest.mark.spec("RFC 9126", "2.3")
def test_method_size_and_type_have_their_own_status(rp: Client) -> None:
    """Only POST (405), at most 64 KiB (413), only a form (415)."""
    for method in ("GET", "PUT", "DELETE"):
        answer = rp.back_channel.open("/oidc/par", method=method, base_url=rp.issuer)
        assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"OPTIONS", "POST"})
        assert answer.get_json()["error"] == "invalid_request"
    large = rp.back_channel.post("/oidc/par", data={"state": "s" * 70_000}, base_url=rp.issuer)
    assert (large.status_code, large.get_json()["error"]) == (413, "invalid_request")
    typed = rp.back_channel.post("/oidc/par", json=rp.request().parameters, base_url=rp.issuer)
    assert (typed.status_code, typed.get_json()["error"]) == (415, "invalid_request")


@pytest.mark.spec("RFC 9126", "6")
def test_a_client_may_be_held_to_pushing(app: Flask, browser: Browser, people: People) -> None:
    """require_pushed_authorization_requests: plain requests and signed ones by value are refused, pushed ones work."""
    rp = client(app, require_pushed_authorization_requests=True)
    request = rp.request()
    assert ask(browser, request).answer["error"] == "invalid_request"
    by_value = rp.by_value(request, redirect_uri=rp.redirect_uri)
    assert ask(browser, by_value).answer["error"] == "invalid_request"
    assert rp.finish(rp.lead(browser, people["T01"], rp.pushed(request)), request).claims["name"] == "王曉晴"


@pytest.mark.spec("RFC 9126", "3")
def test_a_signed_request_may_be_pushed(app: Flask, browser: Browser, people: People) -> None:
    """What is inside counts, what stands beside it is ignored; it must be the pushing client's own."""
    rp = client(app)
    request = rp.request(scope="openid")
    answer = rp.push(request, request=rp.signed(request), scope="openid profile", state="evil", redirect_uri="x")
    assert answer.status_code == 201
    page = rp.lead(browser, people["T01"], rp.carrying(request, answer.get_json()["request_uri"]))
    assert set(rp.finish(page, request).userinfo) == {"sub"}
    foreign = request_object({**request.parameters, "client_id": "dream-n"}, rp.issuer, rp.keys)
    assert error_of(rp.push(request, request=foreign)) == "invalid_request_object"
    unknown = Keys.generate("ES256", 7)
    assert error_of(rp.push(request, request=request_object(request.parameters, rp.issuer, unknown))) == (
        "invalid_request_object"
    )


@pytest.mark.spec("RFC 9449", "10")
@pytest.mark.spec("RFC 9126", "2")
def test_a_pushed_proof_binds_the_code(app: Flask, browser: Browser, people: People) -> None:
    """A DPoP proof with the push binds the code to its key: no token without it, nor with another."""
    keys, other = Keys.generate("ES256", 9), Keys.generate("ES256", 8)
    rp = client(app, token_endpoint_auth_method="client_secret_basic")
    request = rp.request()
    proof = dpop_proof(keys, "POST", f"{rp.issuer}/oidc/par")
    headers = basic(rp.client_id, rp.secret) | {"DPoP": proof}
    made = rp.back_channel.post("/oidc/par", data=request.parameters, headers=headers, base_url=rp.issuer)
    assert made.status_code == 201, made.get_data(as_text=True)
    page = rp.lead(browser, people["T01"], rp.carrying(request, made.get_json()["request_uri"]))
    code = rp.code_of(page, request)
    for wrong in (None, other):
        rp.dpop = wrong
        assert token_error(rp.exchange(code, request)) == "invalid_grant"
    rp.dpop = keys
    assert rp.exchange(code, request).get_json()["token_type"] == "DPoP"


def test_a_code_client_only_may_push(app: Flask) -> None:
    """A client without the code grant has nothing to push."""
    rp = client(app, client_id="machine", grant_types=["client_credentials"], resources=["scim"], items=["user_id"])
    assert error_of(rp.push(rp.request())) == "unauthorized_client"
