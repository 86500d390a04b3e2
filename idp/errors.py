"""Error pages: short message and code only; the detail goes to the log (DOMAIN §7.4). Never a redirect to a partner."""

import logging
from collections.abc import Callable, Mapping, Sequence

from flask import Flask, Response, current_app, jsonify, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from idp.http import MACHINES
from idp.interactions import way_on

log = logging.getLogger(__name__)


class ErrorPage(Exception):
    """An error that the browser shows. ``code`` is the OAuth code, ``what`` names the text; ``received`` is echoed."""

    def __init__(
        self, code: str, what: str, *, status: int = 400, received: str | None = None, details: Sequence[str] = ()
    ) -> None:
        super().__init__(f"{code}: {what}")
        self.code, self.what, self.status, self.received, self.details = code, what, status, received, details


TEXTS: Mapping[str, object] = {
    "unknown_client": lazy_gettext("這個合作網站沒有登記，因此無法繼續登入。請回到原網站，或洽該網站的承辦人。"),
    "bad_redirect_uri": lazy_gettext(
        "合作網站要求返回的網址沒有登記，為保護您的資料，登入已停止。請洽該網站的承辦人。"
    ),
    "bad_logout_uri": lazy_gettext("合作網站要求登出後返回的網址沒有登記，因此不會轉往該網址。"),
    "bad_logout_hint": lazy_gettext("登出要求所附的識別資料不正確，因此沒有登出。您可以在這裡自行登出。"),
    "bad_request_object": lazy_gettext(
        "合作網站的登入要求已經用過、過期或不正確，因此無法繼續登入。請回到原網站再登入一次。"
    ),
    "lost": lazy_gettext("這個頁面已經過期，或是在另一個瀏覽器開始的。請回到合作網站重新登入。"),
    "lost_application": lazy_gettext(
        "這個頁面已經過期，或是在另一個瀏覽器開始的。請到登入頁輸入帳號和密碼，就能看到申請的狀態。"
    ),
    "bad_request": lazy_gettext("這個要求的格式不正確，系統沒有處理。"),
    "cross_site": lazy_gettext("這個表單不是從本網站送出的，系統沒有處理。請從本網站的頁面重新操作。"),
    "stale_form": lazy_gettext("這個頁面已經過期，系統沒有處理。請回上一頁重新整理後再試一次。"),
    "forbidden": lazy_gettext("您的帳號沒有使用這個頁面的權限。"),
    "not_found": lazy_gettext("找不到這個頁面。請檢查網址，或回到首頁。"),
    "method": lazy_gettext("這個網址不接受這種要求方式。"),
    "too_large": lazy_gettext("送出的資料太大，系統沒有處理。"),
    "media_type": lazy_gettext("送出的資料格式不受支援，系統沒有處理。"),
    "internal": lazy_gettext("系統發生錯誤，我們已經記錄下來。請稍後再試。"),
}
_STALE = frozenset({"lost", "stale_form", "bad_request_object"})
"""Errors after which the sign-in may go on, or start again at the partner."""
_WHAT = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method",
    411: "bad_request",
    413: "too_large",
    414: "too_large",
    415: "media_type",
    431: "too_large",
    500: "internal",
}
_MACHINE = MACHINES
_MACHINE_PATHS = ("/oidc/token", "/oidc/par", "/oidc/introspect", "/oidc/revoke")


def init_errors(app: Flask) -> None:
    """Attach the handlers."""
    app.register_error_handler(ErrorPage, _error_page)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _bug)


Renderer = Callable[[HTTPException], BaseResponse]


def render_errors_below(app: Flask, path: str, renderer: Renderer) -> None:
    """Let an interface of its own word the errors below its path, those of routing too."""
    app.extensions.setdefault("error_renderers", {})[path] = renderer


def _renderer() -> Renderer | None:
    found: Mapping[str, Renderer] = current_app.extensions.get("error_renderers", {})
    return next((renderer for path, renderer in found.items() if request.path.startswith(path)), None)


def _error_page(error: ErrorPage) -> tuple[str, int]:
    return page(error.code, error.what, received=error.received, details=error.details), error.status


def page(code: str, what: str, *, received: str | None = None, details: Sequence[str] = ()) -> str:
    """Render an error page."""
    request_id = request.environ.get("roaming.request_id")
    onward = way_on(request.values.get("i", "")) if what in _STALE else None
    return render_template(
        "error.html",
        code=code,
        message=TEXTS[what],
        received=received,
        details=details,
        request_id=request_id,
        onward=onward,
    )


def _http_error(error: HTTPException) -> BaseResponse | tuple[str, int]:
    """Show 401 as the log-in page, everything else as a short page, or as JSON to machines."""
    if error.code is None or error.response is not None:
        return error.get_response()
    if (renderer := _renderer()) is not None:
        return renderer(error)
    if error.code == 401:
        return redirect(url_for("login.form", next=request.full_path.rstrip("?")), 303)
    if request.endpoint in _MACHINE or (request.routing_exception and request.path.startswith(_MACHINE_PATHS)):
        return _machine(error)
    what = _WHAT.get(error.code, "bad_request" if error.code < 500 else "internal")
    if error.description in TEXTS:
        what = str(error.description)
    body = page(f"{'invalid_request' if error.code < 500 else 'server_error'}", what)
    response = Response(body, error.code)
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(allowed)
    return response


def _machine(error: HTTPException) -> Response:
    code = error.code or 500
    response = jsonify(error="invalid_request" if code < 500 else "server_error")
    response.status_code = code
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(allowed)
    return response


def _bug(error: Exception) -> BaseResponse | tuple[str, int]:
    """Log what nobody expected; show nothing of it."""
    log.error("unexpected error", exc_info=error)
    return _http_error(InternalServerError())
