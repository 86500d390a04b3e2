"""The functions of business accounts, row by row as DOMAIN §1.4 has them (Art.5(3), D-12)."""

import pytest

from scopes.business_functions import BUSINESS_FUNCTIONS, REACH_LABELS, Column, Reach, column_of, reach_of
from scopes.permissions import PERMISSIONS, Permission, Role

pytestmark = pytest.mark.no_database
COLUMNS = [
    ("regional_centre", Role.REGIONAL_APPROVER),
    ("school", Role.SCHOOL_STAFF),
    ("social_education_or_legal_person", Role.ORGANISER),
    ("subject_centre", Role.ORGANISER),
    ("other", Role.AUTHORITY_STAFF),
    ("other", Role.IDP_ADMIN),
]
TABLE = """
研習課程 | courses | review view | own | own | own | review | all
帳號管理 | accounts | approve own region | – | – | – | – | all
教師專長證照管理 | expertise_certificates | – | own teachers | – | – | own area | all
教師資料 | teacher_data | – | own teachers | – | – | own area | all
機關資料 | unit_data | own | own | own | own | own area | all
資源分享區 | resources | yes | yes | yes | yes | yes | yes
個人資料 | own_profile | yes | yes | yes | yes | yes | yes
統計圖表 | statistics | region | own | own | own | own area | all
Web Mail | webmail | yes | yes | yes | yes | yes | yes
其他 | other | – | – | – | – | – | as configured
"""
"""The matrix as the rules' reading has it, copied."""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


@pytest.mark.rule("D-12")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_row_by_row(row: list[str]) -> None:
    """Label, and the reach for each of the six identities."""
    label, function_id, *cells = row
    for (kind, role), cell in zip(COLUMNS, cells, strict=True):
        found = {function.id: (function.label_zh, reach) for function, reach in reach_of(kind, role)}
        wanted = Reach.NONE if cell == "–" else Reach(cell.replace(" ", "_"))
        assert found[function_id] == (label, wanted), (kind, role)


@pytest.mark.rule("D-12")
def test_the_table_is_whole() -> None:
    """As many functions as the table has, in its order, and both languages for everything."""
    assert [function.id for function in BUSINESS_FUNCTIONS] == [row[1] for row in ROWS]
    assert all(function.label_en for function in BUSINESS_FUNCTIONS)
    assert set(REACH_LABELS) == set(Reach)
    assert all(zh and en for zh, en in REACH_LABELS.values())
    assert {column_of(kind, role) for kind, role in COLUMNS} == set(Column)


@pytest.mark.rule("D-12")
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REVIEWER, Role.TEACHER, Role.PARTNER_OFFICER])
def test_other_identities_get_nothing(role: Role) -> None:
    """What D-12 does not know has no function from it, whatever its kind; an organiser of an unknown kind neither."""
    assert reach_of("other", role) == []
    assert reach_of("school", Role.ORGANISER) == []


@pytest.mark.rule("D-12")
def test_it_agrees_with_the_permissions() -> None:
    """Who has 帳號管理 may decide on applications; who has 教師資料 may keep service data; nobody else."""
    for kind, role in COLUMNS:
        reach = {function.id: reach is not Reach.NONE for function, reach in reach_of(kind, role)}
        assert reach["accounts"] == (Permission.BUSINESS_APPROVALS in PERMISSIONS[role]), role
        assert reach["teacher_data"] == (Permission.SERVICE_DATA in PERMISSIONS[role]), role
