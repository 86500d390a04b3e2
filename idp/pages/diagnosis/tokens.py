"""The words for what is wrong with a call of the partner's server."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

# Code: what happened, what to change.
TEXTS: Mapping[str, tuple[object, object]] = {
    "PKCE-04": (
        lazy_gettext("code_verifier 與登入時的 code_challenge 不符。"),
        lazy_gettext("送出同一次登入的 code_verifier；多個分頁同時登入時要分開保存。"),
    ),
    "PKCE-05": (lazy_gettext("缺少 code_verifier。"), lazy_gettext("換取憑證時送出 code_verifier。")),
    "PKCE-06": (
        lazy_gettext("登入時沒有 code_challenge，卻送來 code_verifier。"),
        lazy_gettext("在登入請求送出 code_challenge。"),
    ),
    "PKCE-07": (lazy_gettext("code_verifier 的格式不正確。"), lazy_gettext("使用 43 至 128 個英數字或 - . _ ~。")),
    "CODE-01": (
        lazy_gettext("授權碼無效：不存在、已過期、不是給這個網站的，或已不能使用。"),
        lazy_gettext("請重新開始登入；授權碼與更新憑證都只能用一次。"),
    ),
    "CODE-02": (
        lazy_gettext("換取憑證的 redirect_uri 與登入時的不同。"),
        lazy_gettext("送出與登入請求完全相同的 redirect_uri。"),
    ),
    "CODE-03": (
        lazy_gettext("授權碼已經用過；先前換得的憑證已一併撤銷。"),
        lazy_gettext("請重新開始登入；授權碼與更新憑證都只能用一次。"),
    ),
    "CODE-04": (lazy_gettext("授權碼綁定另一把 DPoP 金鑰。"), lazy_gettext("使用登入時指定的 DPoP 金鑰。")),
    "REF-01": (
        lazy_gettext("更新憑證（refresh token）無效：不存在、已過期或已不能使用。"),
        lazy_gettext("請重新開始登入；授權碼與更新憑證都只能用一次。"),
    ),
    "REF-02": (
        lazy_gettext("更新憑證已經用過；同一次登入的憑證已全部撤銷。"),
        lazy_gettext("只保存最新的更新憑證，並避免兩個程式同時更新；請重新開始登入。"),
    ),
    "REF-03": (lazy_gettext("更新憑證綁定另一把金鑰。"), lazy_gettext("使用憑證所綁定的金鑰。")),
    "DPOP-01": (lazy_gettext("缺少 DPoP 證明。"), lazy_gettext("送出一個 DPoP 標頭。")),
    "DPOP-02": (
        lazy_gettext("DPoP 證明不正確。"),
        lazy_gettext("檢查 typ、alg、jwk、htm、htu、iat、jti 與 ath，以及伺服器的時間。"),
    ),
    "DPOP-03": (lazy_gettext("DPoP 證明需要本網給的 nonce。"), lazy_gettext("以回應裡的 DPoP-Nonce 再送一次。")),
    "DPOP-04": (lazy_gettext("DPoP 證明已經用過。"), lazy_gettext("每個請求都產生新的證明。")),
    "TLS-01": (lazy_gettext("缺少用戶端憑證。"), lazy_gettext("以用戶端憑證連線。")),
    "AUTH-01": (
        lazy_gettext("同時用了兩種以上的驗證方式。"),
        lazy_gettext("只用登記的那一種：不要同時送出 Authorization 標頭與主體裡的密鑰。"),
    ),
    "AUTH-02": (
        lazy_gettext("主體裡的 client_id 與驗證用的不同。"),
        lazy_gettext("兩處送出相同的 client_id，或主體裡不送。"),
    ),
    "AUTH-03": (
        lazy_gettext("網站驗證失敗：方式或密鑰不正確。"),
        lazy_gettext("使用登記的驗證方式與目前有效的密鑰；密鑰更換後，舊的到期即失效。"),
    ),
    "AUTH-04": (
        lazy_gettext("網站驗證失敗：assertion 不正確。"),
        lazy_gettext(
            "檢查 alg、kid、iss、sub、aud、exp，每次使用新的 jti；kid 須是 JWKS 裡實際簽署的那一把，不是固定取第一把。"
        ),
    ),
    "AUTH-05": (lazy_gettext("網站驗證失敗：用戶端憑證不正確。"), lazy_gettext("檢查用戶端憑證與登記的是否相同。")),
    "KEY-01": (
        lazy_gettext("登記了加密，但沒有可用的加密金鑰。"),
        lazy_gettext("在 JWKS 公布一把加密金鑰（use=enc）。"),
    ),
    "RES-01": (
        lazy_gettext("resource 不存在，或不屬於這個網站。"),
        lazy_gettext("送出合作案所核准的 resource，或不送這個參數。"),
    ),
    "TOK-01": (lazy_gettext("缺少 token。"), lazy_gettext("送出 token。")),
    "USER-01": (lazy_gettext("存取憑證放在網址裡。"), lazy_gettext("放在 Authorization 標頭。")),
    "USER-02": (lazy_gettext("送了兩個以上的存取憑證。"), lazy_gettext("只在 Authorization 標頭送一次。")),
    "USER-03": (lazy_gettext("存取憑證不存在、已過期或已撤銷。"), lazy_gettext("重新登入，或以更新憑證換新。")),
    "USER-04": (lazy_gettext("存取憑證綁定的金鑰沒有一併送來。"), lazy_gettext("使用憑證所綁定的金鑰。")),
    "USER-05": (
        lazy_gettext("這次登入已不能再取得資料。"),
        lazy_gettext("請重新開始登入；授權碼與更新憑證都只能用一次。"),
    ),
    "DEV-01": (lazy_gettext("使用者尚未決定。"), lazy_gettext("依 interval 繼續查詢。")),
    "DEV-02": (lazy_gettext("查詢太頻繁。"), lazy_gettext("把查詢間隔加長 5 秒。")),
    "DEV-03": (lazy_gettext("device_code 已過期。"), lazy_gettext("重新開始裝置登入。")),
    "DEV-04": (lazy_gettext("這次裝置登入沒有完成。"), lazy_gettext("讓使用者可以再試一次。")),
    "DEV-05": (lazy_gettext("device_code 不存在或已使用。"), lazy_gettext("重新開始裝置登入。")),
    "DEV-06": (lazy_gettext("device_name 太長，或含有不能顯示的字元。"), lazy_gettext("送出較短、單純的裝置名稱。")),
    "REG-01": (lazy_gettext("登記用的憑證不存在、已過期或已使用。"), lazy_gettext("向本網索取新的登記憑證。")),
    "REG-02": (
        lazy_gettext("登記的 redirect_uri 不正確，或不在核准的範圍。"),
        lazy_gettext("使用合作案所列網站的網址。"),
    ),
    "REG-03": (lazy_gettext("登記的資料不正確。"), lazy_gettext("依「說明」修正。")),
    "REG-04": (lazy_gettext("合作案目前的狀態不能這樣做。"), lazy_gettext("請洽本網確認合作案的狀態。")),
}
