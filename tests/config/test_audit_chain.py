"""The audit log and its hash chain (§7.4): chained behind the writers, recomputed by verify."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from config import audit
from config.audit import AuditEvent
from config.database import db, hot
from tests.pages import Browser
from tests.support.office import Office, People


def add(app: Flask, count: int) -> None:
    """Append events."""
    for number in range(count):
        with app.app_context(), db.session.begin():
            audit.record("test.event", actor="tests", subject=f"account:{number}", detail={"王": [1.5, None, True]})


def chain_all(app: Flask, batch: int = 1000) -> int:
    """Chain until nothing is left; return how many."""
    total = 0
    while True:
        with app.app_context():
            done = audit.chain(batch)
        total += done
        if not done:
            return total


def verify(app: Flask) -> tuple[int, int | None]:
    """Recompute the chain."""
    with app.app_context():
        return audit.verify()


def test_chain_and_verify(app: Flask) -> None:
    """Every event is chained once, in order, in batches of any size; a second run finds nothing to do."""
    add(app, 7)
    with app.app_context():
        total = db.session.scalar(select(func.count()).select_from(AuditEvent))
        assert audit.unchained_count() == total
    assert chain_all(app, batch=3) == total
    assert chain_all(app) == 0
    assert verify(app) == (total, None)
    add(app, 2)
    assert verify(app) == (total, None), "what waits is not part of the chain yet"
    assert chain_all(app) == 2
    assert verify(app) == ((total or 0) + 2, None)


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody"},
        {"action": "other"},
        {"subject": None},
        {"client_id": "dream-n"},
        {"ip": "203.0.113.9"},
        {"detail": {}},
        {"at": datetime.now(UTC) + timedelta(seconds=1)},
        {"chain_hash": "0" * 64},
    ],
)
def test_a_tampered_event_is_found(change: dict[str, object], app: Flask) -> None:
    """Whatever column of a chained event changed: verify names the event and how many before it hold."""
    add(app, 5)
    total = chain_all(app)
    with app.app_context(), db.session.begin():
        victim = db.session.scalars(select(AuditEvent.id).where(AuditEvent.chain_position == total - 2)).one()
        db.session.execute(update(AuditEvent).where(AuditEvent.id == victim).values(change))
    assert verify(app) == (total - 3, victim)


def test_a_removed_event_is_found(app: Flask) -> None:
    """An event taken out of the middle breaks the chain at its successor."""
    add(app, 5)
    total = chain_all(app)
    with app.app_context(), db.session.begin():
        db.session.execute(delete(AuditEvent).where(AuditEvent.chain_position == total - 2))
        successor = db.session.scalars(select(AuditEvent.id).where(AuditEvent.chain_position == total - 1)).one()
    assert verify(app) == (total - 3, successor)


def test_events_of_the_hot_path(app: Flask) -> None:
    """An event may be written on the AUTOCOMMIT connection; it is chained like the others."""
    with app.app_context(), hot() as connection:
        audit.record("test.event", actor="tests", on=connection)
    assert chain_all(app) > 0
    assert verify(app)[1] is None


def test_a_deed_that_fails_leaves_no_event(app: Flask) -> None:
    """Events belong to the transaction of the deed."""

    def deed() -> None:
        with app.app_context(), db.session.begin():
            audit.record("test.event", actor="tests")
            raise OSError

    with pytest.raises(OSError):  # raised three lines above
        deed()
    with app.app_context():
        assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "test.event")).all() == []


def test_what_an_event_holds(office: Office, people: People) -> None:
    """§7.4: type, time in UTC, place, identity of the user; a failed log-in names the account, not what was typed."""
    browser = Browser(office.app, REMOTE_ADDR="203.0.113.9")
    browser.log_in(people["T01"]["account"], "my secret password")
    browser.log_in("nobody01-or-a-password", "x")
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    failed, unknown = office.events("login.failed")
    (succeeded,) = office.events("login.succeeded")
    for event in (failed, unknown, succeeded):
        assert event.ip == "203.0.113.9"
        assert event.at.tzinfo is UTC
    ident = f"account:{office.id_of(people['T01'])}"
    assert (failed.subject, succeeded.subject, succeeded.actor) == (ident, ident, ident)
    assert unknown.subject is None
    with office.app.app_context():
        log = str(db.session.execute(select(AuditEvent.__table__)).all())
    assert "my secret password" not in log
    assert "nobody01" not in log
