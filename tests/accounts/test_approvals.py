"""The states of a business account: what the table has, what it lacks, and what each step demands (DOMAIN §1.3)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask

from idp.accounts import approvals, business
from idp.accounts.accounts import NewAccount, close_account
from idp.accounts.approvals import TRANSITIONS, By, Event, Step, StepRefused, Why
from idp.accounts.models import AccountType, BusinessKind, BusinessState
from scopes.roc import taipei_day
from tests.support.business import Registry

SCHOOL, CENTRE, OTHER_CENTRE, NATIONAL = "sch993501", "rcsouth01", "rcnorth01", "natadm01"
S, E = BusinessState, Event
TABLE = [
    (None, "applied", By.APPLICANT, "pending_fax"),
    ("pending_fax", "corrected", By.APPLICANT, "pending_fax"),
    ("pending_fax", "fax_received", By.CENTRE, "pending_review"),
    ("pending_review", "approved", By.CENTRE, "active"),
    ("pending_review", "returned", By.CENTRE, "pending_fax"),
    ("pending_review", "rejected", By.CENTRE, "rejected"),
    ("active", "disabled", By.NATIONAL_CENTRE, "disabled"),
]
"""The table of DOMAIN §1.3, copied, and the correction that follows a return."""
LACKING = [(state, event) for state in S for event in E if (state, event) not in TRANSITIONS]


@pytest.fixture
def registry(app: Flask) -> Registry:
    """The business accounts."""
    return Registry(app)


def apply_again(step: Step) -> None:
    """Apply under the account's own name."""
    new = NewAccount(step.by.login_name, "x", "correct horse battery", AccountType.BUSINESS, agreement_accepted=True)
    made = business.Application(new, "x@example.tw", BusinessKind.OTHER, "x", "霧松縣", None)
    if business.apply(made, now=step.now) is None:
        raise StepRefused(Why.STATE)


STEPS: dict[Event, Callable[[Step], None]] = {
    E.APPLIED: apply_again,
    E.CORRECTED: lambda step: business.correct(step.account_id, "新聯絡人", "x@example.tw", now=step.now),
    E.FAX_RECEIVED: lambda step: approvals.receive_fax(step, taipei_day(step.now), "第1號"),
    E.APPROVED: approvals.approve,
    E.RETURNED: lambda step: approvals.return_for_correction(step, "印章不清楚"),
    E.REJECTED: lambda step: approvals.reject(step, "不是學校"),
    E.DISABLED: lambda step: approvals.disable(step, "單位裁撤"),
}


def take(registry: Registry, event: Event, account: str, by: str) -> None:
    """Take a step."""
    step = registry.step(account, by)
    with registry.app.app_context():
        STEPS[event](step)


def refused(registry: Registry, event: Event, account: str, by: str) -> Why:
    """Take a step that must be refused and must change nothing; return why."""
    before = registry.everything()
    with pytest.raises(StepRefused) as found:
        take(registry, event, account, by)
    assert registry.everything() == before
    return found.value.why


@pytest.mark.no_database
@pytest.mark.rule("R-ACC-4", "D-07")
def test_the_table() -> None:
    """The table is that of DOMAIN §1.3, and every event has a command."""
    wanted = {(S(old) if old else None, E(event)): (S(new), by) for old, event, by, new in TABLE}
    assert wanted == TRANSITIONS
    assert set(STEPS) == set(E)


@pytest.mark.rule("R-ACC-4", "D-07", "AC-08")
@pytest.mark.parametrize(("state", "event"), LACKING, ids=str)
def test_what_the_table_lacks(state: BusinessState, event: Event, registry: Registry) -> None:
    """Every pair of state and event that the table lacks is refused, whoever tries, and changes nothing."""
    registry.set(SCHOOL, state=state, decision_reason="以前的原因")
    for by in (SCHOOL, CENTRE, OTHER_CENTRE, NATIONAL):
        if event is not E.APPLIED or by == SCHOOL:
            assert refused(registry, event, SCHOOL, by) is Why.STATE


