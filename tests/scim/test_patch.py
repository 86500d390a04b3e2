"""PATCH (RFC 7644 §3.5.2): operations, paths, value filters; all or nothing."""

from typing import Any

import pytest

from tests.scim.support import (
    ASSIGNMENTS,
    PATCH,
    TEACHER,
    USER,
    Scim,
    assignments,
    entry,
    event_count,
    op,
    patch_of,
)
from tests.support.office import Office


@pytest.fixture
def user(scim: Scim) -> dict[str, Any]:
    """A User with two assignments."""
    both = [entry(), entry("994602", "2021-08-01", kind="additional", titleCode="J52")]
    return scim.create("newone1", externalId="x", emails=[{"value": "a@b.tw"}], assignments=both)


@pytest.mark.spec("RFC 7644", "3.5.2.1")
@pytest.mark.spec("RFC 7644", "3.5.2.3")
@pytest.mark.parametrize("verb", ["add", "replace", "Replace"])
def test_values_are_set(scim: Scim, user: dict[str, Any], verb: str) -> None:
    """With and without a path, by short and by full names, in any case."""
    for operation, name, expected in (
        (op(verb, "displayName", "甲名"), "displayName", "甲名"),
        (op(verb, value={"displayName": "乙名", "externalId": "y"}), "externalId", "y"),
        (op(verb, f"{USER}:displayName", "丙名"), "displayName", "丙名"),
        (op(verb, "DISPLAYNAME", "丁名"), "displayName", "丁名"),
        (op(verb, value={f"{USER}:displayName": "戊名"}), "displayName", "戊名"),
        (op(verb, "active", True), "active", True),
    ):
        assert scim.patch(user["id"], operation)[name] == expected
    found = scim.patch(user["id"], op(verb, "externalId", "z"))
    assert found["name"] == {"formatted": "戊名"}
    assert scim.get(user["id"]) == found


@pytest.mark.spec("RFC 7644", "3.5.2.2")
def test_values_are_removed(scim: Scim, user: dict[str, Any]) -> None:
    """The address and the client's identifier; what is required stays."""
    assert "externalId" not in scim.patch(user["id"], op("remove", "externalId"))
    assert "emails" not in scim.patch(user["id"], op("remove", 'emails[type eq "work"]'))
    assert "emails" not in scim.patch(user["id"], op("remove", "emails"))
    for name in ("displayName", "userName", "active"):
        assert scim.refused(user["id"], op("remove", name)) == (400, "mutability")


@pytest.mark.spec("RFC 7644", "3.5.2")
def test_a_path_with_a_filter(scim: Scim, user: dict[str, Any]) -> None:
    """One value among several is changed, the others are left as they are."""
    first, second = assignments(user)
    found = scim.patch(user["id"], op("replace", f'{ASSIGNMENTS}[schoolCode eq "994602"].note', "週三"))
    assert assignments(found) == [first, second | {"note": "週三"}]
    found = scim.patch(user["id"], op("replace", f'{ASSIGNMENTS}[id eq "{first["id"]}"]', {"note": "導師"}))
    assert assignments(found) == [first | {"note": "導師"}, second | {"note": "週三"}]
    found = scim.patch(user["id"], op("remove", f"{ASSIGNMENTS}.note"))
    assert assignments(found) == [first, second]
    assert (
        scim.patch(user["id"], op("replace", 'emails[type eq "work"].value', "c@d.tw"))["emails"][0]["value"]
        == "c@d.tw"
    )
    assert scim.refused(user["id"], op("replace", f'{ASSIGNMENTS}[schoolCode eq "x"].note', "y")) == (400, "noTarget")


@pytest.mark.spec("RFC 7644", "3.5.2.1")
def test_adding_what_is_there_changes_nothing(scim: Scim, office: Office, user: dict[str, Any]) -> None:
    """The same assignment again is none; nothing is logged, the version stays."""
    before = event_count(office)
    assert scim.patch(user["id"], op("add", ASSIGNMENTS, [entry()])) == user
    assert scim.patch(user["id"], op("add", value={TEACHER: {"assignments": [entry()]}})) == user
    assert scim.patch(user["id"], op("replace", "displayName", user["displayName"])) == user
    assert event_count(office) == before
    assert scim.refused(user["id"], op("add", ASSIGNMENTS, [entry(titleCode="J30")])) == (400, "invalidValue")


