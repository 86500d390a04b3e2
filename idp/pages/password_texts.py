"""What the pages say of a password that will not do."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from idp.accounts.password_rules import PasswordFault

PASSWORD_TEXTS: Mapping[PasswordFault, object] = {
    PasswordFault.SHORT: lazy_gettext("密碼至少要有 12 個字元。"),
    PasswordFault.LONG: lazy_gettext("密碼太長，最多 1024 個字元。"),
    PasswordFault.NAMES_ACCOUNT: lazy_gettext("密碼不能包含帳號名稱。"),
    PasswordFault.COMMON: lazy_gettext("這是常見的密碼，很容易被猜到，請換一個。"),
    PasswordFault.WEAK: lazy_gettext("這個密碼容易被猜到。請加長，或改用幾個不相干的詞。"),
    PasswordFault.USED: lazy_gettext("這是您最近用過的密碼，請換一個沒有用過的。"),
}


def repeated_fault(password: str, repeated: str) -> dict[str, object]:
    """Return the fault of two entries that differ."""
    return {} if password == repeated else {"repeated": gettext("兩次輸入的密碼不一樣。")}
