"""The application for a teacher personal account; she can log in at once (Art.4, R-ACC-1, R-ACC-3).

``prompt=create`` leads here (Initiating User Registration via OpenID Connect 1.0 §4.1), and so does the log-in page.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from clients import registry
from config.database import hot
from idp.accounts import throttle
from idp.accounts.application import Application, Entered, Fault, apply, read
from idp.accounts.directory import directory
from idp.accounts.mailed_links import ask_to_verify
from idp.accounts.password_rules import PasswordFault
from idp.devices import device
from idp.interactions import Interaction, cancel_url
from idp.logins import PASSWORD
from idp.pages.arrivals import interaction_of, welcome
from idp.pages.links import verify_link
from idp.pages.password_texts import PASSWORD_TEXTS
from scopes.roc import taipei_day

blueprint = Blueprint("apply", __name__)
NOTHING = Entered("", "", "", "", "", "", "", "", agreed=False)
TEXTS: Mapping[Fault, object] = {
    Fault.ACCOUNT_FORM: lazy_gettext("帳號名稱要有 6 到 12 個英文字母和數字，第一個是字母，至少有一個數字。"),
    Fault.ACCOUNT_TAKEN: lazy_gettext("這個帳號名稱不能使用，請換一個。"),
    Fault.NAME: lazy_gettext("請填姓名，最多 50 個字。"),
    Fault.EMAIL: lazy_gettext("請填可以收信的電子信箱，例如 name@example.edu.tw。"),
    Fault.PASSWORD_REPEATED: lazy_gettext("兩次輸入的密碼不一樣。"),
    Fault.SCHOOL: lazy_gettext("請從清單選一所學校，或輸入學校代碼。"),
    Fault.TITLE: lazy_gettext("請選擇職稱。"),
    Fault.START: lazy_gettext("請填到職日，例如 2020-08-01。"),
    Fault.START_FUTURE: lazy_gettext("到職日不能晚於今天。"),
    Fault.AGREEMENT: lazy_gettext("要先同意帳號使用同意書，才能申請帳號。"),
}


def _text(fault: Fault | PasswordFault) -> object:
    return PASSWORD_TEXTS[fault] if isinstance(fault, PasswordFault) else TEXTS[fault]


@blueprint.get("/account/apply")
def form() -> str:
    """Show the empty form."""
    return _page(interaction_of(request.args.get("i")), NOTHING, {})


@blueprint.post("/account/apply")
def submit() -> Response | tuple[str, int]:
    """Make the account, log her in and go on; or show what is wrong, with everything but the passwords kept."""
    interaction, entered, now = interaction_of(request.form.get("i")), _entered(), datetime.now(UTC)
    found = read(entered, directory(), taipei_day(now))
    if not isinstance(found, Application):
        return _page(interaction, entered, found), 400
    with hot() as connection:
        is_admitted = throttle.admit_application(connection, request.remote_addr or "", now)
    if not is_admitted:
        message = gettext("從這個網路位址申請的次數過多，請 15 分鐘後再試。")
        return _page(interaction, entered, {}, message), 429
    account_id = apply(found, now=now)
    if account_id is None:
        return _page(interaction, entered, {"username": Fault.ACCOUNT_TAKEN}), 400
    ask_to_verify(account_id, verify_link, now=now)
    return welcome(account_id, PASSWORD, request.form.get("i", ""), url_for("account.home"), device())


def _entered() -> Entered:
    typed = {name: request.form.get(name, "") for name in Entered.__slots__ if name != "agreed"}
    return Entered(**typed, agreed=request.form.get("agreed") == "yes")


def _page(
    interaction: Interaction | None,
    entered: Entered,
    faults: Mapping[str, Fault | PasswordFault],
    message: str | None = None,
) -> str:
    day, blob = taipei_day(datetime.now(UTC)), request.values.get("i", "") if interaction else ""
    known = directory()
    return render_template(
        "apply.html",
        client=registry.find(interaction.client_id) if interaction else None,
        interaction=blob,
        cancel=cancel_url(blob) if interaction else None,
        entered=entered,
        errors={name: _text(fault) for name, fault in faults.items()},
        message=message,
        schools=sorted((one.code, one.name) for one in known.schools.values() if one.is_open(day)),
        titles=sorted(known.titles.values(), key=lambda title: title.code),
        today=day.isoformat(),
    )
