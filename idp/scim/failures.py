"""From what a command raises to the error that the client reads (RFC 7644 §3.12)."""

from pydantic import ValidationError
from scim2_models import Error, InvalidValueException, SCIMException, UniquenessException
from sqlalchemy.exc import IntegrityError

from idp.accounts.accounts import AccountRefused, NameTaken
from idp.accounts.service import ServiceRefused
from idp.scim.errors import message

EXPECTED = (SCIMException, ValidationError, ServiceRefused, AccountRefused, IntegrityError)
"""What is the client's doing. `IntegrityError`: two requests wanted the same name at the same moment."""


def failure(error: Exception) -> tuple[int, dict[str, object]]:
    """Return status and body."""
    invalid = Error.from_validation_errors(error)[:1] if isinstance(error, ValidationError) else []
    found = invalid[0] if invalid else _worded(error).to_error()
    status = found.status or 400
    return status, message(status, _one_line(found.detail), found.scim_type)


def _worded(error: Exception) -> SCIMException:
    if isinstance(error, SCIMException):
        return error
    if isinstance(error, NameTaken):
        return UniquenessException(detail="userName is or was somebody's")
    if isinstance(error, IntegrityError):
        return UniquenessException()
    return InvalidValueException(detail=str(error))


def _one_line(detail: str | None) -> str:
    """A text of several lines is a report for programmers, which nobody outside needs."""
    return detail if detail and "\n" not in detail else "The value does not fit the attribute"