@pytest.mark.spec("RFC 7644", "3.5.2")
def test_all_or_nothing(scim: Scim, office: Office, user: dict[str, Any]) -> None:
    """The last operation is wrong: the first ones are undone, whatever is wrong with it."""
    good = (
        op("replace", "displayName", "甲名"),
        op("add", ASSIGNMENTS, [entry("994501", "2022-08-01", kind="additional")]),
    )
    before = event_count(office)
    for bad in (
        op("replace", "userName", "another1"),
        op("replace", f"{ASSIGNMENTS}.endDate", "2024-07-31"),
        op("add", ASSIGNMENTS, [entry("000000")]),
        op("remove", ASSIGNMENTS),
    ):
        assert scim.refused(user["id"], *good, bad)[0] == 400
    assert scim.get(user["id"]) == user
    assert event_count(office) == before


@pytest.mark.spec("RFC 7644", "3.12")
@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        ({}, "invalidValue"),
        ({"op": "move", "path": "displayName"}, "invalidValue"),
        ({"op": None}, "invalidValue"),
        (op("add", "displayName"), "invalidValue"),
        (op("remove"), "noTarget"),
        (op("replace", "nickName", "x"), "invalidPath"),
        (op("replace", "password", "a-secret-1234"), "invalidPath"),
        (op("replace", "urn:x:y:z", "x"), "invalidPath"),
        (op("replace", "displayName[", "x"), "invalidPath"),
        (op("replace", "display Name", "x"), "invalidPath"),
        (op("replace", value={"nickName": "x"}), "invalidValue"),
        (op("replace", value="x"), "invalidValue"),
        (op("replace", value=["x"]), "invalidValue"),
        (op("replace", "displayName", {"a": "b"}), "invalidValue"),
        (op("replace", "displayName", ["x"]), "invalidValue"),
        (op("replace", "displayName", "x" * 51), "invalidValue"),
        (op("replace", "active", "perhaps"), "invalidValue"),
        (op("replace", "id", "x"), "mutability"),
        (op("replace", "meta.version", "x"), "mutability"),
        (op("replace", "userType", "admin"), "mutability"),
        (op("replace", "name.formatted", "x"), "mutability"),
        (op("replace", f"{TEACHER}:serviceState.state", "unlocked"), "mutability"),
        (op("remove", f"{TEACHER}:serviceState"), "mutability"),
        (op("replace", value={TEACHER: {"serviceState": {"state": "locked"}}}), "mutability"),
        (op("replace", f"{ASSIGNMENTS}.schoolName", "x"), "mutability"),
        (op("replace", "emails", [{"type": "work"}]), "invalidValue"),
        (op("replace", "emails", [{"value": "x"}]), "invalidValue"),
        (op("add", "emails", [{"value": "c@d.tw"}]), "invalidValue"),
        (op("replace", "emails", "c@d.tw"), "invalidValue"),
        (op("replace", "externalId", "a\nb"), "invalidValue"),
        (op("replace", ASSIGNMENTS, "x"), "invalidValue"),
        (op("replace", ASSIGNMENTS, [{"nothing": 1}]), "invalidValue"),
    ],
)
def test_bad_operations(
    scim: Scim, user: dict[str, Any], office: Office, operation: dict[str, Any], scim_type: str
) -> None:
    """400 with the keyword of Table 9, a text of one line, and nothing is changed."""
    before = event_count(office)
    assert scim.refused(user["id"], operation) == (400, scim_type)
    assert scim.get(user["id"]) == user
    assert event_count(office) == before


@pytest.mark.parametrize(
    "body", [{}, {"Operations": None}, {"Operations": []}, {"Operations": "x"}, {"Operations": [1]}]
)
def test_bad_messages(scim: Scim, user: dict[str, Any], body: dict[str, Any]) -> None:
    """A PatchOp without operations is none."""
    status, scim_type = scim.error("PATCH", f"/Users/{user['id']}", {"schemas": [PATCH]} | body)
    assert (status, scim_type in {"invalidValue", "invalidSyntax"}) == (400, True)


@pytest.mark.spec("RFC 7644", "3.9")
def test_the_answer_may_be_shortened(scim: Scim, user: dict[str, Any]) -> None:
    """The parameters attributes and excludedAttributes work on every answer; wrong ones stop the change."""
    path, body = f"/Users/{user['id']}", patch_of(op("replace", "displayName", "甲名"))
    found = scim.ok("PATCH", f"{path}?attributes=displayName", body)
    assert (found["displayName"], "externalId" in found, "id" in found) == ("甲名", False, True)
    both = f"{path}?attributes=userName&excludedAttributes=meta"
    assert scim.error("PATCH", both, patch_of(op("replace", "displayName", "乙名"))) == (400, "invalidValue")
    assert scim.get(user["id"])["displayName"] == "甲名"
