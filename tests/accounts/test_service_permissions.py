"""Every role, every page and command of the console, on assignments of the own and of a foreign school (D-31)."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from config.audit import AuditEvent
from config.database import db
from idp.accounts import correction_requests
from idp.accounts.correction_requests import Wish
from idp.accounts.models import BusinessState, ServiceAssignment
from scopes.permissions import Role
from tests.support.console import Keeper, set_role
from tests.support.office import Office, People, change

OWN, FOREIGN = "T16", "T07"  # at 994501, and at 994602 in the same county
FAR = "T09"  # at 993501, in another county
ROLES: dict[str, tuple[str, ...]] = {  # who: whose assignments are there for her
    "school_staff": (OWN,),
    "authority_staff": (OWN, FOREIGN),
    "idp_admin": (OWN, FOREIGN, FAR),
}
END = {"last_day": "2100-01-31", "cause": "retired"}
SUSPEND = {"first_day": "2100-01-31", "until": "2100-02-01"}
ACTIONS: dict[str, dict[str, str]] = {
    "confirm": {},
    "refuse": {},
    "correct": {"title": "J30", "kind": "additional", "started": "2026-01-01"},
    "end": END,
    "suspend": SUSPEND,
    "lift": {"lifted": "2100-01-31"},
    "unsuspend": {},
    "reopen": {},
}


def keeper(app: Flask, role: str) -> Keeper:
    """Return a signed-in person of a role; all facts of an area are there, the role decides which counts."""
    set_role(app, "sch994501", role=role, counties=["霧松縣"], school_code="994501", state=BusinessState.ACTIVE)
    return Keeper(app, "sch994501")


def newest(office: Office, people: People, key: str) -> int:
    """Return the newest assignment of a teacher."""
    return office.services(people[key])[-1].id


def prepare(app: Flask, ident: int, action: str) -> None:
    """Bring an assignment into a state in which the action is possible."""
    states: dict[str, dict[str, Any]] = {
        "confirm": {"confirmed_at": None},
        "refuse": {"confirmed_at": None},
        "lift": {"suspended_from": date(2099, 1, 1)},
        "unsuspend": {"suspended_from": date(2099, 1, 1)},
        "reopen": {"end_date": date(2100, 1, 1), "end_reason": "retired"},
    }
    if facts := states.get(action):
        with app.app_context(), db.session.begin():
            db.session.execute(update(ServiceAssignment).where(ServiceAssignment.id == ident).values(**facts))


def changes(office: Office) -> int:
    """Count the changes that were logged."""
    return len(office.rows(select(AuditEvent).where(AuditEvent.action.startswith("service."))))


@pytest.mark.rule("D-31")
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ROLES)
def test_commands_by_role_and_school(role: str, action: str, app: Flask, office: Office, people: People) -> None:
    """Own school, own county, everywhere: done; anything else is not there, and nothing is written."""
    person = keeper(app, role)
    for key in (OWN, FOREIGN, FAR):
        ident = newest(office, people, key)
        prepare(app, ident, action)
        before = changes(office)
        page = person.act(ident, action, **ACTIONS[action])
        if key in ROLES[role]:
            assert (page.status, page.url) == (200, f"/service/{ident}?done={action}"), (key, page.html[-3000:])
            assert changes(office) > before
        else:
            assert (page.status, changes(office)) == (404, before), key
            assert person.get(f"/service/{ident}").status == 404
            assert person.get(f"/service/{ident}/{action}").status in {404, 405}


@pytest.mark.rule("D-31")
@pytest.mark.parametrize("role", ROLES)
def test_several_at_once_by_role(role: str, app: Flask, office: Office, people: People) -> None:
    """One foreign assignment among the ticked ones stops all of them."""
    person, idents = keeper(app, role), {key: newest(office, people, key) for key in (OWN, FOREIGN, FAR)}
    for ident in idents.values():
        prepare(app, ident, "confirm")
    page = person.send("/service/confirm", {"ids": list(idents.values())})
    if role == "idp_admin":
        assert (page.url, page.text("done")) == ("/service?confirmed=3", "已確認 3 筆服務紀錄。")
        return
    assert page.status == 404
    assert office.events("service.assignment.confirmed") == []
    own = [idents[key] for key in ROLES[role]]
    assert person.send("/service/confirm", {"ids": own}).url == f"/service?confirmed={len(own)}"


@pytest.mark.rule("D-31")
@pytest.mark.parametrize(
    ("school", "roles"),
    [("994501", set(ROLES)), ("994602", {"authority_staff", "idp_admin"}), ("993501", {"idp_admin"})],
)
@pytest.mark.parametrize("role", ROLES)
def test_adding_by_role_and_school(
    role: str, school: str, roles: set[str], app: Flask, office: Office, people: People
) -> None:
    """New assignments only at schools of the area. A school's own code is not asked for, so it cannot be forged."""
    fields = {"account": "kuo1212", "school": school, "title": "J40", "kind": "primary", "started": "113/8/1"}
    page = keeper(app, role).send("/service/new", {**fields, "step": "confirmed"})
    made = [row.school_code for row in office.services(people["T12"])]
    if role == "school_staff":
        assert made == ["994501"]
    else:
        assert made == ([school] if role in roles else [])
        assert page.status == (200 if role in roles else 400)


