"""The in-service rule, Art.5(2): is a teacher in service on a day, at which school, and if not, why (DOMAIN §2).

All periods are inclusive at both ends; "day" is a calendar day in Asia/Taipei.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class AssignmentKind(StrEnum):
    """主聘／兼任."""

    PRIMARY = "primary"
    ADDITIONAL = "additional"


class EndReason(StrEnum):
    """How a service ended (DOMAIN §2.3); suspension is a period, not an end."""

    NOT_RENEWED = "not_renewed"
    DEPARTED = "departed"
    TRANSFERRED = "transferred"
    RETIRED = "retired"


class State(StrEnum):
    """What the account may do."""

    UNLOCKED = "unlocked"
    UNLOCKED_UNVERIFIED = "unlocked_unverified"
    LOCKED = "locked"


class Reason(StrEnum):
    """Why an account is locked, in the words of the messages (DOMAIN §2.7)."""

    NOT_IN_SERVICE = "not_in_service"
    NO_SERVICE_SCHOOL = "no_service_school"
    SERVICE_DATA_PENDING = "service_data_pending"

    @property
    def label_zh(self) -> str:
        """The reason as users read it."""
        return _LABELS[self][0]

    @property
    def label_en(self) -> str:
        """The same in English."""
        return _LABELS[self][1]


_LABELS = {
    Reason.NOT_IN_SERVICE: ("未在職", "not in service"),
    Reason.NO_SERVICE_SCHOOL: ("無服務學校", "no service school"),
    Reason.SERVICE_DATA_PENDING: ("服務單位資訊待確認", "service information awaiting confirmation"),
}


@dataclass(frozen=True, slots=True)
class School:
    """A school of the register; ``closed_on`` is its first day closed."""

    code: str
    name: str
    opened_on: date | None = None
    closed_on: date | None = None

    def is_open(self, day: date) -> bool:
        """Whether the school exists on the day (D-34)."""
        return (self.opened_on is None or self.opened_on <= day) and (self.closed_on is None or day < self.closed_on)


@dataclass(frozen=True, slots=True)
class Title:
    """A title; some do not count as in service (D-35)."""

    code: str
    name: str
    name_en: str
    counts_as_in_service: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """A teacher at a school for a period (服務紀錄). ``refused``: denied by the school, it counts as none."""

    id: int
    school_code: str | None
    title_code: str | None
    kind: AssignmentKind
    start_date: date | None
    end_date: date | None = None
    end_reason: EndReason | None = None
    suspended_from: date | None = None
    suspended_until: date | None = None
    confirmed: bool = False
    refused: bool = False

    def has_ended(self, day: date) -> bool:
        """Whether the last day in service lies before the day."""
        return self.end_date is not None and self.end_date < day

    def has_begun(self, day: date) -> bool:
        """Whether the first day is here; without a date the entry is incomplete, not in the future."""
        return self.start_date is None or self.start_date <= day

    def is_suspended(self, day: date) -> bool:
        """Whether the day lies in the period of suspension (停職); an open end lasts."""
        if self.suspended_from is None or day < self.suspended_from:
            return False
        return self.suspended_until is None or day <= self.suspended_until

    def is_active(self, day: date) -> bool:
        """Begun, not ended, not suspended (DOMAIN §2.2)."""
        return self.has_begun(day) and not self.has_ended(day) and not self.is_suspended(day)


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The verdict; ``rule`` is the row of the table in DOMAIN §2.4, ``assignment_id`` the entry that decided."""

    state: State
    reason: Reason | None
    rule: int
    assignment_id: int | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """An assignment as it looks on the day."""

    entry: Assignment
    active: bool
    school_open: bool
    school_closed: bool
    title_counts: bool

    @property
    def complete(self) -> bool:
        """完整: an open school, a title that counts, a first day."""
        return self.school_open and self.title_counts and self.entry.start_date is not None


