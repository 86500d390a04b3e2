"""Filters as SQL find what ``scim2_models`` finds by looking at every User: the library is the oracle."""

from datetime import date, timedelta
from typing import Any

import pytest
from scim2_models import Context, ScimFilter

from idp.scim.filters import TERMS_MAX
from idp.scim.schemas import TeacherUser
from tests.scim.support import ASSIGNMENTS, SEARCH, TEACHER, USER, Scim, entry, op

A = ASSIGNMENTS
FILTERS = [
    *('userName eq "WANG0101"', 'userName ne "wang0101"', 'userName sw "w"', 'userName ew "01"', 'userName co "0"'),
    *('userName gt "m"', 'userName ge "odd00001"', 'userName lt "b"', 'userName le "chen0303"', "userName pr"),
    *(
        'externalId eq "Ab%_c"',
        'externalId eq "ab%_c"',
        'externalId co "%_"',
        'externalId co "b"',
        'externalId sw "Ab"',
    ),
    *('externalId sw "ab"', 'externalId ew "_c"', "externalId pr", "not (externalId pr)", 'externalId ne "Ab%_c"'),
    *("externalId eq null", "externalId ne null", 'not (externalId eq "Ab%_c")', 'externalId ew "longer than it is"'),
    *('displayName eq "王曉晴"', 'displayName co "師"', 'name.formatted sw "林"', "name pr", 'displayName co ""'),
    *('emails eq "Odd@example.tw"', 'emails.value co "EXAMPLE"', "emails pr", 'not (emails co "x")', "emails.value pr"),
    *('emails[type eq "work"]', 'emails[type eq "work" and value ew ".tw"]'),
    *('emails.type eq "work"', "emails.primary eq true", "emails[primary eq true]", 'emails[value eq "x@y.tw"]'),
    *('userType eq "Teacher"', 'userType eq "student"', "userType pr", "active eq true", "active eq false"),
    *(
        'meta.resourceType eq "User"',
        'meta.created gt "2020-01-01T00:00:00Z"',
        'meta.created lt "2020-01-01T00:00:00Z"',
    ),
    *('meta.lastModified ge "2011-05-13T04:42:34+08:00"', "meta.lastModified pr", "meta.created pr"),
    *(f'schemas eq "{USER}"', f'schemas eq "{TEACHER}"', 'schemas eq "urn:x:y"', "schemas pr"),
    *(f'{USER}:userName eq "wang0101"', "userName pr and not (active eq false)"),
    *(f'{A}.schoolCode eq "994601"', f'{A}.schoolCode ne "994601"', f'{A}.schoolCode sw "9945"', f"{A} pr"),
    *(f'{A}.schoolName co "國民小學"', f'{A}.titleCode eq "J50"', f'{A}.titleName eq "校長"', f"not ({A} pr)"),
    *(f'{A}.kind eq "additional"', f'{A}.endReason eq "retired"', f"{A}.endDate pr", f"{A}.suspendedFrom pr"),
    *(f'{A}.startDate lt "2016-01-01"', f'{A}.startDate eq "2020-08-01"', f'{A}.startDate ge "2020-08-01"'),
    *(f"{A}.confirmed eq true", f"{A}.confirmed eq false", f'{A}.note eq "商借"', f"{A}.note pr"),
    f'{A}[schoolCode eq "994601" and endDate pr]',
    f'{A}[schoolCode eq "994601" and not (endDate pr)]',
    f'{A}[kind eq "primary" and (endReason eq "retired" or endReason eq "departed")]',
    f'{A}[schoolCode ne "994601"]',
    f'userName sw "t" or {A}[titleCode eq "J52"] and active eq true',
    f'(userName sw "t" or {A}[titleCode eq "J52"]) and {A}.confirmed eq true',
    f"not ({A}[endDate pr] or externalId pr)",
]


@pytest.fixture
def everybody(scim: Scim) -> list[dict[str, Any]]:
    """All Users, three odd ones among them: with everything, closed, without anything."""
    odd = scim.create("odd00001", externalId="Ab%_c", emails=[{"value": "odd@example.tw"}], assignments=[entry()])
    scim.patch(scim.create("odd00002")["id"], op("replace", "active", False))
    scim.create("odd00003", externalId="xyz", assignments=[entry(kind="additional", confirmed=False, note="x")])
    assert odd["active"]
    found: list[dict[str, Any]] = scim.ok("GET", "/Users")["Resources"]
    assert len(found) >= 26
    return found


