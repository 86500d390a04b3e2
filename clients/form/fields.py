"""The fields of Appendix 1 in the order of the paper (DOMAIN §4.1), each with its label, kind and greatest length."""

from dataclasses import dataclass
from enum import StrEnum, auto

from scopes.items import ORDER


class Kind(StrEnum):
    """How a field is written."""

    TEXT = auto()
    PHONE = auto()
    EMAIL = auto()
    URL = auto()
    COUNT = auto()
    CHOICE = auto()
    TICK = auto()
    DAY = auto()


class Section(StrEnum):
    """A part of the form."""

    COOPERATION = auto()
    UNIT = auto()
    SITE = auto()
    DATA_ITEMS = auto()
    ATTACHMENTS = auto()
    AGREEMENTS = auto()
    SIGNATURE = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """A blank of the form. ``is_required``: D-45, every printed blank is, unless a rule of `checks` says when."""

    id: str
    section: Section
    kind: Kind
    label_zh: str
    label_en: str
    max_length: int = 0
    is_required: bool = True
    choices: tuple[str, ...] = ()


def tick_of(item: str) -> str:
    """Return the field that ticks a data item."""
    return f"item_{item}"


def purpose_of(item: str) -> str:
    """Return the field with the purpose of a data item."""
    return f"purpose_{item}"


AGREEMENTS = ("agree_1", "agree_2", "agree_3", "agree_4")
COOPERATION = ("coop_roaming", "coop_reporting")
_S, _K = Section, Kind


def _contact(prefix: str, label_zh: str, label_en: str) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}_name", _S.UNIT, _K.TEXT, f"{label_zh}－姓名", f"{label_en}: name", 50),
        Field(f"{prefix}_phone", _S.UNIT, _K.PHONE, f"{label_zh}－聯絡電話", f"{label_en}: phone", 30),
        Field(f"{prefix}_email", _S.UNIT, _K.EMAIL, f"{label_zh}－電子信箱", f"{label_en}: e-mail", 254),
    )


def _data_items() -> tuple[Field, ...]:
    made = []
    for item in ORDER:
        zh, en = item.label_zh, item.label_en
        made.append(Field(tick_of(item), _S.DATA_ITEMS, _K.TICK, zh, en, is_required=False))
        label_zh, label_en = f"{zh}－用途說明", f"{en}: purpose"
        made.append(Field(purpose_of(item), _S.DATA_ITEMS, _K.TEXT, label_zh, label_en, 500, is_required=False))
    return tuple(made)


FIELDS: tuple[Field, ...] = (
    Field("applicant_unit", _S.COOPERATION, _K.TEXT, "申請單位", "Applicant unit", 100),
    Field("coop_roaming", _S.COOPERATION, _K.TICK, "帳號漫遊", "Account roaming", is_required=False),
    Field("coop_reporting", _S.COOPERATION, _K.TICK, "資訊傳報", "Information reporting", is_required=False),
    Field("operating_unit_name", _S.UNIT, _K.TEXT, "營運單位名稱", "Operating unit", 100),
    *_contact("unit_head", "單位主管", "Unit head"),
    *_contact("officer", "承辦人", "Officer"),
    Field("site_name", _S.SITE, _K.TEXT, "網站名稱", "Website name", 100),
    Field("site_url", _S.SITE, _K.URL, "網站網址", "Website URL", 500),
    Field("has_test_url", _S.SITE, _K.CHOICE, "測試網址（無／有）", "Test URL (none / yes)", choices=("none", "yes")),
    Field("test_url", _S.SITE, _K.URL, "測試網址", "Test URL", 500, is_required=False),
    Field("audience", _S.SITE, _K.TEXT, "服務對象", "Audience served", 500),
    Field("member_count", _S.SITE, _K.COUNT, "已有會員數", "Existing members (persons)", 8),
    Field("site_purpose", _S.SITE, _K.TEXT, "網站設立目的", "Purpose of the site", 2000),
    Field(
        *("maintenance", _S.SITE, _K.CHOICE, "網站維護方式", "Maintenance (in-house / contractor)"),
        choices=("in_house", "contractor"),
    ),
    *_data_items(),
    Field("scan_date", _S.ATTACHMENTS, _K.DAY, "弱點掃描完成日", "Scan completed on", 30),
    Field("scan_target", _S.ATTACHMENTS, _K.URL, "弱點掃描標的", "Scan target", 500),
    Field("policy_url", _S.ATTACHMENTS, _K.URL, "隱私權政策網址", "Privacy policy URL", 500, is_required=False),
    Field("policy_text", _S.ATTACHMENTS, _K.TEXT, "隱私權政策內容", "Privacy policy text", 50_000, is_required=False),
    *(Field(name, _S.AGREEMENTS, _K.TICK, f"同意事項{name[-1]}", f"Agreement {name[-1]}") for name in AGREEMENTS),
    Field("filled_on", _S.SIGNATURE, _K.DAY, "填表日期", "Date of filling", 30),
)
FIELD_BY_ID = {field.id: field for field in FIELDS}
