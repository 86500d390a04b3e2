"""Families of sign-ins: all that came of one authorization, by its code and the refresh tokens after it.

Redeeming is one INSERT that consumes (invariant 5); a second use, or a revocation of any part, ends the whole family.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from idp.sign_ins import SignIn


class CodeReplayed(Exception):
    """The code was redeemed before; what the first redemption gave is revoked now."""


_INSERT = insert(SignIn)
_OF_CODE = select(SignIn.family_id).where(SignIn.code_id == bindparam("code")).scalar_subquery()
_REVOKE_CODE = (
    update(SignIn).where(SignIn.family_id == _OF_CODE, SignIn.revoked_at.is_(None)).values(revoked_at=bindparam("now"))
)
_REVOKE_FAMILY = (
    update(SignIn)
    .where(SignIn.family_id == bindparam("family"), SignIn.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_FAMILY_REVOKED = (
    select(SignIn.id).where(SignIn.family_id == bindparam("family"), SignIn.revoked_at.is_not(None)).limit(1)
)


def redeem(connection: Connection, values: dict[str, Any]) -> None:
    """Insert the sign-in: the one conditional write that consumes the code, right across workers on both databases."""
    try:
        connection.execute(_INSERT, values)
    except IntegrityError as error:
        revoke_code(connection, values["code_id"], values["issued_at"])
        raise CodeReplayed from error


def revoke_code(connection: Connection, code_id: str, now: datetime) -> None:
    """Kill all that came of a code or refresh token (RFC 6749 §4.1.2, RFC 9700 §4.14.2)."""
    connection.execute(_REVOKE_CODE, {"code": code_id, "now": now})


def revoke_family(connection: Connection, family_id: str, now: datetime) -> None:
    """Kill all that came of one authorization."""
    connection.execute(_REVOKE_FAMILY, {"family": family_id, "now": now})


def is_redeemed(connection: Connection, code_id: str) -> bool:
    """Whether a code or refresh token was used up."""
    return connection.execute(select(SignIn.id).where(SignIn.code_id == code_id)).first() is not None


def account_of_subject(connection: Connection, client_id: str, subject: str) -> int | None:
    """Return whom a client knows as ``subject``, by its last sign-in: for an ``id_token_hint`` (D-49)."""
    query = select(SignIn.account_id).where(SignIn.client_id == client_id, SignIn.subject == subject).limit(1)
    found: int | None = connection.execute(query).scalar()
    return found


def is_family_revoked(connection: Connection, family_id: str) -> bool:
    """Whether anything of the family was revoked, and with it the whole."""
    return connection.execute(_FAMILY_REVOKED, {"family": family_id}).first() is not None
