"""Users: create, read, replace, delete (RFC 7644 §3.3 - §3.6), and what of them never changes (Art.4, D-04, D-05)."""

from typing import Any

import pytest
from sqlalchemy import select

from idp.accounts.models import Account, AccountType
from tests.pages import Browser
from tests.scim.support import TEACHER, USER, Scim, assignments, entry, event_count, new_user, op, state
from tests.support.office import Office, People

ADDRESSES: tuple[Any, ...] = ("", "x", "a@b", "a b@c.tw", "a@b.tw\nBcc: c@d.tw", None, 1)

BAD_IDS: tuple[object, ...] = ("", "x" * 101, "a\tb", 7, {})


@pytest.mark.spec("RFC 7644", "3.3")
@pytest.mark.spec("RFC 7643", "4.1")
def test_creation(scim: Scim, office: Office) -> None:
    """201 with Location, ETag and the whole User; the account has no password and its agreement is still to be accepted."""
    body = new_user("NewOne1", externalId="P-17", emails=[{"value": "new@example.tw", "type": "work", "primary": True}])
    answer = scim.send("POST", "/Users", body)
    user = answer.get_json(force=True)
    assert answer.status_code == 201
    assert answer.headers["Location"] == user["meta"]["location"] == f"{scim.rp.issuer}/scim/v2/Users/{user['id']}"
    assert answer.headers["ETag"] == user["meta"]["version"]
    assert {name: user[name] for name in ("userName", "externalId", "displayName", "name", "active", "userType")} == {
        "userName": "newone1",
        "externalId": "P-17",
        "displayName": "新進教師",
        "name": {"formatted": "新進教師"},
        "active": True,
        "userType": "teacher",
    }
    assert user["emails"] == [{"value": "new@example.tw", "type": "work", "primary": True}]
    assert user["meta"]["resourceType"] == "User"
    assert user["meta"]["created"] == user["meta"]["lastModified"]
    assert set(user["schemas"]) == {USER, TEACHER}
    assert scim.get(user["id"]) == user
    account = office.account("newone1")
    assert (account.password_hash, account.agreement_version, account.type) == ("", 0, AccountType.TEACHER)
    assert account.email_verified_at is not None


@pytest.mark.rule("R-ACC-1", "D-03")
def test_nobody_gets_in_without_a_password(scim: Scim, browser: Browser) -> None:
    """An account that was pushed opens for no password, the empty one and our marks least of all."""
    scim.create("newone1")
    for password in ("", " ", "!", "x"):
        assert browser.log_in("newone1", password).has("login-submit")


@pytest.mark.spec("RFC 7644", "3.3")
@pytest.mark.rule("D-05")
def test_names_are_unique_for_ever(scim: Scim, people: People, staff: Any) -> None:
    """409 uniqueness: a teacher's, a business account's, a closed and a deleted one's name, whatever its case."""
    for taken in (people["T01"]["account"], people["T01"]["account"].upper(), staff("sub99math")["account"]):
        assert scim.error("POST", "/Users", new_user(taken)) == (409, "uniqueness")
    for name, method in (("closed1", "PATCH"), ("deleted1", "DELETE")):
        ident = scim.create(name)["id"]
        if method == "PATCH":
            scim.patch(ident, op("replace", "active", False))
        else:
            scim.ok("DELETE", f"/Users/{ident}", status=204)
        assert scim.error("POST", "/Users", new_user(name)) == (409, "uniqueness")
    scim.create("newone1", externalId="x")
    assert scim.error("POST", "/Users", new_user("newone2", externalId="x")) == (409, "uniqueness")
    assert scim.error("GET", "/Users/newone2") == (404, None)


@pytest.mark.spec("RFC 7644", "3.12")
@pytest.mark.parametrize(
    ("changes", "scim_type"),
    [
        *(
            ({"userName": name}, "invalidValue")
            for name in ("short", "1digits", "nodigits", "toolongname123", "a b c 1")
        ),
        *(({"userName": None}, "invalidValue"), ({"userName": 7}, "invalidValue"), ({"userName": ""}, "invalidValue")),
        *(({"displayName": name}, "invalidValue") for name in (None, "", " ", "x" * 51, "a\nb", 7, ["x"])),
        *(({"externalId": text}, "invalidValue") for text in BAD_IDS),
        *(({"emails": [{"value": text}]}, "invalidValue") for text in ADDRESSES),
        ({"emails": [{"value": "a@b.tw"}, {"value": "c@d.tw"}]}, "invalidValue"),
        ({"emails": [{"value": "a@b.tw", "type": "home"}]}, "invalidValue"),
        ({"emails": "a@b.tw"}, "invalidValue"),
        ({"active": "perhaps"}, "invalidValue"),
        ({"active": False}, "mutability"),
        ({"password": "a-secret-1234"}, "invalidSyntax"),
        ({"nickName": "x"}, "invalidSyntax"),
        ({"roles": [{"value": "admin"}]}, "invalidSyntax"),
        ({"urn:x:y:User": {"a": 1}}, "invalidSyntax"),
        ({"schemas": [USER, "urn:x:y:User"]}, "invalidSyntax"),
    ],
)
def test_bad_users_are_not_made(scim: Scim, office: Office, changes: dict[str, Any], scim_type: str) -> None:
    """A clear error, and nothing is left behind."""
    before = event_count(office)
    assert scim.error("POST", "/Users", new_user("newone1") | changes) == (400, scim_type)
    assert event_count(office) == before
    assert scim.ok("GET", '/Users?filter=userName sw "newone"')["totalResults"] == 0


