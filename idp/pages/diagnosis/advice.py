"""The words for weak points of requests that worked, and for calls of ours to the partner."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

# Code: what happened, what to change.
TEXTS: Mapping[str, tuple[object, object]] = {
    "ADV-01": (
        lazy_gettext("沒有 nonce。登入成功了，但您的網站無法察覺 ID token 被人重放。"),
        lazy_gettext("每次登入產生新的 nonce，並核對 ID token 裡的值。"),
    ),
    "ADV-02": (
        lazy_gettext("沒有 state。登入成功了，但您的網站無法察覺別人塞入的登入結果。"),
        lazy_gettext("每次登入產生新的 state，收到結果時核對。"),
    ),
    "ADV-03": (
        lazy_gettext("您還在要求已停止提供的資料項目；這些項目不會提供。"),
        lazy_gettext("從 scope 移除這些項目。"),
    ),
    "ADV-04": (lazy_gettext("scope 裡有本網不認得的名稱；已略過。"), lazy_gettext("從 scope 移除，或更正拼字。")),
    "ADV-05": (
        lazy_gettext("登入沒有使用 PKCE；目前因豁免而放行，豁免期滿後會被拒絕。"),
        lazy_gettext("在豁免期滿以前啟用 PKCE（S256）。"),
    ),
    "ADV-06": (
        lazy_gettext("JWT 的標頭沒有 kid，而您公布了好幾把金鑰；本網只能逐一嘗試。"),
        lazy_gettext("在 JWT 標頭寫明簽署金鑰的 kid。驗證本網的 ID token 時，也要依 kid 選擇金鑰，不要固定取第一把。"),
    ),
    "ADV-07": (lazy_gettext("您還在使用即將失效的舊密鑰。"), lazy_gettext("在舊密鑰失效以前換成新的。")),
    "ADV-08": (
        lazy_gettext("claims 參數要求了未經核准的資料項目；這些項目不會提供。"),
        lazy_gettext("從 claims 移除這些項目；需要時請先提出申請。"),
    ),
    "CALL-01": (
        lazy_gettext("本網無法把登出通知送到您的網站；稍後會再試，最久 24 小時。"),
        lazy_gettext("檢查 backchannel_logout_uri：須可由外部以 https 連線，並以 200 或 204 回應。"),
    ),
    "CALL-02": (
        lazy_gettext("本網無法讀取您的 jwks_uri；在讀到新的以前，沿用上次的金鑰。"),
        lazy_gettext("檢查 jwks_uri：須可由外部以 https 連線，並傳回 JWKS 的 JSON。"),
    ),
}
