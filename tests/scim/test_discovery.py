"""What the interface says of itself, what it does not have, and how it takes bad requests (RFC 7644 §3.1, §3.11, §3.12, §4)."""

import json
import subprocess
import sys
from typing import Any

import pytest
from flask import Flask

from tests.protocol.nasty import ILL_FORMED, VALUES, check, raw
from tests.scim.support import SEARCH, TEACHER, USER, Scim, new_user, op, patch_of


@pytest.mark.spec("RFC 7643", "5")
def test_the_configuration_tells_the_truth(scim: Scim) -> None:
    """What is announced is what the other tests find."""
    config = scim.ok("GET", "/ServiceProviderConfig")
    assert [config[name]["supported"] for name in ("patch", "bulk", "filter", "sort", "etag")] == [True] * 5
    assert config["changePassword"] == {"supported": False}
    assert config["filter"]["maxResults"] == config["pagination"]["maxPageSize"] == 200
    assert config["authenticationSchemes"][0]["type"] == "oauthbearertoken"
    assert config["meta"]["location"] == f"{scim.rp.issuer}/scim/v2/ServiceProviderConfig"


@pytest.mark.spec("RFC 7643", "6")
@pytest.mark.spec("RFC 7643", "7")
def test_schemas_and_resource_types(scim: Scim) -> None:
    """One resource type with its extension; every attribute is described; nothing is announced that is not kept."""
    (user,) = scim.ok("GET", "/ResourceTypes")["Resources"]
    assert scim.ok("GET", "/ResourceTypes/User") == user
    assert (user["schema"], user["endpoint"]) == (USER, "/Users")
    assert user["schemaExtensions"] == [{"schema": TEACHER, "required": False}]
    listed = {schema["id"]: schema for schema in scim.ok("GET", "/Schemas")["Resources"]}
    assert len(listed) == 5
    for urn, schema in listed.items():
        assert scim.ok("GET", f"/Schemas/{urn}") == schema
    core = {attribute["name"]: attribute for attribute in listed[USER]["attributes"]}
    assert set(core) == {"userName", "name", "displayName", "userType", "active", "emails"}
    assert (core["userName"]["mutability"], core["userName"]["uniqueness"]) == ("immutable", "server")
    entry, state = listed[TEACHER]["attributes"]
    assert state["mutability"] == "readOnly"
    assert all(attribute["description"] for attribute in [*core.values(), entry, state, *entry["subAttributes"]])
    for path in ("/Schemas/urn:x", "/ResourceTypes/Group"):
        assert scim.error("GET", path) == (404, None)
    for path in ("/Schemas", "/ResourceTypes"):
        assert scim.error("GET", f'{path}?filter=id eq "x"') == (403, None)


@pytest.mark.spec("RFC 7644", "3.11")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_there_is_no_me(scim: Scim, method: str) -> None:
    """501: the caller is a machine."""
    assert scim.error(method, "/Me") == (501, None)


@pytest.mark.spec("RFC 7644", "3.12")
def test_wrong_addresses_and_methods(scim: Scim, app: Flask) -> None:
    """404 and 405 in SCIM's form, whatever the body is, also for who has no token."""
    for path in ("/", "/Groups", "/Users/" + "x/y", "/users", "/Schemas/"):
        for method, body in (("GET", None), ("POST", {}), ("DELETE", None)):
            assert scim.error(method, path, body)[0] in {404, 405}
    for method, path in (
        ("DELETE", "/Users"),
        ("PUT", "/Users"),
        ("GET", "/Bulk"),
        ("PUT", "/Schemas"),
        ("GET", "/.search"),
    ):
        answer = scim.send(method, path)
        assert (answer.status_code, answer.mimetype) == (405, "application/scim+json")
        assert answer.headers["Allow"]
    answer = app.test_client().get("/scim/v2/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/scim+json")


@pytest.mark.spec("RFC 7644", "3.1")
@pytest.mark.parametrize("kind", ["application/scim+json", "application/json", "application/scim+json; charset=utf-8"])
def test_media_types(scim: Scim, kind: str) -> None:
    """SCIM's own and plain JSON; the answer is SCIM's."""
    body = json.dumps(new_user("newone1"))
    assert scim.send("POST", "/Users", body, content_type=kind).status_code == 201
    for wrong in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"):
        assert scim.error("POST", "/Users", body, content_type=wrong) == (415, None)


@pytest.mark.spec("RFC 7644", "3.12")
@pytest.mark.parametrize(
    "body",
    [
        *("", " ", "x", "null", "[]", '"x"', "7", "{", '{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1e999}', "[" * 5000),
        *('{"a": "\\ud800"}', '{"userName": "\\u0000"}', '{"a":' * 60 + "1" + "}" * 60, '{"a": ' + "9" * 6000 + "}"),
    ],
)
def test_what_is_no_json_object(scim: Scim, body: str) -> None:
    """400 invalidSyntax at every endpoint that reads one."""
    ident = scim.find("wang0101")["id"]
    for method, path in (
        ("POST", "/Users"),
        ("PUT", f"/Users/{ident}"),
        ("PATCH", f"/Users/{ident}"),
        ("POST", "/Bulk"),
    ):
        status, scim_type = scim.error(method, path, body)
        assert (status, scim_type in {"invalidSyntax", "invalidValue"}) == (400, True)


def test_bytes_that_are_no_text(scim: Scim) -> None:
    """Refused before anything reads them, in SCIM's form."""
    for body in (b"\xff\xfe", b'{"userName": "\x00"}', b"\xed\xa0\x80"):
        assert scim.error("POST", "/Users", body) == (400, None)
    headers = {"HTTP_AUTHORIZATION": f"Bearer {scim.token}"}
    for bad in ILL_FORMED:
        answer = raw(scim.rp.back_channel, "GET", "/scim/v2/Users", f"filter={bad}", **headers)
        assert (answer.status_code, answer.mimetype) == (400, "application/scim+json")


def test_every_value_everywhere(scim: Scim) -> None:
    """Hostile values in every place of a good request: 2xx or 4xx, never an accident, nothing of ours leaks."""
    ident = scim.create("newone1")["id"]
    attributes = ("userName", "displayName", "externalId", "active", "emails", "schemas", "id", "meta", TEACHER)
    for value in VALUES[::2]:
        for name in attributes:
            check(scim.send("PUT", f"/Users/{ident}", new_user("newone1") | {name: value}), (name, value))
            check(scim.send("PATCH", f"/Users/{ident}", patch_of(op("replace", name, value))), (name, value))
        for name in (
            "filter",
            "sortBy",
            "sortOrder",
            "startIndex",
            "count",
            "attributes",
            "excludedAttributes",
            "cursor",
        ):
            check(scim.send("POST", "/Users/.search", {"schemas": [SEARCH], name: value}), (name, value))
        for member in ("op", "path", "value"):
            operation: dict[str, Any] = op("replace", "displayName", "x") | {member: value}
            check(scim.send("PATCH", f"/Users/{ident}", patch_of(operation)), (member, value))
        for header in ("If-Match", "If-None-Match"):
            if value.isprintable() and value.isascii():
                check(scim.send("GET", f"/Users/{ident}", None, **{header: value}), (header, value))


def test_its_types_cost_nothing_at_start() -> None:
    """``scim2_models`` takes a third of a second to import; only a process that is asked for SCIM pays."""
    program = "import sys, idp.app; sys.exit('scim2_models' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
