"""The endpoints' work: authenticate, read the request, run one command or query, answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from scim2_models import InvalidSyntaxException, NotImplementedException, ResponseParameters

from idp.http import json_object
from idp.oidc.responses import no_store
from idp.scim import bulk as jobs
from idp.scim import discovery, queries, users
from idp.scim.authentication import READ, WRITE, AccessRefused, Caller, authenticate, refuse
from idp.scim.errors import answer
from idp.scim.failures import EXPECTED, failure
from idp.scim.resource import shown
from idp.scim.users import Order
from scopes.roc import taipei_day

DEPTH_MAX = 20
"""Levels of a body; none of our messages has so many."""
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in."""

    caller: Caller
    now: datetime

    @property
    def order(self) -> Order:
        """The change that it asks for."""
        return Order(self.caller, self.now, request.headers.get("If-Match"))


def respond(name: str, **arguments: str) -> Response:
    """Answer a request for one of the endpoints below."""
    now = datetime.now(UTC)
    scope = WRITE if request.method in _WRITING and name not in {"search", "me"} else READ
    try:
        return no_store(_ENDPOINTS[name](Call(authenticate(scope, now), now), **arguments))
    except AccessRefused as refusal:
        return refuse(refusal)
    except EXPECTED as error:
        status, body = failure(error)
        return no_store(answer(body, status))


def _body() -> dict[str, Any]:
    try:
        body = json_object()
    except ValueError:
        raise InvalidSyntaxException(detail="The body must be a JSON object") from None
    level: list[Any] = [body]
    for _ in range(DEPTH_MAX):
        level = [inner for one in level for inner in _inside(one)]
    if level:
        raise InvalidSyntaxException(detail="The body is nested too deeply")
    return body


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _query() -> Mapping[str, Any]:
    """Return the parameters of the address that we know; others are nobody's business (RFC 7644 §3.4.2)."""
    known = {"filter", "sortBy", "sortOrder", "startIndex", "count", "attributes", "excludedAttributes"}
    return {name: value for name, value in request.args.items() if name in known}


def _parameters() -> ResponseParameters[Any]:
    """Return which attributes are asked for; what is wrong with that is refused before anything is changed."""
    names = ("attributes", "excludedAttributes")
    return queries.parse_parameters({name: value for name, value in _query().items() if name in names})


def _told(user: Any, parameters: ResponseParameters[Any], status: int = 200) -> Response:  # noqa: ANN401  # TeacherUser
    """Answer with a User, its version as ETag (RFC 7644 §3.14)."""
    response = answer(shown(user, parameters), status)
    response.headers["ETag"] = user.meta.version
    if status == 201:
        response.headers["Location"] = user.meta.location
    return response


def _users(call: Call) -> Response:
    if request.method == "POST":
        parameters = _parameters()
        return _told(users.create(_body(), call.order), parameters, 201)
    return answer(queries.search(queries.parse_search(_query()), call.caller.area, taipei_day(call.now)))


def _search(call: Call) -> Response:
    return answer(queries.search(queries.parse_search(_body()), call.caller.area, taipei_day(call.now)))


def _user(call: Call, user_id: str) -> Response:
    parameters = _parameters()
    if request.method == "DELETE":
        users.delete(user_id, call.order)
        return Response(status=204)
    if request.method in {"PUT", "PATCH"}:
        change = users.replace if request.method == "PUT" else users.patch
        return _told(change(user_id, _body(), call.order), parameters)
    user = users.fetch(user_id, call.caller.area, call.now)
    known = request.headers.get("If-None-Match")
    if known is not None and users.matches(known, user.meta.version):
        return Response(status=304, headers={"ETag": user.meta.version})
    return _told(user, parameters)


def _bulk(call: Call) -> Response:
    return answer(jobs.run(_body(), call.order))


def _config(_call: Call) -> Response:
    return answer(discovery.service_provider_config())


def _resource_types(_call: Call, type_name: str | None = None) -> Response:
    discovery.refuse_filter(request.args.get("filter"))
    return answer(discovery.resource_types(type_name))


def _schemas(_call: Call, urn: str | None = None) -> Response:
    discovery.refuse_filter(request.args.get("filter"))
    return answer(discovery.schemas(urn))


def _me(_call: Call) -> Response:
    """No person is behind a machine's token (RFC 7644 §3.11)."""
    raise NotImplementedException(detail="There is no Me: the caller is a machine")


_ENDPOINTS: Mapping[str, Callable[..., Response]] = {
    "users": _users,
    "search": _search,
    "user": _user,
    "bulk": _bulk,
    "config": _config,
    "resource_types": _resource_types,
    "schemas": _schemas,
    "me": _me,
}
