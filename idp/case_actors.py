"""Who acts for a case on the command line: a business account that is named, in one of its capacities."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy import select

from clients.models import Case
from clients.procedure.members import Actor, parties_of
from clients.procedure.steps import StepRefused
from clients.procedure.transitions import Party
from config.database import db
from idp.accounts.accounts import fold
from idp.accounts.models import Account, BusinessDetail, BusinessState
from idp.running import Refused, running
from scopes.permissions import Role

actor_option = click.option("--actor", required=True, help="The business account that acts.")


@contextmanager
def deciding() -> Iterator[datetime]:
    """Enter the application; a refusal is one line."""
    with running():
        try:
            yield datetime.now(UTC)
        except StepRefused as refused:
            raise Refused(str(refused)) from refused


def acting(actor: str, case_id: int, wanted: frozenset[Party]) -> Actor:
    """Return who acts, in the capacity that is wanted of those that she has in this case."""
    person = person_of(actor, Party.ADMIN)
    with db.session.begin():
        is_there = db.session.get(Case, case_id) is not None
        mine = parties_of(case_id, person.account_id) & wanted
    if not is_there:
        raise Refused(f"there is no case {case_id}")
    if mine:
        return Actor(person.account_id, person.name, min(mine))
    if Party.ADMIN in wanted and _detail(actor)[1].role == Role.IDP_ADMIN:
        return person
    raise Refused(f"{actor} does not act so in case {case_id}")


def person_of(actor: str, party: Party) -> Actor:
    """Return an active business account in a capacity."""
    account, _ = _detail(actor)
    return Actor(account.id, account.name, party)


def _detail(actor: str) -> tuple[Account, BusinessDetail]:
    query = select(Account, BusinessDetail).join(BusinessDetail, BusinessDetail.account_id == Account.id)
    active = (
        Account.login_name == fold(actor),
        Account.closed_at.is_(None),
        BusinessDetail.state == BusinessState.ACTIVE,
    )
    with db.session.begin():
        row = db.session.execute(query.where(*active)).one_or_none()
    if row is None:
        raise Refused(f"there is no active business account {actor}")
    return row[0], row[1]
