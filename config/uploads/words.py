"""Why a file is not taken, and what is, in the language of the moment."""

from collections.abc import Callable, Mapping

from flask_babel import gettext

from config.uploads.kinds import JPEG, PDF, PNG, FileFault, Rules

_NAMES: Mapping[str, str] = {PDF: "PDF", PNG: "PNG", JPEG: "JPEG"}
_TEXTS: Mapping[FileFault, Callable[[Rules], str]] = {
    FileFault.EMPTY: lambda _: gettext("請選擇檔案；檔案不能是空的。"),
    FileFault.TOO_LARGE: lambda rules: gettext("檔案太大，最多 %(mib)s MiB。", mib=rules.limit_mib),
    FileFault.NOT_TAKEN: lambda rules: gettext("這裡只收 %(types)s 檔。", types=_types(rules)),
    FileFault.MISNAMED: lambda _: gettext("檔名的副檔名與檔案內容不符，請更正檔名或選擇正確的檔案。"),
    FileFault.ENCRYPTED: lambda _: gettext("檔案有密碼或加密，請移除後再上傳。"),
    FileFault.ACTIVE: lambda _: gettext("PDF 含有程式、動作或內嵌檔案，請改用列印成 PDF 的檔案。"),
    FileFault.BROKEN: lambda _: gettext("檔案無法開啟或已損壞，請重新產生後再上傳。"),
    FileFault.TOO_MANY_PIXELS: lambda _: gettext("圖片的像素太多，請用較低的解析度掃描。"),
    FileFault.INFECTED: lambda _: gettext("檔案含有惡意程式，沒有收下。請檢查您的電腦。"),
    FileFault.SCANNER_UNREACHABLE: lambda _: gettext("目前無法檢查檔案，沒有收下。請稍後再試。"),
}


def fault_words(fault: FileFault, rules: Rules) -> str:
    """Return what to say to whoever handed it in."""
    return _TEXTS[fault](rules)


def taken_words(rules: Rules) -> str:
    """Return what is taken: types and size."""
    return str(gettext("%(types)s，最多 %(mib)s MiB。", types=_types(rules), mib=rules.limit_mib))


def _types(rules: Rules) -> str:
    return ", ".join(_NAMES[one] for one in rules.media_types)
