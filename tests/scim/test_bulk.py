"""Bulk (RFC 7644 §3.7): several operations, each for itself; references to what was made before; limits."""

from typing import Any

import pytest

from tests.scim.support import ASSIGNMENTS, BULK, ERROR, Scim, entry, new_user, op, patch_of
from tests.support.office import Office, People

RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

USERS = "/Users"
NO_OPERATIONS: tuple[Any, ...] = ([], "x", {}, [1], [None])
NO_DATA: tuple[Any, ...] = (None, "x", [], 7)


def bulk(*operations: Any, **members: Any) -> dict[str, Any]:
    """Return a BulkRequest."""
    return {"schemas": [BULK], "Operations": list(operations)} | members


def post(name: str, **attributes: Any) -> dict[str, Any]:
    """Return a creation; its bulkId is the name."""
    return {"method": "POST", "path": "/Users", "bulkId": name, "data": new_user(name, **attributes)}


def run(scim: Scim, *operations: Any, **members: Any) -> list[dict[str, Any]]:
    """Send a BulkRequest and return the results, the form of each checked."""
    body = scim.ok("POST", "/Bulk", bulk(*operations, **members))
    assert body["schemas"] == [RESPONSE]
    results: list[dict[str, Any]] = body["Operations"]
    for result in results:
        is_good = result["status"].startswith("2")
        assert ("response" in result) is not is_good
        assert is_good or (result["response"]["schemas"], result["response"]["status"]) == ([ERROR], result["status"])
        assert "location" in result or (result["method"] == "POST" and not is_good)
    return results


@pytest.mark.spec("RFC 7644", "3.7")
def test_every_kind_of_operation(scim: Scim, people: People) -> None:
    """Create, replace, patch, delete, with statuses, places and versions."""
    user, gone = scim.find(people["T01"]["account"]), scim.create("goner01")
    results = run(
        scim,
        post("newone1", assignments=[entry()]),
        {"method": "put", "path": f"/Users/{user['id']}", "data": user | {"displayName": "甲名"}},
        {"method": "PATCH", "path": f"/Users/{user['id']}", "data": patch_of(op("add", "externalId", "x"))},
        {"method": "DELETE", "path": f"/Users/{gone['id']}"},
    )
    assert [result["status"] for result in results] == ["201", "200", "200", "204"]
    assert [result["method"] for result in results] == ["POST", "PUT", "PATCH", "DELETE"]
    assert results[0]["bulkId"] == "newone1"
    assert results[0]["location"] == scim.find("newone1")["meta"]["location"]
    after = scim.get(user["id"])
    assert (after["displayName"], after["externalId"]) == ("甲名", "x")
    assert results[2]["version"] == after["meta"]["version"]
    assert scim.error("GET", f"/Users/{gone['id']}") == (404, None)


@pytest.mark.spec("RFC 7644", "3.7.2")
def test_references_to_what_was_made(scim: Scim) -> None:
    """A path may name a bulkId of an operation before; another one is an error of that operation alone."""
    change = {"method": "PATCH", "data": patch_of(op("add", ASSIGNMENTS, [entry()]))}
    results = run(
        scim,
        change | {"path": "/Users/bulkId:newone1"},
        post("newone1"),
        change | {"path": "/Users/bulkId:newone1"},
        {"method": "DELETE", "path": "/Users/bulkId:other01"},
        post("newone1"),
    )
    assert [result["status"] for result in results] == ["400", "201", "200", "400", "400"]
    assert scim.find("newone1")["meta"]["version"] == results[2]["version"]


@pytest.mark.spec("RFC 7644", "3.7.3")
def test_errors_stop_only_what_was_said(scim: Scim, office: Office) -> None:
    """Without failOnErrors everything is tried; with it, so many errors end the job, and what was done stays."""
    bad = {"method": "PATCH", "path": "/Users/x", "data": patch_of(op("add", "externalId", "x"))}
    results = run(scim, bad, post("newone1"), bad, post("wang0101"), post("newone2"))
    assert [result["status"] for result in results] == ["404", "201", "404", "409", "201"]
    assert results[3]["response"]["scimType"] == "uniqueness"
    results = run(scim, post("newone3"), bad, bad, post("newone4"), failOnErrors=2)
    assert [result["status"] for result in results] == ["201", "404", "404"]
    assert scim.ok("GET", '/Users?filter=userName sw "newone"')["totalResults"] == 3
    assert len([one for one in office.events("account.opened") if one.actor == "client:county-system"]) == 3


