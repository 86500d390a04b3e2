"""A real SMTP server for tests, and what it received."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.support.postgres import free_port

SENDER = "no-reply@inservice.example"


@dataclass
class Mailbox:
    """Every mail that came, oldest first. ``answer``: what the server says to the next ones."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 kept"
    logged_in: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a provider that sends its mail here."""
        return {"mail_from": SENDER, "smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": "none"}

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Keep a mail, if we are in the mood."""
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails to an address."""
        return [mail for mail in self.mails if mail["To"] == address]


class _Plain(Controller):
    """Listens without TLS."""

    tls: ssl.SSLContext | None = None

    def factory(self) -> SMTP:
        """Make the protocol; with TLS it demands it first."""
        return SMTP(self.handler, tls_context=self.tls, require_starttls=self.tls is not None, enable_SMTPUTF8=True)


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """Run the server; with ``tls`` it demands STARTTLS."""
    box = Mailbox(free_port())
    controller = _Plain(box, hostname="127.0.0.1", port=box.port)
    controller.tls = tls
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    """Return the plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage, issuer: str) -> str:
    """Return the path of the one link to the provider that a mail carries, in both languages."""
    found = set(re.findall(rf"{re.escape(issuer)}(/\S+)", text_of(mail)))
    assert len(found) == 1, found
    return str(found.pop())
