"""Log in, log out. Answers nothing of the protocol: it sends the browser back to where it came from."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, after_this_request, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from clients import registry
from clients.registry import RegisteredClient
from config.database import hot
from config.guard import principal
from idp import ceremonies
from idp.accounts.login import Attempt, Outcome, log_in
from idp.accounts.login_by_passkey import passkey_login
from idp.accounts.passkeys import PasskeyRefused, authentication_options
from idp.devices import device
from idp.http import allow_frames, with_script
from idp.interactions import Interaction, cancel_url
from idp.logins import PASSKEY, PASSWORD, finish_session
from idp.logout.front_channel import farewell, farewell_url
from idp.pages import arrivals
from idp.pages.arrivals import interaction_of
from idp.pages.business import standing
from idp.pages.links import local_path

blueprint = Blueprint("login", __name__)


@blueprint.get("/login")
def form() -> str:
    """Show the form; ``login_hint`` only fills in the name."""
    interaction = interaction_of(request.args.get("i"))
    hint = interaction.parameters.get("login_hint", "") if interaction else ""
    return _page(interaction, username=hint[:64])


@blueprint.post("/login")
def submit() -> Response | tuple[str, int]:
    """Judge the attempt; a success opens a new session and goes on."""
    interaction = interaction_of(request.form.get("i"))
    now, known = datetime.now(UTC), device()
    username = request.form.get("username", "")
    attempt = Attempt(
        login_name=username,
        password=request.form.get("password", ""),
        address=request.remote_addr or "",
        device_id=known.id,
        known_accounts=known.accounts,
    )
    with hot() as connection:
        outcome, account_id = log_in(connection, attempt, now)
    if account_id is not None and outcome is Outcome.WELCOME:
        return arrivals.welcome(account_id, PASSWORD, request.form.get("i", ""), _next(), known)
    if account_id is not None and outcome is Outcome.HALF_WAY:
        return arrivals.half_way(account_id, request.form.get("i", ""), _next())
    return _refuse(interaction, username, outcome, account_id)


def _refuse(
    interaction: Interaction | None, username: str, outcome: Outcome, account_id: int | None
) -> tuple[str, int]:
    """Show the form again with the reason, and how a business account that is not approved yet goes on."""
    message, status = _refusal(outcome)
    application = standing(account_id) if account_id is not None else None
    return _page(interaction, username=username[:64], error=message, application=application), status


@blueprint.post("/login/passkey")
def passkey() -> Response | tuple[str, int]:
    """Log in by a passkey alone: it is two factors in one."""
    interaction = interaction_of(request.form.get("i"))
    try:
        site, options = ceremonies.take(request.form.get("options", ""))
        account_id = passkey_login(site, request.form.get("credential", ""), options, now=datetime.now(UTC))
    except PasskeyRefused:
        text = gettext("通行金鑰驗證沒有成功。請再試一次，或用帳號密碼登入。")
        return _page(interaction, username="", error=text), 403
    return arrivals.welcome(account_id, PASSKEY, request.form.get("i", ""), _next(), device())


@blueprint.post("/logout")
def log_out() -> Response:
    """End the session (登出系統 is never blocked, Art.5(2))."""
    person = principal()
    response = redirect(farewell_url(person.session_id if person else None, None), 303)
    if person is not None:
        finish_session(response, person, now=datetime.now(UTC))
    return response


@blueprint.get("/logged-out")
def logged_out() -> Response:
    """Say that it is over; partners' logout addresses open in frames, then the browser goes where it was to go."""
    last = farewell(request.args.get("f", ""))
    response = make_response(render_template("logged_out.html", last=last))
    if last.frames:
        allow_frames(response, last.origins)
    return response


def _next() -> str:
    return local_path(request.form.get("next"), url_for("account.home"))


def _client(interaction: Interaction | None) -> RegisteredClient | None:
    return registry.find(interaction.client_id) if interaction else None


def _page(
    interaction: Interaction | None,
    *,
    username: str,
    error: str | None = None,
    application: Mapping[str, object] | None = None,
) -> str:
    blob = request.values.get("i", "") if interaction else ""
    site = ceremonies.site()
    options = authentication_options(site, ceremonies.new_challenge()) if site else None
    if options:
        after_this_request(with_script)
    return render_template(
        "login.html",
        options=options,
        kept=ceremonies.keep(options) if options else None,
        again=request.args.get("again") == "1",
        client=_client(interaction),
        interaction=blob,
        cancel=cancel_url(blob) if interaction else None,
        next=local_path(request.values.get("next"), ""),
        username=username,
        error=error,
        application=application,
    )


def _refusal(outcome: Outcome) -> tuple[str, int]:
    """Return text and status; log-in lock-out and service lock are never mixed (D-33)."""
    if outcome is Outcome.LOCKED_OUT:
        return gettext("登入失敗次數過多，為保護帳號，15 分鐘內無法登入。請稍後再試。"), 429
    if outcome is Outcome.NOT_APPROVED:
        return gettext("業務帳號尚未經所屬區管中心審核通過，無法登入。"), 403
    return gettext("帳號或密碼不正確。請檢查後再試一次。"), 403
