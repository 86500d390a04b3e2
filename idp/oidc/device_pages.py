"""Where a teacher lets a device sign in (RFC 8628 §3.3): type the code, see which device asks, confirm.

It is part of the protocol, as the logout question is: what she confirms becomes a continuation (`Interaction`) that the
authorization endpoint answers, with the device in the place of a redirect_uri.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import qrcode
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from qrcode.image.svg import SvgPathFillImage
from werkzeug.wrappers import Response as BaseResponse

from clients import registry
from clients.registry import RegisteredClient
from config import seal
from config.database import hot
from idp.accounts import throttle
from idp.browsers import browser_mark
from idp.interactions import Interaction, resume_url
from idp.oidc import device_grants, user_codes
from idp.oidc.device import complete_uri
from idp.oidc.device_grants import LIFETIME, Waiting
from idp.oidc.recipients import DEVICE
from idp.principal import form_bindings

blueprint = Blueprint("device", __name__)
PURPOSE = "device-question"
OUTCOMES = frozenset({"done", "denied", "over"})


@blueprint.get("/device")
def enter() -> str:
    """Ask for the code; from a QR code it comes along, but she sends it herself (§3.3.1)."""
    return _form(request.args.get("user_code", ""))


@blueprint.post("/device")
def submit() -> BaseResponse | tuple[str, int]:
    """Look the code up. A wrong one never tells why; guesses are counted by browser session and address (§5.1)."""
    typed, now = request.form.get("user_code", ""), datetime.now(UTC)
    code = user_codes.fold(typed)
    attempt = throttle.code_buckets(form_bindings()[0], request.remote_addr or "")
    with hot() as connection:
        if not throttle.admit(connection, attempt, now):
            return _form(typed, gettext("輸入代碼的次數過多，15 分鐘內無法再試。請稍後在裝置上重新開始。")), 429
        found = device_grants.find_by_user_code(connection, code, now) if code else None
        if found is None or code is None:
            return _form(typed, gettext("找不到這個代碼。請看裝置上的代碼再輸入一次，或在裝置上重新開始。")), 400
        throttle.forgive(connection, attempt)
    question = seal.seal(PURPOSE, {"d": found.id, "c": code, "b": browser_mark()})
    return redirect(url_for("device.ask", d=question), 303)


@blueprint.get("/device/confirm")
def ask() -> str | BaseResponse:
    """Name the device and the partner and warn: whoever sent her here may not stand before that device (§5.4)."""
    question = _open(request.args.get("d", ""))
    if question is None:
        return _over()
    return render_template(
        "device_confirm.html",
        client=question.client,
        waiting=question.waiting,
        user_code=user_codes.show(question.code),
        question=request.args["d"],
    )


@blueprint.post("/device/confirm")
def answer() -> BaseResponse:
    """Go on with a sign-in like any other, or refuse."""
    question, now = _open(request.form.get("d", "")), datetime.now(UTC)
    if question is None:
        return _over()
    if request.form.get("answer") != "confirm":
        with hot() as connection:
            was_waiting = device_grants.deny(connection, question.waiting.id, now)
        return redirect(url_for("device.outcome", what="denied"), 303) if was_waiting else _over()
    asking = question.waiting.asking
    parameters = {
        "client_id": asking.client_id,
        "scope": asking.scope,
        "response_type": "code",
        DEVICE: str(question.waiting.id),
    }
    return redirect(resume_url(Interaction(parameters, now.timestamp()).seal()), 303)


@blueprint.get("/device/<what>")
def outcome(what: str) -> str:
    """Say how it ended."""
    if what not in OUTCOMES:
        abort(404)
    return render_template("device_outcome.html", what=what)


@blueprint.get("/device/qr.svg")
def qr() -> Response:
    """Draw ``verification_uri_complete`` of a code, for devices that cannot; nothing is looked up, so nothing is told."""
    code = user_codes.fold(request.args.get("user_code", ""))
    if code is None:
        abort(404)
    made = qrcode.make(complete_uri(code), image_factory=SvgPathFillImage)
    response = Response(made.to_string(), mimetype="image/svg+xml")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # the device's own page shows it
    return response


@dataclass(frozen=True, slots=True)
class _Question:
    """A device that was found by its code, in this browser."""

    waiting: Waiting
    client: RegisteredClient
    code: str


def _open(blob: str) -> _Question | None:
    """Return the question if it is of this browser and the device waits still."""
    try:
        facts = seal.open_(PURPOSE, blob, LIFETIME)
    except seal.SealBroken:
        return None
    if facts["b"] != browser_mark():
        return None
    with hot() as connection:
        waiting = device_grants.find(connection, facts["d"], datetime.now(UTC))
        client = registry.find(waiting.asking.client_id) if waiting else None
    return _Question(waiting, client, facts["c"]) if waiting and client else None


def _over() -> BaseResponse:
    return redirect(url_for("device.outcome", what="over"), 303)


def _form(typed: str, error: str | None = None) -> str:
    code = user_codes.fold(typed)
    return render_template("device.html", user_code=user_codes.show(code) if code else typed[:20], error=error)
