"""Confirmation by letter and reply, and what a missing reply does (AC-54, AC-55)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from clients import registry
from clients.duties import confirmations
from clients.duties.confirmation_rules import ConfirmationState, Standing
from clients.lifecycle import CaseState
from clients.models import Case, Client
from clients.procedure.steps import StepRefused, Why
from config.audit import AuditEvent
from config.database import db
from config.snapshot import snapshots
from scopes.roc import taipei_day
from tests.support.cases import ADMIN, APPLICANT, OFFICER, Procedure

OURS, THEIRS = "示範師字第1100000303號", "示範教字第1100000404號"


def later(days: int) -> datetime:
    """Return an instant so many days ahead."""
    return datetime.now(UTC) + timedelta(days=days)


def standing(procedure: Procedure, case: int, now: datetime) -> Standing:
    """Return where the confirmation of a live case stands."""
    with procedure.app.app_context(), db.session.begin():
        held = confirmations.of_case(db.session.get_one(Case, case), taipei_day(now))
    assert held is not None
    return held


def send(procedure: Procedure, case: int, now: datetime, number: str = OURS, by: str = ADMIN) -> date:
    """Record our letter of a day."""
    with procedure.app.app_context():
        return confirmations.send_letter(case, procedure.actor(by), number, taipei_day(now), now)


def reply(procedure: Procedure, case: int, now: datetime, number: str = THEIRS, by: str = ADMIN) -> int:
    """Record the reply of a day; return the case."""
    with procedure.app.app_context():
        confirmations.record_reply(case, procedure.actor(by), number, taipei_day(now), now)
    return case


def test_from_the_day_of_going_live(procedure: Procedure) -> None:
    """A letter is recorded from the first minute of the agreed day, whether the daily job ran or not, and not before."""
    today, tomorrow = procedure.agreed(0), procedure.agreed(1, site_name="另一站")
    send(procedure, today, datetime.now(UTC))
    assert procedure.state(today) is CaseState.LIVE
    with pytest.raises(StepRefused) as caught:
        send(procedure, tomorrow, datetime.now(UTC))
    assert caught.value.why is Why.STATE


@pytest.mark.rule("AC-54")
def test_letter_and_reply(procedure: Procedure) -> None:
    """After twelve months the letter is a task; the reply makes it confirmed, with the numbers of both letters."""
    case, year_on = procedure.live(), later(366)
    assert standing(procedure, case, later(300)).state is ConfirmationState.NOT_DUE
    with procedure.app.app_context(), db.session.begin():
        tasks = confirmations.to_do(confirmations.all_due(taipei_day(year_on)))
    assert case in {task.case_id for task in tasks}
    due = send(procedure, case, year_on)
    assert due == taipei_day(year_on) + timedelta(days=30)
    assert standing(procedure, case, year_on).state is ConfirmationState.LETTER_SENT
    reply(procedure, case, year_on + timedelta(days=10))
    assert standing(procedure, case, year_on + timedelta(days=10)).state is ConfirmationState.CONFIRMED
    with procedure.app.app_context(), db.session.begin():
        (kept,) = confirmations.history(case)
    assert (kept.letter_no, kept.reply_letter_no) == (OURS, THEIRS)
    assert kept.items == {
        "cooperation": ["roaming", "reporting"],
        "data": ["name", "school_code", "school_name", "user_id"],
    }
    assert set(kept.contact) == {"name", "phone", "email"}
    assert kept.contact["name"]


@pytest.mark.rule("AC-55")
def test_no_reply_cuts_nothing(procedure: Procedure) -> None:
    """Overdue after thirty days, a warning after sixty more; the client works until an administrator suspends it."""
    case, year_on = procedure.live(), later(366)
    send(procedure, case, year_on)
    assert standing(procedure, case, year_on + timedelta(days=30)).state is ConfirmationState.LETTER_SENT
    long_after = year_on + timedelta(days=91)
    held = standing(procedure, case, long_after)
    assert (held.state, held.warns) == (ConfirmationState.OVERDUE, True)
    assert is_open(procedure, case, long_after)
    procedure.step(case, "X16", ADMIN, {"note": "逾期未函覆", "notice": "示範師字第1100000505號"}, now=long_after)
    assert not is_open(procedure, case, long_after)
    assert procedure.state(case) is CaseState.SUSPENDED


def is_open(procedure: Procedure, case: int, now: datetime) -> bool:
    """Whether teachers may sign in with the production client of a case."""
    with procedure.app.app_context():
        with db.session.begin():
            of_case = select(Client.client_id).where(Client.case_id == case, Client.environment == "production")
            client_id = db.session.scalars(of_case).one()
        snapshots().refresh()
        client = registry.find(client_id)
    assert client is not None
    return client.is_open(taipei_day(now))


Refusal = Callable[[Procedure, int, datetime], object]


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (lambda p, case, now: send(p, case, now, "no number"), Why.EVIDENCE),
        (lambda p, case, now: send(p, case, now, by=OFFICER), Why.PARTY),
        (lambda p, case, now: send(p, case, now, by=APPLICANT), Why.PARTY),
        (reply, Why.STATE),
        (lambda p, case, now: (send(p, case, now), send(p, case, now)), Why.STATE),
        (lambda p, case, now: send(p, case, now) and reply(p, case, now, "no number"), Why.EVIDENCE),
        (lambda p, case, now: send(p, case, now) and reply(p, case, now - timedelta(days=1)), Why.EVIDENCE),
        (lambda p, case, now: send(p, case, now) and reply(p, case, now, by=OFFICER), Why.PARTY),
    ],
)
def test_what_is_refused(procedure: Procedure, attempt: Refusal, why: Why) -> None:
    """Letters need a number and a possible day; the partner records nothing itself; a reply needs a letter."""
    case = procedure.live()
    with pytest.raises(StepRefused) as caught:
        attempt(procedure, case, later(366))
    assert caught.value.why is why


def test_a_letter_of_tomorrow(procedure: Procedure) -> None:
    """A day in the future is a slip of the pen."""
    case, now = procedure.live(), later(366)
    with procedure.app.app_context(), pytest.raises(StepRefused) as caught:
        confirmations.send_letter(case, procedure.actor(ADMIN), OURS, taipei_day(now) + timedelta(days=1), now)
    assert "future" in str(caught.value)


def test_nothing_to_confirm_before_going_live(procedure: Procedure) -> None:
    """A case that is being tested has no confirmation."""
    case = procedure.testing()
    with pytest.raises(StepRefused) as caught:
        send(procedure, case, later(0))
    assert caught.value.why is Why.STATE
    with procedure.app.app_context(), db.session.begin():
        assert confirmations.of_case(db.session.get_one(Case, case), taipei_day(later(400))) is None


def test_both_letters_are_audited(procedure: Procedure) -> None:
    """Who recorded which letter is in the log."""
    case, now = procedure.live(), later(366)
    send(procedure, case, now)
    reply(procedure, case, now)
    with procedure.app.app_context(), db.session.begin():
        actions = (AuditEvent.action.like("case.confirmation%"), AuditEvent.subject == f"case:{case}")
        events = db.session.scalars(select(AuditEvent).where(*actions).order_by(AuditEvent.id)).all()
    assert [(event.action, event.detail["letter_no"]) for event in events] == [
        ("case.confirmation_sent", OURS),
        ("case.confirmation_replied", THEIRS),
    ]
