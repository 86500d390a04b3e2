"""E-mail addresses of people: well formed, and verified by a link that was sent there, or by who speaks for the office."""

from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from idp.accounts import outbox

ADDRESS_MAX = 254


def address_of(typed: str) -> str | None:
    """Return a well-formed address as it is stored, None for anything else; nobody asks the name servers."""
    if len(typed) > ADDRESS_MAX:
        return None
    try:
        return validate_email(typed.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def tell_address_before(account_id: int, before: str | None, *, now: datetime) -> None:
    """Tell the verified address that an account had until now: whoever reads mail there may not know of the change.

    Links that were sent there to reset the password are no longer good (`mailed_links`).
    """
    if before is not None:
        outbox.post_to(before, account_id, "SEC-EMAIL-CHANGED", {"moment": now.isoformat()}, now=now)
