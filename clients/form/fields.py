"""Appendix 1 field by field, in its order and with its exact labels (DOMAIN §4.1). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from clients.lifecycle import CooperationItem
from scopes.items import ORDER, DataItem

TITLE_ZH = "「全國教師在職進修資訊網」帳號漫遊合作申請表"
TITLE_EN = "Account roaming cooperation application form"


class Section(StrEnum):
    """The sections of the form; what the case has beside the form stands in ``CASE``."""

    CASE = "case"
    UNIT = "unit"
    SITE = "site"
    ITEMS = "items"
    ATTACHMENTS = "attachments"
    AGREEMENTS = "agreements"
    SIGNATURE = "signature"

    @property
    def label_zh(self) -> str:
        """The heading."""
        return _SECTIONS[self][0]

    @property
    def label_en(self) -> str:
        """The heading in English."""
        return _SECTIONS[self][1]


_SECTIONS = {
    Section.CASE: ("申請合作項目", "What is applied for"),
    Section.UNIT: ("一、營運單位", "1. Operating unit"),
    Section.SITE: ("二、網站資料", "2. Website"),
    Section.ITEMS: ("三、使用者資料需求項目", "3. Data items and their purposes"),
    Section.ATTACHMENTS: ("四、檢附文件", "4. Attachments"),
    Section.AGREEMENTS: ("五、已詳閱並同意以下事項", "5. Read and agreed"),
    Section.SIGNATURE: ("填表日期與單位主管核章", "Date and seal"),
}


class Kind(StrEnum):
    """What a field takes. Ticks hold ``yes`` or nothing."""

    LINE = "line"
    TEXT = "text"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    NUMBER = "number"
    CHOICE = "choice"
    TICK = "tick"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Field:
    """A blank of the form. ``longest``: characters; ``is_required``: whether an empty one is a fault by itself."""

    id: str
    section: Section
    kind: Kind
    label_zh: str
    label_en: str
    longest: int
    is_required: bool = True
    choices: tuple[str, ...] = ()


YES = "yes"
PHONE_MAX, EMAIL_MAX, URL_MAX, PURPOSE_MAX, POLICY_MAX = 30, 254, 500, 500, 20_000
MEMBERS_MAX = 99_999_999


def tick_of(item: DataItem) -> str:
    """Name the tick of a data item."""
    return f"item_{item}"


def purpose_of(item: DataItem) -> str:
    """Name the 用途說明 of a data item."""
    return f"purpose_{item}"


def cooperation_of(item: CooperationItem) -> str:
    """Name the tick of a cooperation item."""
    return f"cooperation_{item}"


def _contact(role: str, label_zh: str, label_en: str) -> tuple[Field, ...]:
    section = Section.UNIT
    return (
        Field(f"{role}_name", section, Kind.LINE, f"{label_zh}－姓名", f"{label_en}: name", 50),
        Field(f"{role}_phone", section, Kind.PHONE, f"{label_zh}－聯絡電話", f"{label_en}: phone", PHONE_MAX),
        Field(f"{role}_email", section, Kind.EMAIL, f"{label_zh}－電子信箱", f"{label_en}: e-mail", EMAIL_MAX),
    )


def _item(item: DataItem) -> tuple[Field, ...]:
    zh, en, section = item.label_zh, item.label_en, Section.ITEMS
    return (
        Field(tick_of(item), section, Kind.TICK, zh, en, 3, is_required=False),
        Field(
            *(purpose_of(item), section, Kind.TEXT, f"{zh}－用途說明", f"{en}: purpose", PURPOSE_MAX),
            is_required=False,
        ),
    )


_CASE = (
    Field("applicant_unit", Section.CASE, Kind.LINE, "申請單位", "Applicant unit", 100),
    Field(
        *(cooperation_of(CooperationItem.ROAMING), Section.CASE, Kind.TICK, "帳號漫遊", "Account roaming", 3),
        is_required=False,
    ),
    Field(
        *(cooperation_of(CooperationItem.REPORTING), Section.CASE, Kind.TICK, "資訊傳報", "Study records", 3),
        is_required=False,
    ),
)
_UNIT = (
    Field("operating_unit_name", Section.UNIT, Kind.LINE, "營運單位名稱", "Operating unit", 100),
    *_contact("unit_head", "單位主管", "Unit head"),
    *_contact("officer", "承辦人", "Officer"),
)
_SITE = (
    Field("site_name", Section.SITE, Kind.LINE, "網站名稱", "Website name", 100),
    Field("site_url", Section.SITE, Kind.URL, "網站網址", "Website URL", URL_MAX),
    Field(
        *("has_test_url", Section.SITE, Kind.CHOICE, "測試網址（無／有）", "Test URL (none / yes)", 4),
        choices=("none", YES),
    ),
    Field("test_url", Section.SITE, Kind.URL, "測試網址", "Test URL", URL_MAX, is_required=False),
    Field("audience", Section.SITE, Kind.TEXT, "服務對象", "Audience served", 500),
    Field("member_count", Section.SITE, Kind.NUMBER, "已有會員數（人）", "Existing members (persons)", 12),
    Field("site_purpose", Section.SITE, Kind.TEXT, "網站設立目的", "Purpose of the site", 2000),
    Field(
        *("maintenance", Section.SITE, Kind.CHOICE, "網站維護方式", "Maintenance (in-house / contractor)", 10),
        choices=("in_house", "contractor"),
    ),
)
_ATTACHMENTS = (
    Field("scan_date", Section.ATTACHMENTS, Kind.DAY, "弱點掃描完成日期", "Day the scan was completed", 30),
    Field("scan_target", Section.ATTACHMENTS, Kind.URL, "弱點掃描標的網址", "Scanned address", URL_MAX),
    Field(
        *("policy_url", Section.ATTACHMENTS, Kind.URL, "隱私權政策網址", "Privacy policy: address", URL_MAX),
        is_required=False,
    ),
    Field(
        *("policy_text", Section.ATTACHMENTS, Kind.TEXT, "隱私權政策宣告內容", "Privacy policy: text", POLICY_MAX),
        is_required=False,
    ),
)
AGREEMENT_VERSION = 1
AGREEMENTS_ZH = (
    "申請單位應提供諮詢管道，供使用者有帳號漫遊疑義時，可協助排除問題。",
    "申請單位須配合本單位定期函文合作項目及聯繫窗口確認作業並函覆。",
    "申請單位如合作項目有執行疑義或承辦人員異動，皆請主動與本單位聯繫及告知。",
    "申請單位透過本項帳號漫遊取得之個人資料，僅限於合作目的範圍內使用，且須依《個人資料保護法》等相關規範辦理。",
)
AGREEMENTS_EN = (
    "The applicant provides a support channel to help users with roaming problems.",
    "The applicant cooperates with the periodic confirmation letters on items and contacts, and replies by letter.",
    "On doubts in execution or a change of officer the applicant contacts and informs this unit on its own initiative.",
    (
        "Personal data obtained through account roaming may be used only within the cooperation purpose, and under the "
        "Personal Data Protection Act and related rules."
    ),
)
"""A1-§5, exact text. Another wording is another ``AGREEMENT_VERSION``: the one shown at signing stays with the case."""

AGREEMENT_IDS = tuple(f"agree_{number}" for number in range(1, len(AGREEMENTS_ZH) + 1))
_AGREEMENTS = tuple(
    Field(name, Section.AGREEMENTS, Kind.TICK, zh, en, 3)
    for name, zh, en in zip(AGREEMENT_IDS, AGREEMENTS_ZH, AGREEMENTS_EN, strict=True)
)
_SIGNATURE = (Field("filled_on", Section.SIGNATURE, Kind.DAY, "填表日期", "Date of filling", 30),)

FIELDS: Mapping[str, Field] = {
    field.id: field
    for field in (
        *(*_CASE, *_UNIT, *_SITE),
        *(field for item in ORDER for field in _item(item)),
        *(*_ATTACHMENTS, *_AGREEMENTS, *_SIGNATURE),
    )
}
"""Every blank by its id, in the order of the form."""
