"""Roles, and the functions of a teacher's account row by row (DOMAIN §1.4)."""

import pytest

from scopes.permissions import PERMISSIONS, TEACHER_FUNCTIONS, Permission, Role, function_allowed
from scopes.service import Reason, ServiceState, State

pytestmark = pytest.mark.no_database
UNLOCKED = ServiceState(State.UNLOCKED, None, 2, 1)
UNVERIFIED = ServiceState(State.UNLOCKED_UNVERIFIED, None, 3, 1)
TABLE = {  # function: (label, open while locked)
    "view_own_records": ("查詢個人研習紀錄", True),
    "view_civil_service_records": ("公務人員終身學習網研習紀錄", True),
    "apply_expertise": ("專長登錄申請", False),
    "browse_expertise": ("專長瀏覽", False),
    "view_own_registrations": ("個人報名紀錄", False),
    "subscribe_course_news": ("研習資訊訂閱", False),
    "change_password": ("變更登入密碼", True),
    "edit_profile": ("修改個人基本資料", False),
    "feedback": ("意見交流", False),
    "logout": ("登出系統", True),
    "register_online": ("線上報名", False),
    "roaming_login": ("漫遊登入", False),
}


@pytest.mark.rule("AC-28", "AC-29", "D-10", "D-11")
@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("reason", list(Reason))
def test_functions_row_by_row(name: str, reason: Reason) -> None:
    """Unlocked everything; locked only the L rows and the change of a compromised password."""
    label, while_locked = TABLE[name]
    locked = ServiceState(State.LOCKED, reason, 6, 1)
    assert TEACHER_FUNCTIONS[name].label_zh == label
    assert function_allowed(name, UNLOCKED)
    assert function_allowed(name, locked) is while_locked
    strict = function_allowed(name, locked, locked_allows_password_change=False)
    assert strict is (while_locked and name != "change_password")


@pytest.mark.rule("AC-22", "D-17")
def test_unverified_accounts_do_everything_but_roam() -> None:
    """A new account works at once (Art.4), only roaming waits for confirmation."""
    refused = [name for name in TEACHER_FUNCTIONS if not function_allowed(name, UNVERIFIED)]
    assert refused == ["roaming_login"]


def test_the_table_is_complete() -> None:
    """No function more or less than Art.5(1) and the table list; each has both names."""
    assert set(TEACHER_FUNCTIONS) == set(TABLE)
    assert all(function.label_en.isascii() and function.label_en for function in TEACHER_FUNCTIONS.values())
    with pytest.raises(KeyError):
        function_allowed("unknown", UNLOCKED)


def test_every_role_has_its_permissions() -> None:
    """Everybody has the own account; consents and functions are the teacher's alone."""
    assert set(PERMISSIONS) == set(Role)
    assert all(Permission.OWN_ACCOUNT in permissions for permissions in PERMISSIONS.values())
    with_consents = [role for role, permissions in PERMISSIONS.items() if Permission.OWN_CONSENTS in permissions]
    assert with_consents == [Role.TEACHER]
