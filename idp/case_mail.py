"""Mail to the people of a partner, by the signal of ``clients``; receivers run in the sender's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from clients.duties import contacts
from clients.models import Case
from clients.procedure.models import CaseMember
from clients.signals import case_told
from config.database import db
from config.settings import settings
from idp.accounts import outbox
from idp.accounts.models import Account


def init_case_mail() -> None:
    """Listen; connecting twice is connecting once."""
    case_told.connect(_tell)


def _tell(case_id: int, *, code: str, facts: Mapping[str, Any], now: datetime, **where: str) -> None:
    """Write to the accounts of the case, and to its contact; or to one address only, that is to be verified."""
    case = db.session.get_one(Case, case_id)
    full = dict(facts) | {"site": case.site_name or str(case_id), "case": case_id, "link": _link(facts, case_id)}
    query = select(CaseMember.account_id).where(CaseMember.case_id == case_id).order_by(CaseMember.id)
    members = list(dict.fromkeys(db.session.scalars(query)))
    if not members:
        return
    if address := where.get("address"):
        outbox.post_to(address, members[0], code, full, now=now)
        return
    outbox.post_all([(account_id, code, full) for account_id in members], now=now)
    if (named := contacts.address(case, now)) and named not in _addresses(members):
        outbox.post_to(named, members[0], code, full, now=now)


def _addresses(members: list[int]) -> set[str | None]:
    return set(db.session.scalars(select(Account.email).where(Account.id.in_(members))))


def _link(facts: Mapping[str, Any], case_id: int) -> str:
    return str(facts.get("link") or f"{settings().issuer}/cases/{case_id}")
