"""The words for what is wrong with a sign-in or logout that came by the browser, or was pushed."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

# Code: what happened, what to change.
TEXTS: Mapping[str, tuple[object, object]] = {
    "REQ-01": (lazy_gettext("同一個參數送了兩次以上。"), lazy_gettext("每個參數只送一次。")),
    "REQ-02": (lazy_gettext("所有參數合計太長。"), lazy_gettext("縮短參數，或先以 PAR 送出請求。")),
    "REQ-03": (lazy_gettext("沒有 response_type。"), lazy_gettext("送出 response_type=code。")),
    "REQ-04": (lazy_gettext("response_type 不是 code。"), lazy_gettext("改用授權碼流程：response_type=code。")),
    "REQ-05": (
        lazy_gettext("不支援這個 response_mode。"),
        lazy_gettext("使用探索文件（discovery）列出的 response_mode，或不送這個參數。"),
    ),
    "REQ-06": (lazy_gettext("不認得這個 prompt 值。"), lazy_gettext("使用探索文件列出的 prompt 值。")),
    "REQ-07": (lazy_gettext("prompt=none 與其他值一起送出。"), lazy_gettext("單獨送出 prompt=none。")),
    "REQ-08": (lazy_gettext("max_age 不是秒數。"), lazy_gettext("max_age 只能是數字（秒）。")),
    "REQ-09": (
        lazy_gettext("id_token_hint 不是本網發給這個網站的 ID token。"),
        lazy_gettext("送出本網發給這個網站的 ID token，或不送這個參數。"),
    ),
    "REQ-10": (
        lazy_gettext("參數放在網址的查詢字串裡。"),
        lazy_gettext("參數以表單放在請求主體（body）裡，網址後面不要加任何參數。"),
    ),
    "REQ-11": (lazy_gettext("沒有 grant_type。"), lazy_gettext("送出 grant_type，例如 authorization_code。")),
    "REQ-12": (lazy_gettext("不支援這個 grant_type。"), lazy_gettext("使用探索文件列出的 grant_type。")),
    "REQ-13": (
        lazy_gettext("這個網站沒有登記這個 grant_type。"),
        lazy_gettext("只使用已登記的 grant_type，或先變更技術資料。"),
    ),
    "REQ-14": (lazy_gettext("缺少必要的參數。"), lazy_gettext("補上「應為」所列的參數。")),
    "REQ-15": (lazy_gettext("不支援 registration 參數。"), lazy_gettext("不要送 registration；網站須事先登記。")),
    "REQ-16": (
        lazy_gettext("redirect_uri 與登記的網址不同，所以登入頁沒有開啟，也沒有導回您的網站。"),
        lazy_gettext("送出登記的 redirect_uri，一字不差（含結尾的斜線、大小寫、連接埠）；網址有變更時，請先變更登記。"),
    ),
    "SCOPE-01": (lazy_gettext("scope 裡沒有 openid。"), lazy_gettext("在 scope 加上 openid。")),
    "SCOPE-02": (
        lazy_gettext("您要求了未經核准的資料項目。"),
        lazy_gettext("scope 只要求已核准的項目；需要更多項目時，請先提出申請。"),
    ),
    "SCOPE-03": (lazy_gettext("要求的 scope 比原來授權的多。"), lazy_gettext("更新憑證時，要求相同或較少的 scope。")),
    "SCOPE-04": (lazy_gettext("這個網站不能取得這項資源的任何 scope。"), lazy_gettext("要求合作案所核准的 scope。")),
    "CLAIM-01": (lazy_gettext("claims 參數不是正確的 JSON。"), lazy_gettext("依 OIDC Core 5.5 節送出 JSON 物件。")),
    "CLAIM-02": (lazy_gettext("claims 以必要項目要求的 acr 無法達到。"), lazy_gettext("要求探索文件列出的 acr 值。")),
    "PKCE-01": (
        lazy_gettext("沒有使用 PKCE：缺少 code_challenge。"),
        lazy_gettext("啟用 PKCE，送出 code_challenge 與 code_challenge_method=S256。"),
    ),
    "PKCE-02": (
        lazy_gettext("code_challenge 的格式不正確。"),
        lazy_gettext("code_challenge 是 BASE64URL(SHA256(code_verifier))，43 個字元，沒有等號。"),
    ),
    "PKCE-03": (
        lazy_gettext("code_challenge_method 不是 S256。"),
        lazy_gettext("送出 code_challenge_method=S256；不接受 plain。"),
    ),
    "PAR-01": (
        lazy_gettext("這個網站必須先以 PAR 送出請求。"),
        lazy_gettext("把請求送到 PAR 端點，再以 request_uri 開啟登入頁。"),
    ),
    "PAR-02": (lazy_gettext("request_uri 不存在、已使用或已過期。"), lazy_gettext("每次登入都重新以 PAR 送出請求。")),
    "PAR-03": (
        lazy_gettext("request_uri 不是本網給的。"),
        lazy_gettext("先以 PAR 送出請求；本網不會讀取別處的 request_uri。"),
    ),
    "PAR-04": (lazy_gettext("PAR 請求裡有 request_uri。"), lazy_gettext("直接送出參數。")),
    "PAR-05": (
        lazy_gettext("PAR 請求的 redirect_uri 與登記的網址不同。"),
        lazy_gettext("送出登記的 redirect_uri，一字不差。"),
    ),
    "JAR-01": (
        lazy_gettext("請求物件（request）不是簽署的 JWT。"),
        lazy_gettext("以探索文件列出的演算法簽署；不接受 none。"),
    ),
    "JAR-02": (
        lazy_gettext("請求物件的簽章不是登記的金鑰所簽。"),
        lazy_gettext("檢查 JWKS、kid 與 alg，使它們與實際簽署的金鑰一致。"),
    ),
    "JAR-03": (
        lazy_gettext("請求物件的內容不正確。"),
        lazy_gettext("檢查 iss、aud、exp、nbf 與 client_id，以及伺服器的時間。"),
    ),
    "JAR-04": (lazy_gettext("同時送出 request 與 request_uri。"), lazy_gettext("只送其中一個。")),
    "JAR-05": (lazy_gettext("這個網站必須簽署請求，但請求沒有簽署。"), lazy_gettext("送出簽署的請求物件。")),
    "JAR-06": (lazy_gettext("不接受未簽署的請求物件。"), lazy_gettext("簽署請求物件，或直接送出參數。")),
    "OPEN-01": (
        lazy_gettext("這個網站目前未開放漫遊登入。"),
        lazy_gettext("請確認合作案的狀態與上線日；有疑問請洽本網。"),
    ),
    "OUT-01": (
        lazy_gettext("登出的 post_logout_redirect_uri 與登記的網址不同，所以沒有導回您的網站。"),
        lazy_gettext("送出登記的 post_logout_redirect_uri，一字不差，並同時送出 id_token_hint 或 client_id。"),
    ),
    "OUT-02": (
        lazy_gettext("登出的 id_token_hint 不是本網發給這個網站的 ID token。"),
        lazy_gettext("送出最近一次登入時收到的 ID token，原封不動。"),
    ),
    "OTHER": (lazy_gettext("請求被拒絕。"), lazy_gettext("請依錯誤代碼查閱相關規範；有疑問請洽本網。")),
}
