"""Finding Users: one, or a page of them in a constant number of statements."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from scim2_models import Context, InvalidPathException, NotFoundException, ResponseParameters, SearchRequest
from sqlalchemy import ColumnElement, func, select

from config.database import db, locking
from idp.accounts.accounts import WITHDRAWN
from idp.accounts.areas import Area, maintained
from idp.accounts.models import Account, AccountType, ServiceAssignment
from idp.scim.filters import condition, sort_key
from idp.scim.identifiers import USER, key_of
from idp.scim.resource import Person, shown, user_of
from idp.scim.schemas import TeacherUser

LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PAGE, PAGE_MAX = 100, 200
INDEX_MAX = 2**31

_S = ServiceAssignment
_ARE_USERS = (Account.type == AccountType.TEACHER, Account.password_hash != WITHDRAWN)
"""Teachers alone; who was deleted is gone, who is only closed remains as inactive."""


def one(scim_id: str, area: Area, *, lock: bool = False) -> Person:
    """Return a User's rows in the caller's transaction, for a change with the account locked."""
    query = select(Account).where(Account.id == key_of(USER, scim_id), *_users_of(area))
    account = db.session.scalars(locking(query) if lock else query).one_or_none()
    if account is None:
        raise NotFoundException(detail="There is no such User")
    return with_assignments([account], area)[0]


def with_assignments(accounts: Iterable[Account], area: Area) -> list[Person]:
    """Return people with all their assignments and those of the area, by one statement."""
    found = {account.id: Person(account, [], []) for account in accounts}
    query = select(_S, maintained(area, _S.school_code)).where(_S.account_id.in_(found))
    for row, is_maintained in db.session.execute(query.order_by(_S.start_date, _S.id)):
        found[row.account_id].assignments.append(row)
        if is_maintained:
            found[row.account_id].maintained.append(row)
    return list(found.values())


def _users_of(area: Area) -> tuple[ColumnElement[bool], ...]:
    """D-31: whom nobody in an area employs or employed, its systems do not find."""
    own = select(_S.id).where(_S.account_id == Account.id, _S.refused_at.is_(None), maintained(area, _S.school_code))
    return _ARE_USERS if area.everywhere else (*_ARE_USERS, own.exists())


def parse_search(given: Mapping[str, Any]) -> SearchRequest[Any]:
    """Read the parameters of a query, whether they came in the address or in a body (RFC 7644 §3.4.2, §3.4.3)."""
    return SearchRequest[TeacherUser].model_validate(dict(given), scim_ctx=Context.SEARCH_REQUEST)


def parse_parameters(given: Mapping[str, Any]) -> ResponseParameters[Any]:
    """Read ``attributes`` and ``excludedAttributes`` (RFC 7644 §3.9)."""
    return ResponseParameters[TeacherUser].model_validate(dict(given))


def search(request: SearchRequest[Any], area: Area, day: date) -> dict[str, Any]:
    """Return a page of the area's teachers as a ListResponse. Too large a ``count`` is cut to the most that we announce."""
    wanted: list[ColumnElement[bool]] = list(_users_of(area))
    if request.filter is not None:
        wanted.append(condition(request.filter, area))
    first = min(request.start_index or 1, INDEX_MAX)
    count = min(PAGE if request.count is None else request.count, PAGE_MAX)
    page = select(Account).where(*wanted).order_by(*_order(request)).offset(first - 1).limit(count)
    with db.session.begin():
        total = db.session.execute(select(func.count()).select_from(Account).where(*wanted)).scalar_one()
        people = with_assignments(db.session.scalars(page), area) if count else []
        found = [shown(user_of(person, day), request) for person in people]
    return listed(found, total, first)


def listed(found: list[dict[str, Any]], total: int, first: int = 1) -> dict[str, Any]:
    """Return a ListResponse (RFC 7644 §3.4.2)."""
    return {
        "schemas": [LIST_URN],
        "totalResults": total,
        "startIndex": first,
        "itemsPerPage": len(found),
        "Resources": found,
    }


def _order(request: SearchRequest[Any]) -> list[Any]:
    """Without a value: last when ascending, first when descending (RFC 7644 §3.4.2.3); ties by age."""
    if request.sort_by is None:
        return [Account.id]
    binding = request.sort_binding(TeacherUser)
    key = sort_key(binding) if binding is not None else None
    if key is None:
        raise InvalidPathException(detail=f"Sorting is not supported by {request.sort_by}")
    descending = request.sort_order == SearchRequest.SortOrder.descending
    return [key.desc().nulls_first() if descending else key.asc().nulls_last(), Account.id]
