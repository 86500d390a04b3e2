"""Malformed, oversized and hostile input gives 4xx on every route: never 5xx, SQL text or markup."""

import base64
import io
import json
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from idp.http import UPLOADS
from tests.pages import Browser
from tests.protocol.nasty import FIELDS, ILL_FORMED, PARAMETERS, VALUES, check, form, form_routes, raw, routes
from tests.protocol.wire import People, basic
from tests.rp import RelyingParty

FUZZ = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(params=["nobody", "T02"])
def client(app: Flask, people: People, request: pytest.FixtureRequest) -> Client:
    """A browser in which nobody, or T02, is signed in."""
    browser = Browser(app)
    if request.param in people:
        browser.log_in(people[request.param]["account"], people[request.param]["password"])
    return browser.http


def _token(client: Client) -> str:
    """Return a good form token, so that a form comes as far as it can."""
    page = client.get("/login").get_data(as_text=True)
    return page.split('name="form_token" value="')[1].split('"')[0]


@pytest.mark.parametrize("bad", ILL_FORMED)
def test_ill_formed_text_is_400(app: Flask, client: Client, bad: str) -> None:
    """NUL and malformed UTF-8 are refused in query, path and body, percent-encoded or raw."""
    bare = bad.encode().replace(b"%00", b"\0")
    for position in range(256):
        bare = bare.replace(f"%{position:02X}".encode(), bytes([position]))
    text = bare.decode("latin-1")
    for method in ("GET", "POST"):
        for _, path in routes(app, method):
            assert check(raw(client, method, path, f"x={bad}")).status_code == 400
            assert check(raw(client, method, path, f"{bad}=x")).status_code == 400
            assert check(raw(client, method, path, f"x={text}")).status_code == 400
            assert check(raw(client, method, path, PATH_INFO=f"{path}{text}")).status_code == 400
    for path in form_routes(app):
        for body in (f"x={bad}".encode(), f"{bad}=x".encode(), b"x=" + bare):
            posted = client.post(path, data=body, content_type="application/x-www-form-urlencoded")
            assert check(posted).status_code == 400


def test_every_value_in_every_query(app: Flask, client: Client) -> None:
    """No parameter of any page, whatever stands in it, leads to an error of ours."""
    for value in VALUES:
        query = urlencode(dict.fromkeys(PARAMETERS, value[:600]))
        for method in ("GET", "HEAD", "POST"):
            for _, path in routes(app, method):
                check(raw(client, method, path, query), value)


def test_every_value_in_every_form(app: Flask, client: Client) -> None:
    """The same for forms, with a good form token and without."""
    token = _token(client)
    for value in VALUES:
        fields = dict.fromkeys(FIELDS, value[:1000])
        for _, path in routes(app, "POST"):
            check(client.post(path, **form(fields)), value)
            if path != "/logout":
                check(client.post(path, **form(fields | {"form_token": token, "answer": "approve"})), value)


def test_every_value_in_every_path(client: Client) -> None:
    """Path arguments are looked up, never trusted."""
    for value in VALUES:
        part = quote(value, safe="")
        for path in ("/{}", "/language/{}", "/account/functions/{}", "/static/{}", "/bootstrap/static/{}", "/oidc/{}"):
            check(client.get(path.format(part)), value).close()
        for path in ("/account/consents/{}/withdraw", "/account/consents/{0}/items/{0}/stop"):
            check(client.post(path.format(part), **form({"form_token": _token(client)})), value)


def test_a_good_request_with_one_bad_value(client: Client, dream_n: RelyingParty) -> None:
    """Past the first check too: each parameter of a good request is spoilt on its own."""
    names = [*dream_n.request().parameters, "prompt", "max_age", "ui_locales", "login_hint", "response_mode"]
    for value in VALUES:
        for name in names:
            check(client.get(dream_n.request(**{name: value}).url), (name, value))
            check(client.get(dream_n.request(**{"prompt": "none", name: value}).url), (name, value))
        body = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "x", "code_verifier": "v" * 43}
        for name in body:
            header = basic(dream_n.client_id, dream_n.secret)
            check(client.post("/oidc/token", **form(body | {name: value}), headers=header), (name, value))