@pytest.mark.spec("RFC 7644", "3.4.2.2")
def test_sql_finds_what_the_oracle_finds(scim: Scim, everybody: list[dict[str, Any]]) -> None:
    """Every operator, on every kind of attribute, in and out of brackets."""
    users = [TeacherUser.model_validate(one, scim_ctx=Context.RESOURCE_QUERY_RESPONSE) for one in everybody]
    found_some = 0
    for text in FILTERS:
        wanted = {user.user_name for user in users if ScimFilter[TeacherUser](text).match(user)}
        listed = scim.ok("POST", "/Users/.search", {"schemas": [SEARCH], "filter": text})
        found = {user["userName"] for user in listed["Resources"]}
        assert found == wanted, text
        assert listed["totalResults"] == len(wanted)
        found_some += 0 < len(wanted) < len(users)
    assert found_some > 50


@pytest.mark.spec("RFC 7644", "3.4.2.2")
def test_an_identifier_is_found(scim: Scim, everybody: list[dict[str, Any]]) -> None:
    """Of a User and of an assignment; a wrong one is nobody's."""
    one = next(user for user in everybody if user["userName"] == "odd00001")
    ident = one[TEACHER]["assignments"][0]["id"]
    for text in (
        f'id eq "{one["id"]}"',
        f'{A}.id eq "{ident}"',
        f'{A}[id eq "{ident}"]',
        f'id eq "{one["id"]}" and id pr',
    ):
        assert [user["userName"] for user in scim.ok("GET", f"/Users?filter={text}")["Resources"]] == ["odd00001"]
    assert scim.ok("GET", f'/Users?filter=id ne "{one["id"]}"')["totalResults"] == len(everybody) - 1
    assert scim.ok("GET", '/Users?filter=id eq "nobody"')["totalResults"] == 0


@pytest.mark.spec("RFC 7644", "3.4.2.2")
@pytest.mark.parametrize(
    "text",
    [
        *("userName", "userName eq", 'userName is "x"', "userName eq x", 'eq "x"', "(", "userName pr and", "[", '"'),
        *(
            'password eq "x"',
            'nickName eq "x"',
            'urn:x:y:z eq "1"',
            'emails[type eq "home"]',
            "active gt true",
            'active co "t"',
        ),
        *('meta.created eq "yesterday"', 'meta.created gt "0001-01-01T00:00:00+14:00"', 'meta.version eq "x"'),
        *(
            f'{TEACHER}:serviceState.state eq "locked"',
            f"{TEACHER}:serviceState pr",
            f'{A} eq "x"',
            f'{A}.nothing eq "x"',
        ),
        *(f'{A}.startDate eq "soon"', f'{A}.startDate co "2020"', f'{A}.startDate eq "2020-02-30"', 'schemas co "u"'),
        *(
            'id co "a"',
            'id gt "a"',
            f'{A}[id sw "a"]',
            f'{A}[{A}.id eq "x"]',
            "meta.location pr",
            'name[formatted eq "x"]',
        ),
        *("not " * 50 + "(userName pr)", " or ".join(["userName pr"] * 200)),
    ],
)
def test_what_cannot_be_asked(scim: Scim, text: str) -> None:
    """invalidFilter, and no accident: unknown attributes, senseless comparisons, what is computed at every answer."""
    assert scim.error("POST", "/Users/.search", {"schemas": [SEARCH], "filter": text}) == (400, "invalidFilter")


def test_how_long_a_filter_may_be(scim: Scim) -> None:
    """As many expressions as TERMS_MAX, the ``or`` that joins them counted, and not one more."""
    for count, status in ((TERMS_MAX - 1, 200), (TERMS_MAX, 400)):
        text = " or ".join(["userName pr"] * count)
        assert scim.send("POST", "/Users/.search", {"schemas": [SEARCH], "filter": text}).status_code == status


def test_a_filter_is_no_sql(scim: Scim) -> None:
    """Quotes and wildcards are values like others."""
    for value in ("' OR '1'='1", "%", "_", "\\\\", '\\"', "wang0101'--", "*"):
        for verb in ("eq", "sw", "ew"):
            assert scim.ok("POST", "/.search", {"filter": f'userName {verb} "{value}"'})["totalResults"] == 0


def test_the_state_follows_the_day(scim: Scim, loaded_on: date) -> None:
    """A day is a day of Taipei: who begins tomorrow has begun on no earlier one."""
    tomorrow = (loaded_on + timedelta(days=1)).isoformat()
    scim.create("odd00004", assignments=[entry(start=tomorrow)])
    for verb, expected in (("gt", []), ("ge", ["odd00004"])):
        text = f'{A}.startDate {verb} "{tomorrow}" and userName sw "odd"'
        assert [user["userName"] for user in scim.ok("GET", f"/Users?filter={text}")["Resources"]] == expected
