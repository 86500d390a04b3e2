"""The six data items of Appendix 1 §3: one item, one scope, one claim (DOMAIN §4.4, D-48)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class DataItem(StrEnum):
    """使用者資料需求項目, in the order of the form."""

    NAME = "name"
    SCHOOL_CODE = "school_code"
    SCHOOL_NAME = "school_name"
    TITLE_CODE = "title_code"
    TITLE_NAME = "title_name"
    USER_ID = "user_id"

    @property
    def scope(self) -> str:
        """The scope that asks for the item."""
        return _FACTS[self].scope

    @property
    def claim(self) -> str:
        """The claim that carries it."""
        return _FACTS[self].claim

    @property
    def label_zh(self) -> str:
        """The exact label of the form."""
        return _FACTS[self].label_zh

    @property
    def label_en(self) -> str:
        """The label in English."""
        return _FACTS[self].label_en


@dataclass(frozen=True, slots=True)
class _Facts:
    scope: str
    claim: str
    label_zh: str
    label_en: str


_FACTS = {
    DataItem.NAME: _Facts("profile", "name", "姓名", "Name"),
    DataItem.SCHOOL_CODE: _Facts("inservice_school_code", "inservice_school_code", "學校代碼", "School code"),
    DataItem.SCHOOL_NAME: _Facts("inservice_school_name", "inservice_school_name", "學校名稱", "School name"),
    DataItem.TITLE_CODE: _Facts("inservice_title_code", "inservice_title_code", "職稱代碼", "Title code"),
    DataItem.TITLE_NAME: _Facts("inservice_title_name", "inservice_title_name", "職稱名稱", "Title name"),
    DataItem.USER_ID: _Facts("openid", "sub", "使用者識別碼", "User identifier"),
}

ORDER = tuple(DataItem)
ALL_ITEMS = frozenset(DataItem)
SERVICE_ITEMS = frozenset({DataItem.SCHOOL_CODE, DataItem.SCHOOL_NAME, DataItem.TITLE_CODE, DataItem.TITLE_NAME})
ITEM_BY_SCOPE = {item.scope: item for item in ORDER}
ITEM_BY_CLAIM = {item.claim: item for item in ORDER}


@dataclass(frozen=True, slots=True)
class RequestedScopes:
    """What a ``scope`` parameter asks for; ``unknown`` names are ignored (OIDC Core §3.1.2.1)."""

    items: frozenset[DataItem]
    unknown: tuple[str, ...]


def parse_scope(scope: str | None) -> RequestedScopes:
    """Return the items of a space-separated scope and the names outside the vocabulary, each once, as they came."""
    names = dict.fromkeys((scope or "").split(" "))
    names.pop("", None)
    items = frozenset(ITEM_BY_SCOPE[name] for name in names if name in ITEM_BY_SCOPE)
    return RequestedScopes(items, tuple(name for name in names if name not in ITEM_BY_SCOPE))


def scope_string(items: Collection[DataItem]) -> str:
    """Return the scope of the items in one canonical form: ``openid`` first, always, then the order of the form."""
    return " ".join([DataItem.USER_ID.scope, *(item.scope for item in ordered(items) if item is not DataItem.USER_ID)])


def ordered(items: Collection[DataItem]) -> tuple[DataItem, ...]:
    """Return the items in the order of the form."""
    return tuple(item for item in ORDER if item in items)
