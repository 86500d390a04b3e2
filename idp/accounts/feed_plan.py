"""What the import does to one teacher: the difference between what the feed states and what is stored. Pure.

The natural key of a service is account, school and first day. A service that is there is updated where it differs, one
that is not is created, and what the feed does not name is left alone: services without a row, columns that are not in
the header, empty cells. The exception are the columns of end and suspension: where they are in the header, an empty
cell says that there is none. A confirmation is given but never withdrawn (D-17), names and types of accounts never
change (D-04), a closed account is never opened again (D-05), and a password that somebody has is never replaced.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from idp.accounts.accounts import is_well_formed
from idp.accounts.effects import Announced, Change
from idp.accounts.feed_rows import RowError, Stated, shown
from idp.accounts.feed_spool import Outcome
from idp.accounts.feed_teachers import Teacher
from idp.accounts.models import AccountType, AssignmentSource
from scopes.primaries import primaries_overlap
from scopes.service import Assignment, AssignmentKind, EndReason

Facts = dict[str, Any]
"""The columns of a stored row by name."""


@dataclass(frozen=True, slots=True)
class Known:
    """An account as it is stored, with its services, the oldest first."""

    id: int
    type: str
    is_closed: bool
    person: Facts
    has_password: bool
    announced: Announced
    services: tuple[Facts, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write for one teacher. ``person``: the columns of the account that differ, all of them for a new one."""

    teacher: Teacher
    known: Known | None
    person: Facts
    created: tuple[Facts, ...]
    changed: tuple[tuple[Facts, Facts], ...]
    fates: tuple[tuple[int, Outcome], ...]
    late_since: date | None = None
    password_hash: str | None = field(default=None, repr=False)

    @property
    def after(self) -> list[Facts]:
        """All her services as they will be, the oldest first."""
        new = {facts["id"]: facts for _, facts in self.changed}
        kept = [new.get(facts["id"], facts) for facts in (self.known.services if self.known else ())]
        return sorted([*kept, *self.created], key=lambda facts: facts["start_date"] or date.min)

    @property
    def touches_service(self) -> bool:
        """Whether her state may come out differently."""
        return bool(self.created or self.changed)


@dataclass(frozen=True, slots=True)
class Ground:
    """What plans stand on: the file's columns, who changes, and who holds which external id."""

    header: Collection[str]
    change: Change
    holders: Mapping[str, int]


def plan(teacher: Teacher, known: Known | None, ground: Ground) -> Plan | list[RowError]:
    """Compare one teacher with what is stored."""
    if errors := _person_errors(teacher, known, ground):
        return errors
    person = _person(teacher, known, ground.change)
    created: list[Facts] = []
    changed: list[tuple[Facts, Facts]] = []
    fates: list[tuple[int, Outcome]] = []
    late: list[date] = []
    for row in teacher.rows:
        outcome = Outcome.UNCHANGED
        old = _held(row.service, known) if row.service else None
        if row.service and old is None:
            if row.service.title_code is None:
                return [RowError(row.number, "title_code", "", "needed for a service that is not stored yet")]
            created.append(_new(row.service, ground.change))
            outcome = Outcome.CREATED
        elif row.service and old is not None and (new := _merged(old, row.service, ground)) != old:
            changed.append((old, new))
            outcome = Outcome.CHANGED
            late += _wrong_since(old, new)
        fates.append((row.number, outcome))
    password = teacher.password_hash if known is None or not known.has_password else None
    if known is None or person or password:
        first, outcome = fates[0]
        mark = Outcome.CREATED if known is None else Outcome.CHANGED
        fates[0] = first, mark if outcome is Outcome.UNCHANGED else outcome
    made = Plan(teacher, known, person, tuple(created), tuple(changed), tuple(fates), min(late, default=None), password)
    return _overlap_errors(made) or made


def entries_of(services: Iterable[Facts]) -> list[Assignment]:
    """Return services as the values that the rules take."""
    return [
        Assignment(
            id=facts["id"],
            school_code=facts["school_code"],
            title_code=facts["title_code"],
            kind=AssignmentKind(facts["kind"]),
            start_date=facts["start_date"],
            end_date=facts["end_date"],
            end_reason=EndReason(facts["end_reason"]) if facts["end_reason"] else None,
            suspended_from=facts["suspended_from"],
            suspended_until=facts["suspended_until"],
            confirmed=facts["confirmed_at"] is not None,
            refused=facts["refused_at"] is not None,
        )
        for facts in services
    ]


