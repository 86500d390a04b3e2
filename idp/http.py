"""What every request and answer must obey: limits, well-formed input, form tokens, security headers."""

import secrets
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, abort, g, request

from config.guard import form_token_is_valid
from config.settings import settings
from idp.browsers import remember_browser

BODY_MAX = 64 * 1024
QUERY_MAX = 16 * 1024
HEADERS_MAX = 32 * 1024
PARAMETERS_MAX = 100
FORM = "application/x-www-form-urlencoded"
FROM_ANYWHERE = frozenset({"oidc.authorize", "oidc.token", "oidc.userinfo", "oidc.end_session"})
"""Endpoints that partners' pages and programs post to: no form token, they prove themselves in other ways."""


def init_http(app: Flask) -> None:
    """Attach the checks and the headers."""
    app.config |= {"MAX_CONTENT_LENGTH": BODY_MAX, "MAX_FORM_MEMORY_SIZE": BODY_MAX, "MAX_FORM_PARTS": PARAMETERS_MAX}
    app.before_request(_name_request)
    app.before_request(check_limits)
    app.before_request(check_text)
    app.before_request(check_form)
    app.after_request(add_headers)
    app.after_request(remember_browser)


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)


def check_limits() -> None:
    """Refuse what is larger than anything we use."""
    if len(request.query_string) > QUERY_MAX:
        abort(414)
    if sum(len(name) + len(value) for name, value in request.headers) > HEADERS_MAX:
        abort(431)
    if request.content_length is None and request.method == "POST" and "Transfer-Encoding" in request.headers:
        abort(411)


def check_text() -> None:
    """Refuse malformed UTF-8 and NUL bytes anywhere; a body must be a plain form."""
    for raw in (request.query_string, request.environ.get("PATH_INFO", "").encode("latin-1", "replace")):
        _check_bytes(raw)
    if request.method not in {"POST", "PUT", "PATCH", "DELETE"}:
        return
    if request.content_length and request.mimetype != FORM:
        abort(415)
    if "Content-Encoding" in request.headers:
        abort(415)
    _check_bytes(request.get_data(cache=True, parse_form_data=False))


def _check_bytes(raw: bytes) -> None:
    text = unquote_to_bytes(raw)
    if b"\0" in text:
        abort(400)
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        abort(400)


def check_form() -> None:
    """Every change needs a form of ours: its token, and no sign of another site (SameSite alone is not enough)."""
    if request.method in {"GET", "HEAD", "OPTIONS"} or request.endpoint is None or request.endpoint in FROM_ANYWHERE:
        return
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403, "cross_site")
    if origin is not None and origin != issuer_origin():
        abort(403, "cross_site")
    if not form_token_is_valid():
        abort(403, "stale_form")


def issuer_origin() -> str:
    """Return the origin of the issuer, the only one whose forms count."""
    url = urlsplit(settings().issuer)
    return f"{url.scheme}://{url.netloc}"


# Chrome applies form-action to the redirects that follow a form, so partners' https sites must be allowed to follow.
_FOLLOW = "'self' https: http://127.0.0.1:* http://localhost:*"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action {form}{script}"
)
PAGE_POLICY = _POLICY.format(form=_FOLLOW, script="")


def allow_form_post(response: Response, origin: str) -> None:
    """Let one answer submit itself to one origin, by a script file of ours."""
    response.headers["Content-Security-Policy"] = _POLICY.format(form=origin, script="; script-src 'self'")


def add_headers(response: Response) -> Response:
    """Add the security headers; nothing is stored unless an endpoint says otherwise."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers["X-Frame-Options"] = "DENY"
    headers["X-Request-Id"] = g.get("request_id", "")
    if settings().secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
