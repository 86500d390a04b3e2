"""A supplementary case adds to a running cooperation, and ends with its approval (D-40)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from clients.form.checks import Fault
from clients.form.values import Problem
from clients.lifecycle import CaseState
from clients.models import Case, CaseDataItem, Client
from clients.procedure import drafts
from clients.procedure.steps import StepRefused, Why
from clients.procedure.transitions import Party
from clients.procedure.waiting import waits_for
from config.database import db
from tests.support.cases import (
    ADMIN,
    ALL_MET,
    ANSWER,
    APPLICANT,
    APPROVED,
    OFFICER,
    SECOND_ADMIN,
    Procedure,
)
from tests.support.forms import FILLED

LETTER = {"letter_no": "示範教字第1100000101號", "letter_date": "109/08/03", "sender": "示範國教署"}
AGREED = dict.fromkeys(("agree_1", "agree_2", "agree_3", "agree_4"), "yes") | {"filled_on": "109/08/01"}
VERIFIED = {"seal_verified": True, "eligibility_checked": True}
TITLE = {"item_title_code": "yes", "purpose_title_code": "分組"}


def opened(procedure: Procedure, base: int) -> int:
    """Return a supplement whose eligibility is confirmed."""
    with procedure.app.app_context():
        more = drafts.open_supplement(base, procedure.actor(APPLICANT), datetime.now(UTC))
    procedure.step(more, "X2", APPLICANT, ALL_MET)
    procedure.attach(more, "scan_report", "seal_scan")
    return more


def sent(procedure: Procedure, base: int, **answers: str) -> int:
    """Return a supplement that waits for the Ministry."""
    more = opened(procedure, base)
    procedure.save(more, **(AGREED | answers))
    procedure.step(more, "X3", APPLICANT, {"letter": LETTER})
    return more


def added(procedure: Procedure, base: int, items: list[str], **answers: str) -> int:
    """Return a supplement that the Ministry approved."""
    more = sent(procedure, base, **answers)
    answer = {"letter": ANSWER | {"letter_date": "109/09/01"}, "cooperation": ["roaming"], **VERIFIED}
    procedure.approve(more, answer | {"items": items})
    return more


def approved(procedure: Procedure, case: int) -> dict[str, tuple[str, int]]:
    """Return the approved items of a case with purpose and version."""
    with procedure.app.app_context():
        rows = db.session.scalars(select(CaseDataItem).where(CaseDataItem.case_id == case))
        return {row.item: (row.purpose, row.purpose_version) for row in rows if row.approved_at and not row.dropped_at}


def faults(procedure: Procedure, case: int, step: str, by: str, given: Mapping[str, Any]) -> set[tuple[str, Problem]]:
    """Return the faults for which a step is refused."""
    with pytest.raises(StepRefused) as caught:
        procedure.step(case, step, by, given)
    assert caught.value.why is Why.GUARD
    return {(fault.field, fault.problem) for fault in caught.value.faults}


@pytest.mark.rule("AC-52", "D-40")
def test_more_needs_a_supplementary_case(procedure: Procedure) -> None:
    """A further item counts for the running case from its approval on; the first purposes stay, a new text is new."""
    base = procedure.live()
    more = sent(procedure, base, **TITLE, purpose_name="核發時數")
    assert set(approved(procedure, base)) == {"name", "school_code", "school_name", "user_id"}
    answer = {"letter": ANSWER | {"letter_date": "109/09/01"}, "cooperation": ["roaming"], **VERIFIED}
    procedure.approve(more, answer | {"items": ["name", "title_code"]})
    assert approved(procedure, base) == {
        "name": ("核發時數", 2),
        "title_code": ("分組", 1),
        "school_code": ("統計各校參與情形", 1),
        "school_name": ("報名名單顯示服務學校", 1),
        "user_id": ("連結會員資料並回傳研習紀錄", 1),
    }
    with procedure.app.app_context():
        kept = db.session.get_one(Case, base)
        assert kept.state == "live"
        assert {row.item for row in kept.items} == {"roaming", "reporting"}


def test_the_newer_form_counts(procedure: Procedure) -> None:
    """What it says of the site is what the running case says from the approval on, and not before."""
    base = procedure.live()
    renewed = {"audience": "代理教師", "member_count": "12", "site_purpose": "共備", "maintenance": "contractor"}
    renewed |= {"has_test_url": "yes", "test_url": "https://test.example", "scan_target": "https://test.example"}
    renewed |= {"policy_url": "https://site.example/policy-2", "scan_date": "109/06/12"}
    columns = ("audience", "member_count", "site_purpose", "maintenance", "test_url", "scan_target", "scan_date")
    says = ("代理教師", 12, "共備", "contractor", "https://test.example", "https://test.example", date(2020, 6, 12))
    more = sent(procedure, base, **TITLE, **renewed)
    for is_approved in (False, True):
        if is_approved:
            answer = {"letter": ANSWER | {"letter_date": "109/09/01"}, "cooperation": ["roaming"], **VERIFIED}
            procedure.approve(more, answer | {"items": ["title_code"]})
        with procedure.app.app_context():
            kept = db.session.get_one(Case, base)
            found = zip((getattr(kept, name) for name in columns), says, strict=True)
            assert {one == other for one, other in found} == {is_approved}
            assert (kept.privacy_policy == "https://site.example/policy-2") is is_approved


@pytest.mark.rule("AC-52", "R-CLM-2")
def test_the_scope_follows_the_approval(procedure: Procedure) -> None:
    """What the supplement asks for is ``invalid_scope`` until the second administrator approved it, and then at once not."""
    base = procedure.live()
    assert error_of_request(procedure, base) == "invalid_scope"
    more = sent(procedure, base, **TITLE)
    procedure.attach(more, "approval_letter", by=ADMIN)
    answer = APPROVED | {"letter": ANSWER | {"letter_date": "109/09/01"}, "items": ["title_code", "user_id"]}
    procedure.step(more, "X6", ADMIN, answer)
    assert error_of_request(procedure, base) == "invalid_scope"
    procedure.step(more, "X6", SECOND_ADMIN, answer)
    assert error_of_request(procedure, base) == ""


def error_of_request(procedure: Procedure, case: int) -> str:
    """Return with which error the partner's request for the title code comes back; empty if the teacher may log in."""
    with procedure.app.app_context(), db.session.begin():
        query = select(Client.client_id).where(Client.case_id == case, Client.environment == "production")
        client_id = db.session.scalars(query).one()
    request = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": "https://site.example/callback",
        "scope": "openid inservice_title_code",
        "code_challenge": "E" * 43,
        "code_challenge_method": "S256",
    }
    location = procedure.app.test_client().get("/oidc/authorize", query_string=request).location
    return parse_qs(urlsplit(location).query).get("error", [""])[0]


