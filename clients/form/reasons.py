"""Reasons for return or refusal (DOMAIN §3.5, D-38): one list for the form's own checks and for the reviewers."""

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """A coded reason, with its words."""

    label_zh: str
    label_en: str

    def __new__(cls, code: str, label_zh: str, label_en: str) -> Self:
        """Make a member from its code and its words."""
        made = str.__new__(cls, code)
        made._value_, made.label_zh, made.label_en = code, label_zh, label_en
        return made

    INCOMPLETE = "RT-01", "申請表欄位未填寫完整", "Fields of the form are not filled in"
    NO_SEAL = "RT-02", "未蓋單位主管職名章", "The unit head's seal is missing"
    NO_SCAN = "RT-03", "未檢附系統弱點掃描報告", "The vulnerability scan report is missing"
    OLD_SCAN = (
        "RT-04",
        "系統弱點掃描報告逾申請日期一年",
        "The scan report is not within the year before the application",
    )
    NO_POLICY = "RT-05", "未檢附隱私權政策宣告內容", "The privacy policy statement is missing"
    NO_PURPOSE = "RT-06", "勾選之資料項目未填用途說明", "A data item has no purpose"
    TOO_MUCH = "RT-07", "資料項目逾合作目的必要範圍", "A data item goes beyond the purpose"
    NOT_AGREED = "RT-08", "未勾選同意全部事項", "Not all four points are agreed to"
    LETTER = (
        "RT-09",
        "未依程序行文教育部或公文與申請表不符",
        "The letter to the Ministry is missing or does not fit the form",
    )
    NOT_ELIGIBLE = "RT-10", "不符申請資格或條件", "Not eligible"
    NO_USER_ID = "RT-11", "申請資訊傳報而未申請使用者識別碼", "Reporting needs the user identifier"
    OTHER_TARGET = "RT-12", "弱點掃描標的與網站網址不符", "The scan is of another host than the site"
    WRONG_DAY = "RT-13", "填表日期錯誤", "The date of filling is wrong"
    OTHER = "RT-99", "其他（須填說明）", "Other (say what)"