def _person_errors(teacher: Teacher, known: Known | None, ground: Ground) -> list[RowError]:
    row, account = teacher.rows[0].number, shown("account", teacher.account)
    errors = []
    if known is None and not is_well_formed(teacher.account):
        rule = "6 to 12 letters and digits, first a letter, at least one digit (D-06)"
        errors.append(RowError(row, "account", account, rule))
    elif known is not None and known.is_closed:
        errors.append(RowError(row, "account", account, "a closed account is never used again (D-05)"))
    elif known is not None and known.type != AccountType.TEACHER:
        errors.append(RowError(row, "account", account, "a teacher's account; this is a business account (D-04)"))
    holder = ground.holders.get(teacher.external_id or "")
    if holder is not None and (known is None or holder != known.id):
        value = shown("external_id", teacher.external_id or "")
        errors.append(RowError(row, "external_id", value, "of one account only; another account has it"))
    return errors


def _person(teacher: Teacher, known: Known | None, change: Change) -> Facts:
    """Return the columns that differ. A feed speaks for the authority, so its addresses count as verified."""
    stated: Facts = {"name": teacher.name, "email": teacher.email, "external_id": teacher.external_id}
    verified_at = change.now if teacher.email else None
    if known is None:
        return {**stated, "email_verified_at": verified_at}
    differing: Facts = {column: value for column, value in stated.items() if value and value != known.person[column]}
    if verified_at and ("email" in differing or known.person["email_verified_at"] is None):
        differing["email_verified_at"] = verified_at
    return differing


def _held(service: Stated, known: Known | None) -> Facts | None:
    """Find a service by its natural key; one that the school refused counts as none (DOMAIN §2.4)."""
    found = [
        facts
        for facts in (known.services if known else ())
        if (facts["school_code"], facts["start_date"]) == (service.school_code, service.start_date)
        and facts["refused_at"] is None
    ]
    return min(found, key=lambda facts: (facts["kind"] != service.kind, facts["id"]), default=None)


def _new(service: Stated, change: Change) -> Facts:
    return {
        "id": 0,
        "school_code": service.school_code,
        "title_code": service.title_code,
        "kind": service.kind or AssignmentKind.PRIMARY,
        "start_date": service.start_date,
        "end_date": service.end_date,
        "end_reason": service.end_reason,
        "suspended_from": service.suspended_from,
        "suspended_until": service.suspended_until,
        "confirmed_at": change.now if service.confirmed else None,
        "confirmed_by": change.actor if service.confirmed else None,
        "refused_at": None,
        "source": AssignmentSource.IMPORT,
        "note": service.note,
    }


def _merged(old: Facts, service: Stated, ground: Ground) -> Facts:
    """Lay what a row states over what is stored."""
    stated = {"title_code": service.title_code, "kind": service.kind, "note": service.note}
    new = old | {column: value for column, value in stated.items() if value is not None}
    for column in ("end_date", "end_reason", "suspended_from", "suspended_until"):
        if column in ground.header:
            new[column] = getattr(service, column)
    if service.confirmed and old["confirmed_at"] is None:
        new |= {"confirmed_at": ground.change.now, "confirmed_by": ground.change.actor}
    return new


def _wrong_since(old: Facts, new: Facts) -> list[date]:
    """Return the first days that an entry makes wrong in hindsight (D-29): the day after the last, the first away."""
    ended, away = new["end_date"], new["suspended_from"]
    since = [ended + timedelta(days=1)] if ended is not None and ended != old["end_date"] else []
    return since + ([away] if away is not None and away != old["suspended_from"] else [])


def _overlap_errors(made: Plan) -> list[RowError]:
    """At most one primary service at a time. What overlapped before must not keep an end from being recorded."""
    if not made.touches_service:
        return []
    before, after = made.known.services if made.known else (), made.after
    is_open = [facts["kind"] == "primary" and not (facts["end_date"] or facts["refused_at"]) for facts in after]
    fine = sum(is_open) <= 1 and (not primaries_overlap(entries_of(after)) or primaries_overlap(entries_of(before)))
    if fine:
        return []
    primary = [row for row in made.teacher.rows if row.service and row.service.kind is not AssignmentKind.ADDITIONAL]
    row = (primary or made.teacher.rows)[-1]
    value = row.service.start_date.isoformat() if row.service else ""
    rule = "one primary service at a time, with those that are stored; an earlier one must end first"
    return [RowError(row.number, "start_date", value, rule)]