@pytest.mark.rule("R-ACC-4", "D-08")
@pytest.mark.parametrize(("state", "event"), [pair for pair, (_, by) in TRANSITIONS.items() if by is not By.APPLICANT])
def test_who_may(state: BusinessState, event: Event, registry: Registry) -> None:
    """What the table has, its actor alone may do: it leads to the new state, with one event of old, new and reason."""
    registry.set(SCHOOL, state=state)
    new, by = TRANSITIONS[state, event]
    actor = CENTRE if by is By.CENTRE else NATIONAL
    others = {CENTRE, OTHER_CENTRE, NATIONAL, "wsedu001", "nataud01", "sch994501"} - {actor}
    assert {refused(registry, event, SCHOOL, other) for other in others} == {Why.NOT_YOURS}
    assert refused(registry, event, SCHOOL, SCHOOL) is Why.OWN_ACCOUNT
    take(registry, event, SCHOOL, actor)
    assert registry.state(SCHOOL) is new
    (noted,) = registry.events(SCHOOL)
    assert (noted.action, noted.actor) == (f"business.{event}", registry.person(actor).actor)
    assert (noted.detail["old"], noted.detail["new"]) == (state, new)
    assert ("reason" in noted.detail) == (event in {E.RETURNED, E.REJECTED, E.DISABLED})


@pytest.mark.rule("D-08")
def test_the_national_centre_decides_on_the_rest(registry: Registry) -> None:
    """A regional centre's own account, a unit without a centre, and one whose centre is no more."""
    registry.set(OTHER_CENTRE, state=S.PENDING_FAX, regional_centre_id=registry.id_of(CENTRE))
    for account in (OTHER_CENTRE, "sub99math"):  # the second belonged to the first, which decides no more
        assert refused(registry, E.FAX_RECEIVED, account, CENTRE) is Why.NOT_YOURS
        take(registry, E.FAX_RECEIVED, account, NATIONAL)
    registry.set(SCHOOL, regional_centre_id=None)
    assert refused(registry, E.APPROVED, SCHOOL, CENTRE) is Why.NOT_YOURS
    take(registry, E.APPROVED, SCHOOL, NATIONAL)


@pytest.mark.rule("D-08")
def test_a_region_is_given_and_taken_over(registry: Registry) -> None:
    """A regional centre gets counties that no other has; units there whose centre is no more become its own."""
    take(registry, E.DISABLED, OTHER_CENTRE, NATIONAL)
    registry.set("wsedu001", kind="regional_centre", state=S.PENDING_REVIEW, counties=[], regional_centre_id=None)
    step = registry.step("wsedu001", NATIONAL)
    for counties, why in (
        ((), Why.COUNTIES),
        (("不存在縣",), Why.COUNTIES),
        (("鯨嶼縣", "霧松縣"), Why.COUNTIES_TAKEN),
    ):
        before = registry.everything()
        with registry.app.app_context(), pytest.raises(StepRefused) as found:
            approvals.approve(step, counties)
        assert (found.value.why, registry.everything()) == (why, before)
    with registry.app.app_context():
        approvals.approve(step, ["鯨嶼縣"])
        approvals.approve(registry.step(SCHOOL, CENTRE), ["霧松縣"])
    assert registry.detail("wsedu001").counties == ["鯨嶼縣"]
    assert registry.events("wsedu001")[-1].detail["counties"] == ["鯨嶼縣"]
    assert registry.detail(SCHOOL).counties == [], "only a regional centre is given counties"
    assert "counties" not in registry.events(SCHOOL)[-1].detail
    assert registry.detail("sub99math").regional_centre_id == registry.id_of("wsedu001")
    assert registry.detail(SCHOOL).regional_centre_id == registry.id_of(CENTRE)


@pytest.mark.rule("AC-08")
def test_no_approval_without_a_fax(registry: Registry) -> None:
    """AC-08: neither while the fax is awaited, nor in a review that came about without one."""
    registry.set(SCHOOL, fax_received_on=None)
    assert refused(registry, E.APPROVED, SCHOOL, CENTRE) is Why.FAX_MISSING
    registry.set(SCHOOL, state=S.PENDING_FAX)
    assert refused(registry, E.APPROVED, SCHOOL, CENTRE) is Why.STATE