def test_it_starts_from_what_holds_now(procedure: Procedure) -> None:
    """Items that were dropped or not approved are not ticked, those of earlier supplements are; agreements are anew."""
    base = procedure.live()
    added(procedure, base, ["title_code"], **TITLE, item_title_name="yes", purpose_title_name="顯示")
    procedure.step(base, "X19", APPLICANT, {"item": "name"})
    more = opened(procedure, base)
    with procedure.app.app_context():
        answers = db.session.get_one(Case, more).answers
    assert {name for name in answers if name.startswith("item_") and answers[name]} == {
        *("item_school_code", "item_school_name", "item_title_code", "item_user_id"),
    }
    assert (answers["purpose_name"], answers["purpose_title_name"], answers["purpose_title_code"]) == ("", "", "分組")
    assert (answers["site_name"], answers["filled_on"], answers["agree_1"]) == ("教師共學網", "", "")
    assert (answers["coop_roaming"], answers["coop_reporting"]) == ("yes", "yes")


def test_what_was_dropped_or_refused_comes_back(procedure: Procedure) -> None:
    """With its old purpose, and asked of every teacher anew (R-CLM-5)."""
    base = procedure.live()
    old = FILLED["purpose_name"]
    procedure.step(base, "X19", APPLICANT, {"item": "name"})
    added(procedure, base, ["name"], item_name="yes", purpose_name=old)
    assert approved(procedure, base)["name"] == (old, 2)
    refused = procedure.live(APPROVED | {"items": ["school_name", "user_id"]}, site_name="另一站")
    added(procedure, refused, ["name"], item_name="yes", purpose_name=old)
    assert approved(procedure, refused)["name"] == (old, 2)


def test_one_after_another(procedure: Procedure) -> None:
    """Supplements of one case share the site's name with it and with each other, nobody else does while it runs."""
    base = procedure.live()
    added(procedure, base, ["title_code"], **TITLE)
    second = added(procedure, base, ["title_name"], item_title_name="yes", purpose_title_name="顯示")
    assert {"title_code", "title_name"} <= set(approved(procedure, base))
    stranger = procedure.filled_in()
    taken = {("site_name", Problem.TAKEN)}
    assert faults(procedure, stranger, "X3", APPLICANT, {"letter": LETTER}) == taken
    procedure.step(base, "X18", APPLICANT, {"note": "停止服務"})
    assert procedure.state(second) is CaseState.APPROVED
    procedure.step(stranger, "X3", APPLICANT, {"letter": LETTER})


