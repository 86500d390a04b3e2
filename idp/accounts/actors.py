"""Who the audit log says did something: ``account:12`` is a person, everything else stands for itself."""

from collections.abc import Iterable

from sqlalchemy import select

from config.database import db
from idp.accounts.models import Account

_PREFIX = "account:"


def account_ids(actors: Iterable[str]) -> list[int]:
    """Return the numbers of the accounts among actors."""
    numbers = (actor.removeprefix(_PREFIX) for actor in actors if actor.startswith(_PREFIX))
    return [int(number) for number in numbers if number.isdecimal()]


def login_names(actors: Iterable[str]) -> dict[str, str]:
    """Return the account names of ``account:12``, by one query in the running transaction."""
    query = select(Account.id, Account.login_name).where(Account.id.in_(account_ids(actors)))
    return {f"{_PREFIX}{ident}": name for ident, name in db.session.execute(query)}
