"""The logout question and what is left afterwards: form tokens, dead cookies, repeated requests."""

from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.conftest import Template
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, is_error_page, is_signed_in, later, leave, rotate, session_of
from tests.rp import RelyingParty

BYE = "http://127.0.0.1:8001/signed-out"


@pytest.fixture
def known(browser: Browser, people: People) -> Browser:
    """A browser in which T02 is signed in."""
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    return browser


def test_the_question_needs_its_form_token(app: Flask, known: Browser) -> None:
    """Without the token, or with one of another browser, nobody is logged out."""
    leave(known)
    fields = dict(known.page.form_with("logout-confirm").fields)
    other = dict(Browser(app).get("/login").form_with("login-submit").fields)["form_token"]
    for token in (None, "", "x", other):
        wrong = {name: value for name, value in (fields | {"form_token": token}).items() if value is not None}
        page = known.post("/oidc/logout/answer", wrong | {"answer": "confirm"})
        assert is_error_page(page, "invalid_request", 403)
    assert is_signed_in(app, session_of(known))


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}], ids=str)
def test_the_answer_comes_from_our_own_page(app: Flask, known: Browser, header: dict[str, str]) -> None:
    """A form that another site sends is refused, even with a good token."""
    leave(known)
    fields = dict(known.page.form_with("logout-confirm").fields) | {"answer": "confirm"}
    assert is_error_page(known.post("/oidc/logout/answer", fields, headers=header), "invalid_request", 403)
    assert is_signed_in(app, session_of(known))
    assert known.post("/oidc/logout/answer", fields).has("logged-out")


def test_the_question_belongs_to_its_session(app: Flask, known: Browser, people: People) -> None:
    """The question that was shown to one session does not end another; it leads nowhere either."""
    page = leave(known, client_id="dream-n", post_logout_redirect_uri=BYE)
    question = dict(page.form_with("logout-confirm").fields)["question"]
    other = Browser(app)
    other.log_in(people["T01"]["account"], people["T01"]["password"])
    fields = dict(leave(other).form_with("logout-confirm").fields) | {"question": question, "answer": "confirm"}
    assert other.post("/oidc/logout/answer", fields).location is None
    assert is_signed_in(app, session_of(other))
    assert is_signed_in(app, session_of(known))


@pytest.mark.parametrize("question", ["", "x", "問"])
def test_a_made_up_question_is_lost(app: Flask, known: Browser, question: str) -> None:
    """What we did not seal is an error page, and so is what is older than an hour."""
    fields = dict(leave(known).form_with("logout-confirm").fields)
    page = known.post("/oidc/logout/answer", fields | {"question": question, "answer": "confirm"})
    assert is_error_page(page, "invalid_request")
    assert is_signed_in(app, session_of(known))


def test_a_stale_question_is_lost(known: Browser) -> None:
    """The question lives for an hour."""
    leave(known)
    fields = dict(known.page.form_with("logout-confirm").fields) | {"answer": "confirm"}
    for seconds in (1500, 3000):
        with later(seconds=seconds):
            assert known.get("/account").url == "/account"
    with later(seconds=3700):
        assert is_error_page(known.post("/oidc/logout/answer", fields), "invalid_request")


def test_logging_out_twice_is_no_error(dream_n: RelyingParty, known: Browser, people: People) -> None:
    """Who is logged out already is simply sent on, if the address is registered."""
    hint = dream_n.sign_in(known, people["T02"]).id_token
    for _ in range(2):
        page = leave(known, id_token_hint=hint, post_logout_redirect_uri=BYE, state="s")
        assert page.location == f"{BYE}?state=s"
    assert leave(known, client_id="dream-n", post_logout_redirect_uri=BYE).location == BYE
    assert is_error_page(leave(known, client_id="dream-n", post_logout_redirect_uri=f"{BYE}/"), "invalid_request")


def test_the_replayed_cookie_is_dead(app: Flask, dream_n: RelyingParty, known: Browser) -> None:
    """The session ends on the server: the old cookie value signs nobody in, anywhere."""
    old = session_of(known)
    known.get("/account")
    page = known.submit("logout")
    assert page.has("logged-out")
    assert not is_signed_in(app, old)
    known.http.set_cookie("session", old, domain="127.0.0.1")
    assert known.get("/account").has("login-submit")
    request = dream_n.request(prompt="none")
    assert known.get(request.url).answer["error"] == "login_required"
    assert known.get(dream_n.request().url).has("login-submit")


def test_faulty_requests_are_pages(known: Browser) -> None:
    """Repeated or over-long parameters are errors; nothing redirects."""
    for query in ("state=a&state=b", "client_id=dream-n&client_id=dream-n", "x=" + "y" * 5000):
        assert is_error_page(known.get(f"/oidc/logout?{query}"), "invalid_request")
    twice = urlencode([("post_logout_redirect_uri", BYE)] * 2)
    assert is_error_page(known.get(f"/oidc/logout?client_id=dream-n&{twice}"), "invalid_request")
    assert known.post("/oidc/logout", {"state": "狀" * 5000}).status in {400, 413}


def test_a_hint_signed_by_a_newer_key_is_ours(make_app: MakeApp, template: Template, people: People) -> None:
    """A worker that has not yet heard of a partner and a key of today asks the database before it says no."""
    busy, idle = make_app(), make_app()
    idle.test_client().get("/oidc/jwks")
    browser = Browser(busy)
    rp = RelyingParty(busy, template.clients["dream-n"])
    with later(seconds=1):
        rotate(busy)
    with later(hours=25):
        hint = rp.sign_in(browser, people["T02"]).id_token
        page = Browser(idle).get(f"/oidc/logout?{urlencode({'id_token_hint': hint})}")
        assert page.has("logged-out")
