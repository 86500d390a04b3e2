"""The teacher's own pages: state of service, functions of Art.5, messages, sign-in history."""

from datetime import UTC, date, datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from clients import registry
from config.audit import record
from config.database import db
from config.guard import Principal, require, require_principal
from config.settings import settings
from idp.accounts import correction_requests, messages
from idp.accounts.directory import as_assignment, directory, service_values
from idp.accounts.models import Message
from idp.accounts.service import assignments_of, service_state
from idp.languages import language, show_day
from idp.pages.refusal import reason_text
from idp.sign_ins import recent_sign_ins
from scopes.items import DataItem
from scopes.permissions import PERMISSIONS, TEACHER_FUNCTIONS, Permission, TeacherFunction, function_allowed
from scopes.roc import taipei_day
from scopes.service import Assignment, Reason, ServiceState, State, releasable

blueprint = Blueprint("account", __name__)
blueprint.before_request(require(Permission.OWN_ACCOUNT))


@blueprint.get("/account")
def home() -> str:
    """Show the account: is she in service, where, what may she do, what was she told."""
    person = require_principal()
    if not person.is_teacher:
        return render_template(
            "account_business.html",
            name=person.name,
            has_service_data=Permission.SERVICE_DATA in PERMISSIONS[person.role],
        )
    day = taipei_day(datetime.now(UTC))
    state = _state(person, day)
    return render_template(
        "account.html",
        name=person.name,
        state=state,
        reason=reason_text(state.reason) if state.reason else None,
        schools=_schools(person, day),
        functions=[(function, label(function), _allowed(function.id, state)) for function in _listed()],
        messages=[_shown(message) for message in messages.of(person.account_id)],
    )


@blueprint.get("/account/functions/<function_id>")
def function(function_id: str) -> str | Response | tuple[str, int]:
    """Open a function of Art.5(1), or refuse it with MSG-LOCK-FUNCTION while the account is locked (Art.5(2))."""
    person = require_principal()
    if function_id not in TEACHER_FUNCTIONS or not person.is_teacher:
        abort(404)
    wanted = TEACHER_FUNCTIONS[function_id]
    state = _state(person, taipei_day(datetime.now(UTC)))
    if not _allowed(function_id, state):
        return _refuse(person, wanted, state), 403
    if function_id == "logout":
        return redirect(url_for("account.home"), 303)
    if function_id == "roaming_login":
        return render_template("partners.html", partners=_open_partners())
    return render_template("function.html", function=wanted, label=label(wanted))


@blueprint.get("/account/sign-ins")
def sign_ins() -> str:
    """Show where she signed in and which items were given; the log holds no values (AC-82)."""
    person = require_principal()
    rows = [
        (registry.find(client_id), issued_at, [DataItem(item) for item in released])
        for client_id, issued_at, released in recent_sign_ins(person.account_id)
    ]
    return render_template("sign_ins.html", rows=rows)


def label(function: TeacherFunction) -> str:
    """Return the name of a function in the language of the page."""
    return function.label_en if language() == "en" else function.label_zh


def _listed() -> list[TeacherFunction]:
    """Return the functions with a page; 登出系統 is the button at the top of every page."""
    return [function for function in TEACHER_FUNCTIONS.values() if function.id != "logout"]


def _state(person: Principal, day: date) -> ServiceState:
    with db.session.begin():
        return service_state(person.account_id, day)


def _allowed(function_id: str, state: ServiceState) -> bool:
    return function_allowed(function_id, state, locked_allows_password_change=settings().locked_allows_password_change)


def _refuse(person: Principal, wanted: TeacherFunction, state: ServiceState) -> str:
    with db.session.begin():
        record("function.refused", actor=person.actor, subject=person.actor, detail={"function": wanted.id})
    if state.state is State.LOCKED and state.reason is not None:
        text = gettext(
            "您的帳號處於「%(reason)s」期間，本功能暫停提供；您仍可查詢研習紀錄。", reason=reason_text(state.reason)
        )
    else:
        text = gettext("您的服務單位資訊尚未經服務學校或主管機關確認，暫時無法漫遊登入合作網站；本網其他功能不受影響。")
    return render_template("function_refused.html", label=label(wanted), text=text)


def _schools(person: Principal, day: date) -> list[tuple[Assignment, dict[DataItem, str]]]:
    known = directory()
    with db.session.begin():
        rows = assignments_of(person.account_id)
    found = releasable([as_assignment(row) for row in rows], known.schools, known.titles, day)
    return [(entry, service_values(entry)) for entry in found]


def _open_partners() -> list[tuple[str, str, str]]:
    """Return the partners that teachers may sign in to today."""
    day = taipei_day(datetime.now(UTC))
    found = [client for client in registry.everyone().values() if client.is_open(day) and not client.is_test]
    return sorted((client.site_name, client.site_url, client.operating_unit) for client in found)


def _shown(message: Message) -> tuple[datetime, str]:
    """Put a message into words (DOMAIN §2.7)."""
    if message.code == correction_requests.MESSAGE:
        return message.created_at, gettext("您的服務資料更正申請已有答覆，請到「更正申請」查看。")
    facts = message.parameters
    day = show_day(date.fromisoformat(facts["date"]))
    school = directory().schools.get(facts.get("school") or "")
    if message.code == "MSG-RESTORE-MAIL":
        text = gettext("您的服務單位資訊已確認完整正確，帳號自%(day)s起恢復完整功能。", day=day)
    else:
        text = gettext(
            "您的教師個人帳號自%(day)s起列為「%(reason)s」，依第5條第2款僅提供查詢研習紀錄；"
            "已登入之合作網站將一併登出。若資料有誤，請洽%(school)s更正。",
            day=day,
            reason=reason_text(Reason(facts["reason"])),
            school=school.name if school else gettext("服務學校或主管機關"),
        )
    return message.created_at, text