@pytest.mark.spec("RFC 7644", "3.7")
def test_versions_are_minded(scim: Scim) -> None:
    """``version`` is the If-Match of an operation."""
    user = scim.create("newone1")
    change = {"method": "PATCH", "path": f"/Users/{user['id']}", "data": patch_of(op("replace", "displayName", "甲名"))}
    results = run(scim, change | {"version": user["meta"]["version"]}, change | {"version": user["meta"]["version"]})
    assert [result["status"] for result in results] == ["200", "412"]


@pytest.mark.spec("RFC 7644", "3.7.4")
def test_limits(scim: Scim) -> None:
    """As announced: so many operations, so many bytes; more is 413 and changes nothing."""
    announced = scim.ok("GET", "/ServiceProviderConfig")["bulk"]
    many = [post(f"many{number:04}", externalId=str(number)) for number in range(announced["maxOperations"])]
    assert [result["status"] for result in run(scim, *many)] == ["201"] * len(many)
    assert scim.error("POST", "/Bulk", bulk(*many, post("newone1"))) == (413, None)
    large = bulk(post("newone1", note="x" * announced["maxPayloadSize"]))
    assert scim.error("POST", "/Bulk", large) == (413, None)
    nearly = bulk(post("newone1", displayName="x" * (announced["maxPayloadSize"] - 1000)))
    assert [one["status"] for one in scim.ok("POST", "/Bulk", nearly)["Operations"]] == ["400"]
    assert scim.error("POST", "/Users", new_user(displayName="x" * 70_000)) == (413, None)
    assert scim.ok("GET", '/Users?filter=userName eq "newone1"')["totalResults"] == 0


@pytest.mark.parametrize(
    ("body", "scim_type"),
    [
        ({}, "invalidSyntax"),
        ({"schemas": [BULK]}, "invalidSyntax"),
        ({"schemas": "x", "Operations": [{}]}, "invalidSyntax"),
        ({"schemas": 7, "Operations": [{}]}, "invalidSyntax"),
        ({"schemas": [], "Operations": [{}]}, "invalidSyntax"),
        *((bulk() | {"Operations": wrong}, "invalidSyntax") for wrong in NO_OPERATIONS),
        *((bulk({}) | {"failOnErrors": wrong}, "invalidValue") for wrong in (0, -1, "1", True, 1.5)),
    ],
)
def test_bad_messages(scim: Scim, body: dict[str, Any], scim_type: str) -> None:
    """What is no BulkRequest."""
    assert scim.error("POST", "/Bulk", body) == (400, scim_type)


@pytest.mark.parametrize(
    "operation",
    [
        *({"method": method, "path": "/Users/x"} for method in (None, "GET", "", 7, ["POST"])),
        *(
            {"method": "POST", "bulkId": "1", "path": path, "data": new_user()}
            for path in (None, "/", "/Groups", "/Users/x", 7)
        ),
        *(
            {"method": "DELETE", "path": path}
            for path in ("/Users", "/Users/", USERS + "/a/b", "//", "x", f"https://x.tw{USERS}/1")
        ),
        *({"method": "POST", "bulkId": ident, "path": "/Users", "data": new_user()} for ident in (None, "", 7, ["1"])),
        *({"method": "PATCH", "path": "/Users/x", "data": data} for data in NO_DATA),
        {"method": "PATCH", "path": "/Users/x", "data": {}, "version": 7},
        {},
    ],
)
def test_bad_operations(scim: Scim, operation: dict[str, Any]) -> None:
    """An error of that operation alone: the next one is done."""
    body = scim.ok("POST", "/Bulk", bulk(operation, post("newone1")))
    assert [result["status"] for result in body["Operations"]] == ["400", "201"]
