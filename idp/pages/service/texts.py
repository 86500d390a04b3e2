"""The words of the console: actions, refusals, states and what the history says."""

from collections.abc import Mapping
from datetime import date, datetime

from flask_babel import gettext, lazy_gettext

from idp.accounts.directory import directory
from idp.accounts.service_list import Show
from idp.accounts.transitions import Action, Refusal
from idp.languages import language, show_day, show_moment
from scopes.service import Assignment, AssignmentKind, EndReason

Texts = Mapping[str, object]

SHOWS: Texts = {
    Show.WAITING: lazy_gettext("待確認"),
    Show.IN_SERVICE: lazy_gettext("在職"),
    Show.ENDING: lazy_gettext("30 天內屆滿"),
    Show.SUSPENDED: lazy_gettext("停職中"),
    Show.ENDED: lazy_gettext("今年結束"),
    Show.ALL: lazy_gettext("全部"),
}
ACTIONS: Texts = {
    Action.CONFIRM: lazy_gettext("確認資料正確"),
    Action.REFUSE: lazy_gettext("不予確認"),
    Action.CORRECT: lazy_gettext("更正資料"),
    Action.END: lazy_gettext("登錄服務結束"),
    Action.REOPEN: lazy_gettext("撤銷服務結束"),
    Action.SUSPEND: lazy_gettext("登錄停職"),
    Action.LIFT: lazy_gettext("登錄停職結束"),
    Action.UNSUSPEND: lazy_gettext("撤銷停職紀錄"),
}
ABOUT: Texts = {
    Action.REFUSE: lazy_gettext("教師自填的這筆資料不實時使用。這筆資料將視為不存在，之後不能再變更。"),
    Action.CORRECT: lazy_gettext("更正登錄錯誤的資料。換了學校，請另外新增服務紀錄。"),
    Action.END: lazy_gettext(
        "登錄最後在職日與異動原因。留職停薪、借調、商借、支援、產假、育嬰假或病假仍屬在職，不要登錄服務結束。"
    ),
    Action.REOPEN: lazy_gettext("最後在職日登錄錯誤時使用。這筆服務紀錄將回復為沒有最後在職日。"),
    Action.SUSPEND: lazy_gettext("登錄停職（停聘）期間，首日與末日都算在內。留職停薪仍屬在職，不要登錄停職。"),
    Action.LIFT: lazy_gettext("登錄停職的最後一天；次日起視為在職。"),
    Action.UNSUSPEND: lazy_gettext("停職登錄錯誤時使用。這筆服務紀錄將視為未曾停職。"),
}
CAUSES: Texts = {
    EndReason.NOT_RENEWED: lazy_gettext("未續聘"),
    EndReason.DEPARTED: lazy_gettext("離職"),
    EndReason.TRANSFERRED: lazy_gettext("轉校"),
    EndReason.RETIRED: lazy_gettext("退休"),
}
CAUSE_HINTS: Texts = {
    EndReason.NOT_RENEWED: lazy_gettext("不續聘；代理、代課、兼任教師聘期屆滿未再聘"),
    EndReason.DEPARTED: lazy_gettext("辭職、解聘、資遣、死亡"),
    EndReason.TRANSFERRED: lazy_gettext("介聘、調校"),
    EndReason.RETIRED: lazy_gettext("退休後再聘，請另外新增服務紀錄"),
}
KINDS: Texts = {
    AssignmentKind.PRIMARY: lazy_gettext("主聘"),
    AssignmentKind.ADDITIONAL: lazy_gettext("兼任"),
}
REFUSALS: Texts = {
    Refusal.REASON: lazy_gettext("請填理由，最多 500 個字。"),
    Refusal.REFUSED: lazy_gettext("這筆資料已不予確認，視為不存在，不能再變更。"),
    Refusal.CONFIRMED_ALREADY: lazy_gettext("這筆資料已經確認過了。"),
    Refusal.CONFIRMED: lazy_gettext("已確認的資料不能不予確認；服務結束請登錄服務結束。"),
    Refusal.NOT_ENDED: lazy_gettext("這筆資料沒有最後在職日。"),
    Refusal.NOT_SUSPENDED: lazy_gettext("這筆資料沒有停職紀錄。"),
    Refusal.SUSPENSION_OVER: lazy_gettext("停職已經結束了。"),
    Refusal.BACK_TO_FRONT: lazy_gettext("最後一天不能早於第一天。"),
    Refusal.OUTSIDE: lazy_gettext("停職首日要在服務期間之內。"),
    Refusal.OVERLAP: lazy_gettext("這位教師在這段期間已有主聘服務。請先由該校登錄服務結束，或改以兼任登錄。"),
    Refusal.NOTHING: lazy_gettext("資料沒有任何變更。"),
    Refusal.NO_SCHOOL: lazy_gettext("找不到這所學校，或不在您的權責範圍。"),
    Refusal.NO_TITLE: lazy_gettext("請選擇職稱。"),
    Refusal.NO_TEACHER: lazy_gettext("找不到這個教師個人帳號。請確認帳號名稱完全正確。"),
}
RULES: Mapping[int, object] = {
    1: lazy_gettext("主聘學校的服務紀錄在停職期間（規則第 1 列）。"),
    2: lazy_gettext("至少有一筆服務紀錄在職、完整且已確認（規則第 2 列）。"),
    3: lazy_gettext("還沒有任何服務紀錄經過確認，有一筆自填資料在職且完整（規則第 3 列）。"),
    4: lazy_gettext("在職的服務紀錄都在已裁併或停辦的學校（規則第 4 列）。"),
    5: lazy_gettext("有在職的服務紀錄，但資料不完整或還沒有確認（規則第 5 列）。"),
    6: lazy_gettext("服務紀錄已結束、停職，或職稱不屬於在職教師（規則第 6 列）。"),
    7: lazy_gettext("沒有服務紀錄，或都還沒有開始（規則第 7 列）。"),
}
EVENTS: Texts = {
    "assignment.created": lazy_gettext("新增"),
    "assignment.confirmed": lazy_gettext("確認資料正確"),
    "assignment.ended": lazy_gettext("登錄服務結束"),
    "assignment.changed": lazy_gettext("變更"),
    "correction.asked": lazy_gettext("教師申請更正"),
    "correction.answered": lazy_gettext("答覆更正申請"),
    **{f"assignment.{action}": text for action, text in ACTIONS.items()},
}
FACTS: Texts = {
    "school_code": lazy_gettext("服務學校"),
    "title_code": lazy_gettext("職稱"),
    "kind": lazy_gettext("主聘／兼任"),
    "start_date": lazy_gettext("到職日"),
    "end_date": lazy_gettext("最後在職日"),
    "end_reason": lazy_gettext("異動原因"),
    "suspended_from": lazy_gettext("停職首日"),
    "suspended_until": lazy_gettext("停職末日"),
    "confirmed_at": lazy_gettext("確認時間"),
    "refused_at": lazy_gettext("不予確認時間"),
    "note": lazy_gettext("備註"),
}


