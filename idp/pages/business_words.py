"""Words for business accounts: kinds, states, what happened, why a step is refused, what the applicant does next."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from idp.accounts.application import Fault
from idp.accounts.approvals import NOTE_MAX, REASON_MAX, Event, Why
from idp.accounts.business import UnitFault
from idp.accounts.dossiers import Dossier
from idp.accounts.models import BusinessKind, BusinessState
from idp.accounts.password_rules import PasswordFault
from idp.letters import BUSINESS_STATES
from idp.pages.apply import TEXTS
from idp.pages.password_texts import PASSWORD_TEXTS

KINDS: Mapping[BusinessKind, object] = {
    BusinessKind.REGIONAL_CENTRE: lazy_gettext("區管中心"),
    BusinessKind.SCHOOL: lazy_gettext("全國各級學校"),
    BusinessKind.LEGAL_PERSON: lazy_gettext("社會教育機構或法人"),
    BusinessKind.SUBJECT_CENTRE: lazy_gettext("普通高級中學課程學科中心"),
    BusinessKind.OTHER: lazy_gettext("其他（教育行政主管機關）"),
}
HAPPENED: Mapping[str, object] = {
    "account.opened": lazy_gettext("建立帳號"),
    f"business.{Event.APPLIED}": lazy_gettext("網路申請"),
    f"business.{Event.CORRECTED}": lazy_gettext("已更正聯絡資料"),
    f"business.{Event.FAX_RECEIVED}": lazy_gettext("已登記傳真"),
    f"business.{Event.APPROVED}": lazy_gettext("已審核通過"),
    f"business.{Event.RETURNED}": lazy_gettext("已退請補正"),
    f"business.{Event.REJECTED}": lazy_gettext("已審核不通過"),
    f"business.{Event.DISABLED}": lazy_gettext("已停用帳號"),
}
ACTORS: Mapping[str, object] = {"applicant": lazy_gettext("申請人"), "system": lazy_gettext("系統")}
FAULTS: Mapping[Fault | PasswordFault | UnitFault, object] = {
    **dict(TEXTS.items()),
    **dict(PASSWORD_TEXTS.items()),
    UnitFault.KIND: lazy_gettext("請選擇帳號類別。"),
    UnitFault.UNIT: lazy_gettext("請填單位全名，最多 100 個字。"),
    UnitFault.COUNTY: lazy_gettext("請選擇單位所在縣市。"),
    UnitFault.CONTACT: lazy_gettext("請填聯絡人姓名，最多 50 個字。"),
    UnitFault.EMAIL: TEXTS[Fault.EMAIL],
}
REFUSALS: Mapping[Why, object] = {
    Why.STATE: lazy_gettext("這個帳號的狀態已經改變，這個動作沒有執行。請看下方目前的狀態。"),
    Why.NOT_YOURS: lazy_gettext("這個帳號由其所屬區管中心審核。"),
    Why.OWN_ACCOUNT: lazy_gettext("不能處理自己的帳號，請由另一位承辦人處理。"),
    Why.UNCONFIRMED: lazy_gettext("停用以後不能復原，請先勾選確認。"),
    Why.FAX_MISSING: lazy_gettext("還沒有登記傳真，不能審核。"),
    Why.FAX_DAY: lazy_gettext("請填收到傳真的日期：不早於申請（或退請補正）當天，不晚於今天。"),
    Why.NOTE: lazy_gettext("備註最多 %(longest)s 個字。", longest=NOTE_MAX),
    Why.SCAN: lazy_gettext("掃描檔必須是 PDF，最多 10 MiB。"),
    Why.REASON: lazy_gettext("請填原因，最多 %(longest)s 個字。", longest=REASON_MAX),
    Why.COUNTIES: lazy_gettext("請至少選擇一個縣市。"),
    Why.COUNTIES_TAKEN: lazy_gettext("選擇的縣市中，有的已經屬於另一個區管中心。"),
}


def state_text(dossier: Dossier) -> str:
    """Return the state; an application that came back is 已退請補正 until the next fax (D-07)."""
    return str(gettext("已退請補正")) if dossier.is_returned else str(BUSINESS_STATES[dossier.state])


def centre_text(dossier: Dossier) -> str:
    """Return who decides: the regional centre, else the national centre (D-08)."""
    return dossier.centre or str(gettext("全國教師在職進修資訊網及全國推廣中心（國立高雄師範大學）"))


def next_step(dossier: Dossier) -> str:
    """Return what the applicant does now (R-ACC-4)."""
    centre = centre_text(dossier)
    if dossier.is_returned:
        return str(gettext("請依原因更正，再列印申請表，用印後重新傳真至%(centre)s。", centre=centre))
    texts = {
        BusinessState.PENDING_FAX: gettext("請列印申請表，用印後傳真至%(centre)s。", centre=centre),
        BusinessState.PENDING_REVIEW: gettext(
            "%(centre)s已收到傳真，正在審核。審核通過後即可登入，不必再做任何事。", centre=centre
        ),
        BusinessState.ACTIVE: gettext("審核已經通過，現在可以登入。"),
        BusinessState.REJECTED: gettext("這個帳號不能再使用。如要再次申請，請用新的帳號名稱。"),
        BusinessState.DISABLED: gettext("這個帳號已停用。如有疑問，請洽全國推廣中心。"),
    }
    return str(texts[dossier.state])
