"""The six data items, their scopes and claims (DOMAIN §4.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopes.items import ALL_ITEMS, ITEM_BY_SCOPE, ORDER, SERVICE_ITEMS, DataItem, ordered, parse_scope, scope_string

pytestmark = pytest.mark.no_database
TABLE = [
    ("姓名", "name", "profile", "name"),
    ("學校代碼", "school_code", "inservice_school_code", "inservice_school_code"),
    ("學校名稱", "school_name", "inservice_school_name", "inservice_school_name"),
    ("職稱代碼", "title_code", "inservice_title_code", "inservice_title_code"),
    ("職稱名稱", "title_name", "inservice_title_name", "inservice_title_name"),
    ("使用者識別碼", "user_id", "openid", "sub"),
]


@pytest.mark.rule("D-48")
def test_one_item_one_scope_one_claim() -> None:
    """The vocabulary is exactly that of Appendix 1 §3, in its order."""
    assert [(item.label_zh, item.value, item.scope, item.claim) for item in ORDER] == TABLE
    assert frozenset(ORDER) == ALL_ITEMS
    assert {scope: item.value for scope, item in ITEM_BY_SCOPE.items()} == {row[2]: row[1] for row in TABLE}
    assert {item.value for item in SERVICE_ITEMS} == {"school_code", "school_name", "title_code", "title_name"}
    assert all(item.label_en.isascii() and item.label_en for item in ORDER)


def test_unknown_scopes_are_ignored_and_told() -> None:
    """OIDC Core §3.1.2.1: names outside the vocabulary are ignored; they are told once each, in their order."""
    parsed = parse_scope("openid email profile phone email  profile")
    assert parsed.items == {DataItem.USER_ID, DataItem.NAME}
    assert parsed.unknown == ("email", "phone")


@pytest.mark.parametrize("nothing", [None, "", " ", "   "])
def test_no_scope_asks_for_nothing(nothing: str | None) -> None:
    """A missing or blank scope has no items."""
    assert parse_scope(nothing).items == frozenset()
    assert parse_scope(nothing).unknown == ()


def test_scopes_are_case_sensitive_and_separated_by_spaces_only() -> None:
    """RFC 6749 §3.3."""
    assert parse_scope("OpenID Profile").items == frozenset()
    assert parse_scope("openid\tprofile").items == frozenset()


@given(st.frozensets(st.sampled_from(list(DataItem))))
def test_scope_string_is_canonical_and_parses_back(items: frozenset[DataItem]) -> None:
    """`openid` first, always, then the order of the form; what it says parses back."""
    text = scope_string(items)
    assert text.split(" ")[0] == "openid"
    assert parse_scope(text).items == items | {DataItem.USER_ID}
    assert scope_string(sorted(items, reverse=True)) == text
    assert list(ordered(items)) == [item for item in ORDER if item in items]
