"""Which column or expression an attribute is in the database, and how its values are compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import case, literal, select

from idp.accounts.models import Account, School, ServiceAssignment, Title
from idp.scim.schemas import USER_TYPE


class Kind(Enum):
    """How values of a column are compared."""

    TEXT = auto()  # without regard to case
    EXACT = auto()
    FLAG = auto()
    TIME = auto()
    DAY = auto()
    USER_ID = auto()
    ASSIGNMENT_ID = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """What an attribute is in the database."""

    expression: Any
    kind: Kind


_A, _S = Account, ServiceAssignment
HAS_EMAIL = _A.email.is_not(None)
COLUMNS: Mapping[str, Column] = {
    "id": Column(_A.id, Kind.USER_ID),
    "external_id": Column(_A.external_id, Kind.EXACT),
    "user_name": Column(_A.login_name, Kind.TEXT),
    "display_name": Column(_A.name, Kind.TEXT),
    "name": Column(_A.name, Kind.TEXT),
    "name.formatted": Column(_A.name, Kind.TEXT),
    "user_type": Column(literal(USER_TYPE), Kind.TEXT),
    "active": Column(_A.closed_at.is_(None), Kind.FLAG),
    "emails": Column(_A.email, Kind.TEXT),
    "emails.value": Column(_A.email, Kind.TEXT),
    "emails.type": Column(case((HAS_EMAIL, "work")), Kind.TEXT),
    "emails.primary": Column(HAS_EMAIL, Kind.FLAG),
    "meta": Column(_A.created_at, Kind.TIME),
    "meta.created": Column(_A.created_at, Kind.TIME),
    "meta.last_modified": Column(_A.changed_at, Kind.TIME),
    "meta.resource_type": Column(literal("User"), Kind.EXACT),
}
"""By the names that ``scim2_models`` gives attributes in Python."""
_SCHOOL_NAME = select(School.name).where(School.code == _S.school_code).correlate(_S).scalar_subquery()
_TITLE_NAME = select(Title.name).where(Title.code == _S.title_code).correlate(_S).scalar_subquery()
OF_ASSIGNMENTS: Mapping[str, Column] = {
    "id": Column(_S.id, Kind.ASSIGNMENT_ID),
    "school_code": Column(_S.school_code, Kind.EXACT),
    "school_name": Column(_SCHOOL_NAME, Kind.TEXT),
    "title_code": Column(_S.title_code, Kind.EXACT),
    "title_name": Column(_TITLE_NAME, Kind.TEXT),
    "kind": Column(_S.kind, Kind.TEXT),
    "start_date": Column(_S.start_date, Kind.DAY),
    "end_date": Column(_S.end_date, Kind.DAY),
    "end_reason": Column(_S.end_reason, Kind.TEXT),
    "suspended_from": Column(_S.suspended_from, Kind.DAY),
    "suspended_until": Column(_S.suspended_until, Kind.DAY),
    "confirmed": Column(_S.confirmed_at.is_not(None), Kind.FLAG),
    "note": Column(_S.note, Kind.TEXT),
}
SORTABLE = COLUMNS.keys() - {"meta", "name", "emails.type", "emails.primary"}
