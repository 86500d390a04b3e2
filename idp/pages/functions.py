"""The functions of a teacher's account (DOMAIN §1.4): open, or refused while the account is locked (Art.5(2))."""

from datetime import UTC, date, datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from clients import registry
from config.audit import record
from config.database import db
from config.guard import Principal, require, require_principal
from config.settings import settings
from idp import records
from idp.accounts.effects import service_state
from idp.languages import language
from idp.letters import reason_text
from idp.records import RecordSource
from scopes.permissions import TEACHER_FUNCTIONS, Permission, TeacherFunction, function_allowed
from scopes.roc import taipei_day
from scopes.service import ServiceState, State

blueprint = Blueprint("functions", __name__)
blueprint.before_request(require(Permission.TEACHER_FUNCTIONS))
LISTED = tuple(function for function in TEACHER_FUNCTIONS.values() if function.id != "logout")
"""Functions with a page; 登出系統 is the button at the top of every page."""
_RECORDS = {
    "view_own_records": RecordSource.NETWORK,
    "view_civil_service_records": RecordSource.CIVIL_SERVICE,
}
_ELSEWHERE = {"logout": "account.home", "change_password": "security.password", "edit_profile": "profile.form"}
"""Functions whose page is somewhere else."""


@blueprint.get("/account/functions/<function_id>")
def function(function_id: str) -> str | Response | tuple[str, int]:
    """Open a function of Art.5(1), or refuse it with MSG-LOCK-FUNCTION while the account is locked (Art.5(2))."""
    person = require_principal()
    if function_id not in TEACHER_FUNCTIONS:
        abort(404)
    if (refused := refusal(person, function_id)) is not None:
        return refused
    if function_id in _ELSEWHERE:
        return redirect(url_for(_ELSEWHERE[function_id]), 303)
    wanted = TEACHER_FUNCTIONS[function_id]
    if function_id == "roaming_login":
        return render_template("partners.html", partners=_open_partners())
    if function_id in _RECORDS:
        found = records.of(person.account_id, _RECORDS[function_id])
        hours = sum(record.hours for record in found)
        return render_template("records.html", label=label(wanted), records=found, hours=hours)
    return render_template("function.html", label=label(wanted))


def refusal(person: Principal, function_id: str) -> tuple[str, int] | None:
    """Return the page that refuses a function to a teacher now, None where it is open; a refusal is logged."""
    if not person.is_teacher:
        return None
    wanted, state = TEACHER_FUNCTIONS[function_id], state_of(person, taipei_day(datetime.now(UTC)))
    if is_allowed(function_id, state):
        return None
    with db.session.begin():
        record("function.refused", actor=person.actor, subject=person.actor, detail={"function": function_id})
    return render_template("function_refused.html", label=label(wanted), text=_text(state)), 403


def _text(state: ServiceState) -> str:
    text: str
    if state.state is State.LOCKED and state.reason is not None:  # MSG-LOCK-FUNCTION
        reason = reason_text(state.reason)
        text = gettext("您的帳號處於「%(reason)s」期間，本功能暫停提供；您仍可查詢研習紀錄。", reason=reason)
        return text
    text = gettext("您的服務單位資訊尚未經服務學校或主管機關確認，暫時無法漫遊登入合作網站；本網其他功能不受影響。")
    return text


def label(function: TeacherFunction) -> str:
    """Return the name of a function in the language of the page."""
    return function.label_en if language() == "en" else function.label_zh


def state_of(person: Principal, day: date) -> ServiceState:
    """Return the person's service state of a day."""
    with db.session.begin():
        return service_state(person.account_id, day)


def is_allowed(function_id: str, state: ServiceState) -> bool:
    """Whether a function is open in a state, by the rules and the settings."""
    return function_allowed(function_id, state, locked_allows_password_change=settings().locked_allows_password_change)


def _open_partners() -> list[tuple[str, str, str]]:
    """Return the partners that teachers may sign in to today."""
    day = taipei_day(datetime.now(UTC))
    found = [client for client in registry.everyone().values() if client.is_open(day) and not client.is_test]
    return sorted((client.site_name, client.site_url, client.operating_unit) for client in found)
