"""Several operations in one request (RFC 7644 §3.7). Each is a transaction of its own; one that fails stops no other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scim2_models import InvalidPathException, InvalidSyntaxException, InvalidValueException, PayloadTooLargeException

from config.settings import settings
from idp.scim import users
from idp.scim.authentication import RESOURCE
from idp.scim.failures import EXPECTED, failure
from idp.scim.resource import shown
from idp.scim.users import Order

REQUEST_URN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE_URN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
OPERATIONS_MAX = 100
_REFERENCE = "bulkId:"


@dataclass(slots=True)
class _Job:
    """A request under way: the identifiers of what it made, by ``bulkId``."""

    order: Order
    made: dict[str, str] = field(default_factory=dict)

    def run(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """Run an operation and return its result."""
        method = str(operation.get("method")).upper()
        said = {"method": method} | {name: operation[name] for name in ("bulkId",) if name in operation}
        try:
            return said | self._done(method, operation)
        except EXPECTED as error:
            status, body = failure(error)
            where = {} if method == "POST" else {"location": _location(operation)}
            return said | where | {"status": str(status), "response": body}

    def _done(self, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
        scim_id, data = self._target(method, operation), _data(method, operation)
        order = replace(self.order, if_match=_text(operation, "version"))
        if method == "DELETE":
            users.delete(scim_id, order)
            return {"location": _location(operation, scim_id), "status": "204"}
        if method == "POST":
            found, status = users.create(data, order), "201"
            self.made[str(operation["bulkId"])] = found.id
        else:
            found, status = (users.replace if method == "PUT" else users.patch)(scim_id, data, order), "200"
        meta = shown(found)["meta"]
        return {"location": meta["location"], "version": meta["version"], "status": status}

    def _target(self, method: str, operation: Mapping[str, Any]) -> str:
        """Return the identifier in the path, which may name what an operation before this one made."""
        endpoint, _, ident = (_text(operation, "path") or "").strip("/").partition("/")
        if endpoint != "Users" or "/" in ident or bool(ident) != (method != "POST"):
            raise InvalidPathException(detail="path must be /Users to create, /Users/{id} to change")
        if method == "POST" and not _text(operation, "bulkId"):
            raise InvalidValueException(detail="A POST needs a bulkId")
        if method == "POST" and operation["bulkId"] in self.made:
            raise InvalidValueException(detail="The bulkId comes twice")
        if not ident.startswith(_REFERENCE):
            return ident
        if (made := self.made.get(ident.removeprefix(_REFERENCE))) is None:
            raise InvalidValueException(detail="No operation before this one made that bulkId")
        return made


def run(body: Mapping[str, Any], order: Order) -> dict[str, Any]:
    """Run the operations in their order, until so many have failed as ``failOnErrors`` says."""
    operations, limit = body.get("Operations"), body.get("failOnErrors")
    schemas = body.get("schemas")
    is_bulk = isinstance(schemas, list) and REQUEST_URN in schemas
    if not is_bulk or not isinstance(operations, list) or not operations:
        raise InvalidSyntaxException(detail="A BulkRequest with Operations is needed")
    if limit is not None and (type(limit) is not int or limit < 1):
        raise InvalidValueException(detail="failOnErrors must be a positive number")
    if len(operations) > OPERATIONS_MAX:
        raise PayloadTooLargeException(detail=f"At most {OPERATIONS_MAX} operations")
    if not all(isinstance(operation, dict) for operation in operations):
        raise InvalidSyntaxException(detail="An operation is an object")
    job, results, failed = _Job(order), [], 0
    for operation in operations:
        result = job.run(operation)
        results.append(result)
        failed += "response" in result
        if limit is not None and failed >= limit:
            break
    return {"schemas": [RESPONSE_URN], "Operations": results}


def _data(method: str, operation: Mapping[str, Any]) -> Mapping[str, Any]:
    if method not in {"POST", "PUT", "PATCH", "DELETE"}:
        raise InvalidValueException(detail="method must be POST, PUT, PATCH or DELETE")
    data = operation.get("data")
    if method != "DELETE" and not isinstance(data, dict):
        raise InvalidValueException(detail="data must be an object")
    return data if isinstance(data, dict) else {}


def _text(operation: Mapping[str, Any], name: str) -> str | None:
    value = operation.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidValueException(detail=f"{name} must be text")
    return value


def _location(operation: Mapping[str, Any], scim_id: str | None = None) -> str:
    """Return the address of what an operation was about, as far as it can be told."""
    return RESOURCE.uri(settings().issuer) + (f"/Users/{scim_id}" if scim_id else str(operation.get("path")))
