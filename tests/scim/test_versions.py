"""Versions (RFC 7644 §3.14): an ETag of all that a User says, preconditions, and changes that race."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from tests.scim.support import ASSIGNMENTS, Scim, assignments, entry, new_user, op, patch_of
from tests.support.office import Office, People

Sent = tuple[str, str, Any, dict[str, str]]


@pytest.mark.spec("RFC 7644", "3.14")
def test_the_version_changes_with_every_change(scim: Scim, office: Office, people: People) -> None:
    """Whoever makes it; and with nothing else."""
    user = scim.find(people["T01"]["account"])
    path, versions = f"/Users/{user['id']}", [user["meta"]["version"]]
    first = assignments(user)[0]["id"]
    for operation in (
        op("replace", "displayName", "甲名"),
        op("add", "externalId", "x"),
        op("replace", "emails", [{"value": "a@b.tw"}]),
        op("add", ASSIGNMENTS, [entry("994602", kind="additional")]),
        op("replace", f'{ASSIGNMENTS}[id eq "{first}"].note', "x"),
        op("replace", "active", False),
    ):
        answer = scim.send("PATCH", path, patch_of(operation))
        assert answer.headers["ETag"] == answer.get_json(force=True)["meta"]["version"]
        assert scim.send("GET", path).headers["ETag"] == answer.headers["ETag"]
        versions.append(answer.headers["ETag"])
    assert len(set(versions)) == 7
    assert all(version.startswith('W/"') for version in versions)
    other = scim.find(people["T02"]["account"])
    office.suspend(people["T02"], date(2020, 8, 1))
    assert scim.get(other["id"])["meta"]["version"] != other["meta"]["version"]
    assert scim.ok("GET", f"{path}?attributes=meta.version")["meta"] == {"version": versions[-1]}


@pytest.mark.spec("RFC 7644", "3.14")
def test_if_match(scim: Scim) -> None:
    """412 for an old version, and nothing is changed; ``*`` and lists are understood."""
    user = scim.create("newone1")
    path, old = f"/Users/{user['id']}", user["meta"]["version"]
    change = patch_of(op("replace", "displayName", "甲名"))
    new = scim.ok("PATCH", path, change, **{"If-Match": old})["meta"]["version"]
    for method, body in (("PATCH", change), ("PUT", new_user("newone1")), ("DELETE", None)):
        assert scim.error(method, path, body, **{"If-Match": old}) == (412, None)
        assert scim.error(method, path, body, **{"If-Match": '"x", "y"'}) == (412, None)
        assert scim.error(method, path, body, **{"If-Match": ""}) == (412, None)
    assert scim.get(user["id"])["meta"]["version"] == new
    scim.ok("PATCH", path, change, **{"If-Match": "*"})  # type: ignore[arg-type]  # headers by name
    scim.ok("PATCH", path, change, **{"If-Match": new.removeprefix("W/")})
    assert scim.send("DELETE", path, None, **{"If-Match": f'"x", {new}'}).status_code == 204


@pytest.mark.spec("RFC 7644", "3.14")
def test_if_none_match(scim: Scim) -> None:
    """304 without a body while nothing has changed."""
    user = scim.create("newone1")
    path, version = f"/Users/{user['id']}", user["meta"]["version"]
    for known in (version, version.removeprefix("W/"), f'"x", {version}', "*"):
        answer = scim.send("GET", path, **{"If-None-Match": known})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", version)
    scim.patch(user["id"], op("replace", "displayName", "甲名"))
    assert scim.send("GET", path, **{"If-None-Match": version}).status_code == 200


def racing(scim: Scim, sent: list[Sent]) -> list[int]:
    """Send all at the same moment and return the statuses."""
    start = Barrier(len(sent))

    def run(one: Sent) -> int:
        start.wait()
        method, path, body, headers = one
        return scim.send(method, path, body, **headers).status_code

    with ThreadPoolExecutor(len(sent)) as pool:
        return sorted(pool.map(run, sent))


@pytest.mark.spec("RFC 7644", "3.14")
def test_of_changes_that_race_one_wins(scim: Scim) -> None:
    """Five writers hold the same version: one changes, four learn that they are late."""
    user = scim.create("newone1")
    known = {"If-Match": user["meta"]["version"]}
    sent: list[Sent] = [
        ("PATCH", f"/Users/{user['id']}", patch_of(op("replace", "displayName", f"名{number}")), known)
        for number in range(5)
    ]
    assert racing(scim, sent) == [200, 412, 412, 412, 412]


def test_of_creations_that_race_one_wins(scim: Scim) -> None:
    """The same name, or the same foreign identifier, at the same moment: one 201, the others 409."""
    assert racing(scim, [("POST", "/Users", new_user("newone1"), {})] * 4) == [201, 409, 409, 409]
    sent: list[Sent] = [("POST", "/Users", new_user(f"another{number}", externalId="x"), {}) for number in range(4)]
    assert racing(scim, sent) == [201, 409, 409, 409]


def test_of_ends_that_race_the_teacher_hears_once(scim: Scim, office: Office, people: People) -> None:
    """The lock is announced once, however many say it."""
    user = scim.find(people["T01"]["account"])
    end = patch_of(op("replace", f"{ASSIGNMENTS}[schoolCode pr]", {"endDate": "2024-07-31", "endReason": "retired"}))
    assert racing(scim, [("PATCH", f"/Users/{user['id']}", end, {})] * 4) == [200] * 4
    assert len(office.messages(people["T01"])) == 1
    assert len(office.events("service.assignment.ended", people["T01"])) == 1
