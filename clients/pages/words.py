"""What stands on the pages of cases: faults, refusals, sections, notices, points, in the language of the page."""

from collections.abc import Mapping

from flask_babel import get_locale, lazy_gettext

from clients.form.checks import Fault
from clients.form.fields import FIELD_BY_ID, Section
from clients.form.values import Problem
from clients.procedure.attachment_kinds import AttachmentKind
from clients.procedure.concerns import Notice
from clients.procedure.names import FILES
from clients.procedure.policies import Point
from clients.procedure.steps import StepRefused, Why

PROBLEMS: Mapping[Problem, object] = {
    Problem.MISSING: lazy_gettext("還沒有填寫或檢附"),
    Problem.TOO_LONG: lazy_gettext("超過字數上限，請縮短"),
    Problem.NOT_A_PHONE: lazy_gettext("請填電話號碼（至少 8 個數字，可加轉、分機）"),
    Problem.NOT_AN_ADDRESS: lazy_gettext("請填一個完整的電子信箱，例如 name@unit.edu.tw"),
    Problem.NOT_A_URL: lazy_gettext("請填完整網址，以 https:// 開頭，不含 #"),
    Problem.NOT_A_COUNT: lazy_gettext("請填整數人數，0 到 99999999"),
    Problem.NOT_A_CHOICE: lazy_gettext("請選擇其中一項，或確認符合條件"),
    Problem.NOT_A_DAY: lazy_gettext("沒有這一天，請填民國年、月、日，例如 109、6、23"),
    Problem.NOT_EMPTY: lazy_gettext("沒有勾選這一項，請留空白，或先勾選"),
    Problem.SAME_URL: lazy_gettext("測試網址不能與網站網址相同"),
    Problem.NONE_TICKED: lazy_gettext("請至少勾選一項"),
    Problem.IN_THE_FUTURE: lazy_gettext("日期不能晚於今天"),
    Problem.TOO_OLD: lazy_gettext("日期太早，或檔案比最後的變更舊"),
    Problem.TOO_NEW: lazy_gettext("日期晚於應有的日期"),
    Problem.OTHER_HOST: lazy_gettext("與網站網址或測試網址的主機不同"),
    Problem.NOT_A_LETTER_NO: lazy_gettext("請填發文字號，例如 臺教師(三)字第1090000001號"),
    Problem.TAKEN: lazy_gettext("另一個進行中的申請案已使用這個網站名稱"),
    Problem.OTHER_SITE: lazy_gettext("補充申請案只能增加原網站的項目；新網站或改由其他單位營運，請另開申請案"),
}
_SPECIAL: Mapping[tuple[str, Problem], object] = {
    ("scan_date", Problem.TOO_OLD): lazy_gettext("掃描完成日距申請日期超過一年"),
    ("scan_date", Problem.TOO_NEW): lazy_gettext("掃描完成日晚於申請日期"),
    ("filled_on", Problem.TOO_NEW): lazy_gettext("填表日期晚於公文日期"),
    ("seal_scan", Problem.TOO_OLD): lazy_gettext("申請表已變更，請重新核章並上傳新的掃描檔"),
    ("item_name", Problem.NONE_TICKED): lazy_gettext("申請帳號漫遊，請至少勾選一個資料項目"),
    ("coop_roaming", Problem.NONE_TICKED): lazy_gettext("請勾選帳號漫遊或資訊傳報，或兩項都勾選"),
    ("item_user_id", Problem.MISSING): lazy_gettext("申請資訊傳報，必須勾選使用者識別碼"),
    ("letter_date", Problem.TOO_OLD): lazy_gettext("回函日期早於申請公文日期"),
    ("days", Problem.TOO_OLD): lazy_gettext("上線日期不能早於今天或最後簽署日"),
    ("items", Problem.NOT_A_CHOICE): lazy_gettext("只能核准已申請的項目"),
    ("case", Problem.NOT_A_CHOICE): lazy_gettext("補充申請案核准後即結束，請到它所補充的案件辦理"),
    ("case", Problem.TOO_OLD): lazy_gettext("它所補充的合作已經終止，請另開申請案"),
    ("seal_verified", Problem.MISSING): lazy_gettext("請先核對單位主管職名章"),
    ("eligibility_checked", Problem.MISSING): lazy_gettext("請先複核申請資格"),
    ("essential_items", Problem.NOT_A_CHOICE): lazy_gettext("必要項目只能是已核准的項目"),
}
SECTIONS: Mapping[Section, object] = {
    Section.COOPERATION: lazy_gettext("申請單位與合作項目"),
    Section.UNIT: lazy_gettext("一、營運單位"),
    Section.SITE: lazy_gettext("二、網站"),
    Section.DATA_ITEMS: lazy_gettext("三、申請資料項目"),
    Section.ATTACHMENTS: lazy_gettext("四、應檢附資料"),
    Section.AGREEMENTS: lazy_gettext("五、同意事項"),
    Section.SIGNATURE: lazy_gettext("填表日期與核章"),
}
CRITERIA: Mapping[str, object] = {
    "unit": lazy_gettext("營運單位是政府機關、公立或已立案私立學校、大學，或依認可辦法認可的法人"),
    "audience": lazy_gettext("網站的服務對象包含在職教師"),
    "purpose": lazy_gettext("網站目的與教師專業發展有關"),
    "attachments": lazy_gettext("備有一年內的系統弱點掃描報告與隱私權政策宣告內容"),
    "support": lazy_gettext("設有使用者諮詢管道"),
    "roles": lazy_gettext("已確認申請單位與營運單位（委外或代為建置者請在備註說明各是誰）"),
}
NOTICES: Mapping[Notice, object] = {
    Notice.SHORT_PURPOSE: lazy_gettext("用途說明很短，看不出為什麼需要這一項"),
    Notice.SAME_PURPOSE: lazy_gettext("用途說明與另一項相同，請確認這一項有自己的用途"),
    Notice.CODE_AND_NAME: lazy_gettext("代碼與名稱都申請了；有代碼時，名稱可由公開代碼表查得"),
    Notice.NO_USER_ID: lazy_gettext("沒有申請使用者識別碼，網站每次看到的使用者都不同，無法連結會員"),
    Notice.POLICY_HOST: lazy_gettext("隱私權政策的網址不在網站的網域"),
    Notice.OFFICER_HOST: lazy_gettext("承辦人的電子信箱不在網站的網域"),
    Notice.NO_TEST_SITE: lazy_gettext("沒有測試網址，雙方測試只能在正式網站或本機進行"),
}
POINTS: Mapping[Point, object] = {
    Point.BODY: lazy_gettext("蒐集的機關名稱"),
    Point.PURPOSE: lazy_gettext("蒐集之目的"),
    Point.CATEGORIES: lazy_gettext("個人資料之類別"),
    Point.USE: lazy_gettext("利用之期間、地區、對象及方式"),
    Point.RIGHTS: lazy_gettext("當事人權利及行使方式"),
    Point.CONSEQUENCE: lazy_gettext("不提供時對權益之影響"),
    Point.CONTACT: lazy_gettext("行使權利的聯絡方式"),
    Point.RETENTION: lazy_gettext("保存期限"),
    Point.CONTRACTOR: lazy_gettext("是否委外處理"),
    Point.INCIDENT: lazy_gettext("個資事故的通知方式"),
}
_OTHER_FIELDS: Mapping[str, object] = {
    "letter_no": lazy_gettext("發文字號"),
    "letter_date": lazy_gettext("發文日期"),
    "reasons": lazy_gettext("原因"),
    "items": lazy_gettext("核准的資料項目"),
    "cooperation": lazy_gettext("核准的合作項目"),
    "seal_verified": lazy_gettext("核章"),
    "eligibility_checked": lazy_gettext("申請資格"),
    "days": lazy_gettext("上線日期"),
    "provided_on": lazy_gettext("提供日期"),
    "essential_items": lazy_gettext("必要項目"),
    "item": lazy_gettext("資料項目"),
    "sender": lazy_gettext("發文機關"),
    "note": lazy_gettext("說明或原因"),
    "notice": lazy_gettext("通知承辦人的方式"),
    "version": lazy_gettext("技術文件版本"),
    "recipient": lazy_gettext("收件人"),
    "agreed_by": lazy_gettext("約定的依據"),
    "support_contact": lazy_gettext("使用者諮詢管道"),
    "metadata": lazy_gettext("技術資料"),
    "case": lazy_gettext("案件"),
}
_WHY: Mapping[Why, object] = {
    Why.NO_CASE: lazy_gettext("沒有這個案件。"),
    Why.STATE: lazy_gettext("案件的狀態已經改變，現在不能做這一步。請回到概況查看最新狀態。"),
    Why.PARTY: lazy_gettext("這一步要由其他人來做。"),
    Why.EVIDENCE: lazy_gettext("有欄位沒有填寫或格式不正確："),
    Why.GUARD: lazy_gettext("還有條件不符，請先完成下列項目："),
}


def tongue() -> str:
    """Return the language of the page, as `scopes.words.Words` names it."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh-TW"


def field_label(field: str) -> str:
    """Return the label of a field of the form, of a file, of evidence, or of a test."""
    is_english = tongue() == "en"
    if (known := FIELD_BY_ID.get(field)) is not None:
        label: str = known.label_en if is_english else known.label_zh
        return label
    if field in set(AttachmentKind):
        return FILES[AttachmentKind(field)].text(tongue())
    if field in CRITERIA:
        return str(CRITERIA[field])
    return str(_OTHER_FIELDS.get(field, field))


def fault_text(fault: Fault) -> str:
    """Return what is wrong, with the code for which a reviewer would return the form."""
    special = _SPECIAL.get((fault.field, fault.problem))
    said = str(special or PROBLEMS[fault.problem])
    return f"{said} ({fault.reason.value})" if fault.reason else said


def refusal_text(refused: StepRefused) -> str:
    """Return why a step was refused; its faults stand beside it."""
    said = str(_WHY[refused.why])
    if refused.why is not Why.EVIDENCE or refused.faults:
        return said
    return f"{said}{'' if tongue() != 'en' else ' '}{refused.detail}"
