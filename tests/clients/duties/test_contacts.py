"""The change of a contact (A1-§5(3)): verified by its own mail, with a history (AC-56)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clients.duties import contacts
from clients.duties.contacts import Contact
from clients.models import Case
from clients.procedure.steps import StepRefused, Why
from config.database import db
from scopes.roc import taipei_day
from tests.support.cases import ADMIN, APPLICANT, OFFICER, SECOND_ADMIN, Procedure

NEW = {"officer_name": "林承辦", "officer_phone": "07-7172930轉123", "officer_email": "lin@site.example.com"}


def today() -> date:
    """Return the day in Taipei."""
    return taipei_day(datetime.now(UTC))


def change(procedure: Procedure, case: int, by: str, day: date | None = None, **given: str) -> int:
    """Name another contact."""
    with procedure.app.app_context():
        return contacts.change(case, procedure.actor(by), NEW | given, day or today(), datetime.now(UTC))


def current(procedure: Procedure, case: int, day: date | None = None) -> Contact:
    """Return who counts."""
    with procedure.app.app_context(), db.session.begin():
        return contacts.current(db.session.get_one(Case, case), day or today())


@pytest.mark.rule("AC-56")
def test_the_old_contact_stays_in_the_history(procedure: Procedure) -> None:
    """Recorded by an administrator, the new one counts from its day on; the old one stays, with its dates."""
    case = procedure.live()
    before = current(procedure, case)
    next_week = today() + timedelta(days=7)
    change(procedure, case, ADMIN, next_week)
    assert current(procedure, case) == before
    assert current(procedure, case, next_week).name == "林承辦"
    with procedure.app.app_context(), db.session.begin():
        known = contacts.history(db.session.get_one(Case, case))
    assert [(one.name, one.since, one.until, one.is_verified) for one in known] == [
        ("林承辦", next_week, None, True),
        (before.name, date(2020, 6, 30), next_week, True),
    ]


def test_who_is_not_verified_ends_nothing(procedure: Procedure) -> None:
    """She is in the history, and the old contact has no end."""
    case = procedure.live()
    change(procedure, case, OFFICER)
    with procedure.app.app_context(), db.session.begin():
        known = contacts.history(db.session.get_one(Case, case))
    assert [(one.number == 0, one.until, one.is_verified) for one in known] == [
        (False, None, False),
        (True, None, True),
    ]


@pytest.mark.parametrize("by", [APPLICANT, OFFICER])
def test_a_partner_changes_it_itself(procedure: Procedure, by: str) -> None:
    """It counts when somebody opened the link that was mailed to the new address; opening it twice changes nothing."""
    case = procedure.live()
    before = current(procedure, case)
    made = change(procedure, case, by)
    assert current(procedure, case) == before
    with procedure.app.app_context():
        assert contacts.verify(made, datetime.now(UTC)) == case
        assert contacts.verify(made, datetime.now(UTC)) == case
        assert contacts.verify(made + 1, datetime.now(UTC)) is None
    assert current(procedure, case).email == "lin@site.example.com"


@pytest.mark.parametrize(
    ("field", "typed"),
    [("officer_name", " "), ("officer_phone", "none"), ("officer_email", "two@a.example, three@b.example")],
)
def test_a_contact_is_complete(procedure: Procedure, field: str, typed: str) -> None:
    """Each field is judged as on the form, and named."""
    case = procedure.live()
    with pytest.raises(StepRefused) as caught:
        change(procedure, case, ADMIN, None, **{field: typed})
    assert [fault.field for fault in caught.value.faults] == [field]


def test_nobody_sends_mail_to_strangers_through_us(procedure: Procedure) -> None:
    """Five addresses that nobody verified in a day are enough; verified ones do not count."""
    case = procedure.live()
    made = [change(procedure, case, OFFICER) for _ in range(5)]
    with pytest.raises(StepRefused) as caught:
        change(procedure, case, OFFICER)
    assert caught.value.why is Why.STATE
    with procedure.app.app_context():
        contacts.verify(made[0], datetime.now(UTC))
    assert change(procedure, case, OFFICER)


def test_who_may_not(procedure: Procedure) -> None:
    """Nobody for a case that has ended or was never sent; no stranger ever."""
    case = procedure.open()
    with pytest.raises(StepRefused) as caught:
        change(procedure, case, APPLICANT)
    assert caught.value.why is Why.STATE
    live = procedure.live()
    procedure.step(live, "X18", SECOND_ADMIN, {"note": "停止合作"})
    with pytest.raises(StepRefused) as caught:
        change(procedure, live, ADMIN)
    assert caught.value.why is Why.STATE
