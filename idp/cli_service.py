"""``idp service``: service data on the command line, for the national centre's operators (D-31).

Who acts is named by ``--actor``, a business account; the rule of areas holds here as on the pages. The log says that it
was done on the command line.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import click

from config.database import db
from idp.accounts import areas, service, service_details
from idp.accounts.accounts import find_credentials, fold
from idp.accounts.directory import as_assignment, directory
from idp.accounts.effects import assignments_of, state_of
from idp.accounts.models import AssignmentSource, ServiceAssignment
from idp.accounts.service import Change, ServiceRefused
from idp.accounts.transitions import Refusal
from idp.accounts.typed import find_school
from idp.running import Refused, running
from scopes.roc import parse_day, taipei_day
from scopes.service import AssignmentKind, EndReason


class Day(click.ParamType[date]):
    """A day: ROC (113/08/01) or ISO (2024-08-01)."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401  # as click has it
        """Read it; wrong usage if it is none."""
        if isinstance(value, date):
            return value
        try:
            return parse_day(value)
        except ValueError:
            self.fail(f"{value!r} is no day such as 113/08/01 or 2024-08-01", param, ctx)


DAY = Day()
NUMBER = click.IntRange(1, 2_147_483_647)
_actor = click.option("--actor", required=True, help="The business account that acts.")
_reason = click.option("--reason", required=True, help="Why, for the log.")


@click.group("service")
def service_group() -> None:
    """Service data of teachers: ends, suspensions, confirmations."""


@service_group.command()
@click.argument("account")
@click.option("--day", type=DAY, help="As of this day; today unless given.")
def show(account: str, day: date | None) -> None:
    """Print a teacher's assignments, her state, the row of the rule that decides it, and the reason."""
    with running():
        person, on = _teacher(account), day or taipei_day(datetime.now(UTC))
        with db.session.begin():
            rows = assignments_of(person.account_id)
        state = state_of([as_assignment(row) for row in rows], on)
        for row in rows:
            click.echo(_line(row))
    reason = f" ({state.reason})" if state.reason else ""
    click.echo(f"ok: {person.login_name} is {state.state}{reason} on {on}, rule {state.rule}")


@service_group.command()
@click.argument("assignment", type=NUMBER)
@click.argument("last_day", type=DAY)
@click.option("--cause", type=click.Choice([cause.value for cause in EndReason]), required=True)
@_reason
@_actor
def end(assignment: int, last_day: date, cause: str, reason: str, actor: str) -> None:
    """Record the last day in service."""
    _command(assignment, actor, reason, lambda by: service.end(assignment, last_day, EndReason(cause), by))


@service_group.command()
@click.argument("assignment", type=NUMBER)
@click.option("--reason", default="", help="Why, for the log.")
@_actor
def confirm(assignment: int, reason: str, actor: str) -> None:
    """Confirm that an assignment is correct."""
    _command(assignment, actor, reason, lambda by: service.confirm(assignment, by))


@service_group.command()
@click.argument("assignment", type=NUMBER)
@click.argument("first_day", type=DAY)
@click.argument("last_day", type=DAY, required=False)
@_reason
@_actor
def suspend(assignment: int, first_day: date, last_day: date | None, reason: str, actor: str) -> None:
    """Record a suspension; without its last day it lasts."""
    _command(assignment, actor, reason, lambda by: service.suspend(assignment, first_day, last_day, by))


@service_group.command()
@click.argument("account")
@click.argument("school")
@click.argument("title")
@click.argument("start", type=DAY)
@click.option(
    "--kind", type=click.Choice([kind.value for kind in AssignmentKind]), default=AssignmentKind.PRIMARY.value
)
@click.option("--reason", default="", help="Why, for the log.")
@_actor
def add(account: str, school: str, title: str, start: date, *, kind: str, **by_whom: str) -> None:
    """Add a confirmed assignment of ACCOUNT at SCHOOL with TITLE from START on."""
    with running(), _one_line():
        area, by = _acting(**by_whom)
        person, code = _teacher(account), find_school(school, directory().schools)
        with db.session.begin():
            if code is None or not directory().schools[code].is_open(by.day) or not areas.may_add_at(area, code):
                raise ServiceRefused(Refusal.NO_SCHOOL)
        if title not in directory().titles:
            raise ServiceRefused(Refusal.NO_TITLE)
        new = ServiceAssignment(
            account_id=person.account_id,
            school_code=code,
            title_code=title,
            kind=kind,
            start_date=start,
            confirmed_at=by.now,
            confirmed_by=by.actor,
            source=AssignmentSource.SCHOOL if area.school_code else AssignmentSource.AUTHORITY,
        )
        made = service.create(new, by).id
    click.echo(f"ok: {made}")


def _command(assignment: int, actor: str, reason: str, command: Callable[[Change], None]) -> None:
    """Run a change of an assignment of the actor's area, and say what the teacher's state is then."""
    with running(), _one_line():
        area, by = _acting(actor, reason)
        with db.session.begin():
            if not areas.may_maintain(area, assignment):
                raise Refused(f"assignment {assignment}: not there, or not in the area of {fold(actor)}")
        command(by)
        state = service_details.detail(assignment, by.day).state
    click.echo(f"ok: {assignment}; the account is {state.state}" + (f" ({state.reason})" if state.reason else ""))


def _acting(actor: str, reason: str) -> tuple[areas.Area, Change]:
    with db.session.begin():
        found = find_credentials(db.session, fold(actor))
        area = areas.area_of_account(found.id) if found else areas.NOWHERE
    if area == areas.NOWHERE:
        raise Refused(f"{fold(actor)}: no active business account that maintains service data")
    return area, Change(f"cli:{fold(actor)}", datetime.now(UTC), reason)


def _teacher(account: str) -> service_details.Person:
    found = service_details.teacher(account)
    if found is None:
        raise Refused(f"{fold(account)}: {Refusal.NO_TEACHER}")
    return found


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except ServiceRefused as error:
        raise Refused(str(error)) from error


def _line(row: ServiceAssignment) -> str:
    facts = [f"{row.id}", row.school_code or "-", row.title_code or "-", row.kind, f"from {row.start_date or '?'}"]
    if row.end_date is not None:
        facts.append(f"to {row.end_date} ({row.end_reason})")
    if row.suspended_from is not None:
        facts.append(f"suspended {row.suspended_from} to {row.suspended_until or '…'}")
    facts.append("refused" if row.refused_at else "confirmed" if row.confirmed_at else "unconfirmed")
    return "  ".join(facts)
