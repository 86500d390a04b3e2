"""Article 5(2) by the data of the demo: who is refused and who is not (AC-12 … AC-26)."""

from datetime import date
from typing import Any

import pytest

from scopes.service import AssignmentKind
from tests.acceptance.records import recorded, shown_records
from tests.acceptance.wording import LOCK_PAGE, REASON, UNVERIFIED_PAGE
from tests.conftest import Template
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import MakeApp, Office, Partner, People

SITE = "夢的N次方（示範站）"


def assert_refused(partner: RelyingParty, browser: Browser, person: dict[str, Any], reason: str) -> None:
    """The lock page with the reason; its button returns access_denied."""
    page, _ = partner.start(browser, person)
    facts = {"partner": SITE, "reason": REASON[reason]["zh-TW"], "code": page.text("refusal-code")}
    assert page.text("refusal-text") == LOCK_PAGE["zh-TW"].format(**facts)
    assert browser.follow("refusal-return").answer["error"] == "access_denied"


@pytest.mark.rule("AC-12")
def test_t04_not_renewed(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-12: T04 (未續聘) gets access_denied and MSG-LOCK-PAGE 未在職."""
    assert_refused(dream_n, browser, people["T04"], "not_in_service")


@pytest.mark.rule("AC-13")
def test_t05_suspended(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-13: T05 (停職) is refused."""
    assert_refused(dream_n, browser, people["T05"], "not_in_service")


@pytest.mark.rule("AC-14")
def test_t06_departed(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-14: T06 (離職) is refused."""
    assert_refused(dream_n, browser, people["T06"], "not_in_service")


@pytest.mark.rule("AC-15", "D-20")
def test_t08_transferred_without_a_new_school(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-15: T08 (轉校, no new school) is refused."""
    assert_refused(dream_n, browser, people["T08"], "not_in_service")


@pytest.mark.rule("AC-16", "D-22")
def test_t10_retired_keeps_the_records(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """AC-16: T10 (退休) is refused when roaming, and may query records on the Network."""
    assert_refused(dream_n, browser, people["T10"], "not_in_service")
    page = browser.get("/account/functions/view_own_records")
    assert page.status == 200
    assert shown_records(page) == recorded(office, people["T10"]) != []


@pytest.mark.rule("AC-17", "D-19")
def test_t07_transferred_with_a_new_school(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-17: T07 (轉校, new school confirmed) is allowed and the claim shows 994602."""
    claims = dream_n.sign_in(browser, people["T07"]).claims
    assert claims["inservice_school_code"] == "994602"
    assert claims["inservice_school_name"] == "霧松縣月灣鎮月灣國民小學"


@pytest.mark.rule("AC-18", "D-21")
def test_t09_new_school_not_confirmed(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-18: T09 is refused with 服務單位資訊待確認."""
    assert_refused(dream_n, browser, people["T09"], "service_data_pending")


@pytest.mark.rule("AC-19")
def test_t09_confirmed_by_the_school(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """AC-19: after 993501 confirmed, the next roaming login succeeds without any request by the teacher."""
    assert_refused(dream_n, browser, people["T09"], "service_data_pending")
    office.confirm(people["T09"])
    assert dream_n.sign_in(browser, people["T09"]).claims["inservice_school_code"] == "993501"


@pytest.mark.rule("AC-20")
def test_t12_no_assignment(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-20: T12 (no assignment) is refused with 無服務學校."""
    assert_refused(dream_n, browser, people["T12"], "no_service_school")


@pytest.mark.rule("AC-21", "D-34")
def test_t13_school_closed(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-21: T13 (school closed) is refused with 無服務學校."""
    assert_refused(dream_n, browser, people["T13"], "no_service_school")


@pytest.mark.rule("AC-22", "D-17")
def test_t14_uses_the_network_but_does_not_roam(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-22: T14 (new, unconfirmed) may use Network functions; roaming shows MSG-UNVERIFIED-PAGE."""
    page, _ = dream_n.start(browser, people["T14"])
    facts = {"partner": SITE, "code": page.text("refusal-code")}
    assert page.text("refusal-text") == UNVERIFIED_PAGE["zh-TW"].format(**facts)
    assert browser.follow("refusal-return").answer["error"] == "access_denied"
    for function in ("register_online", "edit_profile", "apply_expertise", "view_own_records"):
        assert browser.get(f"/account/functions/{function}").status == 200
    assert browser.get("/account/functions/roaming_login").status == 403


@pytest.mark.rule("D-17")
def test_the_setting_lets_t14_in(make_app: MakeApp, template: Template, people: People) -> None:
    """D-17: with ROAMING_REQUIRES_CONFIRMED_SERVICE off, T14 roams with what she declared; a locked teacher does not."""
    app = make_app(requires_confirmed_service=False)
    partner = RelyingParty(app, template.clients["dream-n"])
    claims = partner.sign_in(Browser(app), people["T14"]).claims
    assert claims["inservice_school_code"] == "993601"
    assert_refused(partner, Browser(app), people["T09"], "service_data_pending")


@pytest.mark.rule("AC-23", "D-16")
def test_t15_leave_without_pay(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-23: T15 (留職停薪) is allowed."""
    assert dream_n.sign_in(browser, people["T15"]).claims["inservice_school_code"] == "990401"


@pytest.mark.rule("D-16")
def test_t16_seconded(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-16: T16 (商借) stays in service and shows her own school."""
    assert dream_n.sign_in(browser, people["T16"]).claims["inservice_school_code"] == "994501"


@pytest.mark.rule("AC-25", "D-23", "D-24")
def test_t18_additional_school_remains(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-25: T18 (primary ended, additional active) is allowed with 994602."""
    claims = dream_n.sign_in(browser, people["T18"]).claims
    assert claims["inservice_school_code"] == "994602"
    assert claims["inservice_title_name"] == "兼任教師"


@pytest.mark.rule("AC-26", "D-23")
def test_t19_suspended_at_the_primary_school(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-26: T19 (suspended at primary, active elsewhere) is refused."""
    assert_refused(dream_n, browser, people["T19"], "not_in_service")


@pytest.mark.rule("D-23")
def test_suspension_at_an_additional_school_locks_nothing(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-23: a suspension at an additional school only deactivates that one: T03 roams with the primary, no choice."""
    office.suspend(people["T03"], loaded_on)
    page, request = dream_n.start(browser, people["T03"])
    assert not [name for name, _, _ in page.form_with("consent-approve").boxes.values() if name == "assignment"]
    claims = dream_n.finish(browser.submit("consent-approve"), request).claims
    assert claims["inservice_school_code"] == "990301"


@pytest.mark.rule("D-24")
def test_a_new_primary_school_is_shown_where_nothing_was_chosen(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-24: T18 had one school and nothing to choose; when she gets a primary school, that one is released."""
    assert dream_n.sign_in(browser, people["T18"]).claims["inservice_school_code"] == "994602"
    office.add(people["T18"], "994303", loaded_on, kind=AssignmentKind.PRIMARY)
    page, request = dream_n.start(browser, people["T18"])
    if page.has("changed-continue"):
        page = browser.submit("changed-continue")
    assert dream_n.finish(page, request).claims["inservice_school_code"] == "994303"


@pytest.mark.rule("AC-12", "AC-16")
def test_a_locked_teacher_is_refused_at_every_partner(partner: Partner, browser: Browser, people: People) -> None:
    """Art.5(2) holds at every live partner, whatever it asks for."""
    for client_id in ("dream-n", "county-study", "material-hub"):
        page, _ = partner(client_id).start(browser, people["T10"])
        assert page.has("refusal-code")
        assert browser.follow("refusal-return").answer["error"] == "access_denied"
