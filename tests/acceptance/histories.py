"""One teacher's service, step by step: in the product by every way in, and beside it as the rules have it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import time_machine
from hypothesis import strategies as st
from sqlalchemy import delete, update

from config.database import db
from config.snapshot import bump, snapshots
from idp.accounts.daily import settle_all
from idp.accounts.effects import announced
from idp.accounts.models import School, ServiceAssignment
from scopes.roc import taipei_day, taipei_midnight
from scopes.service import AssignmentKind
from tests.acceptance.channels import Channels
from tests.acceptance.oracle import Row, judge
from tests.support.office import Office

Step = tuple[Any, ...]
SCHOOLS = ("994601", "990301")
DAYS, FEW = st.integers(-20, 20), st.integers(0, 12)
BY_STAFF = st.sampled_from(["command", "console"])
BY_ANYBODY = st.sampled_from(["command", "console", "patch", "put"])
STEPS = st.one_of(
    st.tuples(
        *(st.just("add"), st.sampled_from(["command", "patch", "put"]), st.sampled_from([*SCHOOLS, "994699"])),
        *(st.sampled_from(["J40", "J40", "J80"]), st.integers(-15, 5), st.booleans()),
    ),
    st.tuples(st.just("end"), BY_ANYBODY, FEW, DAYS),
    st.tuples(st.just("suspend"), BY_ANYBODY, FEW, DAYS, st.one_of(st.none(), FEW)),
    st.tuples(st.just("confirm"), BY_ANYBODY, FEW),
    st.tuples(st.just("refuse"), BY_ANYBODY, FEW),
    st.tuples(
        *(st.just("correct"), BY_STAFF, FEW, st.sampled_from(["J40", "J80"]), st.integers(-15, 5), st.booleans())
    ),
    st.tuples(st.just("reopen"), BY_ANYBODY, FEW),
    st.tuples(st.just("lift"), BY_STAFF, FEW, DAYS),
    st.tuples(st.just("unsuspend"), BY_ANYBODY, FEW),
    st.tuples(st.just("close"), st.sampled_from(SCHOOLS), st.one_of(st.none(), st.integers(-5, 20))),
    st.tuples(st.just("wait"), st.integers(1, 25), st.booleans()),
    st.tuples(st.just("midnight"), st.booleans()),
    st.tuples(st.just("job")),
    st.tuples(st.just("restore")),
)


@dataclass
class History:
    """The product and, beside it, the rows as they should be.

    ``is_settled``: a command or the daily job has run since a day began or a school closed.
    """

    channels: Channels
    clock: time_machine.Traveller
    rows: list[Row] = field(default_factory=list)
    closings: dict[str, date] = field(default_factory=lambda: {"994699": date.min})
    is_settled: bool = False

    @property
    def office(self) -> Office:
        """Her records."""
        return self.channels.office

    @property
    def person(self) -> dict[str, Any]:
        """The teacher."""
        return self.channels.person

    @property
    def today(self) -> date:
        """The day in Taipei."""
        return taipei_day(datetime.now(UTC))

    @property
    def expected(self) -> tuple[str, str | None]:
        """State and reason by the table."""
        return judge(self.rows, self.today, self.closings)

    def begin(self) -> None:
        """Start without any assignment, at open schools."""
        self.channels.renew()
        ident = self.office.id_of(self.person)
        with self.office.app.app_context(), db.session.begin():
            db.session.execute(delete(ServiceAssignment).where(ServiceAssignment.account_id == ident))
        for school in SCHOOLS:
            self.close(school, None)
        self.job()

    def run(self, step: Step) -> None:
        """Do one step in the product and in the rows; the product allows it exactly when the rules do."""
        name, *arguments = step
        if name in {"add", "close", "wait", "eve", "midnight", "job", "restore"}:
            getattr(self, name)(*arguments)
        elif self.rows:
            by, number, *rest = arguments
            row = self.rows[number % len(self.rows)]
            is_possible, new = getattr(self, f"_{name}")(row, *rest)
            done = self.channels.do(by, name, row, new)
            assert done is (is_possible and not row.refused), (step, row)
            for fact, value in new.items() if done else ():
                setattr(row, fact, value)
            self.is_settled |= done

    def wait(self, days: int, is_job_run: bool) -> None:  # noqa: FBT001  # as the step has it
        """Let days go by; the job of the last of them runs or not."""
        self.clock.shift(timedelta(days=days))
        self.channels.renew()
        self.is_settled = False
        if is_job_run:
            self.job()

    def eve(self) -> None:
        """Let the day go by but for twenty seconds."""
        self.clock.move_to(taipei_midnight(self.today + timedelta(days=1)) - timedelta(seconds=20))
        self.channels.renew()

    def midnight(self, is_job_run: bool) -> None:  # noqa: FBT001  # as the step has it
        """Let the next day begin after its eve; its job runs or not."""
        self.clock.shift(timedelta(seconds=21))
        self.is_settled = False
        if is_job_run:
            self.job()

    def job(self) -> None:
        """Run what runs every day at 00:05."""
        with self.office.app.app_context():
            settle_all(datetime.now(UTC))
        self.is_settled = True

    def close(self, school: str, offset: int | None) -> None:
        """Write into the register when a school closes, or that it does not."""
        self.closings.pop(school, None)
        if offset is not None:
            self.closings[school] = self.today + timedelta(days=offset)
        with self.office.app.app_context(), db.session.begin():
            closed = {"closed_on": self.closings.get(school)}
            db.session.execute(update(School).where(School.code == school).values(closed))
            bump()
        with self.office.app.app_context():
            snapshots().refresh()
        self.is_settled = False

    def add(self, by: str, school: str, title: str, offset: int, confirmed: bool) -> None:  # noqa: FBT001  # as in STEPS
        """Add an assignment: the primary one where she has no other."""
        start = self.today + timedelta(days=offset)
        primary = not self._other_primary(None, start, date.max)
        row = Row(0, school, title, primary, start, confirmed)
        if any(
            not one.refused and (one.school, one.primary, one.start) == (school, primary, start) for one in self.rows
        ):
            by = "command"  # over SCIM that is the one which is there
        row.id = self.channels.add(by, row)
        self.rows.append(row)
        self.is_settled = True

    def restore(self) -> None:
        """What always restores her: no suspension at the primary school, and a confirmed service somewhere."""
        for row in self.rows:
            if row.primary and not row.refused and not row.ended(self.today) and row.is_suspended(self.today):
                self.run(("unsuspend", "command", self.rows.index(row)))
        if self.expected[0] != "unlocked":
            row = Row(0, "994602", "J40", primary=False, start=self.today, confirmed=True)
            row.id = self.office.add(self.person, row.school, row.start, kind=AssignmentKind.ADDITIONAL)
            self.rows.append(row)
            self.is_settled = True
        assert self.expected == ("unlocked", None)

    def told(self) -> tuple[str | None, str | None]:
        """Return the state and reason that were announced last."""
        ident = self.office.id_of(self.person)
        with self.office.app.app_context(), db.session.begin():
            found = announced(ident)
        return found.state, found.reason

    def _other_primary(self, but: Row | None, first: date, last: date) -> bool:
        """Whether she has another primary service on these days (§2.2)."""
        others = [row for row in self.rows if row is not but and row.primary and not row.refused]
        return any(row.start <= last and first <= (row.end or date.max) for row in others)

    def _end(self, row: Row, offset: int) -> tuple[bool, dict[str, Any]]:
        last = self.today + timedelta(days=offset)
        is_free = last >= row.start and not (row.primary and self._other_primary(row, row.start, last))
        return is_free and row.end != last, {"end": last}

    def _suspend(self, row: Row, offset: int, length: int | None) -> tuple[bool, dict[str, Any]]:
        first = self.today + timedelta(days=offset)
        last = None if length is None else first + timedelta(days=length)
        is_within = row.start <= first <= (row.end or date.max)
        return is_within and row.suspended != (first, last), {"suspended": (first, last)}

    def _lift(self, row: Row, offset: int) -> tuple[bool, dict[str, Any]]:
        last = self.today + timedelta(days=offset)
        first, old = row.suspended or (date.max, None)
        is_on = row.suspended is not None and (old is None or old >= self.today)
        return is_on and first <= last != old, {"suspended": (first, last)}

    def _unsuspend(self, row: Row) -> tuple[bool, dict[str, Any]]:
        return row.suspended is not None, {"suspended": None}

    def _reopen(self, row: Row) -> tuple[bool, dict[str, Any]]:
        is_free = not (row.primary and self._other_primary(row, row.start, date.max))
        return row.end is not None and is_free, {"end": None}

    def _correct(self, row: Row, title: str, offset: int, primary: bool) -> tuple[bool, dict[str, Any]]:  # noqa: FBT001  # as in STEPS
        start, end = self.today + timedelta(days=offset), row.end or date.max
        is_late = start > end or (row.suspended is not None and row.suspended[0] < start)
        clashes = primary and self._other_primary(row, start, end)
        is_new = (title, start, primary) != (row.title, row.start, row.primary)
        return is_new and not is_late and not clashes, {"title": title, "start": start, "primary": primary}

    def _confirm(self, row: Row) -> tuple[bool, dict[str, Any]]:
        return not row.confirmed, {"confirmed": True}

    def _refuse(self, row: Row) -> tuple[bool, dict[str, Any]]:
        return not row.confirmed, {"refused": True}
