"""The audit log of an account in words: what happened, who did it, what changed and why (DOMAIN §7.4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext, lazy_gettext

from clients import registry
from config.audit import AuditEvent
from idp.accounts.actors import login_names
from idp.letters import reason_text, state_text
from idp.pages.business_words import HAPPENED
from idp.pages.functions import label
from idp.pages.service import texts
from scopes.permissions import TEACHER_FUNCTIONS
from scopes.service import Reason

ACTIONS: Mapping[str, object] = {
    **HAPPENED,
    **{f"service.{action}": text for action, text in texts.EVENTS.items()},
    "account.changed": lazy_gettext("變更帳號資料"),
    "account.closed": lazy_gettext("關閉帳號"),
    "account.email_verified": lazy_gettext("確認電子信箱"),
    "account.viewed": lazy_gettext("查閱帳號"),
    "account.withdrawn": lazy_gettext("撤回帳號"),
    "business.appointed": lazy_gettext("指派業務身分"),
    "business.fax_viewed": lazy_gettext("下載傳真掃描檔"),
    "probe.opened": lazy_gettext("雙方測試：下一個 ID token 故意不正確"),
    "business.viewed": lazy_gettext("查閱申請"),
    "consent.decided": lazy_gettext("決定提供的資料"),
    "consent.item_stopped": lazy_gettext("停止提供一項資料"),
    "consent.refused": lazy_gettext("不同意提供資料"),
    "consent.withdrawn": lazy_gettext("撤回同意"),
    "factor.all_removed": lazy_gettext("移除所有兩步驟驗證方式"),
    "factor.passkey_added": lazy_gettext("加上通行金鑰"),
    "factor.passkey_removed": lazy_gettext("移除通行金鑰"),
    "factor.recovery_renewed": lazy_gettext("產生新的備用碼"),
    "factor.recovery_used": lazy_gettext("使用備用碼"),
    "factor.reset_approved": lazy_gettext("核准重設兩步驟驗證"),
    "factor.reset_asked": lazy_gettext("申請重設兩步驟驗證"),
    "factor.reset_declined": lazy_gettext("不核准重設兩步驟驗證"),
    "factor.totp_added": lazy_gettext("加上驗證碼產生器"),
    "factor.totp_removed": lazy_gettext("移除驗證碼產生器"),
    "function.refused": lazy_gettext("功能暫停提供"),
    "login.failed": lazy_gettext("密碼不正確"),
    "login.let_in": lazy_gettext("解除登入暫停"),
    "login.locked_out": lazy_gettext("登入失敗過多，暫停登入"),
    "login.not_approved": lazy_gettext("業務帳號未通過審核，拒絕登入"),
    "login.second_factor_failed": lazy_gettext("驗證碼不正確"),
    "login.succeeded": lazy_gettext("登入成功"),
    "logout.backchannel.failed": lazy_gettext("未能通知合作網站登出"),
    "logout.backchannel.sent": lazy_gettext("已通知合作網站登出"),
    "message.sent": lazy_gettext("寄出通知"),
    "password.changed": lazy_gettext("變更密碼"),
    "password.reset_asked": lazy_gettext("要求重設密碼的連結"),
    "roaming.after_the_fact": lazy_gettext("補登資料前已漫遊登入"),
    "roaming.refused": lazy_gettext("拒絕漫遊登入"),
    "service.lock.begin": lazy_gettext("功能暫停開始"),
    "service.lock.end": lazy_gettext("功能暫停結束"),
    "service.teacher.looked_up": lazy_gettext("查詢這個教師帳號"),
    "session.ended": lazy_gettext("結束登入"),
    "token.revoked_by_lock": lazy_gettext("因功能暫停而撤銷憑證"),
}
_ACTORS: Mapping[str, object] = {
    "anonymous": lazy_gettext("未登入的人"),
    "applicant": lazy_gettext("申請人"),
    "cli": lazy_gettext("系統管理指令"),
    "system": lazy_gettext("系統"),
}
_WAYS: Mapping[str, object] = {
    "pwd": lazy_gettext("密碼"),
    "otp": lazy_gettext("驗證碼或備用碼"),
    "pop": lazy_gettext("通行金鑰"),
}
_LABELS: Mapping[str, object] = {
    **texts.FACTS,
    "amr": lazy_gettext("方式"),
    "error": lazy_gettext("錯誤"),
    "fields": lazy_gettext("欄位"),
    "function": lazy_gettext("功能"),
    "items": lazy_gettext("欄位"),
    "reason": lazy_gettext("理由"),
    "state": lazy_gettext("狀態"),
}
_TOLD = ("amr", "error", "fields", "function", "items", "reason")
"""Facts that are shown beside what changed; the others are numbers of rows."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event as people read it; ``facts`` are pairs of a label and what it is or became."""

    at: datetime
    action: str
    actor: str
    address: str
    partner: str
    facts: tuple[tuple[str, str], ...]


def lines(events: Sequence[AuditEvent]) -> list[Line]:
    """Return events in words, in the running transaction; one query for all names."""
    names = login_names({event.actor for event in events})
    return [_line(event, names) for event in events]


def _line(event: AuditEvent, names: Mapping[str, str]) -> Line:
    action = event.action
    if action == "service.assignment.changed":
        action = f"service.assignment.{event.detail.get('action', 'changed')}"
    actor = gettext("本人") if event.actor == event.subject else _actor(event.actor, names)
    partner = _partner(event.client_id) if event.client_id else ""
    words = str(ACTIONS.get(action, event.action))
    return Line(event.at, words, str(actor), event.ip or "", partner, tuple(_facts(event.detail)))


def _actor(actor: str, names: Mapping[str, str]) -> str:
    kind, _, ident = actor.partition(":")
    if kind == "client":
        return _partner(ident)
    return names.get(actor) or str(_ACTORS.get(actor, actor))


def _partner(client_id: str) -> str:
    client = registry.find(client_id)
    return client.site_name if client else client_id


def _facts(detail: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    old, new = _named(detail.get("old")), _named(detail.get("new"))
    for name in {**old, **new}:
        if name in _LABELS and old.get(name) != new.get(name):
            yield str(_LABELS[name]), f"{_value(name, old.get(name))} → {_value(name, new.get(name))}"
    for name in _TOLD:
        if detail.get(name):
            yield str(_LABELS[name]), _value(name, detail[name])


def _named(facts: object) -> Mapping[str, Any]:
    """Return what changed by name; of an application only the state changes."""
    if isinstance(facts, Mapping):
        return facts
    return {"state": facts} if facts else {}


def _value(name: str, value: Any) -> str:  # noqa: ANN401  # JSON
    if name == "amr":
        return _list(str(_WAYS[way]) for way in value if way in _WAYS)
    if name == "function" and value in TEACHER_FUNCTIONS:
        return label(TEACHER_FUNCTIONS[value])
    if name == "state":
        return state_text(value, None)
    if name == "reason":
        return reason_text(Reason(value)) if value in list(Reason) else str(value or "–")
    if isinstance(value, list):
        return _list(map(str, value))
    return texts.fact(name, None if value is None else str(value))


def _list(words: Iterable[str]) -> str:
    return str(gettext("、")).join(words)
