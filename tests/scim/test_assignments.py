"""Assignments pushed over SCIM: what may change, and that Article 5 follows at once (DOMAIN §2, D-31)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from idp.accounts.models import ServiceAssignment
from scopes.roc import taipei_day
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.scim.support import ASSIGNMENTS, TEACHER, Scim, assignments, entry, new_user, op, state
from tests.support.office import Office, People

DAY = timedelta(days=1)
ENDED = {"endDate": "2024-07-31", "endReason": "retired"}


def of(scim: Scim, people: People, key: str) -> dict[str, Any]:
    """Return a teacher of the demo."""
    return scim.find(people[key]["account"])


def only(user: dict[str, Any]) -> str:
    """Return the path of her one assignment."""
    (one,) = assignments(user)
    return f'{ASSIGNMENTS}[id eq "{one["id"]}"]'


@pytest.mark.rule("AC-31", "D-25", "D-31")
def test_ending_locks_at_once(
    scim: Scim, dream_n: RelyingParty, browser: Browser, office: Office, people: People
) -> None:
    """Event, message once, tokens revoked, UserInfo 401; old and new value are logged under the client's name."""
    person, user = people["T01"], of(scim, people, "T01")
    signed_in = dream_n.sign_in(browser, person)
    locked = scim.patch(user["id"], op("replace", only(user), ENDED))
    assert locked[TEACHER]["serviceState"]["reason"] == "not_in_service"
    assert (state(user), state(locked), state(scim.get(user["id"]))) == ("unlocked", "locked", "locked")
    assert dream_n.userinfo(signed_in.access_token).status_code == 401
    assert [message.code for message in office.messages(person)] == ["MSG-LOCK-MAIL"]
    for action in ("service.lock.begin", "service.assignment.ended"):
        (event,) = office.events(action, person)
        assert (event.actor, event.detail["reason"]) == ("client:county-system", "SCIM")
    assert (event.detail["old"].get("end_date"), event.detail["new"]["end_date"]) == (None, "2024-07-31")
    assert len(office.events("token.revoked_by_lock", person)) == 1
    assert scim.patch(user["id"], op("replace", only(user), ENDED)) == locked
    assert len(office.messages(person)) == 1


