"""Article 5(2) and the calendar: everything bites at 00:00 in Taipei, without a job (AC-24, AC-27, AC-39, AC-40)."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from idp.sign_ins import SignIn
from scopes.roc import taipei_midnight
from scopes.service import EndReason
from tests.conftest import Template
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import MakeApp, Office, People

MINUTE = timedelta(minutes=1)


def is_admitted(partner: RelyingParty, browser: Browser, person: dict[str, str]) -> bool:
    """Whether a sign-in goes on to a code; it ends at the refusal page otherwise."""
    page, request = partner.start(browser, person)
    if page.has("refusal-code"):
        return False
    if page.has("consent-approve"):
        page = browser.submit("consent-approve")
    partner.code_of(page, request)
    return True


@pytest.mark.rule("AC-24", "D-30")
def test_t17_until_the_last_day(dream_n: RelyingParty, browser: Browser, people: People, loaded_on: date) -> None:
    """AC-24: T17 roams at L+30 23:59 Taipei; at L+31 00:00 she is refused."""
    midnight = taipei_midnight(loaded_on + timedelta(days=31))
    with time_machine.travel(midnight - MINUTE, tick=False):
        assert is_admitted(dream_n, browser, people["T17"])
    with time_machine.travel(midnight, tick=False):
        assert not is_admitted(dream_n, browser, people["T17"])


@pytest.mark.rule("AC-27")
def test_t20_on_the_first_day(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """AC-27: T20 (starts L+10): when the day L+10 begins and the assignment is confirmed, she is unlocked."""
    midnight = taipei_midnight(loaded_on + timedelta(days=10))
    with time_machine.travel(midnight - MINUTE, tick=False):
        assert not is_admitted(dream_n, browser, people["T20"])
    with time_machine.travel(midnight, tick=False):
        page, _ = dream_n.start(browser, people["T20"])
        assert page.has("refusal-code"), "begun but not confirmed: own message"
        office.confirm(people["T20"])
        assert is_admitted(dream_n, browser, people["T20"])


@pytest.mark.rule("AC-27")
def test_confirmed_early_it_begins_by_itself(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """AC-27: confirmed beforehand, T20 stays locked until L+10 00:00 Taipei and is unlocked then without a command."""
    office.confirm(people["T20"])
    midnight = taipei_midnight(loaded_on + timedelta(days=10))
    with time_machine.travel(midnight - MINUTE, tick=False):
        assert not is_admitted(dream_n, browser, people["T20"])
    with time_machine.travel(midnight, tick=False):
        assert is_admitted(dream_n, browser, people["T20"])


@pytest.mark.rule("D-30")
def test_an_early_entry_changes_nothing_before(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-30: an end recorded for tomorrow: token and sign-ins of today stay good; refused from the day after."""
    signed_in = dream_n.sign_in(browser, people["T01"])
    tomorrow = loaded_on + timedelta(days=1)
    office.end(people["T01"], tomorrow)
    assert dream_n.userinfo(signed_in.access_token).status_code == 200
    assert is_admitted(dream_n, browser, people["T01"])
    with time_machine.travel(taipei_midnight(tomorrow + timedelta(days=1)), tick=False):
        assert not is_admitted(dream_n, Browser(browser.app), people["T01"])


