"""From rows to a SCIM User and its version. Pure but for the look-ups of names and rules."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from scim2_models import Context, Meta, ResponseParameters

from config.settings import settings
from idp.accounts.directory import as_assignment, directory
from idp.accounts.effects import state_of
from idp.accounts.models import Account, ServiceAssignment
from idp.scim.authentication import RESOURCE
from idp.scim.identifiers import ASSIGNMENT, USER, identifier
from idp.scim.schemas import USER_TYPE, Assignment, Email, EmailType, Name, Service, Teacher, TeacherUser
from scopes.service import AssignmentKind, EndReason


@dataclass(frozen=True, slots=True)
class Person:
    """A teacher's account with all her assignments, the refused ones too, and those of the caller's area."""

    account: Account
    assignments: list[ServiceAssignment]
    maintained: list[ServiceAssignment]

    @property
    def counting(self) -> list[ServiceAssignment]:
        """The assignments that exist for the caller: its own; a refused one counts as none (DOMAIN §2.4)."""
        return [row for row in self.maintained if row.refused_at is None]


def location(account_id: int) -> str:
    """Return the address of a User."""
    return f"{RESOURCE.uri(settings().issuer)}/Users/{identifier(USER, account_id)}"


def user_of(person: Person, day: date) -> Any:  # noqa: ANN401  # TeacherUser, which is made at run time
    """Return the User as it is on the day, with its version."""
    account = person.account
    user = TeacherUser(
        id=identifier(USER, account.id),
        external_id=account.external_id,
        user_name=account.login_name,
        name=Name(formatted=account.name),
        display_name=account.name,
        user_type=USER_TYPE,
        active=account.closed_at is None,
        emails=[Email(value=account.email, type=EmailType.WORK, primary=True)] if account.email else None,
    )
    entries = [_entry(row) for row in person.counting]
    user[Teacher] = Teacher(assignments=entries or None, service_state=_service(person, day))
    user.meta = Meta(
        resource_type="User",
        created=account.created_at,
        last_modified=account.changed_at,
        location=location(account.id),
        version=_version(user),
    )
    return user


def _entry(row: ServiceAssignment) -> Assignment:
    known = directory()
    school, title = known.schools.get(row.school_code or ""), known.titles.get(row.title_code or "")
    return Assignment(
        id=identifier(ASSIGNMENT, row.id),
        school_code=row.school_code,
        school_name=school.name if school else None,
        title_code=row.title_code,
        title_name=title.name if title else None,
        kind=AssignmentKind(row.kind),
        start_date=_text(row.start_date),
        end_date=_text(row.end_date),
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
        suspended_from=_text(row.suspended_from),
        suspended_until=_text(row.suspended_until),
        confirmed=row.confirmed_at is not None,
        note=row.note,
    )


def _service(person: Person, day: date) -> Service:
    """The state is computed, never read: what was announced last may be of yesterday."""
    now, account = state_of([as_assignment(row) for row in person.assignments], day), person.account
    was_told = (account.service_state, account.service_reason) == (now.state, now.reason)
    since = account.service_since if was_told else None
    return Service(state=now.state, reason=now.reason, since=_text(since))


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _version(user: Any) -> str:  # noqa: ANN401  # TeacherUser
    """Return a weak ETag of all that the User says; the calendar alone can change it (RFC 7644 §3.14)."""
    text = json.dumps(user.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE), sort_keys=True)
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def shown(user: Any, parameters: ResponseParameters[Any] | None = None) -> dict[str, Any]:  # noqa: ANN401  # TeacherUser
    """Return the User as JSON, with the attributes that were asked for (RFC 7644 §3.9)."""
    found: dict[str, Any] = user.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=parameters)
    return found
