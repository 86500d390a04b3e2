"""The words of mail to the people of a partner: a step was taken, an agreement is wanted, something ends."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext

from clients.duties.ending_words import ending_text
from clients.lifecycle import CaseState
from clients.procedure.names import STATES, STEPS
from idp.languages import language, show_day

Facts = Mapping[str, Any]
Written = tuple[str, str]
"""Subject and text; where it leads is a fact, ``link``."""


def step(facts: Facts) -> Written:
    """X1-X20: what happened, and where the case stands now."""
    text = gettext(
        "「%(site)s」的合作申請（案號 %(case)s）：%(step)s。目前狀態：%(state)s。請登入後查看下一步。",
        site=facts["site"],
        case=facts["case"],
        step=STEPS[facts["step"]].text(language()),
        state=STATES[CaseState(facts["state"])].text(language()),
    )
    return gettext("合作申請進度"), text


def agree(facts: Facts) -> Written:
    """A step waits for the agreement of others."""
    text = gettext(
        "「%(site)s」的合作申請（案號 %(case)s）：%(by)s已同意「%(step)s」，還需要其他人同意。請登入後查看並決定。",
        site=facts["site"],
        case=facts["case"],
        by=facts["by"],
        step=STEPS[facts["step"]].text(language()),
    )
    return gettext("合作申請等待同意"), text


def message(facts: Facts) -> Written:
    """Somebody wrote about the case; what, is read after log-in only."""
    text = gettext(
        "「%(site)s」的合作申請（案號 %(case)s）有%(by)s的新訊息。請登入後查看並回覆。",
        site=facts["site"],
        case=facts["case"],
        by=facts["by"],
    )
    return gettext("合作申請的新訊息"), text


def contact(facts: Facts) -> Written:
    """The address of a new contact is to be verified."""
    text = gettext(
        "「%(site)s」把這個電子信箱登錄為聯絡窗口。請在七天內開啟下面的連結確認；如果您與這個網站無關，請不要理會這封信。",
        site=facts["site"],
    )
    return gettext("確認聯絡窗口的電子信箱"), text


def reminder(facts: Facts) -> Written:
    """Something ends; nothing is cut off by that alone."""
    text = gettext(
        "「%(site)s」（案號 %(case)s）：%(what)s，日期%(day)s（還有%(left)s天）。請及早處理；系統不會因此自動中斷服務。",
        site=facts["site"],
        case=facts["case"],
        what=ending_text(facts["ending"], facts["of"]),
        day=show_day(date.fromisoformat(facts["ends_on"])),
        left=facts["left"],
    )
    return gettext("合作期限提醒"), text


LETTERS: Mapping[str, Callable[[Facts], Written]] = {
    "CASE-STEP": step,
    "CASE-AGREE": agree,
    "CASE-MESSAGE": message,
    "CASE-CONTACT": contact,
    "CASE-REMINDER": reminder,
}
