"""Whatever happened to her service, a locked teacher is never answered as unlocked at any of the three doors."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from config.database import db
from idp.accounts import service, service_corrections
from idp.accounts.effects import announced, by_calendar, settle
from idp.accounts.models import ServiceAssignment
from idp.accounts.service import ServiceRefused
from scopes.roc import taipei_day
from scopes.service import AssignmentKind, EndReason
from tests.acceptance.oracle import Row, judge
from tests.pages import Browser
from tests.rp import RelyingParty, Request
from tests.support.office import Office, People, change

DAYS, FEW = st.integers(-20, 20), st.integers(0, 12)
STEPS = st.one_of(
    st.tuples(
        st.just("add"),
        st.sampled_from(["994601", "990301", "994699"]),
        st.sampled_from(["J40", "J40", "J80"]),
        st.integers(-15, 5),
        st.booleans(),
    ),
    st.tuples(st.just("end"), FEW, DAYS),
    st.tuples(st.just("suspend"), FEW, DAYS, st.one_of(st.none(), FEW)),
    st.tuples(st.just("confirm"), FEW),
    st.tuples(st.just("refuse"), FEW),
    st.tuples(st.just("correct"), FEW, st.sampled_from(["J40", "J80"]), st.integers(-15, 5), st.booleans()),
    st.tuples(st.just("reopen"), FEW),
    st.tuples(st.just("lift"), FEW, DAYS),
    st.tuples(st.just("unsuspend"), FEW),
    st.tuples(st.just("wait"), st.integers(1, 25)),
)


@dataclass
class World:
    """The product and, beside it, the rows as they should be."""

    office: Office
    partner: RelyingParty
    person: dict[str, Any]
    clock: time_machine.Traveller
    rows: list[Row] = field(default_factory=list)
    browser: Browser = field(init=False)
    tokens: list[str] = field(default_factory=list)
    codes: list[tuple[str, Request]] = field(default_factory=list)
    has_waited: bool = True

    @property
    def today(self) -> date:
        """The day in Taipei."""
        return taipei_day(datetime.now(UTC))

    def run(self, step: tuple[Any, ...]) -> None:
        """Do one step in the product and in the rows; steps that the rules refuse are left out."""
        name, *arguments = step
        if name == "wait":
            self.clock.shift(timedelta(days=arguments[0]))
            self.tokens, self.codes, self.has_waited = [], [], True
        elif name == "add":
            self._add(*arguments)
        elif self.rows:
            row = self.rows[arguments[0] % len(self.rows)]
            with self.office.app.app_context():
                getattr(self, f"_{name}")(row, *arguments[1:])

    def _add(self, school: str, title: str, offset: int, confirmed: bool) -> None:  # noqa: FBT001  # as the step has it
        start = self.today + timedelta(days=offset)
        primary = not self._other_primary(None, start, date.max)
        kind = AssignmentKind.PRIMARY if primary else AssignmentKind.ADDITIONAL
        ident = self.office.add(self.person, school, start, title=title, kind=kind, confirmed=confirmed)
        self.rows.append(Row(ident, school, title, primary, start, confirmed))

    def _end(self, row: Row, offset: int) -> None:
        last = self.today + timedelta(days=offset)
        is_free = last >= row.start and not (row.primary and self._other_primary(row, row.start, last))
        with self._as_the_rules_say(is_free and not row.refused and (row.end != last)):
            service.end(row.id, last, EndReason.DEPARTED, change())
            row.end = last

    def _other_primary(self, but: Row | None, first: date, last: date) -> bool:
        """Whether she has another primary service on these days (§2.2)."""
        others = [row for row in self.rows if row is not but and row.primary and not row.refused]
        return any(row.start <= last and first <= (row.end or date.max) for row in others)

    def _suspend(self, row: Row, offset: int, length: int | None) -> None:
        first = self.today + timedelta(days=offset)
        last = None if length is None else first + timedelta(days=length)
        is_within = row.start <= first <= (row.end or date.max)
        with self._as_the_rules_say(is_within and not row.refused and row.suspended != (first, last)):
            service.suspend(row.id, first, last, change())
            row.suspended = first, last

    def _lift(self, row: Row, offset: int) -> None:
        last = self.today + timedelta(days=offset)
        first, old = row.suspended or (None, None)
        is_on = first is not None and (old is None or old >= self.today) and first <= last != old
        with self._as_the_rules_say(is_on and not row.refused):
            service_corrections.lift(row.id, last, change())
            assert first is not None
            row.suspended = first, last

    def _unsuspend(self, row: Row) -> None:
        with self._as_the_rules_say(row.suspended is not None and not row.refused):
            service_corrections.unsuspend(row.id, change())
            row.suspended = None

    def _reopen(self, row: Row) -> None:
        is_free = not (row.primary and self._other_primary(row, row.start, date.max))
        with self._as_the_rules_say(row.end is not None and is_free and not row.refused):
            service_corrections.reopen(row.id, change())
            row.end = None

    def _correct(self, row: Row, title: str, offset: int, primary: bool) -> None:  # noqa: FBT001  # as the step has it
        start, end = self.today + timedelta(days=offset), row.end or date.max
        is_late = start > end or (row.suspended is not None and row.suspended[0] < start)
        clashes = primary and self._other_primary(row, start, end)
        is_new = (title, start, primary) != (row.title, row.start, row.primary)
        with self._as_the_rules_say(is_new and not is_late and not clashes and not row.refused):
            kind = AssignmentKind.PRIMARY if primary else AssignmentKind.ADDITIONAL
            service_corrections.correct(row.id, service_corrections.Facts(title, kind, start, None), change())
            row.title, row.start, row.primary = title, start, primary

    def _confirm(self, row: Row) -> None:
        with self._as_the_rules_say(not row.refused and not row.confirmed):
            service.confirm(row.id, change())
            row.confirmed = True

    def _refuse(self, row: Row) -> None:
        with self._as_the_rules_say(not row.refused and not row.confirmed):
            service.refuse(row.id, change())
            row.refused = True

    @contextmanager
    def _as_the_rules_say(self, is_possible: bool) -> Iterator[None]:  # noqa: FBT001  # what it is all about
        """The product allows a step exactly when the rules do."""
        with nullcontext() if is_possible else pytest.raises(ServiceRefused):
            yield

    def check(self) -> None:
        """All doors agree with the oracle; nothing issued before a lock works after it."""
        expected = judge(self.rows, self.today)
        found = self.office.state(self.person, self.today)
        assert (found.state, found.reason) == expected
        self._check_announcement(expected)
        if expected[0] != "unlocked":
            assert self.ask()[0].answer["error"] == "access_denied"
            assert [self.partner.userinfo(token).status_code for token in self.tokens] == [401] * len(self.tokens)
            for code, request in self.codes:
                assert self.partner.exchange(code, request).get_json()["error"] == "invalid_grant"
            return
        old = [self.partner.userinfo(token).status_code for token in self.tokens]
        page, request = self.ask()
        self.tokens.append(self.partner.finish(page, request).access_token)
        page, request = self.ask()
        self.codes.append((self.partner.code_of(page, request), request))
        assert set(old) <= {200, 401}

    def _check_announcement(self, expected: tuple[str, str | None]) -> None:
        """What was announced last is the state: at once after a command, by the daily job after days went by."""
        ident = self.office.id_of(self.person)
        with self.office.app.app_context(), db.session.begin():
            told = announced(ident)
            if self.has_waited or told.state is None:
                settle(ident, by_calendar(datetime.now(UTC)))
                told = announced(ident)
        self.has_waited = False
        assert (told.state, told.reason) == expected

    def ask(self) -> tuple[Any, Request]:
        """Ask silently; log in first where no session is left."""
        request = self.partner.request(prompt="none")
        page = self.browser.get(request.url)
        if page.answer.get("error") == "login_required":
            self.browser.log_in(self.person["account"], self.person["password"])
            page = self.browser.get(request.url)
        return page, request

    def begin(self) -> None:
        """Start a history without any assignment, in a new browser."""
        ident = self.office.id_of(self.person)
        self.browser = Browser(self.office.app)
        with self.office.app.app_context(), db.session.begin():
            db.session.execute(delete(ServiceAssignment).where(ServiceAssignment.account_id == ident))


@pytest.mark.rule("AC-35", "D-14", "D-15", "D-23", "D-25")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=7))
def test_no_door_takes_a_locked_teacher_for_unlocked(
    steps: list[tuple[Any, ...]], office: Office, dream_n: RelyingParty, people: People
) -> None:
    """§2.4, §2.5: over generated ends, suspensions, confirmations and days: authorize, token, userinfo obey the table."""
    with time_machine.travel(datetime.now(UTC)) as clock:
        world = World(office, dream_n, people["T02"], clock)
        world.begin()
        world.check()
        for step in [("add", "994601", "J40", -10, True), *steps]:
            was = judge(world.rows, world.today)[0]
            world.run(step)
            world.check()
            if was == "unlocked" and judge(world.rows, world.today)[0] == "locked":
                assert_dead_after_restoration(world)


def assert_dead_after_restoration(world: World) -> None:
    """Restore her for a moment: what she had before the lock stays dead."""
    tokens, codes = list(world.tokens), list(world.codes)
    world.rows.append(Row(0, "990301", "J40", primary=False, start=world.today, confirmed=True))
    ident = world.office.add(world.person, "990301", world.today, kind=AssignmentKind.ADDITIONAL)
    world.rows[-1].id = ident
    assert [world.partner.userinfo(token).status_code for token in tokens] == [401] * len(tokens)
    for code, request in codes:
        assert world.partner.exchange(code, request).get_json()["error"] == "invalid_grant"
    world.tokens, world.codes = [], []
