"""What a teacher could give now: the values that the consent page shows, one offer per school (D-24)."""

from datetime import datetime

from flask import Flask

from config.database import db
from consent.offers import Offer
from idp.accounts.directory import as_assignment, directory, service_values
from idp.accounts.models import Account
from idp.accounts.service import assignments_of
from scopes.items import DataItem
from scopes.roc import taipei_day
from scopes.service import releasable


def init_offers(app: Flask) -> None:
    """Tell the consent pages, which know no accounts, where values come from."""
    app.extensions["offers"] = offers_of


def offers_of(account_id: int, now: datetime) -> tuple[Offer, ...]:
    """Return one offer per school that may be released, the default first; at least one, with the name alone."""
    with db.session.begin():
        name = db.session.get_one(Account, account_id).name
        rows = [as_assignment(row) for row in assignments_of(account_id)]
    known = directory()
    found = releasable(rows, known.schools, known.titles, taipei_day(now)) or (None,)
    return tuple(Offer(entry.id if entry else None, {DataItem.NAME: name, **service_values(entry)}) for entry in found)