def test_an_open_supplement_keeps_its_name(procedure: Procedure) -> None:
    """A stranger cannot take the site's name while the supplement of an ended case is still open."""
    base = procedure.live()
    more = sent(procedure, base, **TITLE)
    procedure.step(base, "X18", APPLICANT, {"note": "停止服務"})
    stranger = procedure.filled_in()
    assert faults(procedure, stranger, "X3", APPLICANT, {"letter": LETTER}) == {("site_name", Problem.TAKEN)}
    procedure.step(more, "X8", APPLICANT, {"note": "已停止服務"})
    procedure.step(stranger, "X3", APPLICANT, {"letter": LETTER})


@pytest.mark.parametrize(
    ("field", "said"),
    [("site_name", "新站"), ("site_url", "https://new.site.example"), ("operating_unit_name", "另一單位")],
)
def test_another_site_is_another_case(procedure: Procedure, field: str, said: str) -> None:
    """D-40: a new site goes the whole way in a case of its own; the checklist says so at once."""
    base = procedure.live()
    more = opened(procedure, base)
    changed = {field: said} | ({"scan_target": said} if field == "site_url" else {})
    procedure.save(more, **(AGREED | TITLE | changed))
    with procedure.app.app_context():
        assert drafts.missing(more, datetime.now(UTC)) == [Fault(field, Problem.OTHER_SITE)]
    assert faults(procedure, more, "X3", APPLICANT, {"letter": LETTER}) == {(field, Problem.OTHER_SITE)}


def test_nothing_is_added_to_what_is_over(procedure: Procedure) -> None:
    """Neither sent nor sent again nor approved once the cooperation is terminated."""
    base = procedure.live()
    waiting, returned = sent(procedure, base, **TITLE), sent(procedure, base, **TITLE)
    late = opened(procedure, base)
    procedure.save(late, **(AGREED | TITLE))
    procedure.step(returned, "X4", ADMIN, {"reasons": [{"code": "RT-99", "text": "請說明"}]})
    procedure.attach(waiting, "approval_letter", by=ADMIN)
    procedure.step(base, "X18", ADMIN, {"note": "停止合作"})
    over = {("case", Problem.TOO_OLD)}
    assert faults(procedure, late, "X3", APPLICANT, {"letter": LETTER}) == over
    assert faults(procedure, returned, "X5", APPLICANT, {}) == over
    answer = APPROVED | {"letter": ANSWER | {"letter_date": "109/09/01"}, "items": ["title_code", "user_id"]}
    assert faults(procedure, waiting, "X6", ADMIN, answer) == over


def test_it_ends_with_its_approval(procedure: Procedure) -> None:
    """No documents, no termination; it waits for nobody, while a case of its own waits for us."""
    base = procedure.live()
    more = added(procedure, base, ["title_code"], **TITLE)
    documents = {"version": "1", "recipient": "x", "provided_on": "109/09/02"}
    for step, given in (("X9", documents), ("X18", {"note": "x"})):
        assert faults(procedure, more, step, ADMIN, given) == {("case", Problem.NOT_A_CHOICE)}
    assert waits_for(CaseState.APPROVED, has_sheet=False, is_supplement=True) == frozenset()
    assert waits_for(CaseState.APPROVED, has_sheet=False) == {Party.ADMIN}
    assert waits_for(CaseState.SUBMITTED, has_sheet=False, is_supplement=True) == {Party.ADMIN}


def test_a_supplement_is_for_the_applicant_of_a_live_case(procedure: Procedure) -> None:
    """Nobody else opens one, none for a case that is not live, and none for a supplement."""
    live, tested = procedure.live(), procedure.filled_in(site_name="另一站")
    more = added(procedure, live, ["title_code"], **TITLE)
    with procedure.app.app_context():
        for case, by, why in (
            *((live, OFFICER, Why.PARTY), (live, ADMIN, Why.PARTY)),
            *((tested, APPLICANT, Why.STATE), (more, APPLICANT, Why.STATE)),
        ):
            with pytest.raises(StepRefused) as caught:
                drafts.open_supplement(case, procedure.actor(by), datetime.now(UTC))
            assert caught.value.why is why
