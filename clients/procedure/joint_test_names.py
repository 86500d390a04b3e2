"""The joint tests in words (D-42)."""

from collections.abc import Mapping

from scopes.words import Words

TESTS: Mapping[str, Words] = {
    "TC-1": Words("測試教師登入並同意後回到合作網站", "A test teacher logs in, consents and lands on the partner"),
    "TC-2": Words("要求未核准的資料項目", "The partner asks for a scope that was not approved"),
    "TC-3": Words("帳號已鎖定的測試教師", "A locked test teacher"),
    "TC-4": Words("教師不同意", "The teacher declines"),
    "TC-5": Words("教師不同意一個非必要項目", "The teacher declines one optional item"),
    "TC-6": Words("檢查 ID token", "The ID token is checked"),
    "TC-7": Words("登出", "Log-out"),
    "TC-8": Words("諮詢管道", "The support channel"),
}
EXPECTED: Mapping[str, Words] = {
    "TC-1": Words("取得 sub 與已核准的資料項目，不多也不少", "sub and exactly the approved claims"),
    "TC-2": Words("本網回覆 invalid_scope", "invalid_scope"),
    "TC-3": Words("本網拒絕，合作網站妥善顯示 access_denied", "Refused; the partner shows access_denied sensibly"),
    "TC-4": Words("合作網站妥善處理 access_denied", "The partner handles access_denied"),
    "TC-5": Words("沒有那一項資料，合作網站仍可使用", "The partner works without the claim"),
    "TC-6": Words(
        "簽章、iss、aud、exp、nonce 任一不符時，合作網站拒絕登入",
        "The partner rejects a token whose signature, iss, aud, exp or nonce is wrong",
    ),
    "TC-7": Words(
        "由合作網站登出，並收到後端登出通知（有登錄時）",
        "Sessions end, by the partner and by the back channel if registered",
    ),
    "TC-8": Words("有人回應", "Somebody answers"),
}
