"""Changes of assignments: what a client wants, compared with what is, becomes the commands of a school's staff (D-31).

Histories are append-only: a confirmed assignment is ended, never removed, and where and as what she served stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from scim2_models import ForbiddenException, InvalidValueException, MutabilityException

from config.database import db
from idp.accounts import service
from idp.accounts.areas import Area, may_add_at
from idp.accounts.directory import directory
from idp.accounts.effects import Change
from idp.accounts.models import AssignmentSource, ServiceAssignment
from idp.accounts.transitions import Action
from idp.scim.identifiers import ASSIGNMENT, identifier
from idp.scim.schemas import Assignment
from idp.scim.values import day_of, text_of
from scopes.service import AssignmentKind, EndReason

NOTE_MAX = 200
_LASTING = ("school_code", "title_code", "kind", "start_date")


@dataclass(frozen=True, slots=True)
class Facts:
    """What an assignment says."""

    school_code: str | None
    title_code: str | None
    kind: AssignmentKind
    start_date: date | None
    end_date: date | None
    end_reason: EndReason | None
    suspended_from: date | None
    suspended_until: date | None
    confirmed: bool
    note: str | None

    @property
    def key(self) -> tuple[str | None, AssignmentKind, date | None]:
        """What tells an assignment from others where its identifier is not named."""
        return self.school_code, self.kind, self.start_date


@dataclass(frozen=True, slots=True)
class Edit:
    """An assignment that is there, and what it is to say."""

    row: ServiceAssignment
    old: Facts
    new: Facts


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be done, in this order."""

    refused: Sequence[ServiceAssignment] = ()
    edits: Sequence[Edit] = ()
    added: Sequence[Facts] = ()

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.refused or self.edits or self.added)

    @property
    def late_since(self) -> date | None:
        """The first day that is wrong in hindsight: after a new last day, or suspended (D-29)."""
        days = [
            edit.new.end_date + timedelta(days=1) for edit in self.edits if edit.new.end_date and _has_new_end(edit)
        ]
        days += [edit.new.suspended_from for edit in self.edits if edit.new.suspended_from and _has_new_pause(edit)]
        return min(days, default=None)


def _has_new_end(edit: Edit) -> bool:
    return (edit.old.end_date, edit.old.end_reason) != (edit.new.end_date, edit.new.end_reason)


def _has_new_pause(edit: Edit) -> bool:
    old, new = edit.old, edit.new
    return (old.suspended_from, old.suspended_until) != (new.suspended_from, new.suspended_until)


def facts_of(row: ServiceAssignment) -> Facts:
    """Return what a row says."""
    return Facts(
        school_code=row.school_code,
        title_code=row.title_code,
        kind=AssignmentKind(row.kind),
        start_date=row.start_date,
        end_date=row.end_date,
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
        suspended_from=row.suspended_from,
        suspended_until=row.suspended_until,
        confirmed=row.confirmed_at is not None,
        note=row.note,
    )


def facts_from(entry: Assignment) -> Facts:
    """Read what a client wants, and check what can be checked without the rest."""
    facts = Facts(
        school_code=entry.school_code,
        title_code=entry.title_code,
        kind=AssignmentKind(entry.kind or AssignmentKind.PRIMARY),
        start_date=day_of("startDate", entry.start_date),
        end_date=day_of("endDate", entry.end_date),
        end_reason=entry.end_reason,
        suspended_from=day_of("suspendedFrom", entry.suspended_from),
        suspended_until=day_of("suspendedUntil", entry.suspended_until),
        confirmed=bool(entry.confirmed),
        note=text_of("note", entry.note, NOTE_MAX) if entry.note else None,
    )
    if (facts.end_date is None) != (facts.end_reason is None):
        raise InvalidValueException(detail="endDate and endReason go together")
    if facts.suspended_until is not None and facts.suspended_from is None:
        raise InvalidValueException(detail="suspendedUntil needs suspendedFrom")
    if facts.school_code is not None and facts.school_code not in directory().schools:
        raise InvalidValueException(detail="schoolCode is not in the school register")
    if facts.title_code is not None and facts.title_code not in directory().titles:
        raise InvalidValueException(detail="titleCode is not in the title list")
    return facts


