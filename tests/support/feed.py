"""Feeds for tests, and what an import made of them."""

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from config.audit import AuditEvent
from config.database import db
from idp.accounts.feed_file import COLUMNS
from idp.accounts.feed_spool import Spool
from idp.accounts.imports import Order, Result, import_feed
from idp.accounts.models import Account, Message, ServiceAssignment
from idp.accounts.outbox import Mail

NEW = {"account": "newbie01", "name": "新進教師"}
SERVED = NEW | {"school_code": "994501", "title_code": "J40", "start_date": "114/08/01"}
T01 = {"account": "wang0101", "name": "王曉晴", "school_code": "994501", "start_date": "104/08/01"}
T12 = {"account": "kuo1212", "name": "郭怡廷"}
Line = tuple[int, str, str, str, str, str]


def feed(*rows: Mapping[str, str], encoding: str = "utf-8") -> bytes:
    """Return a file with the columns that the rows name."""
    names = [name for name in COLUMNS if any(name in row for row in rows)]
    text = io.StringIO()
    csv.writer(text).writerows([names, *([row.get(name, "") for name in names] for row in rows)])
    return text.getvalue().encode(encoding)


def teachers(count: int, *, faulty_every: int = 100, start: int = 0, **facts: str) -> bytes:
    """Return so many teachers with a service each; every so-manieth names a school that there is not."""
    rows = [
        SERVED
        | {"account": f"mass{number:06}", "name": f"教師{number}", "email": f"{number}@school.example"}
        | facts
        | ({"school_code": "000000"} if number % faulty_every == 0 else {})
        for number in range(start, start + count)
    ]
    return feed(*rows)


@dataclass(frozen=True)
class Fed:
    """What came of an import: the result, and a line for every row (more for several errors)."""

    result: Result
    lines: Sequence[Line]

    @property
    def outcomes(self) -> list[str]:
        """The outcomes in the order of the file."""
        return [line[2] for line in self.lines]

    @property
    def errors(self) -> list[tuple[int, str, str, str]]:
        """Row, column, value and rule of each error."""
        return [(line[0], *line[3:]) for line in self.lines if line[5]]


@dataclass(frozen=True)
class Feeder:
    """Imports into one application."""

    app: Flask

    def take(self, data: bytes, *, is_dry: bool = False, batch: int = 1000, **order: Any) -> Fed:
        """Import a file."""
        given: dict[str, Any] = {"actor": "feed", "reason": "測試", "clock": lambda: datetime.now(UTC)} | order
        with self.app.app_context(), closing(Spool()) as spool:
            result = import_feed(io.BytesIO(data), spool, Order(is_dry=is_dry, batch=batch, **given))
            return Fed(result, list(spool.report()))

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return everything that an import writes, without times and numbers that two databases may give otherwise."""
        names = select(Account.id, Account.login_name)
        with self.app.app_context(), db.session.begin():
            name_of = {f"account:{ident}": name for ident, name in db.session.execute(names)}
            accounts = select(
                Account.login_name, Account.name, Account.email, Account.external_id, Account.password_hash
            ).add_columns(Account.service_state, Account.service_reason, Account.lock_generation)
            services = select(Account.login_name, ServiceAssignment.school_code, ServiceAssignment.start_date)
            services = services.add_columns(
                ServiceAssignment.title_code, ServiceAssignment.end_date, ServiceAssignment.confirmed_by
            ).join(Account, Account.id == ServiceAssignment.account_id)
            events = select(AuditEvent.subject, AuditEvent.action).where(AuditEvent.actor == "feed")
            return {
                "accounts": sorted(map(tuple, db.session.execute(accounts)), key=repr),
                "services": sorted(map(tuple, db.session.execute(services)), key=repr),
                "events": sorted((name_of[subject or ""], action) for subject, action in db.session.execute(events)),
                "messages": [
                    tuple(db.session.execute(select(func.count(model.id))).one()) for model in (Message, Mail)
                ],
            }
