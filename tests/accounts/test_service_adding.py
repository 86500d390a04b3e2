"""Adding an assignment in the console: by the exact account name, at schools of the own area (D-20, D-31)."""

from datetime import date

import pytest
from flask import Flask

from tests.support.console import Keeper, roc
from tests.support.office import Office, People


@pytest.fixture
def school(app: Flask) -> Keeper:
    """The school that adds."""
    return Keeper(app, "sch994501")


@pytest.mark.rule("D-20", "D-31")
def test_a_school_takes_over_a_teacher(school: Keeper, office: Office, people: People, loaded_on: date) -> None:
    """T04 left another school: by her exact account name, her name and nothing else is told; the look-up is logged."""
    fields = {"title": "J40", "kind": "primary", "started": roc(loaded_on), "note": "", "reason": "轉入"}
    page = school.send("/service/new", {**fields, "account": "huang04"})
    assert (page.status, page.has("account-error")) == (400, True)
    page = school.send("/service/new", {**fields, "account": " HUANG04A "})
    assert page.text("person") == "黃雅筑（huang04a）"
    assert "994502" not in page.html
    assert "石橋" not in page.html
    assert len(office.events("service.teacher.looked_up", people["T04"])) == 1
    assert len(office.services(people["T04"])) == 1
    page = school.browser.submit("confirmed")
    assert page.text("service-state") == "在職（完整功能）"
    made = office.services(people["T04"])[-1]
    assert (made.school_code, made.source, made.confirmed_at is not None) == ("994501", "school", True)
    assert school.get(f"/service/{office.services(people['T04'])[0].id}").status == 404


@pytest.mark.parametrize("account", ["hsu0909", "wang0101"])
def test_a_second_primary_is_refused(account: str, school: Keeper, office: Office, people: People) -> None:
    """§2.2: the old school records the end first; the form keeps what was typed and says so beside the kind."""
    fields = {
        "account": account,
        "title": "J40",
        "kind": "primary",
        "started": "116/2/1",
        "note": "<b>",
        "step": "confirmed",
    }
    page = school.send("/service/new", fields)
    assert page.status == 409
    assert "已有主聘服務" in page.text("kind-error")
    assert "116/2/1" in page.html
    assert "<b>" not in page.html
    assert school.send("/service/new", {**fields, "kind": "additional"}).status == 200
    key = {"hsu0909": "T09", "wang0101": "T01"}[account]
    assert office.services(people[key])[-1].kind == "additional"


@pytest.mark.parametrize("account", ["", "nobody99", "sch993501", "x" * 300])
def test_nobody_to_add(account: str, school: Keeper, office: Office) -> None:
    """Unknown names and business accounts are no teachers; nothing is logged as looked up."""
    fields = {"account": account, "title": "J40", "kind": "primary", "started": "114/2/1", "step": "confirmed"}
    page = school.send("/service/new", fields)
    assert (page.status, page.has("account-error")) == (400, True)
    assert office.events("service.teacher.looked_up") == []


@pytest.mark.rule("D-34")
def test_a_closed_school_takes_nobody(app: Flask) -> None:
    """D-34: nobody is added at a school that is closed."""
    authority = Keeper(app, "wsedu001")
    fields = {"account": "kuo1212", "school": "994699", "title": "J40", "kind": "primary", "started": "114/2/1"}
    assert authority.send("/service/new", fields).has("school-error")
