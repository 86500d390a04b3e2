"""What ends, in the language of the moment."""

from collections.abc import Callable, Mapping

from flask_babel import gettext

from clients.duties.expiry_rules import Ending

_TEXTS: Mapping[Ending, Callable[[str], str]] = {
    Ending.SCAN_REPORT: lambda _: gettext("弱點掃描報告將滿一年"),
    Ending.PKCE_WAIVER: lambda of: gettext("用戶端 %(of)s 免用 PKCE 的期限（舊式）將屆滿", of=of),
    Ending.OLD_SECRET: lambda of: gettext("用戶端 %(of)s 的舊密鑰將失效", of=of),
    Ending.SECRET_AGE: lambda of: gettext("用戶端 %(of)s 的密鑰建議更換", of=of),
    Ending.CONFIRMATION: lambda _: gettext("定期確認的函文將寄出"),
    Ending.REPLY: lambda _: gettext("定期確認的函覆期限將至"),
}


def ending_text(ending: str, of: str) -> str:
    """Return what ends, and whose it is."""
    return _TEXTS[Ending(ending)](of)
