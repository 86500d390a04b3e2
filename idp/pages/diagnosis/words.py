"""A diagnosis as the partner's engineer reads it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext, lazy_gettext

from clients.diagnoses import MORE, Call, ClientDiagnosis, Kind
from idp.languages import show_day, show_moment
from idp.pages.diagnosis import advice, requests, tokens
from idp.pages.diagnosis.phrases import PHRASES

WORDS: Mapping[str, tuple[object, object]] = {**requests.TEXTS, **tokens.TEXTS, **advice.TEXTS}
"""What happened and what to change, by code; docs/errors.md has the same codes."""

KINDS: Mapping[str, object] = {
    Kind.REFUSED: lazy_gettext("已拒絕"),
    Kind.ADVICE: lazy_gettext("建議改善"),
    Kind.CALL: lazy_gettext("本網連線失敗"),
}
_REGISTERED = frozenset({"REQ-16", "PAR-05", "OUT-01", "AUTH-03", "AUTH-04", "JAR-02", "ADV-06", *Call})
"""Here ``expected`` is what the partner registered."""
_STATE = frozenset({"OPEN-01"})
_ENDPOINTS: Mapping[str, object] = {
    "authorize": lazy_gettext("登入請求（authorize）"),
    "token": lazy_gettext("換取憑證（token）"),
    "pushed_authorization_request": lazy_gettext("送出請求（PAR）"),
    "userinfo": lazy_gettext("取得資料（userinfo）"),
    "introspect": lazy_gettext("查詢憑證（introspect）"),
    "revoke": lazy_gettext("撤銷憑證（revoke）"),
    "device_authorization": lazy_gettext("裝置登入"),
    "logout": lazy_gettext("登出"),
    "register_client": lazy_gettext("登記"),
    "manage_client": lazy_gettext("變更登記"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and a value; ``is_raw``: as it came or is registered, so no words of ours."""

    label: str
    value: str
    is_raw: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A diagnosis in words. ``count`` is 0 where how often does not matter."""

    code: str
    kind: str
    kind_text: str
    happened: str
    change: str
    facts: tuple[Fact, ...]
    first_at: datetime
    last_at: datetime
    count: int


def line(found: ClientDiagnosis) -> Line:
    """Return a diagnosis in words."""
    happened, change = (str(text) for text in WORDS[found.code])
    count = 0 if found.kind == Kind.ADVICE else found.count
    moments = (found.first_at, found.last_at)
    facts = tuple(_facts(found.code, found.detail))
    return Line(found.code, found.kind, str(KINDS[found.kind]), happened, change, facts, *moments, count)


def title(code: str) -> str:
    """Return a code with what it means."""
    return f"{code} {WORDS[code][0]}"


def _facts(code: str, detail: Mapping[str, str]) -> Iterator[Fact]:
    if detail == MORE:
        yield Fact(str(gettext("說明")), str(gettext("當天種類過多，其餘只計次數，不列細節。")), is_raw=False)
        return
    if "endpoint" in detail:
        endpoint = detail["endpoint"]
        yield Fact(str(gettext("位置")), str(_ENDPOINTS.get(endpoint, endpoint)), is_raw=endpoint not in _ENDPOINTS)
    if "received" in detail:
        yield _fact(str(gettext("收到")), detail["received"])
    if "expected" in detail:
        yield _expected(code, detail["expected"])
    for name, label in (("detail", gettext("說明")), ("error", gettext("錯誤"))):
        if name in detail:
            yield _fact(str(label), detail[name])


def _expected(code: str, value: str) -> Fact:
    """Return what is registered, or would have been right, or when something ends."""
    if code in _STATE:
        return Fact(str(gettext("合作案狀態與上線日")), value, is_raw=True)
    if (day := _day(value)) is not None:
        return Fact(str(gettext("到期")), day, is_raw=False)
    return _fact(str(gettext("登記") if code in _REGISTERED else gettext("應為")), value)


def _fact(label: str, value: str) -> Fact:
    return Fact(label, str(PHRASES.get(value, value)), is_raw=value not in PHRASES)


def _day(value: str) -> str | None:
    """Return a day or an instant as people read it, None for anything else."""
    try:
        if len(value) == len("2026-01-31"):
            return show_day(date.fromisoformat(value))
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return show_moment(moment) if moment.tzinfo is not None else None
