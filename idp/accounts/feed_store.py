"""The statements of the feed import: each reads or writes a whole batch. All run in ``db.session``'s transaction."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.engine import Connection

from config.audit import Event, record_all
from config.database import db, locking
from idp.accounts.addresses import tell_address_before
from idp.accounts.effects import Announced, Change, announced, settle, state_of, tell, turn_of
from idp.accounts.effects import by_calendar as by_the_calendar
from idp.accounts.feed_plan import Facts, Known, Plan, entries_of
from idp.accounts.logged import LOGGED, logged
from idp.accounts.models import Account, AccountType, ServiceAssignment
from scopes.service import Reason, State

CHUNK = 500
"""Values per IN list; SQLite takes so many parameters in every version."""

T = TypeVar("T")
ACCOUNT: Table = Account.metadata.tables["account"]
SERVICE: Table = ServiceAssignment.metadata.tables["service_assignment"]
_PERSON = ("name", "email", "email_verified_at", "external_id")
_SERVICE_COLUMNS = (*LOGGED, "confirmed_by")
_ACCOUNTS = select(
    *(ACCOUNT.c[name] for name in ("id", "login_name", "type", "closed_at", *_PERSON)),
    *(ACCOUNT.c[name] for name in ("service_state", "service_reason", "service_since")),
    (ACCOUNT.c.password_hash != "").label("has_password"),
).order_by(ACCOUNT.c.id)
_SERVICES = select(SERVICE.c.id, SERVICE.c.account_id, *(SERVICE.c[name] for name in _SERVICE_COLUMNS)).order_by(
    SERVICE.c.start_date, SERVICE.c.id
)
_UPDATE_PERSON = (
    update(ACCOUNT)
    .where(ACCOUNT.c.id == bindparam("row_id"))
    .values(changed_at=bindparam("at"), **{name: bindparam(f"new_{name}") for name in _PERSON})
)
_SET_PASSWORD = (
    update(ACCOUNT)
    .where(ACCOUNT.c.id == bindparam("row_id"), ACCOUNT.c.password_hash == "")
    .values(password_hash=bindparam("new_hash"))
)
_UPDATE_SERVICE = (
    update(SERVICE)
    .where(SERVICE.c.id == bindparam("row_id"))
    .values({name: bindparam(f"new_{name}") for name in _SERVICE_COLUMNS if name not in {"school_code", "start_date"}})
)


def known_accounts(names: Sequence[str], *, lock: bool) -> dict[str, Known]:
    """Read accounts with their services by name. Locked, always in the order of ids, so that two imports never cross."""
    rows: list[Any] = []
    for chunk in _chunks(sorted(names)):
        query = _ACCOUNTS.where(ACCOUNT.c.login_name.in_(chunk))
        rows += db.session.connection().execute(locking(query) if lock else query).all()
    services: dict[int, list[Facts]] = {row.id: [] for row in rows}
    for ids in _chunks(list(services)):
        for row in db.session.connection().execute(_SERVICES.where(SERVICE.c.account_id.in_(ids))).mappings():
            services[row["account_id"]].append(dict(row))
    return {row.login_name: _known(row, services[row.id]) for row in rows}


def _known(row: Any, services: list[Facts]) -> Known:  # noqa: ANN401  # a row of `_ACCOUNTS`
    state = State(row.service_state) if row.service_state else None
    reason = Reason(row.service_reason) if row.service_reason else None
    return Known(
        id=row.id,
        type=row.type,
        is_closed=row.closed_at is not None,
        person={name: getattr(row, name) for name in _PERSON},
        has_password=row.has_password,
        announced=Announced(state, reason, row.service_since),
        services=tuple(services),
    )


def external_holders(idents: Sequence[str]) -> dict[str, int]:
    """Return who holds which of these external ids."""
    holders: dict[str, int] = {}
    for chunk in _chunks(idents):
        query = select(ACCOUNT.c.external_id, ACCOUNT.c.id).where(ACCOUNT.c.external_id.in_(chunk))
        holders |= {row.external_id: row.id for row in db.session.connection().execute(query)}
    return holders


def write(plans: Sequence[Plan], change: Change) -> None:
    """Write a batch, with events and effects.

    Accounts that existed are settled before and after, as by `service.changing`; new ones start with their state noted,
    since nobody needs to be told that an account began.
    """
    connection = db.session.connection()
    existing = [plan for plan in plans if plan.known is not None]
    before = _settle_before(existing, change)
    ids = _open_accounts(connection, [plan for plan in plans if plan.known is None], change)
    ids |= {plan.teacher.account: plan.known.id for plan in existing if plan.known is not None}
    _update_accounts(connection, existing, change)
    _update_services(connection, plans, change)
    _create_services(connection, plans, ids, change)
    _settle_after(existing, before, change)


def _settle_before(plans: list[Plan], change: Change) -> dict[int, Announced]:
    """Settle what the calendar brought, so that it is not taken for the import's doing; return what is told then."""
    told = {}
    for plan in plans:
        if plan.known is None or not plan.touches_service:
            continue
        known = plan.known
        state = state_of(entries_of(known.services), change.day)
        told[known.id] = known.announced
        if (state.state, state.reason) != (known.announced.state, known.announced.reason):
            settle(known.id, by_the_calendar(change.now))
            told[known.id] = announced(known.id)
    return told


