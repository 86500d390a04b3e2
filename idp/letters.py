"""The words of every message to a person (DOMAIN §2.7 and those of security), in the language of the moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext

from idp import case_letters
from idp.accounts.directory import directory
from idp.accounts.models import BusinessState
from idp.languages import language, show_day, show_moment
from scopes.service import Reason, State

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message: the subject of its mail, its text, and where its link leads, if it has one."""

    subject: str
    text: str
    link: str | None = None


def letter(code: str, facts: Facts) -> Letter:
    """Put a message into words; KeyError for a code that nobody writes."""
    if (of_case := case_letters.LETTERS.get(code)) is not None:
        return Letter(*of_case(facts), link=facts["link"])
    return _LETTERS[code](facts)


def reason_text(reason: Reason) -> str:
    """Return the reason of a lock in the language of the moment."""
    return reason.label_en if language() == "en" else reason.label_zh


BUSINESS_STATES: Mapping[str, object] = {
    BusinessState.PENDING_FAX: lazy_gettext("待傳真"),
    BusinessState.PENDING_REVIEW: lazy_gettext("審核中"),
    BusinessState.ACTIVE: lazy_gettext("啟用"),
    BusinessState.REJECTED: lazy_gettext("不通過"),
    BusinessState.DISABLED: lazy_gettext("停用"),
}
_STATES: Mapping[str, object] = {
    State.UNLOCKED: lazy_gettext("在職（完整功能）"),
    State.UNLOCKED_UNVERIFIED: lazy_gettext("在職（資料待確認）"),
    **BUSINESS_STATES,
}


def state_text(state: str | None, reason: str | None) -> str:
    """Return the state of an account, of a teacher or a business one, in the language of the moment."""
    return reason_text(Reason(reason)) if reason else str(_STATES.get(state or "", "–"))


def _lock(facts: Facts) -> Letter:
    text = gettext(
        "您的教師個人帳號自%(day)s起列為「%(reason)s」，依第5條第2款僅提供查詢研習紀錄；"
        "已登入之合作網站將一併登出。若資料有誤，請洽%(school)s更正。",
        day=_day(facts),
        reason=reason_text(Reason(facts["reason"])),
        school=_school(facts),
    )
    return Letter(gettext("帳號功能暫停通知"), text)


def _restore(facts: Facts) -> Letter:
    text = gettext("您的服務單位資訊已確認完整正確，帳號自%(day)s起恢復完整功能。", day=_day(facts))
    return Letter(gettext("帳號功能恢復通知"), text)


def _soon(facts: Facts) -> Letter:
    text = gettext(
        "您於%(school)s之服務紀錄將於%(day)s屆滿，屆期若無其他服務學校資料，帳號將僅提供查詢研習紀錄。",
        school=_school(facts),
        day=_day(facts),
    )
    return Letter(gettext("服務紀錄即將屆滿"), text)


def _answer(_: Facts) -> Letter:
    text = gettext("您的服務資料更正申請已有答覆，請到「更正申請」查看。")
    return Letter(gettext("更正申請的答覆"), text)


def _reset(facts: Facts) -> Letter:
    text = gettext(
        "有人要求重設帳號「%(account)s」的密碼。請在%(minutes)s分鐘內開啟下面的連結設定新密碼，連結只能使用一次。"
        "如果不是您本人要求，請不要理會這封信，您的密碼不會改變。",
        account=facts["account"],
        minutes=facts["minutes"],
    )
    return Letter(gettext("重設密碼"), text, facts["link"])


def _verify(facts: Facts) -> Letter:
    text = gettext(
        "帳號「%(account)s」填寫了這個電子信箱。請在%(minutes)s分鐘內開啟下面的連結完成確認，連結只能使用一次。"
        "如果這不是您的帳號，請不要理會這封信。",
        account=facts["account"],
        minutes=facts["minutes"],
    )
    return Letter(gettext("確認電子信箱"), text, facts["link"])


_SECURITY: Mapping[str, Callable[[], str]] = {
    "SEC-PASSWORD-CHANGED": lambda: gettext("您的登入密碼已經變更。"),
    "SEC-EMAIL-CHANGED": lambda: gettext("您的電子信箱已經變更，之後的通知會寄到新的信箱。"),
    "SEC-TOTP-ADDED": lambda: gettext("您的帳號加上了驗證碼產生器，之後登入需要輸入驗證碼。"),
    "SEC-TOTP-REMOVED": lambda: gettext("您的帳號移除了驗證碼產生器。"),
    "SEC-PASSKEY-ADDED": lambda: gettext("您的帳號加上了一把通行金鑰。"),
    "SEC-PASSKEY-REMOVED": lambda: gettext("您的帳號移除了一把通行金鑰。"),
    "SEC-RECOVERY-USED": lambda: gettext("有人用備用碼登入了您的帳號。"),
    "SEC-RECOVERY-RENEWED": lambda: gettext("您的帳號產生了新的備用碼，舊的備用碼已經失效。"),
    "SEC-FACTORS-RESET": lambda: gettext("管理人員依程序移除了您帳號的所有兩步驟驗證方式。請登入後重新設定。"),
}


def _security(code: str) -> Callable[[Facts], Letter]:
    def make(facts: Facts) -> Letter:
        advice = gettext(
            "時間：%(moment)s。如果不是您本人操作，請立即重設密碼，並洽國立高雄師範大學全國推廣中心。",
            moment=show_moment(datetime.fromisoformat(facts["moment"])),
        )
        return Letter(gettext("帳號安全通知"), f"{_SECURITY[code]()}{'' if language() != 'en' else ' '}{advice}")

    return make


_LETTERS: Mapping[str, Callable[[Facts], Letter]] = {
    "MSG-LOCK-MAIL": _lock,
    "MSG-RESTORE-MAIL": _restore,
    "MSG-LOCK-SOON": _soon,
    "MSG-CORRECTION-ANSWER": _answer,
    "SEC-PASSWORD-RESET": _reset,
    "SEC-EMAIL-VERIFY": _verify,
    **{code: _security(code) for code in _SECURITY},
}


def _day(facts: Facts) -> str:
    return show_day(date.fromisoformat(facts["date"]))


def _school(facts: Facts) -> str:
    """Return whom to ask: the school, or in general if none is known (DOMAIN §2.7)."""
    school = directory().schools.get(facts.get("school") or "")
    return school.name if school else gettext("服務學校或主管機關")
