"""What every request and answer must obey: limits, well-formed input, form tokens, security headers.

What needs no Flask is done before and after it, by `Gate`: that is cheap enough for the hot path.
"""

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, abort, request

from clients.resources import RESOURCES
from config.guard import form_token_is_valid
from config.settings import settings
from config.uploads.kinds import MIB
from idp.browsers import remember_browser

BODY_MAX = 64 * 1024
JSON_MAX = 32 * 1024
QUERY_MAX = 16 * 1024
HEADERS_MAX = 32 * 1024
PARAMETERS_MAX = 100
FORM = "application/x-www-form-urlencoded"
JSON_TAKERS = frozenset({"oidc.register_client", "oidc.manage_client"})
"""Endpoints whose bodies are JSON (RFC 7591 §3.1), and nothing else."""
MULTIPART = "multipart/form-data"
UPLOADS = frozenset({"approvals.decide", "cases.attach"})
"""Endpoints whose forms may bring a file along."""
BULK_MAX = 1024 * 1024
LONG_FORMS = frozenset({"cases.save"})
"""Forms with long texts: a privacy policy has 50,000 characters, nine bytes each as a browser sends them."""
LONG_MAX = 640 * 1024
INTERFACES = tuple(f"{resource.path}/" for resource in RESOURCES.values())
"""Everything below these paths is called by programs with tokens of their own: JSON, no form token, no cookie."""
MACHINES = frozenset(
    {"oidc.token", "oidc.userinfo", "oidc.pushed_authorization_request", "oidc.introspect", "oidc.revoke"}
    | {"oidc.device_authorization"}
    | JSON_TAKERS
)
"""Endpoints that programs call; browsers' programs too, from anywhere, as they carry no cookie of ours."""
FROM_ANYWHERE = MACHINES | {"oidc.authorize", "oidc.end_session"}
"""Endpoints that partners' pages and programs post to: no form token, they prove themselves in other ways."""

# Chrome applies form-action to the redirects that follow a form, so partners' https sites must be allowed to follow.
_FOLLOW = "'self' https: http://127.0.0.1:* http://localhost:*"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action {form}{script}"
)
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin-allow-popups"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("X-Frame-Options", "DENY"),
)
_UNLESS_SET = {"content-security-policy": _POLICY.format(form=_FOLLOW, script=""), "cache-control": "no-store"}
_STRICT_TRANSPORT = (("Strict-Transport-Security", "max-age=31536000"),)

Start = Callable[..., Any]
Headers = list[tuple[str, str]]


def init_http(app: Flask) -> None:
    """Attach the checks and the headers."""
    issuer: str = app.extensions["settings"].issuer
    always = _ALWAYS + _STRICT_TRANSPORT if issuer.startswith("https:") else _ALWAYS
    app.config |= {"MAX_CONTENT_LENGTH": BODY_MAX, "MAX_FORM_MEMORY_SIZE": BODY_MAX, "MAX_FORM_PARTS": PARAMETERS_MAX}
    app.wsgi_app = Gate(app.wsgi_app, urlsplit(issuer).netloc, always)  # type: ignore[method-assign]
    app.before_request(check_request)
    app.after_request(remember_browser)


