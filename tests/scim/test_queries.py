"""Lists of Users: pages, order, attributes (RFC 7644 §3.4.2, §3.4.3, §3.9), in a constant number of statements."""

import pytest
from flask import Flask

from tests.scim.support import ASSIGNMENTS, SEARCH, TEACHER, Scim, entry, op
from tests.support.statements import statements


@pytest.mark.spec("RFC 7644", "3.4.2.4")
def test_a_page_takes_five_statements(app: Flask, scim: Scim) -> None:
    """Epoch, revocation, number, accounts, assignments: however long the page."""
    counts = []
    for count in (1, 5, 20):
        with statements(app) as seen:
            assert scim.ok("GET", f"/Users?count={count}&filter=userName pr")["itemsPerPage"] == count
        counts.append(len(seen))
    assert counts == [5, 5, 5]
    ident = scim.find("wang0101")["id"]
    with statements(app) as seen:
        scim.get(ident)
    assert len(seen) == 4


@pytest.mark.spec("RFC 7644", "3.4.2.4")
def test_pages(scim: Scim) -> None:
    """Every User comes once, by age; what is out of range is cut, not refused."""
    everybody = scim.ok("GET", "/Users")
    total = everybody["totalResults"]
    assert (everybody["startIndex"], everybody["itemsPerPage"]) == (1, total)
    names, first = [], 1
    while first <= total:
        page = scim.ok("GET", f"/Users?startIndex={first}&count=7")
        assert (page["totalResults"], page["startIndex"]) == (total, first)
        names += [user["userName"] for user in page["Resources"]]
        first += page["itemsPerPage"]
    assert names == [user["userName"] for user in everybody["Resources"]]
    for query, expected in (
        *(
            ("count=0", 0),
            ("count=-3", 0),
            ("startIndex=0", total),
            ("startIndex=-9", total),
            (f"startIndex={total}", 1),
        ),
        *(
            (f"startIndex={total + 1}", 0),
            ("startIndex=99999999999999999999", 0),
            ("count=99999999999999999999", total),
        ),
    ):
        found = scim.ok("GET", f"/Users?{query}")
        assert (found["totalResults"], found["itemsPerPage"], len(found["Resources"])) == (total, expected, expected)
    for query in ("count=x", "startIndex=1.5", "count=", "sortOrder=up"):
        assert scim.error("GET", f"/Users?{query}") == (400, "invalidValue")


@pytest.mark.spec("RFC 7644", "3.4.2.3")
def test_order(scim: Scim) -> None:
    """Ascending and descending; without a value last, or first; only by what the database knows."""
    for name, ext in (("newone1", "b"), ("newone2", "a"), ("newone3", None)):
        scim.create(name, **({"externalId": ext} if ext else {}))

    def by(query: str) -> list[str]:
        return [user["userName"] for user in scim.ok("GET", f'/Users?filter=userName sw "newone"&{query}')["Resources"]]

    assert by("sortBy=externalId") == ["newone2", "newone1", "newone3"]
    assert by("sortBy=externalId&sortOrder=descending") == ["newone3", "newone1", "newone2"]
    assert by("sortBy=userName&sortOrder=descending") == ["newone3", "newone2", "newone1"]
    for name in (
        "displayName",
        "name.formatted",
        "meta.created",
        "meta.lastModified",
        "active",
        "emails",
        "id",
        "userType",
    ):
        assert len(by(f"sortBy={name}")) == 3
    for name in (
        f"{ASSIGNMENTS}.startDate",
        f"{TEACHER}:serviceState.state",
        "meta.version",
        "nickName",
        "password",
        "[",
    ):
        assert scim.error("GET", f"/Users?sortBy={name}")[0] == 400


@pytest.mark.spec("RFC 7644", "3.4.3")
def test_a_search_by_post(scim: Scim) -> None:
    """The same answers below /Users and at the root, without anything in the address."""
    wanted = {"schemas": [SEARCH], "filter": 'userName sw "w"', "sortBy": "userName", "startIndex": 1, "count": 2}
    found = scim.ok("POST", "/Users/.search", wanted)
    assert [user["userName"] for user in found["Resources"]] == ["wang0101", "wu0505a"]
    assert scim.ok("POST", "/.search", wanted) == found
    assert scim.ok("GET", '/Users?filter=userName sw "w"&sortBy=userName&startIndex=1&count=2') == found
    for bad in ({"filter": 7}, {"count": "x"}, {"nothing": 1}, {"attributes": "a", "excludedAttributes": "b"}):
        assert scim.error("POST", "/.search", {"schemas": [SEARCH]} | bad)[0] == 400


@pytest.mark.spec("RFC 7644", "3.9")
def test_attributes(scim: Scim) -> None:
    """Only what was asked for, and always the id; or all but what was not wanted."""
    user = scim.create("newone1", externalId="x", assignments=[entry()])
    path = f"/Users/{user['id']}"
    assert set(scim.ok("GET", f"{path}?attributes=userName")) == {"schemas", "id", "userName"}
    found = scim.ok("GET", f"{path}?attributes=name.formatted,{TEACHER}:serviceState.state")
    assert found[TEACHER] == {"serviceState": {"state": "unlocked"}}
    assert "userName" not in found
    found = scim.ok("GET", f"{path}?excludedAttributes=meta,{ASSIGNMENTS},id")
    assert ("meta" in found, "assignments" in found[TEACHER], found["id"]) == (False, False, user["id"])
    (listed,) = scim.ok("GET", '/Users?filter=userName eq "newone1"&attributes=externalId')["Resources"]
    assert listed == {"schemas": user["schemas"][:1], "id": user["id"], "externalId": "x"}
    assert set(scim.ok("GET", f"{path}?attributes=nothing,password")) == {"schemas", "id"}
    assert scim.patch(user["id"], op("remove", "externalId"))["meta"]
