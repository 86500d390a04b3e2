"""A mail as it is sent: plain text, Chinese first, then English, each with its link."""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from flask_babel import force_locale, gettext

from idp.languages import LANGUAGES
from idp.letters import letter


def compose(sender: str, to: str, code: str, facts: Mapping[str, Any], at: datetime, ident: str) -> EmailMessage:
    """Write the mail of a message code; ``ident`` makes the Message-ID, the same for every attempt."""
    texts, subjects = [], []
    for locale in LANGUAGES.values():
        with force_locale(locale):
            found = letter(code, facts)
            site = gettext("全國教師在職進修資訊網")
            subjects.append(found.subject)
            texts.append("\n\n".join(part for part in (found.text, found.link, site) if part))
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, " ".join(subjects)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{ident}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n----------\n\n".join(texts) + "\n")
    return mail
