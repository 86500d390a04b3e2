"""While the teacher is asked something: whose browser, how long, in which language, and how the answer is posted."""

from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.pages import Browser, Page
from tests.protocol.wire import People, add_partner, is_error_page, later, refused
from tests.rp import RelyingParty


def _blob(page: Page) -> str:
    return dict(page.form_with("login-submit").fields)["i"]


def _places(blob: str) -> tuple[str, ...]:
    return f"/login?i={blob}", f"/oidc/authorize/resume?i={blob}", f"/oidc/authorize/cancel?i={blob}"


def _is_lost(page: Page) -> bool:
    return is_error_page(page, "invalid_request") and "已經過期，或是在另一個瀏覽器開始的" in page.text("error-message")


def test_an_interaction_works_in_its_own_browser_only(
    app: Flask, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """The URL of somebody else's sign-in neither shows a log-in page nor gives a code, signed in or not."""
    blob = _blob(browser.get(dream_n.request().url))
    stranger, known = Browser(app), Browser(app)
    known.log_in(people["T02"]["account"], people["T02"]["password"])
    for other in (stranger, known):
        for place in _places(blob):
            assert _is_lost(other.get(place))


def test_a_log_in_form_with_a_foreign_interaction_logs_nobody_in(
    app: Flask, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """The right password does not help the form that carries another browser's interaction."""
    blob, other = _blob(browser.get(dream_n.request().url)), Browser(app)
    token = dict(other.get("/login").form_with("login-submit").fields)["form_token"]
    person = people["T02"]
    fields = {"form_token": token, "i": blob, "username": person["account"], "password": person["password"]}
    assert _is_lost(other.post("/login", fields))
    assert other.get("/account").has("login-submit")


@pytest.mark.parametrize("blob", ["", "x", "gAAAAABo", "字", "A" * 3000])
def test_a_made_up_interaction_is_lost(browser: Browser, blob: str) -> None:
    """What we did not seal leads nowhere."""
    for place in _places(blob)[1:]:
        assert _is_lost(browser.get(place))


def test_a_stale_interaction_is_lost(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """After interaction_ttl (an hour) the sign-in has to be started anew."""
    request = dream_n.request()
    blob = _blob(browser.get(request.url))
    with later(seconds=3590):
        assert browser.get(_places(blob)[0]).has("login-submit")
    with later(seconds=3610):
        for place in _places(blob):
            assert _is_lost(browser.get(place))
        browser.log_in(people["T02"]["account"], people["T02"]["password"])
        assert _is_lost(browser.get(_places(blob)[1]))


def test_a_stale_question_is_lost(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A consent page that lay open for longer gives no consent."""
    dream_n.start(browser, people["T01"])
    question = browser.page.url
    with later(seconds=1700):
        assert browser.get("/account").url == "/account"
    with later(seconds=3300):
        assert browser.get("/account").url == "/account"
    with later(seconds=3700):
        assert is_error_page(browser.get(question), "invalid_request")


def test_cancelling_the_log_in_is_access_denied(dream_n: RelyingParty, browser: Browser) -> None:
    """The way back is on the page, in the mode that the partner asked for."""
    request = dream_n.request()
    browser.get(request.url)
    assert refused(browser.follow("login-cancel"), request, dream_n)["error"] == "access_denied"
    request = dream_n.request(response_mode="form_post")
    browser.get(request.url)
    page = browser.follow("login-cancel")
    assert page.form_with("answer").action == dream_n.redirect_uri
    assert page.answer["error"] == "access_denied"
    assert page.answer["state"] == request.parameters["state"]


def test_login_hint_only_fills_in_the_name(dream_n: RelyingParty, browser: Browser) -> None:
    """The hint stands in the field, escaped; it is no person."""
    for hint in ("wang0101", '"><script>alert(1)</script>', "不存在"):
        page = browser.get(dream_n.request(login_hint=hint).url)
        assert dict(page.form_with("login-submit").fields)["username"] == hint
        assert "<script" not in page.html
    page = browser.get(dream_n.request(login_hint="x" * 300).url)
    assert dict(page.form_with("login-submit").fields)["username"] == "x" * 64


def test_login_hint_never_switches_the_user(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Whoever is signed in stays so, whatever the hint says."""
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    signed_in = dream_n.sign_in(browser, people["T02"], login_hint=people["T01"]["account"])
    assert signed_in.claims["name"] == "林予安"
    silent = dream_n.request(login_hint=people["T01"]["account"], prompt="none")
    assert dream_n.finish(browser.get(silent.url), silent).claims["name"] == "林予安"


LOCALES = {"en": "en", "zh-TW": "zh-TW", "en-GB zh-TW": "en", "fr de": "zh-TW", "fr en": "en", "zh-Hant": "zh-TW"}


@pytest.mark.spec("OIDC Core", "3.1.2.1")
@pytest.mark.parametrize(("wished", "language"), LOCALES.items())
def test_ui_locales_sets_the_language(
    dream_n: RelyingParty, browser: Browser, people: People, wished: str, language: str
) -> None:
    """Log-in and consent are in the first language that we have of those the partner names."""
    assert browser.get(dream_n.request(ui_locales=wished).url).lang == language
    assert browser.log_in(people["T01"]["account"], people["T01"]["password"]).lang == language
    assert browser.page.has("consent-approve")


def test_a_wrong_password_does_not_change_the_language(dream_n: RelyingParty, browser: Browser) -> None:
    """The page that says so speaks the language of the page before."""
    assert browser.get(dream_n.request(ui_locales="en").url).lang == "en"
    page = browser.log_in("wang0101", "wrong")
    assert page.has("login-error")
    assert page.lang == "en"


def test_the_persons_choice_of_language_wins(dream_n: RelyingParty, browser: Browser) -> None:
    """The cookie is her own wish, ui_locales is the partner's."""
    for chosen, wished in (("en", "zh-TW"), ("zh-TW", "en")):
        browser.get(f"/language/{chosen}")
        assert browser.get(dream_n.request(ui_locales=wished).url).lang == chosen


@pytest.mark.spec("OAuth Form Post", "2")
@pytest.mark.parametrize("uri", ["https://rp.test/cb", "https://rp.test:8443/a/cb?x=1&y=2"])
def test_the_form_post_page(app: Flask, browser: Browser, people: People, uri: str) -> None:
    """The answer is a form that posts itself by a script file, or by a button where no script runs."""
    rp = add_partner(app, redirect_uris=[uri])
    page, request = rp.start(browser, people["T01"], response_mode="form_post", state='<">&')
    page = browser.submit("consent-approve")
    form = page.form_with("answer")
    assert (page.status, form.method, form.action) == (200, "POST", uri)
    assert [name for name, _ in form.fields] == ["code", "state", "iss"]
    assert (page.answer["state"], page.answer["iss"]) == ('<">&', rp.issuer)
    assert page.html.count("<script") == 1
    assert '<script src="/static/form-post.js"></script>' in page.html
    with browser.http.get("/static/form-post.js", base_url=browser.issuer) as script:
        assert script.get_data(as_text=True) == 'document.getElementById("answer").submit();\n'
    noscript = page.html.split("<noscript>")[1].split("</noscript>")[0]
    assert "<button" in noscript
    policy = dict(part.split(" ", 1) for part in page.response.headers["Content-Security-Policy"].split("; "))
    origin = f"https://{urlsplit(uri).netloc}"
    assert (policy["form-action"], policy["script-src"], policy["default-src"]) == (origin, "'self'", "'none'")
    assert page.response.headers["Cache-Control"] == "no-store"
    assert rp.exchange(page.answer["code"], request).status_code == 200
