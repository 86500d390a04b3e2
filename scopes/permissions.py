"""Who may do what: permissions of roles (DOMAIN §1.1), functions of a teacher's account (Art.5(1)(2), D-11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scopes.service import ServiceState, State


class Role(StrEnum):
    """What an account is in the product."""

    TEACHER = "teacher"
    IDP_ADMIN = "idp_admin"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    REGIONAL_APPROVER = "regional_approver"
    AUTHORITY_STAFF = "authority_staff"
    SCHOOL_STAFF = "school_staff"
    ORGANISER = "organiser"
    PARTNER_APPLICANT = "partner_applicant"
    PARTNER_OFFICER = "partner_officer"


class Permission(StrEnum):
    """What a page or command demands."""

    OWN_ACCOUNT = "own_account"
    OWN_CONSENTS = "own_consents"
    TEACHER_FUNCTIONS = "teacher_functions"
    SERVICE_DATA = "service_data"
    BUSINESS_APPROVALS = "business_approvals"
    ACCOUNTS_READ = "accounts_read"
    ACCOUNTS_MANAGE = "accounts_manage"
    CLIENT_LOGS = "client_logs"
    OWN_CASES = "own_cases"
    CASES_READ = "cases_read"
    CASES_REVIEW = "cases_review"
    CASES_DECIDE = "cases_decide"


_EVERYONE = frozenset({Permission.OWN_ACCOUNT})
_PARTNER = _EVERYONE | {Permission.OWN_CASES}
"""Whose unit may operate or apply for a partner website; what somebody sees there depends on the case."""

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    **dict.fromkeys(Role, _EVERYONE),
    Role.TEACHER: _EVERYONE | {Permission.OWN_CONSENTS, Permission.TEACHER_FUNCTIONS},
    Role.SCHOOL_STAFF: _PARTNER | {Permission.SERVICE_DATA},
    Role.AUTHORITY_STAFF: _PARTNER | {Permission.SERVICE_DATA},
    **dict.fromkeys((Role.ORGANISER, Role.PARTNER_APPLICANT, Role.PARTNER_OFFICER), _PARTNER),
    Role.REGIONAL_APPROVER: _EVERYONE | {Permission.BUSINESS_APPROVALS},
    Role.REVIEWER: _EVERYONE | {Permission.CASES_READ, Permission.CASES_REVIEW},
    Role.AUDITOR: _EVERYONE | {Permission.ACCOUNTS_READ, Permission.CLIENT_LOGS, Permission.CASES_READ},
    Role.IDP_ADMIN: _EVERYONE
    | {Permission.SERVICE_DATA, Permission.BUSINESS_APPROVALS, Permission.ACCOUNTS_READ, Permission.ACCOUNTS_MANAGE}
    | {Permission.CLIENT_LOGS, Permission.CASES_READ, Permission.CASES_REVIEW, Permission.CASES_DECIDE},
}
"""Roles and permissions in one table: what a role lacks here, no page and no command gives it (§7.4)."""

SECOND_FACTOR_ROLES = frozenset({Role.IDP_ADMIN, Role.REVIEWER, Role.REGIONAL_APPROVER, Role.AUDITOR})
"""D-74: these log in with a second factor; everybody else may."""


@dataclass(frozen=True, slots=True)
class TeacherFunction:
    """A function of a teacher's account; ``while_locked`` marks the L rows of DOMAIN §1.4."""

    id: str
    label_zh: str
    label_en: str
    while_locked: bool = False


TEACHER_FUNCTIONS: Mapping[str, TeacherFunction] = {
    function.id: function
    for function in (
        TeacherFunction("view_own_records", "查詢個人研習紀錄", "My study records", while_locked=True),
        TeacherFunction(
            "view_civil_service_records",
            "公務人員終身學習網研習紀錄",
            "Civil-service lifelong-learning records",
            while_locked=True,
        ),
        TeacherFunction("apply_expertise", "專長登錄申請", "Apply to register expertise"),
        TeacherFunction("browse_expertise", "專長瀏覽", "Browse expertise"),
        TeacherFunction("view_own_registrations", "個人報名紀錄", "My course registrations"),
        TeacherFunction("subscribe_course_news", "研習資訊訂閱", "Subscribe to course news"),
        TeacherFunction("change_password", "變更登入密碼", "Change password"),
        TeacherFunction("edit_profile", "修改個人基本資料", "Edit personal data"),
        TeacherFunction("feedback", "意見交流", "Feedback"),
        TeacherFunction("logout", "登出系統", "Log out", while_locked=True),
        TeacherFunction("register_online", "線上報名", "Register for courses online"),
        TeacherFunction("roaming_login", "漫遊登入", "Sign in at partner sites"),
    )
}


def function_allowed(function_id: str, service: ServiceState, *, locked_allows_password_change: bool = True) -> bool:
    """Say whether a teacher may use a function now (Art.5(2)): all while unlocked, the L rows while locked.

    A compromised password may be changed while locked (D-11). Roaming needs more than an unlocked account: confirmed
    service data (D-17). KeyError for an unknown function.
    """
    function = TEACHER_FUNCTIONS[function_id]
    if service.state is State.UNLOCKED:
        return True
    if service.state is State.UNLOCKED_UNVERIFIED:
        return function_id != "roaming_login"
    return function.while_locked or (function_id == "change_password" and locked_allows_password_change)
