"""A machine client that speaks SCIM, and shorthands for what the tests ask it."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.spec.support import Client, client
from tests.support.office import Office

MACHINE: dict[str, Any] = {
    "client_id": "county-system",
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "client_secret_basic",
    "resources": ["scim"],
    "service_area": ["*"],
}
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
TEACHER = "urn:inservice:scim:schemas:extension:teacher:2.0:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
ASSIGNMENTS = f"{TEACHER}:assignments"


def token_of(rp: Client, **asked: str) -> str:
    """Return an access token of the client for itself."""
    answer = rp.call("/oidc/token", {"grant_type": "client_credentials", **asked}, proves=rp.dpop is not None)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    token: str = answer.get_json()["access_token"]
    return token


class Scim:
    """A system that pushes teachers; it expects the status that it is told and returns the body."""

    def __init__(self, app: Flask, **metadata: Any) -> None:
        self.rp = client(app, **MACHINE | metadata)
        self.token = token_of(self.rp)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request with the token."""
        options: dict[str, Any] = {"headers": {"Authorization": f"Bearer {self.token}"} | headers}
        if body is not None:
            data = body if isinstance(body, str | bytes) else json.dumps(body)
            options |= {"data": data, "content_type": headers.pop("content_type", "application/scim+json")}
        return self.rp.back_channel.open(f"/scim/v2{path}", method=method, base_url=self.rp.issuer, **options)

    def ok(self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: Any) -> dict[str, Any]:
        """Return the body of a good answer."""
        answer = self.send(method, path, body, **headers)
        assert answer.status_code == status, answer.get_data(as_text=True)
        assert answer.mimetype == "application/scim+json" or status in {204, 304}
        return answer.get_json(force=True) if answer.data else {}

    def error(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str | None]:
        """Return status and scimType of a refusal, its form checked (RFC 7644 §3.12)."""
        answer = self.send(method, path, body, **headers)
        found = answer.get_json(force=True)
        assert answer.mimetype == "application/scim+json"
        assert found["schemas"] == [ERROR]
        assert found["status"] == str(answer.status_code)
        assert 0 < len(found["detail"]) < 300
        assert "\n" not in found["detail"]
        assert set(found) <= {"schemas", "status", "scimType", "detail"}
        return answer.status_code, found.get("scimType")

    def create(self, login_name: str = "newone1", /, **attributes: Any) -> dict[str, Any]:
        """Create a User."""
        return self.ok("POST", "/Users", new_user(login_name, **attributes), status=201)

    def find(self, login_name: str) -> dict[str, Any]:
        """Return a User by name."""
        found = self.ok("GET", f'/Users?filter=userName eq "{login_name}"')
        assert found["totalResults"] == 1
        user: dict[str, Any] = found["Resources"][0]
        return user

    def get(self, ident: str) -> dict[str, Any]:
        """Return a User by identifier."""
        return self.ok("GET", f"/Users/{ident}")

    def patch(self, ident: str, *operations: Mapping[str, Any], **headers: Any) -> dict[str, Any]:
        """Patch a User."""
        return self.ok("PATCH", f"/Users/{ident}", patch_of(*operations), **headers)

    def refused(self, ident: str, *operations: Mapping[str, Any]) -> tuple[int, str | None]:
        """Return why a patch is refused."""
        return self.error("PATCH", f"/Users/{ident}", patch_of(*operations))


def patch_of(*operations: Mapping[str, Any]) -> dict[str, Any]:
    """Return a PatchOp."""
    return {"schemas": [PATCH], "Operations": list(operations)}


def op(verb: str, path: str | None = None, value: Any = None) -> dict[str, Any]:
    """Return an operation of a PATCH."""
    return {"op": verb} | ({"path": path} if path else {}) | ({"value": value} if value is not None else {})


def new_user(login_name: str = "newone1", /, **attributes: Any) -> dict[str, Any]:
    """Return a User to be created; ``assignments`` go into the extension."""
    body = {"schemas": [USER], "userName": login_name, "displayName": "新進教師"} | attributes
    if "assignments" in body:
        body |= {"schemas": [USER, TEACHER], TEACHER: {"assignments": body.pop("assignments")}}
    return body


def entry(school: str = "994601", start: str = "2020-08-01", **facts: Any) -> dict[str, Any]:
    """Return an assignment that unlocks."""
    return {"schoolCode": school, "titleCode": "J40", "startDate": start, "confirmed": True} | facts


def assignments(user: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the assignments of a User."""
    found: list[dict[str, Any]] = user[TEACHER].get("assignments", [])
    return found


def state(user: Mapping[str, Any]) -> str:
    """Return the service state of a User."""
    found: str = user[TEACHER]["serviceState"]["state"]
    return found


def event_count(office: Office) -> int:
    """Return how many audit events there are: nothing was changed where none came."""
    from sqlalchemy import func, select

    from config.audit import AuditEvent

    count: int = office.rows(select(func.count()).select_from(AuditEvent))[0]
    return count