@pytest.mark.rule("D-25")
def test_restoring_unlocks(scim: Scim, dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """A new confirmed assignment, or taking back an end that was wrong, restores her without any application."""
    for key, operations in (
        ("T06", [op("add", ASSIGNMENTS, [entry("994501", "2020-08-01")])]),
        ("T04", [op("remove", f"{ASSIGNMENTS}.endDate"), op("remove", f"{ASSIGNMENTS}.endReason")]),
        ("T05", [op("remove", f"{ASSIGNMENTS}.suspendedFrom")]),
    ):
        user = of(scim, people, key)
        assert state(user) == "locked"
        if key == "T06":
            operations[0]["value"][0]["startDate"] = (
                date.fromisoformat(assignments(user)[0]["endDate"]) + DAY
            ).isoformat()
        assert state(scim.patch(user["id"], *operations)) == "unlocked"
        assert [message.code for message in office.messages(people[key])] == ["MSG-RESTORE-MAIL"]
        assert len(office.events("service.lock.end", people[key])) == 1
    assert dream_n.sign_in(browser, people["T06"]).claims["name"] == people["T06"]["name"]
    (row,) = [one for one in office.services(people["T06"]) if one.end_date is None]
    assert (row.source, row.confirmed_by) == ("authority", "client:county-system")


@pytest.mark.rule("D-21")
def test_confirming_and_refusing(scim: Scim, office: Office, people: People) -> None:
    """A self-declared assignment is confirmed, or removed, which refuses it; neither is taken back."""
    for key in ("T14", "T09"):
        user = of(scim, people, key)
        ident = next(one["id"] for one in assignments(user) if not one["confirmed"])
        found = scim.patch(user["id"], op("replace", f'{ASSIGNMENTS}[id eq "{ident}"].confirmed', True))
        assert state(found) == "unlocked"
        assert [event.actor for event in office.events("service.assignment.confirmed", people[key])] == [
            "client:county-system"
        ]
        refused = op("replace", f'{ASSIGNMENTS}[id eq "{ident}"].confirmed', False)
        assert scim.refused(user["id"], refused) == (400, "mutability")
    declared = scim.create("newone1", assignments=[entry(confirmed=False)])
    assert state(declared) == "unlocked_unverified"
    gone = scim.patch(declared["id"], op("remove", f"{ASSIGNMENTS}[confirmed eq false]"))
    assert (state(gone), assignments(gone)) == ("locked", [])
    (row,) = office.services({"account": "newone1"})
    assert row.refused_at is not None


@pytest.mark.rule("D-31")
def test_history_does_not_vanish(scim: Scim, people: People) -> None:
    """A confirmed assignment is neither removed nor left out of a replacement, nor moved to another school or day."""
    user = of(scim, people, "T07")
    path, first = f"/Users/{user['id']}", assignments(user)[0]
    assert scim.refused(user["id"], op("remove", ASSIGNMENTS)) == (400, "invalidValue")
    assert scim.refused(user["id"], op("remove", f'{ASSIGNMENTS}[id eq "{first["id"]}"]')) == (400, "invalidValue")
    assert scim.error("PUT", path, user | {TEACHER: {"assignments": [first]}}) == (400, "invalidValue")
    assert scim.error("PUT", path, user | {TEACHER: {"assignments": []}}) == (400, "invalidValue")
    for name, value in (
        *(("schoolCode", "994501"), ("titleCode", "J30"), ("kind", "additional"), ("startDate", "2001-01-01")),
        ("id", "x"),
    ):
        changed = op("replace", f'{ASSIGNMENTS}[id eq "{first["id"]}"].{name}', value)
        assert scim.refused(user["id"], changed) == (400, "mutability")
        replaced = [first | {name: value}, assignments(user)[1]]
        assert scim.error("PUT", path, user | {TEACHER: {"assignments": replaced}})[0] == 400
    assert scim.get(user["id"]) == user


def test_a_replacement_may_leave_identifiers_out(scim: Scim) -> None:
    """A system that keeps none of ours names school, kind and first day; so it may push the same state every night."""
    user = scim.create("newone1", assignments=[entry(), entry("994602", kind="additional")])
    body = new_user("newone1", assignments=[entry("994602", kind="additional"), entry() | ENDED])
    found = scim.ok("PUT", f"/Users/{user['id']}", body)
    assert {one["id"] for one in assignments(found)} == {one["id"] for one in assignments(user)}
    assert [one.get("endReason") for one in assignments(found)] == ["retired", None]
    assert scim.ok("PUT", f"/Users/{user['id']}", body) == found


def test_what_lacks_may_be_filled_in(scim: Scim, office: Office, people: People) -> None:
    """An incomplete entry becomes complete; that is no change of history."""
    row = ServiceAssignment(kind="primary", source="self_declared", account_id=office.id_of(people["T12"]))
    from idp.accounts import service
    from tests.support.office import change

    with office.app.app_context():
        service.create(row, change())
    user = of(scim, people, "T12")
    assert (state(user), user[TEACHER]["serviceState"]["reason"]) == ("locked", "service_data_pending")
    done = scim.patch(user["id"], op("replace", only(user), entry()))
    assert state(done) == "unlocked"
    assert len(assignments(done)) == 1


@pytest.mark.rule("D-29")
@pytest.mark.parametrize(("fact", "since"), [("endDate", -19), ("suspendedFrom", -20)])
def test_a_late_entry(fact: str, since: int, scim: Scim, dream_n: RelyingParty, office: Office, people: People) -> None:
    """D-29: sign-ins since the first wrong day are listed: the one after the last in service, the first suspended one."""
    dream_n.sign_in(Browser(office.app), people["T02"])
    user, today = of(scim, people, "T02"), taipei_day(datetime.now(UTC))
    reason = {"endReason": "retired"} if fact == "endDate" else {}
    entered = op("replace", only(user), reason | {fact: (today - 20 * DAY).isoformat()})
    assert state(scim.patch(user["id"], entered)) == "locked"
    (event,) = office.events("roaming.after_the_fact", people["T02"])
    assert event.detail["since"] == (today + since * DAY).isoformat()


@pytest.mark.rule("D-19", "D-30")
def test_a_transfer_in_one_request(scim: Scim, office: Office, people: People, loaded_on: date) -> None:
    """End here, begin there the next day: she is never locked, and hears nothing."""
    user = of(scim, people, "T02")
    end = {"endDate": loaded_on.isoformat(), "endReason": "transferred"}
    begin = entry("994501", (loaded_on + DAY).isoformat())
    found = scim.patch(user["id"], op("replace", only(user), end), op("add", ASSIGNMENTS, [begin]))
    assert state(found) == "unlocked"
    assert office.messages(people["T02"]) == []
    version = found["meta"]["version"]
    with time_machine.travel(datetime.now(UTC) + 2 * DAY, tick=True):
        scim.token = Scim(office.app, client_id="later").token
        later = scim.get(user["id"])
    assert (state(later), later["meta"]["version"] == version) == ("unlocked", True)


@pytest.mark.rule("D-30")
def test_a_locked_teacher_is_never_shown_as_unlocked(scim: Scim, office: Office, people: People) -> None:
    """The state is of the day, also when no job has run: it changes at midnight, and the version with it."""
    user = of(scim, people, "T17")
    assert state(user) == "unlocked"
    with time_machine.travel(datetime.now(UTC) + 31 * DAY, tick=True):
        scim.token = Scim(office.app, client_id="later").token
        later = scim.get(user["id"])
        listed = scim.ok("GET", '/Users?filter=userName eq "lai1717"')["Resources"]
    assert (state(later), listed) == ("locked", [later])
    assert "since" not in later[TEACHER]["serviceState"]
    assert later["meta"]["version"] != user["meta"]["version"]


@pytest.mark.parametrize(
    "bad",
    [
        *({"schoolCode": code} for code in ("000000", "", 994601, "x" * 100)),
        *({"titleCode": code} for code in ("J99", "", 40)),
        *({"startDate": day} for day in ("2020-13-01", "20200801", "109/08/01", "2020-08-01T00:00:00Z", "", 2020)),
        *({"kind": kind} for kind in ("main", "", 1)),
        *({"endDate": day, "endReason": "retired"} for day in ("2019-01-01", "soon", None)),
        *({"endDate": "2024-07-31", "endReason": reason} for reason in ("dismissed", None, 1)),
        *({"suspendedFrom": first, "suspendedUntil": "2021-01-01"} for first in (None, "2021-01-02")),
        *({"note": note} for note in ("x" * 201, "a\nb", 1)),
        {"confirmed": "perhaps"},
        {"confirmed": []},
        {"id": "0" * 48},
    ],
)
def test_bad_assignments(scim: Scim, bad: dict[str, Any]) -> None:
    """400, at creation and later, and nothing is changed."""
    assert scim.error("POST", "/Users", new_user("newone1", assignments=[entry() | bad]))[0] == 400
    user = scim.create("newone1")
    assert scim.refused(user["id"], op("add", ASSIGNMENTS, [entry() | bad])) == (400, "invalidValue")
    assert scim.get(user["id"]) == user


def test_one_primary_at_a_time(scim: Scim, people: People) -> None:
    """Two without an end, or two that share a day: refused, for a new User and for an old one."""
    for second in (entry("994602", "2021-08-01"), entry("994602", "2019-08-01", **{**ENDED, "endDate": "2020-08-01"})):
        assert scim.error("POST", "/Users", new_user("newone1", assignments=[entry(), second])) == (400, "invalidValue")
        user = of(scim, people, "T01")
        shared = second | {"startDate": "2015-08-01"}
        assert scim.refused(user["id"], op("add", ASSIGNMENTS, [shared])) == (400, "invalidValue")
    assert scim.error("POST", "/Users", new_user("newone1", assignments=[entry(), entry() | ENDED]))[0] == 400
