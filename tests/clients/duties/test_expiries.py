"""What ends, and its reminders: each once, for the nearest number of days, by mail; nothing is cut off."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from clients.client_secrets import rotate_secret
from clients.duties.expiries import expiries_of, remind_all
from clients.duties.expiry_rules import REMIND_DAYS, Ending, Expiry, due_reminder
from clients.duties.models import Reminder
from clients.models import Case, Client
from config.database import db
from idp.accounts.outbox import Mail
from scopes.roc import taipei_day
from tests.support.cases import Procedure

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (61, None),
        (60, 60),
        (59, 60),
        (31, 60),
        (30, 30),
        (15, 30),
        (14, 14),
        (7, 7),
        (2, 7),
        (1, 1),
        (0, 1),
        (-1, None),
    ],
)
def test_which_reminder_is_due(left: int, days: int | None) -> None:
    """That of the nearest number of days, also when the job did not run on that very day."""
    assert due_reminder(Expiry(Ending.SCAN_REPORT, DAY + timedelta(days=left)), DAY) == days


def test_what_ends(procedure: Procedure) -> None:
    """The scan report, secrets by age and by their replacement, waivers, the confirmation."""
    case, now = procedure.live(), datetime.now(UTC)
    with procedure.app.app_context():
        with db.session.begin():
            client = db.session.scalars(
                select(Client).where(Client.case_id == case, Client.environment == "test")
            ).one()
            client.pkce_waived_until = taipei_day(now) + timedelta(days=5)
            name = client.client_id
        rotate_secret(name, actor="test", now=now)
        rotate_secret(name, actor="test", now=now)
        with db.session.begin():
            found = expiries_of(db.session.get_one(Case, case), now)
    assert {(one.ending, one.of) for one in found} == {
        *((Ending.SCAN_REPORT, ""), (Ending.CONFIRMATION, "")),
        *((Ending.PKCE_WAIVER, name), (Ending.OLD_SECRET, name), (Ending.SECRET_AGE, name)),
    }
    assert found == sorted(found, key=lambda one: (one.ends_on, one.subject))


@pytest.fixture
def waived(procedure: Procedure) -> tuple[int, datetime]:
    """A case in testing whose client has a waiver for 400 more days, and now."""
    case, now = procedure.testing(), datetime.now(UTC)
    with procedure.app.app_context(), db.session.begin():
        client = db.session.scalars(select(Client).where(Client.case_id == case)).one()
        client.pkce_waived_until = taipei_day(now) + timedelta(days=400)
    return case, now


def sent(procedure: Procedure, case: int) -> list[int]:
    """Return for how many days reminders of the waiver went out."""
    with procedure.app.app_context(), db.session.begin():
        mine = (Reminder.case_id == case, Reminder.subject.like("pkce_waiver%"))
        return list(db.session.scalars(select(Reminder.days).where(*mine).order_by(Reminder.id)))


def test_each_reminder_goes_out_once(procedure: Procedure, waived: tuple[int, datetime]) -> None:
    """However often the job runs; a day that was missed loses no reminder."""
    case, now = waived
    for ahead in (339, 340, 340, 345, 371, 386, 393, 399, 400, 401):
        with procedure.app.app_context():
            remind_all(now + timedelta(days=ahead))
    assert sent(procedure, case) == list(REMIND_DAYS)


def test_the_reminder_is_a_mail(make_app: object, waived: tuple[int, datetime]) -> None:
    """To the people of the case and its contact."""
    _, now = waived
    app = make_app(smtp_host="127.0.0.1", mail_from="no-reply@inservice.example")  # type: ignore[operator]
    with app.app_context():
        assert remind_all(now + timedelta(days=399)) >= 1
        with db.session.begin():
            to = set(db.session.scalars(select(Mail.email).where(Mail.code == "CASE-REMINDER")))
    assert {"wsedu001@mail.example", "sch994501@mail.example", "officer@site.example.com"} <= to