@pytest.mark.rule("D-11", "D-31")
@pytest.mark.parametrize("role", ROLES)
def test_requests_by_role_and_school(role: str, app: Flask, office: Office, people: People) -> None:
    """Correction requests belong to the school that was asked."""
    person, schools = keeper(app, role), {OWN: "994501", FOREIGN: "994602", FAR: "993501"}
    for key, school in schools.items():
        with app.app_context():
            number = correction_requests.ask(
                office.id_of(people[key]), Wish(None, school, f"wish {key}"), now=change().now
            )
        listed = f"wish {key}" in person.get("/service/requests").html
        assert listed is (key in ROLES[role])
        seen = person.get(f"/service/requests/{number}").status
        done = person.send(f"/service/requests/{number}", {"outcome": "done", "answer": "ok"}).status
        assert (seen, done) == ((200, 200) if listed else (404, 404))
    assert len(office.events("service.correction.answered")) == len(ROLES[role])


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Return every page and command of the console."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("service."):
            with app.test_request_context():
                named = {name: "end" if name == "action" else 1 for name in rule.arguments}
                path = app.url_map.bind("x").build(rule.endpoint, named)
            found += [(method, path) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


@pytest.mark.rule("D-31")
@pytest.mark.parametrize("role", sorted(set(Role) - set(ROLES) - {Role.TEACHER}))
def test_other_roles_stay_outside(role: str, app: Flask, office: Office) -> None:
    """No page and no command of the console is there for any other role."""
    person, seen = keeper(app, role), 0
    for method, path in addresses(app):
        page = person.get(path) if method == "GET" else person.send(path, {"reason": "x"})
        assert page.status == 403, (method, path)
        seen += 1
    assert seen >= 9
    assert not person.get("/account").has("service-data")
    assert changes(office) == 0


@pytest.mark.rule("D-31")
def test_teachers_never_change_assignments(app: Flask, office: Office, people: People) -> None:
    """D-31: teachers may only request; the console is closed to them, their own assignments too."""
    person, ident = Keeper(app, people["T01"]["account"]), newest(office, people, "T01")
    assert {person.get(path).status for method, path in addresses(app) if method == "GET"} == {403}
    for action, fields in ACTIONS.items():
        assert person.act(ident, action, **fields).status == 403
    assert changes(office) == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_strangers_log_in_first(method: str, app: Flask, browser: Any) -> None:
    """Without a session every address of the console leads to the log-in page, or refuses the form."""
    for how, path in addresses(app):
        if how == method:
            page = browser.get(path) if method == "GET" else browser.post(path, {})
            assert page.url.startswith("/login") if method == "GET" else page.status == 403, path


def test_forms_need_their_token(app: Flask, office: Office, people: People) -> None:
    """No command without a form of ours."""
    person, ident = keeper(app, "school_staff"), newest(office, people, OWN)
    for path in (f"/service/{ident}/end", f"/service/{ident}/confirm", "/service/confirm", "/service/new"):
        assert person.browser.post(path, {**END, "reason": "x", "step": "confirmed"}).status == 403
    assert changes(office) == 0


@pytest.mark.rule("D-31")
def test_a_disabled_account_loses_its_area_at_once(app: Flask, office: Office, people: People) -> None:
    """Also within a session that still lives."""
    person, ident = keeper(app, "school_staff"), newest(office, people, OWN)
    assert person.get(f"/service/{ident}").status == 200
    set_role(app, "sch994501", state=BusinessState.DISABLED)
    assert person.get(f"/service/{ident}").has("login-submit")
    assert changes(office) == 0


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "99999999999999999999", "1.5", "x"])
def test_numbers_that_are_none(number: str, app: Flask) -> None:
    """Numbers out of range are addresses that are not there, not faults of ours."""
    person = keeper(app, "idp_admin")
    assert person.get(f"/service/{number}").status == 404
    assert person.get(f"/service/requests/{number}").status == 404
    assert person.get(f"/service?show=all&below={number}").status == 200
    assert person.send("/service/confirm", {"ids": number}).status == 404
