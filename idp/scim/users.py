"""Commands on Users: create, replace, patch, delete. Each is one transaction with all effects of Article 5."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scim2_models import (
    Context,
    ForbiddenException,
    InvalidValueException,
    MutabilityException,
    PatchOp,
    PreconditionFailedException,
    UniquenessException,
)
from sqlalchemy import select

from config.audit import record
from config.database import db
from idp.accounts import accounts, service
from idp.accounts.accounts import NewAccount
from idp.accounts.addresses import tell_address_before
from idp.accounts.areas import Area
from idp.accounts.effects import Change
from idp.accounts.models import Account, AccountType
from idp.scim.assignments import carry_out, check_area, plan
from idp.scim.authentication import Caller
from idp.scim.queries import one, with_assignments
from idp.scim.resource import Person, user_of
from idp.scim.schemas import Teacher, TeacherUser
from idp.scim.values import mail_of, text_of
from scopes.roc import taipei_day

NAME_MAX, EXTERNAL_ID_MAX = 50, 100
REASON = "SCIM"


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks for a change, when, and which version it is meant for (``If-Match``, RFC 7644 §3.14)."""

    caller: Caller
    now: datetime
    if_match: str | None = None

    @property
    def change(self) -> Change:
        """How service data are changed by it."""
        return Change(self.caller.actor, self.now, REASON)


def fetch(scim_id: str, area: Area, now: datetime) -> Any:  # noqa: ANN401  # TeacherUser
    """Return a User."""
    with db.session.begin():
        return user_of(one(scim_id, area), taipei_day(now))


