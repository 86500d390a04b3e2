"""Why a sign-in is refused, in the words of DOMAIN §2.7, and how it is restored.

The partner learns none of it (D-18).
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask_babel import gettext

from clients import registry
from config import seal
from config.settings import settings
from idp.errors import ErrorPage
from idp.interactions import InteractionLost, cancel_url, open_interaction
from idp.letters import reason_text
from idp.releases import Obstacle
from scopes.service import Reason

blueprint = Blueprint("refusal", __name__)

_LOCK_CODES = {
    Reason.NOT_IN_SERVICE: "IS-LOCK-01",
    Reason.NO_SERVICE_SCHOOL: "IS-LOCK-02",
    Reason.SERVICE_DATA_PENDING: "IS-LOCK-03",
}
_CODES = {
    Obstacle.UNVERIFIED: "IS-UNV-01",
    Obstacle.NOT_TEACHER: "IS-BUS-01",
    Obstacle.PARTNER_CLOSED: "IS-SITE-01",
    Obstacle.NOT_TEST_ACCOUNT: "IS-SITE-02",
    Obstacle.TEST_ACCOUNT: "IS-TEST-01",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """The texts of a refusal."""

    title: str
    text: str
    code: str
    is_lock: bool


@blueprint.get("/refused")
def show() -> tuple[str, int]:
    """Show the refusal; its button returns the OAuth error to the partner."""
    try:
        facts = seal.open_("refusal", request.args.get("r", ""), settings().interaction_ttl)
        open_interaction(facts["i"])
    except (seal.SealBroken, InteractionLost) as error:
        raise ErrorPage("access_denied", "lost") from error
    client = registry.find(facts["c"])
    partner = client.site_name if client else facts["c"]
    refusal = describe(Obstacle[facts["o"]], Reason(facts["r"]) if facts["r"] else None, partner)
    body = render_template("refusal.html", refusal=refusal, client=client, back=cancel_url(facts["i"]))
    return body, 403


def describe(obstacle: Obstacle, reason: Reason | None, partner: str) -> Refusal:
    """Return the texts of an obstacle in the language of the page."""
    if obstacle is Obstacle.LOCKED and reason is not None:
        return _lock(reason, partner)
    code = _CODES[obstacle]
    title, text = _texts(obstacle, partner, code)
    return Refusal(title, text, code, is_lock=False)


def _lock(reason: Reason, partner: str) -> Refusal:
    """MSG-LOCK-PAGE."""
    code = _LOCK_CODES[reason]
    text = gettext(
        "目前無法漫遊登入「%(partner)s」。您的教師個人帳號處於「%(reason)s」期間，依《全國教師在職進修資訊網進修研習活動"
        "使用管理規定》第5條第2款，僅提供查詢研習紀錄功能。請洽服務學校或所屬教育行政主管機關更新服務單位資訊；"
        "資訊完整正確後即恢復完整功能。（代碼：%(code)s）",
        partner=partner,
        reason=reason_text(reason),
        code=code,
    )
    return Refusal(gettext("目前無法漫遊登入"), text, code, is_lock=True)


def _texts(obstacle: Obstacle, partner: str, code: str) -> tuple[str, str]:
    if obstacle is Obstacle.UNVERIFIED:  # MSG-UNVERIFIED-PAGE
        return gettext("服務單位資訊待確認"), gettext(
            "您的服務單位資訊尚未經服務學校或主管機關確認，暫時無法漫遊登入「%(partner)s」；"
            "本網其他功能不受影響。（代碼：%(code)s）",
            partner=partner,
            code=code,
        )
    if obstacle is Obstacle.NOT_TEACHER:
        return gettext("業務帳號不得漫遊登入"), gettext(
            "漫遊登入只提供教師個人帳號使用。請改用您的教師個人帳號登入「%(partner)s」。（代碼：%(code)s）",
            partner=partner,
            code=code,
        )
    if obstacle is Obstacle.TEST_ACCOUNT:
        return gettext("測試帳號不得登入正式網站"), gettext(
            "您使用的是測試帳號，只能登入合作網站的測試站，不能登入「%(partner)s」。（代碼：%(code)s）",
            partner=partner,
            code=code,
        )
    return gettext("合作網站目前未開放漫遊登入"), gettext(
        "「%(partner)s」目前未開放以教師進修網帳號登入。請洽該網站，或稍後再試。（代碼：%(code)s）",
        partner=partner,
        code=code,
    )
