"""E-mail addresses of people: well formed, and verified by a link that was sent there."""

from email_validator import EmailNotValidError, validate_email

ADDRESS_MAX = 254


def address_of(typed: str) -> str | None:
    """Return a well-formed address as it is stored, None for anything else; nobody asks the name servers."""
    if len(typed) > ADDRESS_MAX:
        return None
    try:
        return validate_email(typed.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None