def plan(rows: Sequence[ServiceAssignment], wanted: Iterable[Assignment]) -> Plan:
    """Compare. An entry without identifier is the assignment at that school, of that kind, from that day, if there is one."""
    by_id = {identifier(ASSIGNMENT, row.id): row for row in rows}
    named: dict[str, Assignment] = {}
    unnamed: list[Assignment] = []
    for entry in wanted:
        if entry.id is None:
            unnamed.append(entry)
        elif entry.id not in by_id or entry.id in named:
            raise InvalidValueException(detail="assignments: the id is not one of this User's, or comes twice")
        else:
            named[entry.id] = entry
    edits = [_edit(by_id[ident], entry) for ident, entry in named.items()]
    rest = [row for ident, row in by_id.items() if ident not in named]
    added: list[Facts] = []
    for entry in unnamed:
        facts = facts_from(entry)
        same = next((row for row in rest if facts_of(row).key == facts.key), None)
        if same is not None:
            rest.remove(same)
            edits.append(_edit(same, entry))
        elif _is_new(facts, edits, added):
            added.append(facts)
    found = Plan(rest, [edit for edit in edits if edit.old != edit.new], added)
    _check(found, [edit.new for edit in edits])
    return found


def _is_new(facts: Facts, edits: Iterable[Edit], added: Iterable[Facts]) -> bool:
    """Adding what is there changes nothing (RFC 7644 §3.5.2.1); adding its contradiction is a mistake."""
    same = [one for one in [*(edit.new for edit in edits), *added] if one.key == facts.key]
    if any(replace(one, confirmed=True) != replace(facts, confirmed=True) for one in same):
        raise InvalidValueException(detail="assignments: one there from that day exists; name its id to change it")
    return not same


def _edit(row: ServiceAssignment, entry: Assignment) -> Edit:
    """What lasts may be left out and filled in, not changed; a confirmation is never taken back."""
    old, new = facts_of(row), facts_from(entry)
    for name in _LASTING:
        is_left_out = getattr(entry, name) is None
        if is_left_out:
            new = replace(new, **{name: getattr(old, name)})
        elif getattr(old, name) not in {None, getattr(new, name)}:
            raise MutabilityException(detail=f"assignments: {name} does not change; end this one and add another")
    if entry.confirmed is None:
        new = replace(new, confirmed=old.confirmed)
    elif old.confirmed and not new.confirmed:
        raise MutabilityException(detail="assignments: a confirmation is never taken back")
    return Edit(row, old, new)


def _check(found: Plan, kept: Iterable[Facts]) -> None:
    if any(row.confirmed_at is not None for row in found.refused):
        raise InvalidValueException(detail="assignments: a confirmed one is history; end it instead of removing it")
    if sum(one.kind is AssignmentKind.PRIMARY and one.end_date is None for one in [*kept, *found.added]) > 1:
        raise InvalidValueException(detail="assignments: only one primary may be without endDate")


def check_area(found: Plan, area: Area, *, is_new: bool = False) -> None:
    """D-31: new assignments are at schools of the caller's area; a new teacher of a county has one there."""
    if area.everywhere:
        return
    if is_new and not found.added:
        raise ForbiddenException(detail="A new User of your area needs an assignment there")
    if not all(facts.school_code and may_add_at(area, facts.school_code) for facts in found.added):
        raise ForbiddenException(detail="assignments: schoolCode is outside your area")


def carry_out(found: Plan, account_id: int, change: Change) -> None:
    """Do what was planned, within `service.changing` or `service.opening`."""
    for row in found.refused:
        with service.editing(row, change, Action.REFUSE):
            service.put_refusal(row, change)
    for edit in found.edits:
        _carry_out(edit, change)
    db.session.flush()
    for facts in found.added:
        service.add(_row(facts, account_id, change), change)


def _carry_out(edit: Edit, change: Change) -> None:
    row, old, new = edit.row, edit.old, edit.new
    if any(getattr(old, name) != getattr(new, name) for name in (*_LASTING, "note")):
        with service.editing(row, change, Action.CORRECT):
            for name in (*_LASTING, "note"):
                setattr(row, name, getattr(new, name))
    if _has_new_end(edit):
        with service.editing(row, change, Action.END if new.end_date else Action.REOPEN):
            service.put_end(row, new.end_date, new.end_reason)
    if _has_new_pause(edit):
        with service.editing(row, change, Action.SUSPEND if new.suspended_from else Action.UNSUSPEND):
            service.put_suspension(row, new.suspended_from, new.suspended_until)
    if new.confirmed and not old.confirmed:
        with service.editing(row, change, Action.CONFIRM):
            service.put_confirmation(row, change)


def _row(facts: Facts, account_id: int, change: Change) -> ServiceAssignment:
    stored = {one.name: getattr(facts, one.name) for one in fields(facts) if one.name != "confirmed"}
    row = ServiceAssignment(account_id=account_id, source=AssignmentSource.AUTHORITY, **stored)
    service.put_end(row, facts.end_date, facts.end_reason)
    service.put_suspension(row, facts.suspended_from, facts.suspended_until)
    if facts.confirmed:
        service.put_confirmation(row, change)
    return row
