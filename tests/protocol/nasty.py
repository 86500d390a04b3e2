"""Nasty input, every place that it can go to, and what an answer to it must not be."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter
from werkzeug.test import Client, TestResponse

ILL_FORMED = ("%00", "a%00b", "%FF", "%C0%80", "%ED%A0%80", "%F4%90%80%80", "%E7%8E", "a%80")
"""Percent-encoded NUL, and bytes that are no UTF-8: overlong, surrogate, beyond Unicode, cut off."""

VALUES = (
    *(
        "",
        " ",
        "%",
        "%zz",
        "\t",
        "\x7f",
        "\u202e",
        "\ufeff",
        "\U0010ffff",
        "é",
        "王曉晴",
        "0",
        "-1",
        "null",
        "[]",
        "{}",
    ),
    *(
        "'",
        '"',
        "' OR '1'='1",
        "1; DROP TABLE account--",
        "\\",
        "../../../etc/passwd",
        "..%2f..%2f",
        "/",
        "//evil.example",
    ),
    *(
        "<script>alert(1)</script>",
        '"><script>alert(1)</script>',
        "javascript:alert(1)",
        "{{1337*7331}}",
        "${1337*7331}",
        "%s%n%d",
    ),
    *(
        "x\r\nSet-Cookie: evil=1",
        "x\nLocation: https://evil.example",
        "[" * 1500,
        '{"a":' * 300,
        "9" * 1000,
        "A" * 2000,
    ),
    *(
        "gAAAAABo",
        "gAAAAABo" + "A" * 200,
        "e30.e30.e30",
        "a" * 43,
        "2026-13-45",
        "1e999",
        "NaN",
        "中" * 500,
        "=" * 50,
        "&=&",
    ),
)

PARAMETERS = (
    *("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt", "max_age", "ui_locales"),
    *("login_hint", "id_token_hint", "code_challenge", "code_challenge_method", "response_mode", "request", "claims"),
    *("i", "q", "r", "next", "done", "post_logout_redirect_uri", "logout_hint", "error", "lang", "_method"),
    *("d", "user_code", "a", "state", "page"),
)
FIELDS = (
    *("grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "access_token", "username"),
    *("password", "form_token", "form", "items", "answer", "assignment", "question", "i", "next", "id_token_hint"),
    *(
        "user_code",
        "d",
        "device_code",
        "device_name",
        "token",
        "client_assertion",
        "client_assertion_type",
        "request_uri",
    ),
    *("account_name", "name", "school", "title", "started_on"),
    *("kind", "unit", "county", "contact", "email", "repeated", "agreed", "a"),
    *("event", "received_on", "note", "reason", "counties", "confirmed"),
)

_LEAK = re.compile(
    r"Traceback \(|sqlalchemy\.|sqlite3\.|psycopg\.|werkzeug\.|jinja2\.|File \"/|SELECT .* FROM|INSERT INTO|UPDATE .* SET"
)
_MARKUP = re.compile(r"<script>alert|<b>|(?:href|src|action)=.javascript:|9801547")


def routes(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Yield (endpoint, path) of every route that takes the method, arguments filled in; no static files."""
    filled = {"tag": "en", "function_id": "view_own_records", "client_id": "dream-n"}
    filled |= {"item": "name", "what": "done", "user_id": "x", "type_name": "User", "urn": "x"}
    adapter = app.url_map.bind("127.0.0.1")
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and not rule.endpoint.endswith("static"):
            values = {name: filled.get(name) or _argument(one) for name, one in rule._converters.items()}
            yield rule.endpoint, adapter.build(rule.endpoint, values, method=method)


def _argument(converter: BaseConverter) -> object:
    return min(converter.items) if isinstance(converter, AnyConverter) else 1


def form_routes(app: Flask) -> Iterator[str]:
    """Yield the paths that take a form; registration and SCIM take JSON (RFC 7591 §3.1, RFC 7644 §3.1)."""
    return (path for _, path in routes(app, "POST") if not path.startswith(("/oidc/register", "/scim/")))


def check(answer: TestResponse, sent: object = None) -> TestResponse:
    """Check what holds of every answer: no 5xx, no internals, nothing reflected as markup, no foreign header."""
    text = answer.get_data(as_text=True)
    where = f"{answer.request.method} {answer.request.url[:200]} {str(sent)[:200]!r} -> {answer.status_code}"
    assert answer.status_code < 500, where
    assert not _LEAK.search(text), where
    if answer.mimetype == "text/html":
        assert not _MARKUP.search(text), where
    assert "evil" not in " ".join(f"{name}:{value}" for name, value in answer.headers if name != "Location"), where
    assert "\n" not in answer.headers.get("Location", ""), where
    return answer


def raw(client: Client, method: str, path: str, query: str = "", **environ: object) -> TestResponse:
    """Send what no decent client would send: the WSGI environment is set as given."""
    environ_overrides = {"QUERY_STRING": query} | environ
    return client.open(path, method=method, environ_overrides=environ_overrides)


def form(pairs: dict[str, str] | list[tuple[str, str]]) -> dict[str, object]:
    """Return the options of a test client for a form."""
    return {"data": urlencode(pairs), "content_type": "application/x-www-form-urlencoded"}