HEADERS = (
    *("AUTHORIZATION", "COOKIE", "ACCEPT_LANGUAGE", "ACCEPT", "USER_AGENT", "REFERER", "ORIGIN", "HOST"),
    *("X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "RANGE"),
    *("SEC_FETCH_SITE", "EXPECT", "X_HTTP_METHOD_OVERRIDE", "FORWARDED", "CONNECTION", "DPOP", "ACCEPT_ENCODING"),
)
PATHS = ("/", "/login", "/account", "/oidc/authorize", "/oidc/userinfo", "/oidc/jwks", "/oidc/logout", "/language/en")


@pytest.mark.parametrize("name", HEADERS)
def test_every_value_in_every_header(client: Client, name: str) -> None:
    """Headers are read with care; raw bytes and NUL in them are no accident."""
    values = [
        *VALUES,
        "\0",
        "\xff\xfe",
        "\x00" * 50,
        "Basic \0",
        "Bearer \xff",
        "*;q=x, en;q=\xff",
        "bytes=0-1,-",
        "a=\0; b",
    ]
    for value in values:
        sent = value if value.isascii() else value.encode().decode("latin-1")
        for path in PATHS:
            check(raw(client, "GET", path, **{f"HTTP_{name}": sent}), (name, value))
        for path in ("/oidc/token", "/oidc/userinfo", "/login", "/oidc/authorize"):
            check(raw(client, "POST", path, **{f"HTTP_{name}": sent}), (name, value))


@pytest.mark.parametrize("cookie", ["session", "browser", "device", "language"])
def test_every_value_in_every_cookie(app: Flask, dream_n: RelyingParty, cookie: str) -> None:
    """A cookie that we did not make is as good as none."""
    client = app.test_client(use_cookies=False)
    for value in (*VALUES, "\0", "\xff", '"unterminated', "a; session=b", "\\000"):
        sent = value.encode().decode("latin-1")
        for path in (dream_n.request().url, "/login", "/account", "/oidc/authorize/resume?i=x"):
            answer = raw(client, "GET", *path.split("?"), HTTP_COOKIE=f"{cookie}={sent}; {cookie}={sent}")
            assert check(answer, value).status_code in {200, 303, 400, 431}


def test_deep_nesting_is_refused(client: Client, dream_n: RelyingParty) -> None:
    """Deeply nested JSON, wherever JSON is read, gives 4xx and no exhausted stack."""
    for text in ("[" * 2900, "[" * 1400 + "]" * 1400, '{"a":' * 500 + "1" + "}" * 500):
        blob = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for hint in (f"{blob}.e30.x", f"eyJhbGciOiJSUzI1NiJ9.{blob}.x", f"{blob}.{blob}.{blob}"[:3900], text):
            answer = check(client.get(f"/oidc/logout?{urlencode({'id_token_hint': hint})}"))
            assert answer.status_code == 400
        for name in ("claims", "registration", "request", "state"):
            check(client.get(dream_n.request(**{name: text}).url))


def test_files_and_json_are_no_forms(app: Flask, client: Client) -> None:
    """Every POST route takes a plain form only: JSON, multipart and the rest are 415. Where files may come, a form of ours."""
    for path in form_routes(app):
        takes_files = app.url_map.bind("127.0.0.1").match(path, "POST")[0] in UPLOADS
        bodies = [
            {"json": {"a": "b"}},
            {"json": json.loads("[" * 500 + "]" * 500)},
            {"data": {"f": (io.BytesIO(b"x"), "x")}},
        ]
        bodies += [
            {"data": "x", "content_type": kind} for kind in ("text/plain", "application/xml", "a/b; charset=\xff")
        ]
        bodies += [
            {
                "data": b"\x1f\x8b",
                "headers": {"Content-Encoding": "gzip"},
                "content_type": "application/x-www-form-urlencoded",
            }
        ]
        expected = [415, 415, 403 if takes_files else 415, *[415] * (len(bodies) - 3)]
        assert [check(client.post(path, **body)).status_code for body in bodies] == expected
        utf16 = client.post(path, data="a=b", content_type="application/x-www-form-urlencoded; charset=utf-16")
        assert check(utf16).status_code < 500


@FUZZ
@given(st.lists(st.tuples(st.sampled_from(PARAMETERS), st.binary(max_size=60)), max_size=6))
def test_random_queries(client: Client, app: Flask, pairs: list[tuple[str, bytes]]) -> None:
    """Random bytes in random parameters of every page."""
    query = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in pairs)
    for _, path in routes(app, "GET"):
        check(raw(client, "GET", path, query), query)


@FUZZ
@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40), max_size=8), st.booleans())
def test_random_forms(client: Client, app: Flask, fields: dict[str, str], proper: bool) -> None:  # noqa: FBT001  # given by Hypothesis
    """Random text in random fields of every form."""
    token = {"form_token": _token(client)} if proper else {}
    for _, path in routes(app, "POST"):
        if path not in {"/logout", "/login"}:
            check(client.post(path, **form(fields | token)), fields)