def evaluate_service_state(
    assignments: Iterable[Assignment], schools: Mapping[str, School], titles: Mapping[str, Title], day: date
) -> ServiceState:
    """Return the first row of DOMAIN §2.4 that holds on the day."""
    seen = _look(assignments, schools, titles, day)
    active = [one for one in seen if one.active]
    rows = (
        (1, [one for one in seen if _primary_suspended(one.entry, day)]),
        (2, [one for one in active if one.complete and one.entry.confirmed]),
        (3, [] if any(one.entry.confirmed for one in seen) else [one for one in active if one.complete]),
        (4, active if active and all(one.school_closed for one in active) else []),
        (5, [one for one in active if one.title_counts or one.entry.title_code is None]),
        (6, [one for one in seen if one.active or one.entry.has_ended(day) or one.entry.is_suspended(day)]),
    )
    for rule, matching in rows:
        if matching:
            return ServiceState(*_VERDICTS[rule], rule, matching[0].entry.id)
    return ServiceState(*_VERDICTS[7], 7, None)


_VERDICTS: Mapping[int, tuple[State, Reason | None]] = {
    1: (State.LOCKED, Reason.NOT_IN_SERVICE),
    2: (State.UNLOCKED, None),
    3: (State.UNLOCKED_UNVERIFIED, None),
    4: (State.LOCKED, Reason.NO_SERVICE_SCHOOL),
    5: (State.LOCKED, Reason.SERVICE_DATA_PENDING),
    6: (State.LOCKED, Reason.NOT_IN_SERVICE),
    7: (State.LOCKED, Reason.NO_SERVICE_SCHOOL),
}


def releasable(
    assignments: Iterable[Assignment], schools: Mapping[str, School], titles: Mapping[str, Title], day: date
) -> tuple[Assignment, ...]:
    """Return the assignments whose school and title may be released, the default first (D-24).

    Active, complete and confirmed ones; where nothing was ever confirmed (row 3) the active and complete ones.
    """
    seen = _look(assignments, schools, titles, day)
    ever_confirmed = any(one.entry.confirmed for one in seen)
    good = [one.entry for one in seen if one.active and one.complete and one.entry.confirmed is ever_confirmed]
    return tuple(sorted(good, key=_preference))


def released_assignment(
    assignments: Iterable[Assignment],
    schools: Mapping[str, School],
    titles: Mapping[str, Title],
    day: date,
    choice: int | None,
) -> Assignment | None:
    """Return the one assignment that all four school and title claims describe (D-24, R-CLM-7).

    The teacher's choice while it is releasable, else the primary, else the one with the earliest start.
    """
    good = releasable(assignments, schools, titles, day)
    chosen = [one for one in good if one.id == choice]
    return next(iter((*chosen, *good)), None)


def effective_state(service: ServiceState, *, in_force: bool, requires_confirmed: bool) -> ServiceState:
    """Apply what is not the person's: the amendment's day (D-01) and whether roaming needs confirmed data (D-17)."""
    if service.state is State.LOCKED and not in_force:
        return replace(service, state=State.UNLOCKED, reason=None)
    if service.state is State.UNLOCKED_UNVERIFIED and not requires_confirmed:
        return replace(service, state=State.UNLOCKED)
    return service


def _look(
    assignments: Iterable[Assignment], schools: Mapping[str, School], titles: Mapping[str, Title], day: date
) -> list[_Seen]:
    """See every assignment that counts as of the day, the oldest first."""
    seen = []
    for entry in sorted(assignments, key=_age):
        if entry.refused:
            continue
        school = schools.get(entry.school_code or "")
        title = titles.get(entry.title_code or "")
        seen.append(
            _Seen(
                entry,
                active=entry.is_active(day),
                school_open=school is not None and school.is_open(day),
                school_closed=school is not None and school.closed_on is not None and school.closed_on <= day,
                title_counts=title is not None and title.counts_as_in_service,
            )
        )
    return seen


def _primary_suspended(entry: Assignment, day: date) -> bool:
    """Row 1, D-23: suspended at the primary school, which has not ended."""
    return entry.kind is AssignmentKind.PRIMARY and not entry.has_ended(day) and entry.is_suspended(day)


def _age(entry: Assignment) -> tuple[date, int]:
    return entry.start_date or date.max, entry.id


def _preference(entry: Assignment) -> tuple[bool, date, int]:
    return entry.kind is not AssignmentKind.PRIMARY, *_age(entry)
