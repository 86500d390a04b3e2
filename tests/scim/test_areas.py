"""Whose teachers a system maintains (D-31): a county's system those of its county, the national centre's all."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from idp.accounts.models import Account, School, ServiceAssignment
from tests.scim.support import ASSIGNMENTS, TEACHER, USER, Scim, assignments, entry, event_count, new_user, op, state
from tests.support.office import Office

pytestmark = [pytest.mark.rule("D-31"), pytest.mark.spec("RFC 7644", "2")]
OWN, FOREIGN = "993601", "994601"
FORBIDDEN = (403, None)


@pytest.fixture
def county(app: Flask) -> Scim:
    """The system of 星河市, where 993501 and 993601 are."""
    return Scim(app, client_id="xinghe", service_area=["星河市"])


def at_both(scim: Scim, **facts: str) -> str:
    """Let the national centre make a teacher with a service in each of two counties; return the identifier."""
    there, here = entry(FOREIGN), entry(OWN, "2021-08-01", kind="additional") | facts
    return str(scim.create("atboth1", assignments=[there, here])["id"])


def test_only_its_own_are_found(office: Office, scim: Scim, county: Scim) -> None:
    """Lists hold who has or had a service in the county; everybody else is not there, whatever is asked."""
    at_both(scim)
    own = (
        select(Account.login_name)
        .join(ServiceAssignment, ServiceAssignment.account_id == Account.id)
        .join(School, School.code == ServiceAssignment.school_code)
        .where(School.county == "星河市", ServiceAssignment.refused_at.is_(None))
    )
    expected = sorted(set(office.rows(own)))
    found = county.ok("GET", "/Users")
    assert sorted(user["userName"] for user in found["Resources"]) == expected
    assert found["totalResults"] == len(expected) < scim.ok("GET", "/Users")["totalResults"]
    foreign = scim.find("wang0101")["id"]
    assert county.ok("GET", '/Users?filter=userName eq "wang0101"')["totalResults"] == 0
    for method, body in (("GET", None), ("DELETE", None), ("PUT", new_user("wang0101"))):
        assert county.error(method, f"/Users/{foreign}", body) == (404, None)
    assert county.refused(foreign, op("replace", "displayName", "別人")) == (404, None)
    assert scim.get(foreign)["displayName"] == "王曉晴"


def test_foreign_assignments_do_not_show(scim: Scim, county: Scim) -> None:
    """Of a teacher of two counties each sees and finds its own services; the state is one."""
    ident = at_both(scim)
    user = county.get(ident)
    assert [one["schoolCode"] for one in assignments(user)] == [OWN]
    assert state(user) == "unlocked"
    for text, count in (
        *((f'{ASSIGNMENTS}[schoolCode eq "{OWN}"]', 1), (f'{ASSIGNMENTS}[schoolCode eq "{FOREIGN}"]', 0)),
        *((f'{ASSIGNMENTS}.schoolCode eq "{FOREIGN}"', 0), (f'{ASSIGNMENTS}.startDate lt "2021-01-01"', 0)),
        (f'{ASSIGNMENTS}.schoolCode ne "{FOREIGN}"', 1),
    ):
        assert county.ok("GET", f'/Users?filter=userName eq "atboth1" and {text}')["totalResults"] == count, text


def test_foreign_assignments_do_not_change(scim: Scim, county: Scim) -> None:
    """They can neither be named, nor hit by a filter, nor fall away because they are left out."""
    ident = at_both(scim, note="x")
    there = next(one for one in assignments(scim.get(ident)) if one["schoolCode"] == FOREIGN)
    assert county.refused(ident, op("add", ASSIGNMENTS, [{"id": there["id"], "note": "ours"}])) == (400, "invalidValue")
    path = f'{ASSIGNMENTS}[schoolCode eq "{FOREIGN}"].note'
    assert county.refused(ident, op("replace", path, "ours")) == (400, "noTarget")
    mine = county.get(ident)
    mine[TEACHER]["assignments"][0]["note"] = "y"
    county.ok("PUT", f"/Users/{ident}", mine)
    notes = {one["schoolCode"]: one.get("note") for one in assignments(scim.get(ident))}
    assert notes == {OWN: "y", FOREIGN: None}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"assignments": [entry(FOREIGN)]},
        {"assignments": [entry(OWN), entry(FOREIGN, kind="additional")]},
        {"assignments": [{"titleCode": "J40", "startDate": "2020-08-01"}]},
    ],
    ids=["none", "elsewhere", "both", "no school"],
)
def test_new_ones_are_made_at_home(office: Office, county: Scim, given: dict[str, Any]) -> None:
    """A county opens accounts for teachers of its schools and of no other; what is refused leaves nothing behind."""
    before = event_count(office)
    assert county.error("POST", "/Users", new_user("newone1", **given)) == FORBIDDEN
    assert event_count(office) == before
    assert state(county.create("newone1", assignments=[entry(OWN)])) == "unlocked"


def test_no_service_elsewhere_is_added(county: Scim) -> None:
    """A county adds services at its own schools."""
    ident = county.create("newone1", assignments=[entry(OWN)])["id"]
    assert county.refused(ident, op("add", ASSIGNMENTS, [entry(FOREIGN, kind="additional")])) == FORBIDDEN
    added = county.patch(ident, op("add", ASSIGNMENTS, [entry("993501", "2022-08-01", kind="additional")]))
    assert [one["schoolCode"] for one in assignments(added)] == [OWN, "993501"]


def test_name_and_address_while_she_serves(scim: Scim, county: Scim) -> None:
    """Where she served once nobody changes her address: it opens the way to her account."""
    ident = at_both(scim)
    mail = op("replace", "emails", [{"value": "a@b.example"}])
    assert county.patch(ident, mail)["emails"][0]["value"] == "a@b.example"
    county.patch(ident, op("replace", f'{ASSIGNMENTS}[schoolCode eq "{OWN}"].note', "x"))
    end = {"endDate": "2024-07-31", "endReason": "transferred"}
    county.ok(
        "PATCH",
        f"/Users/{ident}",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [
                op("replace", f'{ASSIGNMENTS}[schoolCode eq "{OWN}"].{name}', value) for name, value in end.items()
            ],
        },
    )
    for change in (op("replace", "emails", [{"value": "c@d.example"}]), op("replace", "displayName", "別人")):
        assert county.refused(ident, change) == FORBIDDEN
    assert scim.get(ident)["emails"][0]["value"] == "a@b.example"


def test_accounts_are_not_closed(scim: Scim, county: Scim) -> None:
    """The account is hers and serves her elsewhere too; the national centre closes it."""
    ident = at_both(scim)
    assert county.refused(ident, op("replace", "active", False)) == FORBIDDEN
    assert county.error("DELETE", f"/Users/{ident}") == FORBIDDEN
    assert scim.get(ident)["active"] is True
    assert scim.patch(ident, op("replace", "active", False))["active"] is False


def test_a_system_without_area_has_nobody(app: Flask) -> None:
    """What nobody decided is not everything."""
    nobody = Scim(app, client_id="nowhere", service_area=[])
    assert nobody.ok("GET", "/Users")["totalResults"] == 0
    assert nobody.error("POST", "/Users", new_user("newone1", assignments=[entry(OWN)])) == FORBIDDEN
    assert nobody.ok("GET", "/Schemas")["Resources"][0]["id"] == USER
