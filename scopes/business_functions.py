"""What a business account may do, by its identity (Art.5(3): 並依身分類別提供所需權限功能; the matrix is D-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scopes.permissions import Role


class Reach(StrEnum):
    """How far a function reaches; each cell of D-12 is one of these."""

    NONE = "none"
    YES = "yes"
    OWN = "own"
    OWN_TEACHERS = "own_teachers"
    OWN_AREA = "own_area"
    REGION = "region"
    APPROVE_OWN_REGION = "approve_own_region"
    REVIEW_VIEW = "review_view"
    REVIEW = "review"
    ALL = "all"
    AS_CONFIGURED = "as_configured"


REACH_LABELS: Mapping[Reach, tuple[str, str]] = {
    Reach.NONE: ("–", "–"),
    Reach.YES: ("可使用", "Yes"),
    Reach.OWN: ("本單位", "Own unit"),
    Reach.OWN_TEACHERS: ("本校教師", "Own teachers"),
    Reach.OWN_AREA: ("本轄區", "Own area"),
    Reach.REGION: ("本區", "Region"),
    Reach.APPROVE_OWN_REGION: ("審核本區申請", "Approve own region"),
    Reach.REVIEW_VIEW: ("檢視審查", "View reviews"),
    Reach.REVIEW: ("審查", "Review"),
    Reach.ALL: ("全部", "All"),
    Reach.AS_CONFIGURED: ("依設定", "As configured"),
}
"""Chinese and English for each reach."""


class Column(StrEnum):
    """The identities of D-12, one column each."""

    REGIONAL_CENTRE = "regional_centre"
    SCHOOL = "school"
    LEGAL_PERSON = "social_education_or_legal_person"
    SUBJECT_CENTRE = "subject_centre"
    AUTHORITY = "authority"
    NATIONAL_CENTRE = "national_centre"


@dataclass(frozen=True, slots=True)
class BusinessFunction:
    """A function of Art.5(3), and how far it reaches for each identity."""

    id: str
    label_zh: str
    label_en: str
    reach: Mapping[Column, Reach]


def _row(function_id: str, label_zh: str, label_en: str, *cells: Reach) -> BusinessFunction:
    """Make a row; its cells stand in the order of the columns."""
    return BusinessFunction(function_id, label_zh, label_en, dict(zip(Column, cells, strict=True)))


_R = Reach
BUSINESS_FUNCTIONS: tuple[BusinessFunction, ...] = (
    _row("courses", "研習課程", "Courses", _R.REVIEW_VIEW, _R.OWN, _R.OWN, _R.OWN, _R.REVIEW, _R.ALL),
    _row("accounts", "帳號管理", "Accounts", _R.APPROVE_OWN_REGION, *(_R.NONE,) * 4, _R.ALL),
    _row(
        *("expertise_certificates", "教師專長證照管理", "Teachers' expertise and certificates"),
        *(_R.NONE, _R.OWN_TEACHERS, _R.NONE, _R.NONE, _R.OWN_AREA, _R.ALL),
    ),
    _row(
        *("teacher_data", "教師資料", "Teacher data"),
        *(_R.NONE, _R.OWN_TEACHERS, _R.NONE, _R.NONE, _R.OWN_AREA, _R.ALL),
    ),
    _row("unit_data", "機關資料", "Unit data", *(_R.OWN,) * 4, _R.OWN_AREA, _R.ALL),
    _row("resources", "資源分享區", "Shared resources", *(_R.YES,) * 6),
    _row("own_profile", "個人資料", "Personal data", *(_R.YES,) * 6),
    _row("statistics", "統計圖表", "Statistics", _R.REGION, _R.OWN, _R.OWN, _R.OWN, _R.OWN_AREA, _R.ALL),
    _row("webmail", "Web Mail", "Web Mail", *(_R.YES,) * 6),
    _row("other", "其他", "Other", *(_R.NONE,) * 5, _R.AS_CONFIGURED),
)
"""DOMAIN §1.4, row by row."""

_OF_ROLE: Mapping[Role, Column] = {
    Role.REGIONAL_APPROVER: Column.REGIONAL_CENTRE,
    Role.SCHOOL_STAFF: Column.SCHOOL,
    Role.AUTHORITY_STAFF: Column.AUTHORITY,
    Role.IDP_ADMIN: Column.NATIONAL_CENTRE,
}
_OF_KIND: Mapping[str, Column] = {
    "social_education_or_legal_person": Column.LEGAL_PERSON,
    "subject_centre": Column.SUBJECT_CENTRE,
}


def column_of(kind: str, role: Role) -> Column | None:
    """Return the column of an account.

    The role decides, because the kind ``other`` holds authorities and the national centre; organisers differ by kind.
    None for roles that D-12 does not know, such as the auditor's: those get nothing from this table.
    """
    return _OF_KIND.get(kind) if role is Role.ORGANISER else _OF_ROLE.get(role)


def reach_of(kind: str, role: Role) -> list[tuple[BusinessFunction, Reach]]:
    """Return every function with its reach for this account; empty for an identity that D-12 does not know."""
    column = column_of(kind, role)
    return [(function, function.reach[column]) for function in BUSINESS_FUNCTIONS] if column else []
