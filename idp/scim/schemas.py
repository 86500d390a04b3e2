"""What a User is here: the core attributes that an account has, and the extension with a teacher's assignments.

Attributes that an account does not have are not declared and refused, so that nobody believes they were kept.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Extension,
    Mutability,
    Required,
    Resource,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension

from scopes.service import AssignmentKind, EndReason, Reason, State

USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
TEACHER_URN = "urn:inservice:scim:schemas:extension:teacher:2.0:User"
USER_TYPE = "teacher"

_DAY = "A day of the calendar of Taipei, YYYY-MM-DD."


class EmailType(StrEnum):
    """An account has one address; it is what her work is reached by."""

    WORK = "work"


class Name(ComplexAttribute):
    """The name as it is written; Chinese names are not taken apart."""

    formatted: Annotated[str | None, Mutability.read_only] = Field(None, description="The same as displayName.")


class Email(ComplexAttribute):
    """The one address of an account; who pushes it vouches for it, so it counts as verified."""

    value: Annotated[str | None, Required.true] = Field(None, description="The address.")
    type: EmailType | None = Field(None, description="Always work.")
    primary: bool | None = Field(None, description="Always true: there is one address.")


class Assignment(ComplexAttribute):
    """A teacher at a school for a period (服務紀錄). Both ends of every period are inclusive."""

    id: Annotated[str | None, Mutability.immutable, CaseExact.true] = Field(
        None, description="Assigned by the server; name it to change an assignment, leave it out to add one."
    )
    school_code: Annotated[str | None, Mutability.immutable, CaseExact.true] = Field(
        None, description="Code of the school, six characters (學校代碼)."
    )
    school_name: Annotated[str | None, Mutability.read_only] = Field(None, description="Name of the school.")
    title_code: Annotated[str | None, Mutability.immutable, CaseExact.true] = Field(
        None, description="Code of the title (職稱代碼)."
    )
    title_name: Annotated[str | None, Mutability.read_only] = Field(None, description="Name of the title.")
    kind: Annotated[AssignmentKind | None, Mutability.immutable] = Field(
        None, description="Primary or additional (主聘／兼任); primary if left out."
    )
    start_date: Annotated[str | None, Mutability.immutable, CaseExact.true] = Field(
        None, description=f"First day in service. {_DAY}"
    )
    end_date: Annotated[str | None, CaseExact.true] = Field(None, description=f"Last day in service. {_DAY}")
    end_reason: EndReason | None = Field(None, description="Why it ended; needed with endDate.")
    suspended_from: Annotated[str | None, CaseExact.true] = Field(None, description=f"First day suspended. {_DAY}")
    suspended_until: Annotated[str | None, CaseExact.true] = Field(
        None, description=f"Last day suspended; open if left out. {_DAY}"
    )
    confirmed: bool | None = Field(None, description="Whether it is confirmed as correct; never taken back.")
    note: str | None = Field(None, description="A remark.")


class Service(ComplexAttribute):
    """Whether she is in service today (Art.5(2)); worked out from the assignments at every answer."""

    state: Annotated[State | None, Mutability.read_only] = Field(None, description="What the account may do.")
    reason: Annotated[Reason | None, Mutability.read_only] = Field(None, description="Why it is locked.")
    since: Annotated[str | None, Mutability.read_only, CaseExact.true] = Field(
        None, description=f"Since when, if that was announced. {_DAY}"
    )


class Teacher(Extension):
    """A teacher's assignments and what follows from them."""

    __schema__ = URN(TEACHER_URN)

    assignments: list[Assignment] | None = Field(None, description="All assignments, the oldest first.")
    service_state: Annotated[Service | None, Mutability.read_only] = Field(None, description="State of the day.")


class User(Resource[AnyExtension]):
    """A teacher's personal account."""

    __schema__ = URN(USER_URN)

    user_name: Annotated[str | None, Mutability.immutable, Required.true, Uniqueness.server] = Field(
        None, description="Account name: 6 to 12 letters and digits, first a letter, at least one digit. Never changes."
    )
    name: Annotated[Name | None, Mutability.read_only] = Field(None, description="The name.")
    display_name: Annotated[str | None, Required.true] = Field(None, description="The name (姓名).")
    user_type: Annotated[str | None, Mutability.read_only] = Field(None, description="Always teacher.")
    active: Annotated[bool | None, Required.true] = Field(
        None, description="Whether the account is open; false closes it for good."
    )
    emails: list[Email] | None = Field(None, description="The address, one at most.")


TeacherUser: Any = User[Teacher]
"""The resource with its extension, as it is read and written."""
