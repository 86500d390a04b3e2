"""Mail goes out by a real SMTP server: both languages, once, retried, encrypted, never with a person's data in the log."""

import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from config.database import db
from idp.accounts.outbox import Mail
from idp.mail.deliver import GIVE_UP_AFTER, next_try, run_once, take
from tests.support.mail import Mailbox, mail_server, text_of
from tests.support.office import MakeApp, Office, People
from tests.support.tls import Authority, server_certificate

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def lock(app: Flask, people: People, day: date) -> None:
    """End T01's service the day before."""
    Office(app).end(people["T01"], day - timedelta(days=1))


def rows(app: Flask) -> list[Mail]:
    """Return the queue."""
    with app.app_context(), db.session.begin():
        return list(db.session.scalars(select(Mail).order_by(Mail.id)))


@pytest.mark.rule("AC-38")
def test_the_lock_mail(mailing: Flask, mailbox: Mailbox, people: People, loaded_on: date) -> None:
    """AC-38, §2.7: MSG-LOCK-MAIL once, in Chinese with the ROC date and in English with the ISO date."""
    lock(mailing, people, loaded_on)
    assert run_once(mailing) == (1, 0)
    assert run_once(mailing) == (0, 0)
    (mail,) = mailbox.mails
    text = text_of(mail)
    assert f"自民國{loaded_on.year - 1911}年" in text
    assert f'As of {loaded_on.isoformat()} your teacher account is recorded as "not in service"' in text
    assert text.index("未在職") < text.index("not in service")
    assert mail["From"] == "no-reply@inservice.example"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_no_server_no_queue(app: Flask, people: People, loaded_on: date, office: Office) -> None:
    """Without SMTP the message is in the account's own box, and the log says so."""
    lock(app, people, loaded_on)
    assert rows(app) == []
    assert office.events("message.sent", people["T01"])[0].detail["by"] == ["box"]


def test_a_refusal_is_retried(mailing: Flask, mailbox: Mailbox, people: People, loaded_on: date) -> None:
    """A server that is busy gets it again later; nothing is lost, nothing doubled."""
    mailbox.answer = "451 later"
    lock(mailing, people, loaded_on)
    assert run_once(mailing) == (0, 1)
    (row,) = rows(mailing)
    assert (row.sent_at, row.attempts, row.last_error) == (None, 1, "SMTPDataError")
    mailbox.answer = "250 kept"
    assert run_once(mailing) == (0, 0)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=31)):
        assert run_once(mailing) == (1, 0)
    assert len(mailbox.mails) == 1


def test_a_server_that_is_away(make_app: MakeApp, people: People, loaded_on: date) -> None:
    """Nobody listens: it stays due, and is given up after two days with its contents forgotten."""
    with mail_server() as gone:
        settings = gone.settings
    app = make_app(**settings)
    lock(app, people, loaded_on)
    assert run_once(app) == (0, 1)
    with time_machine.travel(datetime.now(UTC) + GIVE_UP_AFTER):
        assert run_once(app) == (0, 1)
    (row,) = rows(app)
    assert row.given_up_at is not None
    assert (row.sealed, row.due_at) == (None, None)


@pytest.mark.no_database
def test_the_delays() -> None:
    """30 s, then three times as long each time, at most 3 h; never after 48 h."""
    delays = [next_try(NOW, attempt, NOW) for attempt in (1, 2, 3, 9)]
    assert [delay - NOW for delay in delays if delay] == [
        timedelta(seconds=30),
        timedelta(seconds=90),
        timedelta(seconds=270),
        timedelta(hours=3),
    ]
    assert next_try(NOW, 1, NOW + GIVE_UP_AFTER) is None


def test_two_workers(mailing: Flask, people: People, loaded_on: date) -> None:
    """Of two that take at the same moment one gets the mail."""
    lock(mailing, people, loaded_on)
    now = datetime.now(UTC)

    def taken(_: int) -> bool:
        with mailing.app_context():
            return take(now) is not None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(taken, range(4))) == 1


def test_it_is_encrypted(make_app: MakeApp, people: People, loaded_on: date, tmp_path: Path) -> None:
    """STARTTLS, with a certificate that must be trusted: a stranger's server gets nothing."""
    authority, trusted = Authority.new(), tmp_path / "authority.pem"
    trusted.write_bytes(authority.own.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*server_certificate(authority).files(tmp_path, "mail"))
    with mail_server(context) as box:
        app = make_app(**(box.settings | {"smtp_security": "starttls"}))
        lock(app, people, loaded_on)
        assert run_once(app) == (0, 1)
        assert rows(app)[0].last_error == "SSLCertVerificationError"
        with pytest.MonkeyPatch.context() as patch, time_machine.travel(datetime.now(UTC) + timedelta(seconds=31)):
            patch.setenv("SSL_CERT_FILE", str(trusted))
            assert run_once(app) == (1, 0)
        assert len(box.mails) == 1