def _settle_after(plans: list[Plan], told: dict[int, Announced], change: Change) -> None:
    """Settle what the import brought: as `effects.settle`, for the whole batch at once."""
    turns = []
    for plan in plans:
        if plan.known is None or plan.known.id not in told:
            continue
        before, entries = told[plan.known.id], entries_of(plan.after)
        after = state_of(entries, change.day)
        if (before.state, before.reason) != (after.state, after.reason):
            turns.append(turn_of(plan.known.id, before, after, entries, change, plan.late_since))
    if turns:
        db.session.expire_all()  # what was read before must not hide what was written beside the session
        tell(turns, change)


def _open_accounts(connection: Connection, plans: list[Plan], change: Change) -> dict[str, int]:
    """Make accounts; their owners accept the agreement at the first log-in (R-ACC-1)."""
    rows = []
    for plan in plans:
        state = state_of(entries_of(plan.created), change.day)
        announced = {"service_state": state.state, "service_reason": state.reason, "service_since": change.day}
        fixed = {"login_name": plan.teacher.account, "type": AccountType.TEACHER, "is_test_account": False}
        flags = {"agreement_version": 0, "lock_generation": 0, "must_change_password": False}
        times = {"created_at": change.now, "changed_at": change.now}
        rows.append(fixed | flags | times | announced | plan.person | {"password_hash": plan.password_hash or ""})
    if not rows:
        return {}
    made = connection.execute(insert(ACCOUNT).returning(ACCOUNT.c.login_name, ACCOUNT.c.id), rows)
    ids = {row.login_name: row.id for row in made}
    detail = {"type": AccountType.TEACHER, "reason": change.reason}
    events = (Event("account.opened", f"account:{ids[plan.teacher.account]}", detail) for plan in plans)
    record_all(events, actor=change.actor)
    return ids


def _update_accounts(connection: Connection, plans: list[Plan], change: Change) -> None:
    """Write what differs of the persons, and touch those whose services change. The log names fields, not values."""
    rows, passwords, events = [], [], []
    for plan in plans:
        if plan.known is None or not (plan.person or plan.password_hash or plan.touches_service):
            continue
        ident, before, person = plan.known.id, plan.known.person, plan.known.person | plan.person
        if before["email_verified_at"] and "email" in plan.person:
            tell_address_before(ident, before["email"], now=change.now)
        rows.append({"row_id": ident, "at": change.now, **{f"new_{name}": value for name, value in person.items()}})
        if plan.password_hash:
            passwords.append({"row_id": ident, "new_hash": plan.password_hash})
        fields = sorted(plan.person) + (["password_hash"] if plan.password_hash else [])
        if fields:
            events.append(Event("account.changed", f"account:{ident}", {"fields": fields, "reason": change.reason}))
    if rows:
        connection.execute(_UPDATE_PERSON, rows)
    if passwords:
        connection.execute(_SET_PASSWORD, passwords)
    record_all(events, actor=change.actor)


def _update_services(connection: Connection, plans: Sequence[Plan], change: Change) -> None:
    """Write changed services; those that cease to be an open primary first, since there may be but one."""
    pairs = [(plan.known.id, *pair) for plan in plans if plan.known is not None for pair in plan.changed]
    if not pairs:
        return
    rows = [
        {"row_id": new["id"], **{f"new_{name}": new[name] for name in _SERVICE_COLUMNS}}
        for _, _, new in sorted(pairs, key=lambda pair: pair[2]["kind"] == "primary" and pair[2]["end_date"] is None)
    ]
    connection.execute(_UPDATE_SERVICE, rows)
    record_all((_changed_event(account_id, old, new, change) for account_id, old, new in pairs), actor=change.actor)


def _create_services(connection: Connection, plans: Sequence[Plan], ids: dict[str, int], change: Change) -> None:
    columns = [*_SERVICE_COLUMNS, "source"]
    rows = [
        {"account_id": ids[plan.teacher.account], **{name: facts[name] for name in columns}}
        for plan in plans
        for facts in plan.created
    ]
    if not rows:
        return
    key = ("account_id", "school_code", "start_date")
    made = connection.execute(insert(SERVICE).returning(SERVICE.c.id, *(SERVICE.c[name] for name in key)), rows)
    numbers = {tuple(row[1:]): row.id for row in made}
    events = (
        _event("created", row["account_id"], numbers[tuple(row[name] for name in key)], change, {"new": logged(row)})
        for row in rows
    )
    record_all(events, actor=change.actor)


def _changed_event(account_id: int, old: Facts, new: Facts, change: Change) -> Event:
    """D-31: old and new value; named after the weightiest of what happened."""
    differing = {name for name in new if new[name] != old[name]}
    if new["end_date"] is not None and differing & {"end_date", "end_reason"}:
        action = "ended"
    else:
        action = "confirmed" if differing <= {"confirmed_at", "confirmed_by"} else "changed"
    return _event(action, account_id, new["id"], change, {"old": logged(old), "new": logged(new)})


def _event(action: str, account_id: int, ident: int, change: Change, detail: Facts) -> Event:
    detail = {"assignment": ident, "reason": change.reason, **detail}
    return Event(f"service.assignment.{action}", f"account:{account_id}", detail)


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