def create(body: Mapping[str, Any], order: Order) -> Any:  # noqa: ANN401  # TeacherUser
    """Make a teacher's account; whether it is active may be left out (RFC 7644 §3.3)."""
    wanted = TeacherUser.model_validate(_with_active(body), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    if not wanted.active:
        raise MutabilityException(detail="active: a User begins as active")
    name = text_of("displayName", wanted.display_name, NAME_MAX)
    new = NewAccount(wanted.user_name, name, "", AccountType.TEACHER, agreement_accepted=False)
    with db.session.begin():
        account = accounts.provision_account(new, actor=order.caller.actor, now=order.now)
        _set_details(account, wanted, order)
        with service.opening(account.id, order.change):
            found = plan([], _entries(wanted))
            check_area(found, order.caller.area, is_new=True)
            carry_out(found, account.id, order.change)
        return _told(account, order)


def replace(scim_id: str, body: Mapping[str, Any], order: Order) -> Any:  # noqa: ANN401  # TeacherUser
    """Replace what may be written (RFC 7644 §3.5.1). Assignments and ``active`` that are left out stay as they are."""

    def wanted(current: Any) -> Any:  # noqa: ANN401  # TeacherUser
        new = TeacherUser.model_validate(
            _with_active(body, current.active), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST
        )
        new.user_name = accounts.fold(new.user_name)
        new.replace(current)
        if new[Teacher] is None or new[Teacher].assignments is None:
            new[Teacher] = current[Teacher]
        return new

    return _changed(scim_id, wanted, order)


def patch(scim_id: str, body: Mapping[str, Any], order: Order) -> Any:  # noqa: ANN401  # TeacherUser
    """Apply all operations or none (RFC 7644 §3.5.2)."""
    operations = PatchOp[TeacherUser].model_validate(dict(body), scim_ctx=Context.RESOURCE_PATCH_REQUEST)

    def wanted(current: Any) -> Any:  # noqa: ANN401  # TeacherUser
        new = current.model_copy(deep=True)
        operations.patch(new)
        return new

    return _changed(scim_id, wanted, order)


def delete(scim_id: str, order: Order) -> None:
    """Close for good and be gone: nothing of it is reused (D-05, RFC 7644 §3.6)."""
    with db.session.begin():
        person = one(scim_id, order.caller.area, lock=True)
        _check_version(user_of(person, order.change.day), order)
        _check_everywhere(order)
        accounts.withdraw(person.account, actor=order.caller.actor, now=order.now)


def _changed(scim_id: str, wanted: Callable[[Any], Any], order: Order) -> Any:  # noqa: ANN401  # TeacherUser
    with db.session.begin():
        person = one(scim_id, order.caller.area, lock=True)
        current = user_of(person, order.change.day)
        _check_version(current, order)
        new = wanted(current)
        found = plan(person.counting, _entries(new))
        if person.account.closed_at is not None and (
            found.is_needed or _details(new) != _details(current) or new.active
        ):
            raise MutabilityException(detail="A closed account stays closed and never changes (D-05)")
        check_area(found, order.caller.area)
        if found.is_needed:
            with service.changing(person.account.id, order.change, found.late_since):
                carry_out(found, person.account.id, order.change)
        if _details(new) != _details(current):
            _check_employs(person, order)
            _set_details(person.account, new, order)
        if current.active and not new.active:
            _check_everywhere(order)
            accounts.close(person.account.id, actor=order.caller.actor, now=order.now)
        return _told(person.account, order)


def _check_version(current: Any, order: Order) -> None:  # noqa: ANN401  # TeacherUser
    if order.if_match is not None and not matches(order.if_match, current.meta.version):
        raise PreconditionFailedException(detail="The User has changed since that version")


def matches(header: str, version: str) -> bool:
    """Whether a version is among those of ``If-Match`` or ``If-None-Match``; ours are weak, so weakly (RFC 9110 §8.8.3.2)."""
    listed = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in listed or version.removeprefix("W/") in listed


def _check_everywhere(order: Order) -> None:
    """An account is the person's and not her school's (Art.4): the national centre alone closes it."""
    if not order.caller.area.everywhere:
        raise ForbiddenException(
            detail="Only systems of the national centre close accounts; end the assignments instead"
        )


def _check_employs(person: Person, order: Order) -> None:
    """D-31: a county where she served once has her history, not her name and address of today."""
    day = order.change.day
    if not order.caller.area.everywhere and all(
        row.end_date is not None and row.end_date < day for row in person.counting
    ):
        raise ForbiddenException(
            detail="She does not serve in your area any more; only her assignments there are yours"
        )


def _told(account: Account, order: Order) -> Any:  # noqa: ANN401  # TeacherUser
    """Return the User as it is now stored."""
    db.session.flush()
    db.session.refresh(account)
    person: Person = with_assignments([account], order.caller.area)[0]
    return user_of(person, order.change.day)


def _with_active(body: Mapping[str, Any], active: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002  # it is named so
    is_there = any(name.lower() == "active" for name in body)
    return dict(body) if is_there else {**body, "active": active}


def _entries(user: Any) -> list[Any]:  # noqa: ANN401  # TeacherUser
    return (user[Teacher].assignments or []) if user[Teacher] is not None else []


def _details(user: Any) -> dict[str, str | None]:  # noqa: ANN401  # TeacherUser
    """Return what an account says beside its assignments."""
    emails = user.emails or []
    if len(emails) > 1:
        raise InvalidValueException(detail="emails: an account has one address")
    return {
        "name": user.display_name,
        "email": (emails[0].value or "") if emails else None,
        "external_id": user.external_id,
    }


def _checked(name: str, value: str | None) -> str | None:
    if name == "name":
        return text_of("displayName", value or "", NAME_MAX)
    if name == "external_id" and value is not None:
        return text_of("externalId", value, EXTERNAL_ID_MAX)
    return mail_of(value) if value is not None else None


def _set_details(account: Account, wanted: Any, order: Order) -> None:  # noqa: ANN401  # TeacherUser
    """Store name, address and the client's identifier; the log names what changed, not the values."""
    stated = {name: _checked(name, value) for name, value in _details(wanted).items()}
    new = {name: value for name, value in stated.items() if getattr(account, name) != value}
    taken = select(Account.id).where(Account.external_id == new.get("external_id"), Account.id != account.id)
    if new.get("external_id") is not None and db.session.scalar(taken) is not None:
        raise UniquenessException(detail="externalId belongs to another User")
    before = account.email if account.email_verified_at else None
    for name, value in new.items():
        setattr(account, name, value)
    if "email" in new:
        tell_address_before(account.id, before, now=order.now)
        account.email_verified_at = order.now if new["email"] else None
    account.changed_at = order.now
    if new:
        subject = f"account:{account.id}"
        record("account.changed", actor=order.caller.actor, subject=subject, detail={"items": sorted(new)})
