"""Take mail that is due, send it by SMTP, note what came of it."""

import logging
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from threading import Event
from typing import Any

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from config import seal
from config.database import hot
from config.settings import Settings, settings
from config.snapshot import snapshots
from idp.accounts.outbox import PURPOSE, Mail
from idp.mail.compose import compose

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=120)
"""How long a mail belongs to whoever took it: longer than any attempt, so that nobody else sends it meanwhile."""
TIMEOUT_SECONDS = 30
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(hours=3)
GIVE_UP_AFTER = timedelta(hours=48)
POLL_SECONDS, TROUBLE_SECONDS = 0.5, 5


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that is ours until ``lease``."""

    id: int
    account_id: int
    email: str
    code: str
    sealed: str
    queued_at: datetime
    attempts: int
    lease: datetime


def take(now: datetime) -> Taken | None:
    """Take the mail that is due longest, by one conditional UPDATE: of two workers one gets it."""
    columns = (Mail.id, Mail.account_id, Mail.email, Mail.code, Mail.sealed, Mail.queued_at, Mail.attempts, Mail.due_at)
    due = select(Mail.id, Mail.due_at).where(Mail.due_at <= now).order_by(Mail.due_at).limit(5)
    with hot() as connection:
        for ident, due_at in connection.execute(due).all():
            mine = update(Mail).where(Mail.id == ident, Mail.due_at == due_at)
            values = {"due_at": now + LEASE, "attempts": Mail.attempts + 1}
            row = connection.execute(mine.values(values).returning(*columns)).first()
            if row is not None:
                facts: tuple[Any, ...] = tuple(row)
                return Taken(*facts)
    return None


def send(taken: Taken, now: datetime) -> bool:
    """Compose, send, and note the result; return whether the server took it."""
    rules = settings()
    try:
        facts = seal.open_(PURPOSE, taken.sealed)
        ident = f"{taken.queued_at:%Y%m%d%H%M%S}.{taken.id}"
        _submit(rules, compose(rules.mail_from, taken.email, taken.code, facts, taken.queued_at, ident))
    except (OSError, smtplib.SMTPException, seal.SealBroken) as error:
        again = next_try(taken.queued_at, taken.attempts, now)
        final = isinstance(error, (seal.SealBroken, smtplib.SMTPRecipientsRefused)) or again is None
        # Only the kind of the fault: a server's words may repeat the address.
        _note(taken, due_at=None if final else again, given_up_at=now if final else None, fault=type(error).__name__)
        return False
    _note(taken, due_at=None, sent_at=now, fault=None)
    return True


def next_try(queued_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """Return when to try again: after 30 s, then each time three times as long, up to 3 h; after 48 h never."""
    delay = min(FIRST_DELAY * 3 ** min(attempts - 1, 10), LONGEST_DELAY)
    return now + delay if now + delay <= queued_at + GIVE_UP_AFTER else None


def _submit(rules: Settings, mail: EmailMessage) -> None:
    """Hand a mail to the relay, encrypted and authenticated as the settings say."""
    with _connect(rules) as relay:
        if rules.smtp_user:
            relay.login(rules.smtp_user, rules.smtp_password.get_secret_value() if rules.smtp_password else "")
        relay.send_message(mail)


def _connect(rules: Settings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if rules.smtp_security == "tls":
        return smtplib.SMTP_SSL(rules.smtp_host, rules.smtp_port, timeout=TIMEOUT_SECONDS, context=context)
    relay = smtplib.SMTP(rules.smtp_host, rules.smtp_port, timeout=TIMEOUT_SECONDS)
    if rules.smtp_security == "starttls":
        relay.starttls(context=context)
    return relay


def _note(
    taken: Taken,
    *,
    due_at: datetime | None,
    fault: str | None,
    sent_at: datetime | None = None,
    given_up_at: datetime | None = None,
) -> None:
    """Write what came of it, if the mail is still ours; what filled it in is forgotten when it will not be sent again."""
    values = {"due_at": due_at, "sent_at": sent_at, "given_up_at": given_up_at, "last_error": fault}
    if due_at is None:
        values["sealed"] = None
    with hot() as connection:
        connection.execute(update(Mail).where(Mail.id == taken.id, Mail.due_at == taken.lease).values(values))
    if given_up_at is not None:
        log.warning("mail %s was given up: %s", taken.id, fault)


def run_once(app: Flask) -> tuple[int, int]:
    """Send until nothing is due; return (sent, failed). What fails is due later."""
    sent = failed = 0
    with app.app_context():
        while (taken := take(datetime.now(UTC))) is not None:
            snapshots().refresh()
            if send(taken, datetime.now(UTC)):
                sent += 1
            else:
                failed += 1
    return sent, failed


def watch(app: Flask, stop: Event, is_over: Callable[[], bool]) -> None:
    """Send until told to stop or all is over; a database that is away for a while is waited for."""
    while not stop.is_set() and not is_over():
        pause: float = POLL_SECONDS
        try:
            run_once(app)
        except SQLAlchemyError:
            log.exception("mail waits for the database")
            pause = TROUBLE_SECONDS
        stop.wait(pause)