_STATUS: Texts = {
    "refused": lazy_gettext("不予確認"),
    "suspended": lazy_gettext("停職中"),
    "waiting": lazy_gettext("待確認"),
    "future": lazy_gettext("尚未到職"),
    "closed": lazy_gettext("學校已停辦"),
    "in_service": lazy_gettext("在職"),
}


def status(entry: Assignment, day: date) -> str:
    """Return what an assignment is on the day, in a word or two."""
    if entry.has_ended(day) and not entry.refused:
        cause = CAUSES[entry.end_reason] if entry.end_reason else ""
        return str(gettext("已結束（%(cause)s）", cause=cause))
    school = directory().schools.get(entry.school_code or "")
    facts = (
        (entry.refused, _STATUS["refused"]),
        (entry.is_suspended(day), _STATUS["suspended"]),
        (not entry.confirmed, _STATUS["waiting"]),
        (not entry.has_begun(day), _STATUS["future"]),
        (school is None or not school.is_open(day), _STATUS["closed"]),
    )
    return str(next((text for holds, text in facts if holds), _STATUS["in_service"]))


def is_good(entry: Assignment, day: date) -> bool:
    """Whether nothing is the matter with an assignment: confirmed, active, at an open school (D-34)."""
    school = directory().schools.get(entry.school_code or "")
    return entry.confirmed and entry.is_active(day) and school is not None and school.is_open(day)


def school_name(code: str | None) -> str:
    """Return a school's code and name."""
    school = directory().schools.get(code or "")
    return f"{code} {school.name}" if school else code or "–"


def title_name(code: str | None) -> str:
    """Return a title in the language of the page."""
    title = directory().titles.get(code or "")
    if title is None:
        return code or "–"
    return title.name_en if language() == "en" else title.name


def fact(name: str, value: str | None) -> str:
    """Return an old or new value of the log as people read it."""
    if value is None:
        return "–"
    if name == "school_code":
        return school_name(value)
    if name == "title_code":
        return title_name(value)
    if name in {"kind", "end_reason"}:
        return str({**KINDS, **CAUSES}.get(value, value))
    try:
        if name.endswith("_at"):
            return show_moment(datetime.fromisoformat(value))
        return show_day(date.fromisoformat(value)) if name != "note" else value
    except ValueError:
        return value
