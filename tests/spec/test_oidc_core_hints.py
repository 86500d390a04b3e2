"""id_token_hint (OIDC Core §3.1.2.1): whom the partner means, and what is no ID token of ours for it."""

import base64
import json

import pytest
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, ask, later, refused, rotate
from tests.rp import RelyingParty
from tests.spec.support import Keys, client, sign, tampered


def hinted(rp: RelyingParty, browser: Browser, hint: str, prompt: str | None = "none") -> str | None:
    """Return the error of a request with the hint, None if it brought a code."""
    request = rp.request(prompt=prompt, id_token_hint=hint)
    page = ask(browser, request)
    if "code" in page.answer:
        rp.code_of(page, request)
        return None
    return refused(page, request, rp)["error"]


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_the_right_hint_changes_nothing(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """The person who is signed in is the one meant; the hint may have expired long ago, and its key retired."""
    hint = dream_n.sign_in(browser, people["T02"]).id_token
    assert hinted(dream_n, browser, hint) is None
    with later(days=3):
        browser.log_in(people["T02"]["account"], people["T02"]["password"])
        assert hinted(dream_n, browser, hint) is None


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_a_hint_outlives_its_key(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """After a rotation the old signature still counts."""
    hint = dream_n.sign_in(browser, people["T02"]).id_token
    rotate(app)
    with later(days=3):
        browser.log_in(people["T02"]["account"], people["T02"]["password"])
        assert hinted(dream_n, browser, hint) is None


@pytest.mark.spec("OIDC Core", "3.1.2.1", "3.1.2.6")
def test_another_person_is_login_required(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Silently: login_required, whether somebody else is signed in or nobody is."""
    hint = dream_n.sign_in(Browser(app), people["T02"]).id_token
    assert hinted(dream_n, browser, hint) == "login_required"
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert hinted(dream_n, browser, hint) == "login_required"


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_the_person_meant_may_log_in_first(app: Flask, dream_n: RelyingParty, people: People) -> None:
    """Interactively the log-in page comes; the person meant gets her code, another is login_required."""
    hint = dream_n.sign_in(Browser(app), people["T02"]).id_token
    for key in ("T02", "T01"):
        other = Browser(app)
        other.log_in(people["T01"]["account"], people["T01"]["password"])
        request = dream_n.request(id_token_hint=hint)
        assert other.get(request.url).has("login-submit")
        page = other.log_in(people[key]["account"], people[key]["password"])
        if key == "T02":
            assert dream_n.finish(page, request).claims["name"] == "林予安"
        else:
            assert refused(page, request, dream_n)["error"] == "login_required"


@pytest.mark.rule("D-49")
@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_an_ephemeral_hint_names_its_person(app: Flask, partner: PartnerOf, browser: Browser, people: People) -> None:
    """At a partner without the identifier the sub of a hint is that of one sign-in, and still means its person."""
    rp = partner("material-hub")
    first = rp.sign_in(browser, people["T01"])
    request = rp.request(prompt="none", id_token_hint=first.id_token)
    second = rp.finish(ask(browser, request), request)
    assert second.claims["sub"] != first.claims["sub"]
    for hint in (first.id_token, second.id_token):
        assert hinted(rp, browser, hint) is None
    other = Browser(app)
    other.log_in(people["T02"]["account"], people["T02"]["password"])
    assert hinted(rp, other, first.id_token) == "login_required"


@pytest.mark.spec("OIDC Core", "3.1.2.1")
@pytest.mark.spec("RFC 8725", "3.8", "3.9")
def test_a_hint_of_another_client_is_refused(
    dream_n: RelyingParty, partner: PartnerOf, browser: Browser, people: People
) -> None:
    """An ID token that was issued to somebody else is invalid_request."""
    hint = partner("county-study").sign_in(browser, people["T01"]).id_token
    for prompt in ("none", None):
        assert hinted(dream_n, browser, hint, prompt) == "invalid_request"


@pytest.mark.spec("OIDC Core", "3.1.2.1")
@pytest.mark.spec("RFC 8725", "3.2", "3.3")
def test_a_manipulated_hint_is_refused(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Changed, cut, unsigned, signed by somebody else: invalid_request, whoever is signed in."""
    good = dream_n.sign_in(browser, people["T02"])
    head, body, signature = good.id_token.split(".")
    kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": kid, "typ": "JWT"}).encode()).decode().rstrip("=")
    hints = [
        tampered(good.id_token, sub="someone-else"),
        tampered(good.id_token, aud=[dream_n.client_id, "x"]),
        f"{head}.{body}.",
        f"{none}.{body}.",
        f"{none}.{body}.{signature}",
        good.id_token[:-6] + "AAAAAA",
        "x",
        "x.y.z",
        "..",
        "é",
        sign(good.claims, Keys.generate("RS256"), header={"kid": kid, "typ": "JWT"}),
        sign(good.claims, Keys.of_secret(dream_n.secret), header={"kid": kid, "typ": "JWT"}),
    ]
    for hint in hints:
        assert hinted(dream_n, browser, hint) == "invalid_request", hint
        assert hinted(dream_n, browser, hint, None) == "invalid_request", hint


@pytest.mark.spec("RFC 8725", "3.11", "3.12")
def test_another_jwt_of_ours_is_no_hint(app: Flask, browser: Browser, people: People) -> None:
    """A signed answer of the authorization endpoint or of UserInfo is no ID token, though we signed it for the client."""
    rp = client(app, userinfo_signed_response_alg="RS256", token_endpoint_auth_method="client_secret_basic")
    request = rp.request(response_mode="jwt")
    signed = rp.lead(browser, people["T01"], request).answer["response"]
    code = rp.opened(signed)[1]["code"]
    token = rp.exchange(code, request).get_json()
    userinfo = rp.userinfo(token["access_token"]).get_data(as_text=True)
    assert rp.opened(userinfo)[1]["iss"] == rp.issuer
    for hint in (signed, userinfo):
        assert hinted(rp, browser, hint) == "invalid_request"
    assert hinted(rp, browser, token["id_token"]) is None


@pytest.mark.spec("OIDC Core", "3.1.2.1")
def test_a_hint_never_logs_anybody_in(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A stolen ID token in another browser leads to the log-in page, and no further."""
    hint = dream_n.sign_in(browser, people["T02"]).id_token
    assert Browser(app).get(dream_n.request(id_token_hint=hint).url).has("login-submit")
