"""The exact texts of DOMAIN §2.7 and §7.1, written out here so that tests don't compare the product with itself."""

LOCK_PAGE = {
    "zh-TW": (
        "目前無法漫遊登入「{partner}」。您的教師個人帳號處於「{reason}」期間，依《全國教師在職進修資訊網進修研習活動使用管理規定》"
        "第5條第2款，僅提供查詢研習紀錄功能。請洽服務學校或所屬教育行政主管機關更新服務單位資訊；"
        "資訊完整正確後即恢復完整功能。（代碼：{code}）"
    ),
    "en": (
        'You cannot sign in to "{partner}" at present. Your teacher account is recorded as "{reason}". Under Article 5(2) '
        "of the usage rules it is limited to querying study records. Please ask your service school or education "
        "authority to update your service information; full function returns as soon as it is complete and correct. "
        "(Code: {code})"
    ),
}
UNVERIFIED_PAGE = {
    "zh-TW": (
        "您的服務單位資訊尚未經服務學校或主管機關確認，暫時無法漫遊登入「{partner}」；本網其他功能不受影響。（代碼：{code}）"
    ),
    "en": (
        'Your service information has not been confirmed yet, so you cannot sign in to "{partner}". Other functions of '
        "this site are not affected. (Code: {code})"
    ),
}
LOCK_FUNCTION = {
    "zh-TW": "您的帳號處於「{reason}」期間，本功能暫停提供；您仍可查詢研習紀錄。",
    "en": (
        'Your account is recorded as "{reason}"; this function is suspended. You can still query your study records.'
    ),
}
LOCK_MAIL = {
    "zh-TW": (
        "您的教師個人帳號自民國{day}起列為「{reason}」，依第5條第2款僅提供查詢研習紀錄；已登入之合作網站將一併登出。"
        "若資料有誤，請洽{school}更正。"
    ),
    "en": (
        'As of {day} your teacher account is recorded as "{reason}" and limited to querying study records (Article '
        "5(2)). Partner sites you were signed in to will be signed out. If this is wrong, please contact {school}."
    ),
}
RESTORE_MAIL = {
    "zh-TW": "您的服務單位資訊已確認完整正確，帳號自民國{day}起恢復完整功能。",
    "en": "Your service information is complete and correct; full function was restored on {day}.",
}
REASON = {
    "not_in_service": {"zh-TW": "未在職", "en": "not in service"},
    "no_service_school": {"zh-TW": "無服務學校", "en": "no service school"},
    "service_data_pending": {"zh-TW": "服務單位資訊待確認", "en": "service information awaiting confirmation"},
}
NOTICE = (
    ("機關名稱", "本網（全國教師在職進修資訊網）提供；{unit}（{partner}）接收"),
    ("蒐集之目的", "{purpose}；各資料項目之用途說明如上"),
    ("個人資料之類別", "所勾選之資料項目（姓名、學校、職稱、使用者識別碼）"),
    (
        "利用之期間、地區、對象及方式",
        (
            "期間：合作期間或至您撤回同意為止；地區：依合作單位隱私權政策；對象：{unit}；"
            "方式：自動化機器或其他非自動化方式"
        ),
    ),
    (
        "當事人權利及方式",
        "您可於「我的授權」撤回，或洽 {support} 行使權利；資料來源為全國教師在職進修資訊網",
    ),
    ("不提供之影響", "不提供必要項目將無法漫遊登入；不提供其他項目可能影響 {partner} 部分服務"),
)
GENERIC_DENIAL = "The end-user could not be authorized for this client."
"""D-18: all that a partner ever learns."""
STATE = {
    "unlocked": "在職（完整功能）",
    "unlocked_unverified": "在職（資料待確認）",
    "not_in_service": "未在職",
    "no_service_school": "無服務學校",
    "service_data_pending": "服務單位資訊待確認",
}
