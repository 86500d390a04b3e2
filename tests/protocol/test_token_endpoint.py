"""The token endpoint takes a form and nothing else; every fault has its error (RFC 6749 §5.2)."""

import json
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, basic, sign_on, token_error
from tests.rp import RelyingParty, Request


def _post(rp: RelyingParty, data: object, path: str = "/oidc/token", **headers: str) -> TestResponse:
    given = basic(rp.client_id, rp.secret) | {name.replace("_", "-"): value for name, value in headers.items()}
    return rp.back_channel.post(path, data=data, headers=given, base_url=rp.issuer)


def _redeem(rp: RelyingParty, valid: str, request: Request, **changes: str | None) -> TestResponse:
    """Redeem a code with some parameters changed, the code itself among them."""
    body = {"grant_type": "authorization_code", "code": valid, "redirect_uri": rp.redirect_uri}
    sent = body | {"code_verifier": request.verifier} | changes
    return _post(rp, {name: value for name, value in sent.items() if value is not None})


@pytest.mark.spec("RFC 6749", "3.2")
def test_the_query_string_is_refused(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Parameters belong into the body; what stands in the query is never read, nor tolerated."""
    code, request = sign_on(dream_n, browser, people["T02"])
    body = {"code": code, "redirect_uri": dream_n.redirect_uri, "code_verifier": request.verifier}
    grant = "grant_type=authorization_code"
    assert token_error(_post(dream_n, body, f"/oidc/token?{grant}")) == "invalid_request"
    everything = urlencode(body | {"grant_type": "authorization_code"})
    assert token_error(_post(dream_n, {}, f"/oidc/token?{everything}")) == "invalid_request"
    assert token_error(_post(dream_n, everything, "/oidc/token?x", Content_Type="text/plain")) == "invalid_request"
    assert dream_n.exchange(code, request).status_code == 200


@pytest.mark.parametrize(
    "mimetype", ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/xml", "", "x"]
)
def test_only_a_form_is_read(dream_n: RelyingParty, browser: Browser, people: People, mimetype: str) -> None:
    """JSON and everything else is 415, and does not consume the code."""
    code, request = sign_on(dream_n, browser, people["T02"])
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": dream_n.redirect_uri}
    text = json.dumps(body | {"code_verifier": request.verifier})
    answer = _post(dream_n, text, Content_Type=mimetype)
    assert (answer.status_code, token_error(answer)) == (415, "invalid_request")
    assert dream_n.exchange(code, request).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_only_post_is_allowed(dream_n: RelyingParty, method: str) -> None:
    """Other methods are 405 with Allow."""
    answer = dream_n.back_channel.open("/oidc/token", method=method, base_url=dream_n.issuer)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    if method != "HEAD":
        assert token_error(answer) == "invalid_request"


GRANTS: tuple[tuple[str | None, str], ...] = (
    (None, "invalid_request"),
    ("", "invalid_request"),
    ("refresh_token", "unauthorized_client"),
    ("password", "unsupported_grant_type"),
    ("client_credentials", "unauthorized_client"),
    ("urn:ietf:params:oauth:grant-type:device_code", "unauthorized_client"),
    ("implicit", "unsupported_grant_type"),
    ("AUTHORIZATION_CODE", "unsupported_grant_type"),
    ("授權碼", "unsupported_grant_type"),
    ('"\\\r\n', "unsupported_grant_type"),
)


@pytest.mark.parametrize(("grant_type", "error"), GRANTS)
def test_the_grant_type_is_judged(dream_n: RelyingParty, grant_type: str | None, error: str) -> None:
    """Only grants that we serve and the client registered; the answer is ASCII whatever came."""
    assert token_error(_redeem(dream_n, "x", dream_n.request(), grant_type=grant_type)) == error


@pytest.mark.rule("D-26")
def test_refresh_tokens_are_off_by_default(dream_n: RelyingParty) -> None:
    """D-26: a client that did not register them has none, so none is taken."""
    body = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert token_error(_post(dream_n, body)) == "unauthorized_client"


NAMES = ("grant_type", "code", "redirect_uri", "code_verifier", "client_id", "foreign")


@pytest.mark.parametrize("name", NAMES)
def test_no_parameter_may_come_twice(dream_n: RelyingParty, browser: Browser, people: People, name: str) -> None:
    """A repeated parameter is invalid_request, even with the same value, and consumes nothing."""
    code, request = sign_on(dream_n, browser, people["T02"])
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": dream_n.redirect_uri}
    body |= {"code_verifier": request.verifier, "client_id": dream_n.client_id}
    pairs = [*body.items(), (name, body.get(name, "x")), *([] if name in body else [(name, "x")])]
    answer = _post(dream_n, urlencode(pairs), Content_Type="application/x-www-form-urlencoded")
    assert (answer.status_code, token_error(answer)) == (400, "invalid_request")
    assert dream_n.exchange(code, request).status_code == 200


@pytest.mark.parametrize("name", ["code", "redirect_uri", "code_verifier", "client_id", "grant_type", "foreign"])
def test_what_is_over_long_is_refused(dream_n: RelyingParty, browser: Browser, people: People, name: str) -> None:
    """A long value is a wrong value; a body beyond the limit is 413."""
    code, request = sign_on(dream_n, browser, people["T02"])
    if name != "foreign":
        answer = _redeem(dream_n, code, request, **{name: "x" * 30_000})
        assert token_error(answer) in {"invalid_request", "invalid_grant", "unsupported_grant_type"}
    answer = _redeem(dream_n, code, request, **{name: "x" * 70_000})
    assert (answer.status_code, token_error(answer)) == (413, "invalid_request")
    assert dream_n.exchange(code, request).status_code == 200


def test_many_parameters_are_no_harm(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Unknown parameters are ignored, however many come."""
    code, request = sign_on(dream_n, browser, people["T02"])
    many = {f"p{number}": "" for number in range(3000)}
    assert _redeem(dream_n, code, request, **many).status_code == 200


MISSING = {"code": "invalid_request", "redirect_uri": "invalid_grant", "code_verifier": "invalid_request"}


@pytest.mark.spec("RFC 7636", "4.5")
@pytest.mark.parametrize(("name", "error"), MISSING.items())
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_parameter_is_named(
    dream_n: RelyingParty, browser: Browser, people: People, name: str, error: str, value: str | None
) -> None:
    """Without code, redirect_uri or verifier there is no token; the code stays good for the right request."""
    code, request = sign_on(dream_n, browser, people["T02"])
    assert token_error(_redeem(dream_n, code, request, **{name: value})) == error
    assert dream_n.exchange(code, request).status_code == 200


WRONG = (
    {"redirect_uri": "http://127.0.0.1:8001/callback/"},
    {"redirect_uri": "https://dream-n.example/callback"},
    {"redirect_uri": "回呼"},
    {"code_verifier": "w" * 43},
    {"code_verifier": "短"},
    {"code_verifier": "v" * 42},
    {"code_verifier": "v" * 129},
    {"code": "x"},
    {"code": "gAAAAABo" + "A" * 400},
    {"code": "碼"},
    {"code": "a\nb"},
)


@pytest.mark.spec("RFC 7636", "4.6")
@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_value_gives_no_token(
    dream_n: RelyingParty, browser: Browser, people: People, wrong: dict[str, str | None]
) -> None:
    """Code, redirect_uri and verifier must be those of the authorization request."""
    code, request = sign_on(dream_n, browser, people["T02"])
    error = token_error(_redeem(dream_n, code, request, **wrong))
    malformed = "code_verifier" in wrong and wrong["code_verifier"] != "w" * 43
    assert error == ("invalid_request" if malformed else "invalid_grant")
    assert dream_n.exchange(code, request).status_code == 200


def test_the_challenge_itself_is_no_verifier(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Who has only seen the authorization request (the challenge) gets nothing."""
    code, request = sign_on(dream_n, browser, people["T02"])
    assert token_error(dream_n.exchange(code, request, code_verifier=request.challenge)) == "invalid_grant"


def test_a_code_belongs_to_its_client(
    dream_n: RelyingParty, partner: PartnerOf, browser: Browser, people: People
) -> None:
    """Another partner, properly authenticated, cannot redeem it, nor burn it."""
    code, request = sign_on(dream_n, browser, people["T02"])
    thief = partner("county-study")
    assert token_error(thief.exchange(code, request, redirect_uri=dream_n.redirect_uri)) == "invalid_grant"
    assert token_error(thief.exchange(code, request)) == "invalid_grant"
    assert dream_n.exchange(code, request).status_code == 200


def test_other_sealed_things_are_no_codes(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """What we sealed for another purpose does not open as a code."""
    page = browser.get(dream_n.request().url)
    fields = dict(page.form_with("login-submit").fields)
    code, request = sign_on(dream_n, browser, people["T02"])
    for blob in (fields["i"], fields["form_token"], code[:-9], code[9:], code.swapcase()):
        assert token_error(dream_n.exchange(blob, request)) == "invalid_grant"
