"""Finding Users: one, or a page of them in a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from scim2_models import Context, InvalidPathException, NotFoundException, ResponseParameters, SearchRequest
from sqlalchemy import ColumnElement, func, select

from config.database import db, locking
from idp.accounts.accounts import WITHDRAWN
from idp.accounts.models import Account, AccountType, ServiceAssignment
from idp.scim.filters import condition, sort_key
from idp.scim.identifiers import USER, key_of
from idp.scim.resource import Person, shown, user_of
from idp.scim.schemas import TeacherUser

LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PAGE, PAGE_MAX = 100, 200
INDEX_MAX = 2**31

_ARE_USERS = (Account.type == AccountType.TEACHER, Account.password_hash != WITHDRAWN)
"""Teachers alone; who was deleted is gone, who is only closed remains as inactive."""


def one(scim_id: str, *, lock: bool = False) -> Person:
    """Return a User's rows in the caller's transaction, for a change with the account locked."""
    query = select(Account).where(Account.id == key_of(USER, scim_id), *_ARE_USERS)
    account = db.session.scalars(locking(query) if lock else query).one_or_none()
    if account is None:
        raise NotFoundException(detail="There is no such User")
    return with_assignments([account])[0]


def with_assignments(accounts: Iterable[Account]) -> list[Person]:
    """Return people with all their assignments, by one statement."""
    found = list(accounts)
    rows: dict[int, list[ServiceAssignment]] = defaultdict(list)
    query = select(ServiceAssignment).where(ServiceAssignment.account_id.in_([account.id for account in found]))
    for row in db.session.scalars(query.order_by(ServiceAssignment.start_date, ServiceAssignment.id)):
        rows[row.account_id].append(row)
    return [Person(account, rows[account.id]) for account in found]


def parse_search(given: Mapping[str, Any]) -> SearchRequest[Any]:
    """Read the parameters of a query, whether they came in the address or in a body (RFC 7644 §3.4.2, §3.4.3)."""
    return SearchRequest[TeacherUser].model_validate(dict(given), scim_ctx=Context.SEARCH_REQUEST)


def parse_parameters(given: Mapping[str, Any]) -> ResponseParameters[Any]:
    """Read ``attributes`` and ``excludedAttributes`` (RFC 7644 §3.9)."""
    return ResponseParameters[TeacherUser].model_validate(dict(given))


def search(request: SearchRequest[Any], day: date) -> dict[str, Any]:
    """Return a page as a ListResponse. Too large a ``count`` is cut to the most that we announce."""
    wanted: list[ColumnElement[bool]] = list(_ARE_USERS)
    if request.filter is not None:
        wanted.append(condition(request.filter))
    first = min(request.start_index or 1, INDEX_MAX)
    count = min(PAGE if request.count is None else request.count, PAGE_MAX)
    page = select(Account).where(*wanted).order_by(*_order(request)).offset(first - 1).limit(count)
    with db.session.begin():
        total = db.session.execute(select(func.count()).select_from(Account).where(*wanted)).scalar_one()
        people = with_assignments(db.session.scalars(page)) if count else []
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