@pytest.mark.spec("RFC 7644", "3.3")
def test_what_is_read_only_is_ignored(scim: Scim) -> None:
    """id, meta, name, userType and the service state are ours."""
    body = new_user("newone1", id="mine", meta={"version": "x"}, name={"formatted": "別名"}, userType="admin")
    body[TEACHER] = {"serviceState": {"state": "unlocked"}}
    user = scim.ok("POST", "/Users", body, status=201)
    assert (user["id"] == "mine", user["userType"], user["name"]) == (False, "teacher", {"formatted": "新進教師"})
    assert state(user) == "locked"


@pytest.mark.rule("Art.3")
def test_business_accounts_are_no_users(scim: Scim, office: Office) -> None:
    """Neither listed nor found nor opened by an identifier of theirs."""
    from idp.scim.identifiers import USER as KIND
    from idp.scim.identifiers import identifier

    listed = {user["userName"] for user in scim.ok("GET", "/Users?count=200")["Resources"]}
    business = office.rows(select(Account).where(Account.type == AccountType.BUSINESS))
    assert business
    assert not listed & {account.login_name for account in business}
    with office.app.app_context():
        ident = identifier(KIND, business[0].id)
    for method, body in (("GET", None), ("PUT", new_user()), ("PATCH", {"Operations": [op("remove", "emails")]})):
        assert scim.error(method, f"/Users/{ident}", body) == (404, None)
    assert scim.error("DELETE", f"/Users/{ident}") == (404, None)


@pytest.mark.spec("RFC 7644", "3.5.1")
def test_replacement(scim: Scim, office: Office) -> None:
    """What is left out is cleared; assignments and active that are left out stay; the log names what changed."""
    user = scim.create("newone1", externalId="x", emails=[{"value": "a@b.tw"}], assignments=[entry()])
    body = {"schemas": [USER], "userName": "NEWONE1", "displayName": " 新名 "}
    after = scim.ok("PUT", f"/Users/{user['id']}", body)
    assert (after["displayName"], after["userName"], after["active"]) == ("新名", "newone1", True)
    assert not {"emails", "externalId"} & set(after)
    assert assignments(after) == assignments(user)
    assert after["meta"]["version"] != user["meta"]["version"]
    assert after["meta"]["created"] == user["meta"]["created"]
    event = office.events("account.changed")[-1]
    assert (event.actor, event.detail) == ("client:county-system", {"items": ["email", "external_id", "name"]})
    echoed = scim.ok("PUT", f"/Users/{user['id']}", after)
    assert echoed == after


@pytest.mark.spec("RFC 7644", "3.5.1")
@pytest.mark.rule("AC-03", "D-04")
def test_the_name_never_changes(scim: Scim) -> None:
    """400 mutability by PUT and PATCH, also when the rest is fine."""
    user = scim.create("newone1")
    assert scim.error("PUT", f"/Users/{user['id']}", new_user("newone2")) == (400, "mutability")
    assert scim.refused(user["id"], op("replace", "userName", "newone2")) == (400, "mutability")
    assert scim.refused(user["id"], op("replace", value={"userName": "newone2"})) == (400, "mutability")
    assert scim.refused(user["id"], op("remove", "userName")) == (400, "mutability")
    assert scim.get(user["id"]) == user


@pytest.mark.rule("D-05")
def test_a_closed_account_stays_closed(scim: Scim, office: Office, browser: Browser, people: People) -> None:
    """active=false closes for good: it is shown as inactive, never changes and never comes back."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    ident = scim.find(people["T01"]["account"])["id"]
    assert scim.patch(ident, op("replace", "active", False))["active"] is False
    assert browser.get("/account").has("login-submit")
    assert [event.actor for event in office.events("account.closed", people["T01"])] == ["client:county-system"]
    closed = scim.get(ident)
    assert closed["active"] is False
    for change in (op("replace", "active", True), op("replace", "displayName", "x"), op("add", "externalId", "x")):
        assert scim.refused(ident, change) == (400, "mutability")
    assert scim.error("PUT", f"/Users/{ident}", closed | {"active": True}) == (400, "mutability")
    assert scim.patch(ident, op("replace", "active", False)) == closed
    assert len(office.events("account.closed", people["T01"])) == 1


@pytest.mark.spec("RFC 7644", "3.6")
@pytest.mark.rule("D-05")
def test_deletion(scim: Scim, office: Office) -> None:
    """204; then 404 for everything, in no list; address and foreign identifier are forgotten and may serve another."""
    user = scim.create("newone1", externalId="x", emails=[{"value": "a@b.tw"}], assignments=[entry()])
    path = f"/Users/{user['id']}"
    answer = scim.send("DELETE", path)
    assert (answer.status_code, answer.data) == (204, b"")
    for method, body in (("GET", None), ("PUT", user), ("PATCH", {"Operations": [op("remove", "emails")]})):
        assert scim.error(method, path, body) == (404, None)
    assert scim.error("DELETE", path) == (404, None)
    assert scim.ok("GET", '/Users?filter=userName eq "newone1"')["totalResults"] == 0
    account = office.account("newone1")
    assert (account.email, account.external_id, account.closed_at is None) == (None, None, False)
    assert [event.actor for event in office.events("account.withdrawn")] == ["client:county-system"]
    assert scim.create("newone2", externalId="x")["externalId"] == "x"