@pytest.mark.rule("D-07")
def test_what_is_to_be_stated(registry: Registry) -> None:
    """A reason of 1 to 500 signs; a day of the fax between application and today, in Taipei; a note of at most 200."""
    today = taipei_day(datetime.now(UTC))
    step = registry.step(SCHOOL, CENTRE)
    for command in (approvals.return_for_correction, approvals.reject):
        for reason in ("", "x" * 501):
            with registry.app.app_context(), pytest.raises(StepRefused) as found:
                command(step, reason)
            assert found.value.why is Why.REASON
    registry.set(SCHOOL, state=S.PENDING_FAX)
    for day, text, why in (
        (today + timedelta(days=1), "", Why.FAX_DAY),
        (today - timedelta(days=1), "", Why.FAX_DAY),
        (today, "x" * 201, Why.NOTE),
    ):
        with registry.app.app_context(), pytest.raises(StepRefused) as found:
            approvals.receive_fax(step, day, text)
        assert found.value.why is why
    with registry.app.app_context():
        approvals.receive_fax(step, today, "")
    assert (registry.detail(SCHOOL).fax_received_on, registry.detail(SCHOOL).fax_note) == (today, None)
    registry.set(SCHOOL, state=S.PENDING_FAX)
    with registry.app.app_context():
        approvals.receive_fax(step, today, "x" * 200)
    assert registry.detail(SCHOOL).fax_note == "x" * 200


@pytest.mark.rule("D-07")
def test_the_day_of_a_fax_is_that_of_taipei(registry: Registry) -> None:
    """At 16:30 UTC it is tomorrow in Taipei already."""
    registry.set(SCHOOL, state=S.PENDING_FAX)
    step = registry.step(SCHOOL, CENTRE, datetime(2031, 3, 4, 16, 30, tzinfo=UTC))
    with registry.app.app_context():
        approvals.receive_fax(step, date(2031, 3, 5), "")
    assert registry.state(SCHOOL) is S.PENDING_REVIEW


@pytest.mark.rule("D-07")
def test_a_return_needs_another_fax(registry: Registry) -> None:
    """The first fax is void; the reason stands until the next fax, and correcting is possible only until then."""
    take(registry, E.RETURNED, SCHOOL, CENTRE)
    detail = registry.detail(SCHOOL)
    assert (detail.state, detail.fax_received_on, detail.decision_reason) == (S.PENDING_FAX, None, "印章不清楚")
    assert refused(registry, E.APPROVED, SCHOOL, CENTRE) is Why.STATE
    take(registry, E.CORRECTED, SCHOOL, CENTRE)
    take(registry, E.FAX_RECEIVED, SCHOOL, CENTRE)
    assert registry.detail(SCHOOL).decision_reason is None
    assert refused(registry, E.CORRECTED, SCHOOL, CENTRE) is Why.STATE
    take(registry, E.APPROVED, SCHOOL, CENTRE)
    assert registry.detail(SCHOOL).decided_by == registry.id_of(CENTRE)
    assert [event.action.removeprefix("business.") for event in registry.events(SCHOOL)] == [
        *("returned", "corrected", "fax_received", "approved")
    ]


def test_only_what_was_returned_is_corrected(registry: Registry) -> None:
    """While the first fax is awaited nothing is to be corrected yet; bad values are a mistake of the caller."""
    assert refused(registry, E.CORRECTED, "sub99math", NATIONAL) is Why.STATE
    with registry.app.app_context(), pytest.raises(ValueError):
        business.correct(1, "", "x@example.tw", now=datetime.now(UTC))


def test_no_such_account(registry: Registry, app: Flask) -> None:
    """Closed accounts, teachers and unknown ids are nothing to decide on."""
    with app.app_context():
        close_account(registry.id_of(SCHOOL), actor="tests", now=datetime.now(UTC))
    assert refused(registry, E.APPROVED, SCHOOL, CENTRE) is Why.UNKNOWN
    assert refused(registry, E.APPROVED, "wang0101", CENTRE) is Why.UNKNOWN


@pytest.mark.rule("R-ACC-4")
def test_two_decisions_at_the_same_time(registry: Registry) -> None:
    """Of four decisions at once one wins; the others find the state changed, and one event is written."""
    start, step = Barrier(4), registry.step(SCHOOL, CENTRE)

    def run(event: Event) -> Why | None:
        start.wait()
        try:
            with registry.app.app_context():
                STEPS[event](step)
        except StepRefused as refusal:
            return refusal.why
        return None

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(run, [E.APPROVED, E.REJECTED, E.APPROVED, E.RETURNED]))
    assert sorted(map(str, outcomes)) == ["None", *["Why.STATE"] * 3]
    (noted,) = registry.events(SCHOOL)
    assert noted.detail["new"] == registry.state(SCHOOL)
