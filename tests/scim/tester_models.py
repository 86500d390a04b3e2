"""What scim2-tester must be told about our values; it fills everything else with random UUIDs.

Each point is a rule of ours that no SCIM schema can express, or a limit of the tester:

- account names have a form (D-06) and are never reused (D-05), so it gets a new one each time;
- ``active: false`` closes for good (D-05), so it may only say true;
- there is one address, which is primary;
- schools, titles and days must exist; the periods must fit together;
- it compares complex values whole, also with what the server adds to them: so only what a client writes is declared,
  the rest is ignored, and an extension in which nothing is left that a client wrote counts as removed;
- a confirmed assignment cannot be removed, so it does not confirm any.
"""

import secrets
from typing import Annotated, Any

from pydantic import Field, model_validator
from scim2_models import (
    ComplexAttribute,
    Extension,
    Mutability,
    Required,
    Resource,
    ResourceType,
    SchemaExtension,
    ScimPolicy,
    ScimProvider,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension

from idp.scim import schemas
from scopes.service import AssignmentKind, EndReason


class FreshNames(list[str]):
    """Examples that never run out."""

    def __getitem__(self, _index: Any) -> Any:
        """Return a name that nobody has had."""
        return f"t{secrets.token_hex(4)}1"


class Email(ComplexAttribute):
    """The one address."""

    value: Annotated[str | None, Required.true] = None
    type: schemas.EmailType | None = None
    primary: bool | None = Field(None, examples=[True])


class Assignment(ComplexAttribute):
    """What a client writes of an assignment that may be removed again."""

    school_code: Annotated[str | None, Mutability.immutable] = Field(None, examples=["994601"])
    title_code: Annotated[str | None, Mutability.immutable] = Field(None, examples=["J40"])
    kind: Annotated[AssignmentKind | None, Mutability.immutable] = Field(None, examples=[AssignmentKind.ADDITIONAL])
    start_date: Annotated[str | None, Mutability.immutable] = Field(None, examples=["2020-08-01"])
    end_date: str | None = Field(None, examples=["2023-07-31"])
    end_reason: EndReason | None = Field(None, examples=[EndReason.DEPARTED])
    suspended_from: str | None = Field(None, examples=["2022-03-01"])
    suspended_until: str | None = Field(None, examples=["2022-03-31"])
    note: str | None = Field(None, examples=["代課"])

    def __eq__(self, other: object) -> bool:
        """Compare what is declared; Pydantic would compare what was ignored, too."""
        return isinstance(other, Assignment) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]


class OneAssignment(list[Assignment]):
    """The same assignment whenever the tester wants one: it adds it twice, which must change nothing the second time."""

    def __getitem__(self, _index: Any) -> Any:
        """Return it anew, since the tester writes into it."""
        return Assignment(
            school_code="994601",
            title_code="J40",
            kind=AssignmentKind.ADDITIONAL,
            start_date="2020-08-01",
            end_date="2023-07-31",
            end_reason=EndReason.DEPARTED,
            suspended_from="2022-03-01",
            suspended_until="2022-03-31",
            note="代課",
        )


class Teacher(Extension):
    """What a client writes of the extension."""

    __schema__ = schemas.Teacher.__schema__

    assignments: list[Assignment] | None = Field(None, examples=OneAssignment([Assignment()]))


class User(Resource[AnyExtension]):
    """The resource."""

    __schema__ = schemas.User.__schema__

    user_name: Annotated[str | None, Mutability.immutable, Required.true, Uniqueness.server] = Field(
        None, examples=FreshNames(["first1"])
    )
    name: Annotated[schemas.Name | None, Mutability.read_only] = None
    display_name: Annotated[str | None, Required.true] = None
    user_type: Annotated[str | None, Mutability.read_only] = None
    active: Annotated[bool | None, Required.true] = Field(None, examples=[True])
    emails: list[Email] | None = None

    @model_validator(mode="before")
    @classmethod
    def _only_what_was_written(cls, data: Any) -> Any:
        extension = data.get(schemas.TEACHER_URN) if isinstance(data, dict) else None
        if isinstance(extension, dict) and "assignments" not in extension:
            return {name: value for name, value in data.items() if name != schemas.TEACHER_URN}
        return data


def provider() -> ScimProvider:
    """Return the description that the tester works with."""
    binding = ResourceType(
        id="User",
        name="User",
        endpoint="/Users",
        schema_=schemas.USER_URN,
        schema_extensions=[SchemaExtension(schema_=schemas.TEACHER_URN, required=False)],
    )
    policy = ScimPolicy(unknown=ScimPolicy.Unknown.ignore)
    return ScimProvider(models=[User, Teacher], resource_types=[binding], policy=policy)
