"""The four points that an applicant agrees to (A1-§5), with the version and the hash that are stored at signing."""

import hashlib

VERSION = 1
TEXTS = (
    "申請單位應提供諮詢管道，供使用者有帳號漫遊疑義時，可協助排除問題。",
    "申請單位須配合本單位定期函文合作項目及聯繫窗口確認作業並函覆。",
    "申請單位如合作項目有執行疑義或承辦人員異動，皆請主動與本單位聯繫及告知。",
    "申請單位透過本項帳號漫遊取得之個人資料，僅限於合作目的範圍內使用，且須依《個人資料保護法》等相關規範辦理。",
)
TEXTS_EN = (
    "The applicant provides a support channel to help users with roaming problems.",
    (
        "The applicant cooperates with the periodic confirmation letters on cooperation items and contacts, and replies by"
        " letter."
    ),
    "On doubts in execution or a change of officer the applicant contacts and informs this unit on its own initiative.",
    (
        "Personal data obtained through account roaming may be used only within the cooperation purpose, and under the"
        " Personal Data Protection Act and related rules."
    ),
)


def wording_hash() -> str:
    """Return the SHA-256 of the Chinese wording, in hexadecimal."""
    return hashlib.sha256("\n".join(TEXTS).encode()).hexdigest()