@pytest.mark.rule("D-19")
def test_a_transfer_without_a_gap_never_locks(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-19: new start = old end + 1 day, confirmed: admitted on both sides of midnight, the new school from its start."""
    last = loaded_on + timedelta(days=3)
    office.end(people["T01"], last, EndReason.TRANSFERRED)
    office.add(people["T01"], "994602", last + timedelta(days=1))
    midnight = taipei_midnight(last + timedelta(days=1))
    with time_machine.travel(midnight - MINUTE, tick=False):
        assert dream_n.sign_in(browser, people["T01"]).claims["inservice_school_code"] == "994501"
    with time_machine.travel(midnight, tick=False):
        page, request = dream_n.start(browser, people["T01"])
        assert page.has("changed-continue")
        claims = dream_n.finish(browser.submit("changed-continue"), request).claims
        assert claims["inservice_school_code"] == "994602"


@pytest.mark.rule("D-20")
def test_a_transfer_with_a_gap_locks_the_days_between(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-20: locked from the day after the end until the new assignment begins."""
    last = loaded_on + timedelta(days=3)
    office.end(people["T01"], last, EndReason.TRANSFERRED)
    office.add(people["T01"], "994602", last + timedelta(days=3))
    found = []
    for days in (1, 2, 3):
        with time_machine.travel(taipei_midnight(last + timedelta(days=days)) + MINUTE, tick=False):
            found.append(is_admitted(dream_n, Browser(browser.app), people["T01"]))
    assert found == [False, False, True]


@pytest.mark.rule("AC-39", "D-01")
def test_before_the_amendment_nobody_is_locked(make_app: MakeApp, template: Template, people: People) -> None:
    """AC-39: with the amendment date in the future, Art.5(2) does not refuse T10; he has no school to show."""
    app = make_app(art5_amendment_effective_date=date(2199, 8, 1))
    partner, browser = RelyingParty(app, template.clients["dream-n"]), Browser(app)
    claims = partner.sign_in(browser, people["T10"]).claims
    assert claims["name"] == "鄭淑惠"
    assert not [name for name in claims if name.startswith("inservice_")]
    assert browser.get("/account/functions/register_online").status == 200


@pytest.mark.rule("AC-39", "D-01")
def test_the_amendment_begins_at_midnight(
    make_app: MakeApp, template: Template, people: People, loaded_on: date
) -> None:
    """D-01: on the amendment's first day, 00:00 Taipei, T10 is refused."""
    first = loaded_on + timedelta(days=2)
    app = make_app(art5_amendment_effective_date=first)
    partner = RelyingParty(app, template.clients["dream-n"])
    with time_machine.travel(taipei_midnight(first) - MINUTE, tick=False):
        assert is_admitted(partner, Browser(app), people["T10"])
    with time_machine.travel(taipei_midnight(first), tick=False):
        assert not is_admitted(partner, Browser(app), people["T10"])


@pytest.mark.rule("AC-40", "D-29")
def test_a_late_entry_marks_and_undoes_nothing(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """AC-40: recorded 41 days late: the sign-ins in between are marked after_the_fact and stand; earlier ones don't count."""
    dream_n.sign_in(browser, people["T01"])
    last_day = loaded_on + timedelta(days=10)
    for days in (1, 20):
        with time_machine.travel(taipei_midnight(last_day + timedelta(days=days))):
            dream_n.sign_in(Browser(browser.app), people["T01"])
    with time_machine.travel(taipei_midnight(last_day + timedelta(days=41))):
        assert not office.events("roaming.after_the_fact")
        office.end(people["T01"], last_day)
        assert not is_admitted(dream_n, Browser(browser.app), people["T01"])
    marked = office.events("roaming.after_the_fact", people["T01"])
    assert len(marked) == 2
    assert {event.client_id for event in marked} == {"dream-n"}
    assert all(event.detail["since"] == (last_day + timedelta(days=1)).isoformat() for event in marked)
    assert not office.events("token.revoked_by_lock")
    assert all(sign_in.revoked_at is None for sign_in in office.rows(select(SignIn))), "nothing is undone"


@pytest.mark.rule("AC-40", "D-29")
def test_a_late_suspension_marks_from_its_first_day(
    dream_n: RelyingParty, browser: Browser, office: Office, people: People, loaded_on: date
) -> None:
    """D-29: a suspension is wrong in hindsight from its first day on: sign-ins of that day count, of the day before not."""
    first = loaded_on + timedelta(days=10)
    for days in (-1, 0):
        with time_machine.travel(taipei_midnight(first + timedelta(days=days)) + MINUTE):
            dream_n.sign_in(Browser(browser.app), people["T01"])
    with time_machine.travel(taipei_midnight(first + timedelta(days=20))):
        office.suspend(people["T01"], first)
    (marked,) = office.events("roaming.after_the_fact", people["T01"])
    assert marked.detail["since"] == first.isoformat()