class Gate:
    """WSGI middleware: names the request, finds what is malformed before anything reads it, adds the headers."""

    def __init__(
        self, inner: Callable[[dict[str, Any], Start], Iterable[bytes]], host: str, always: Iterable[tuple[str, str]]
    ) -> None:
        self.inner, self.host, self.always = inner, host, list(always)

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Pass a request on; a fault is left in the environment, so that Flask answers it with a page."""
        request_id = environ["roaming.request_id"] = secrets.token_hex(8)
        fault = environ["roaming.fault"] = fault_of(environ)
        if fault is not None:
            environ["QUERY_STRING"] = ""  # nobody reads what is malformed, the error page neither
        environ["HTTP_HOST"] = self.host  # the issuer is a setting, whatever Host says

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:  # noqa: ANN401  # as WSGI has it
            names = {name.lower() for name, _ in headers}
            added = [(name.title(), value) for name, value in _UNLESS_SET.items() if name not in names]
            return start_response(status, [*headers, *added, *self.always, ("X-Request-Id", request_id)], exc_info)

        return self.inner(environ, start)


def fault_of(environ: dict[str, Any]) -> int | None:
    """Return the status of a request that is too large or malformed, None for a good one."""
    query = environ.get("QUERY_STRING", "")
    if len(query) > QUERY_MAX:
        return 414
    if sum(len(name) + len(value) for name, value in environ.items() if name.startswith("HTTP_")) > HEADERS_MAX:
        return 431
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace")
    if not is_text(query.encode("latin-1", "replace")) or not is_text(path):
        return 400
    if "HTTP_CONTENT_ENCODING" in environ:
        return 415
    if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
        return 411
    return None


def is_text(raw: bytes) -> bool:
    """Whether percent-encoded bytes are UTF-8 without NUL."""
    if b"%" in raw:
        raw = unquote_to_bytes(raw)
    if b"\0" in raw:
        return False
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def check_request() -> None:
    """Refuse what `Gate` found, bodies that are no plain form, and forms that are not ours."""
    if (fault := request.environ["roaming.fault"]) is not None:
        abort(fault)
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    body = expected_body()
    if (request.content_length or 0) > body.largest:
        _refuse_body(413)
    if request.content_length and request.mimetype not in body.kinds:
        _refuse_body(415)
    request.max_content_length = body.largest
    if request.endpoint in LONG_FORMS:
        request.max_form_memory_size = body.largest
    if not _is_readable():
        _refuse_body(400)
    if request.endpoint is not None and request.endpoint not in FROM_ANYWHERE and not is_interface():
        check_form()


def _is_readable() -> bool:
    """Whether the body is text; of a form with files, its fields: what no database takes as text is no text."""
    if request.mimetype != MULTIPART:
        return is_text(request.get_data(cache=True, parse_form_data=False))
    return not any("\0" in part for pair in request.form.items(multi=True) for part in pair)


@dataclass(frozen=True, slots=True)
class Body:
    """What a body may be: media types, and bytes at most."""

    kinds: frozenset[str]
    largest: int


_FORM = Body(frozenset({FORM}), BODY_MAX)
_JSON = Body(frozenset({"application/json"}), JSON_MAX)
_INTERFACE = Body(frozenset({"application/json", "application/scim+json"}), BODY_MAX)
_BODIES = dict.fromkeys(JSON_TAKERS, _JSON)
_BODIES |= dict.fromkeys(LONG_FORMS, Body(frozenset({FORM}), LONG_MAX))
_BODIES |= {"scim.bulk": Body(_INTERFACE.kinds, BULK_MAX)}


def is_interface() -> bool:
    """Whether the request is for a machine interface, also where it has no such endpoint."""
    return request.path.startswith(INTERFACES)


def expected_body() -> Body:
    """Return what the endpoint of the request takes."""
    if request.endpoint in UPLOADS:
        found = settings()
        return Body(frozenset({FORM, MULTIPART}), max(found.upload_max_mib, found.upload_scan_max_mib) * MIB + BODY_MAX)
    return _BODIES.get(request.endpoint or "", _INTERFACE if is_interface() else _FORM)


def _refuse_body(status: int) -> NoReturn:
    """Stop; the mark tells whoever renders the error that the body is not to be read."""
    request.environ["roaming.fault"] = status
    abort(status)


def json_object() -> dict[str, Any]:
    """Return the JSON object of the body, ValueError for all else.

    A member that comes twice could mean either, NaN is no JSON, and text that no database takes is no text.
    """
    try:
        body = json.loads(request.get_data(), object_pairs_hook=_once, parse_constant=_no_number)
        is_storable = "\\u0000" not in json.dumps(body) and json.dumps(body, ensure_ascii=False).encode() is not None
    except (ValueError, RecursionError) as error:
        raise ValueError("JSON is needed") from error
    if not isinstance(body, dict) or not is_storable:
        raise ValueError("a JSON object is needed")
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member comes twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def check_form() -> None:
    """Every change needs a form of ours: its token, and no sign of another site (SameSite alone is not enough)."""
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


def allow_form_post(response: Response, origin: str) -> None:
    """Let one answer submit itself to one origin, by a script file of ours."""
    response.headers["Content-Security-Policy"] = _POLICY.format(form=origin, script="; script-src 'self'")


def with_script(response: Response) -> Response:
    """Let one page run script files of ours (passkeys); for ``after_this_request``."""
    response.headers["Content-Security-Policy"] = _POLICY.format(form=_FOLLOW, script="; script-src 'self'")
    return response


def allow_frames(response: Response, origins: Iterable[str]) -> None:
    """Let one page hold frames of these origins (Front-Channel Logout)."""
    sources = "; frame-src " + " ".join(origins)
    response.headers["Content-Security-Policy"] = _POLICY.format(form=_FOLLOW, script=sources)
