"""``idp cases``: the cooperation procedure on the command line, by the same commands and rules as everywhere.

Who acts is named by ``--actor``, a business account: an administrator, or the applicant or officer of the case.
"""

import json
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from clients.lifecycle import CaseState
from clients.models import Case, CaseEvent
from clients.procedure import drafts
from clients.procedure.attachment_kinds import AttachmentKind, rules_for
from clients.procedure.members import add_officer
from clients.procedure.steps import take
from clients.procedure.transitions import BY_ID, TRANSITIONS, Party
from config.audit import record
from config.database import db
from config.uploads.judge import taken
from config.uploads.kinds import FileRefused
from idp.case_actors import acting, actor_option, deciding, person_of
from idp.running import Refused, running

CASE = click.IntRange(1, 2_147_483_647)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STEPS = click.Choice([one.id for one in TRANSITIONS if one.id not in {"X1", "X15", "X20"}])


@click.group("cases")
def cases_group() -> None:
    """Cooperation cases, from the form of Appendix 1 to going live."""


@cases_group.command("table")
def table() -> None:
    """Print the steps X1-X20: from where to where, whose agreement each needs, and what it demands."""
    for one in TRANSITIONS:
        sources = "/".join(sorted(one.sources)) or "-"
        needs = " + ".join("|".join(sorted(need)) for need in one.needs)
        click.echo(f"{one.id:4}{sources} -> {one.target or 'same'}  [{needs}]  {one.demands}")


@cases_group.command("list")
@click.option("--state", type=click.Choice([state.value for state in CaseState]))
def show_all(state: str | None) -> None:
    """List the cases with their state, the newest first."""
    with running(), db.session.begin():
        query = select(Case).order_by(Case.id.desc())
        for case in db.session.scalars(query if state is None else query.where(Case.state == state)):
            click.echo(f"{case.id}  {case.state}  {case.site_name or '-'}  {case.operating_unit or '-'}")


@cases_group.command("show")
@click.argument("case_id", type=CASE)
def show(case_id: int) -> None:
    """Print the history of a case, and what is still missing on its form while that is written."""
    with deciding() as now:
        wanted = drafts.missing(case_id, now)
        with db.session.begin():
            case = db.session.get_one(Case, case_id)
            click.echo(f"case {case_id}: {case.state}  {case.site_name or '-'}")
            events = select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)
            for event in db.session.scalars(events):
                click.echo(f"{event.at:%Y-%m-%d %H:%M}Z  {event.event}  {event.actor}")
            is_open = CaseState(case.state) in drafts.WRITABLE
        for fault in wanted if is_open else ():
            click.echo(f"missing: {fault.field} {fault.problem}{f' {fault.reason.value}' if fault.reason else ''}")


@cases_group.command("open")
@actor_option
@click.option("--amends", type=CASE, help="The live case that a supplementary one adds to (D-40).")
def open_(actor: str, amends: int | None) -> None:
    """Open a draft and print its number; who opens it is its applicant."""
    with deciding() as now:
        person = person_of(actor, Party.APPLICANT)
        made = drafts.open_case(person, now) if amends is None else drafts.open_supplement(amends, person, now)
    click.echo(made)


@cases_group.command("save")
@click.argument("case_id", type=CASE)
@click.argument("file", type=FILE)
@actor_option
def save(case_id: int, file: Path, actor: str) -> None:
    """Write fields of the form from a JSON object, field by its name: the text as it is typed."""
    answers = json_object(file)
    if not all(isinstance(typed, str) for typed in answers.values()):
        raise Refused("every field needs a text")
    with deciding() as now:
        drafts.save(case_id, person_of(actor, Party.APPLICANT), answers)
        wanted = drafts.missing(case_id, now)
    click.echo(f"ok: saved; {len(wanted)} still missing or wrong (idp cases show {case_id})")


@cases_group.command("attach")
@click.argument("case_id", type=CASE)
@click.argument("kind", type=click.Choice([kind.value for kind in AttachmentKind]))
@click.argument("file", type=FILE)
@actor_option
def attach(case_id: int, kind: str, file: Path, actor: str) -> None:
    """Add a file to a case, PDF, PNG or JPEG by what it is; the newest of its kind counts."""
    with deciding() as now:
        rules = rules_for(AttachmentKind(kind))
        try:
            with file.open("rb") as stream:
                judged = taken(file.name, stream, rules)
        except FileRefused as refused:
            takes = " or ".join(rules.media_types)
            raise Refused(f"{refused.fault}: {takes} of at most {rules.limit_mib} MiB is needed") from refused
        person = acting(actor, case_id, frozenset({Party.ADMIN, Party.APPLICANT, Party.OFFICER}))
        drafts.attach(case_id, person, AttachmentKind(kind), judged, now)
    click.echo(f"ok: {kind} added")


@cases_group.command("officer")
@click.argument("case_id", type=CASE)
@click.argument("account")
@actor_option
def officer(case_id: int, account: str, actor: str) -> None:
    """Let a business account act as the officer of a case."""
    with deciding() as now:
        named = person_of(account, Party.OFFICER)
        if not add_officer(
            case_id, acting(actor, case_id, frozenset({Party.ADMIN, Party.APPLICANT})), named.account_id, now
        ):
            raise Refused(f"{actor} does not act for case {case_id}")
    click.echo(f"ok: {account} is an officer of case {case_id}")


@cases_group.command("test")
@click.argument("case_id", type=CASE)
@click.argument("test")
@click.option("--passed/--failed", required=True)
@click.option("--note", required=True, help="What was seen.")
@actor_option
def test(case_id: int, test: str, note: str, actor: str, *, passed: bool) -> None:
    """Note the result of a joint test (TC-1 to TC-8); the newest of each counts."""
    with deciding() as now:
        person = acting(actor, case_id, frozenset({Party.ADMIN, Party.OFFICER}))
        drafts.record_test(case_id, person, test, passed=passed, note=note, now=now)
    click.echo(f"ok: {test} {'passed' if passed else 'failed'}")


@cases_group.command("step")
@click.argument("case_id", type=CASE)
@click.argument("step", type=STEPS)
@click.argument("evidence", type=FILE, required=False)
@actor_option
def step(case_id: int, step: str, evidence: Path | None, actor: str) -> None:
    """Take a step of the procedure, or agree to it; its evidence is a JSON object (idp cases table lists the steps)."""
    given = json_object(evidence) if evidence else {}
    with deciding() as now:
        parties = frozenset().union(*BY_ID[step].needs)
        outcome = take(case_id, step, acting(actor, case_id, parties), given, now)
        with db.session.begin():
            record("case.command_line", actor="cli", subject=f"case:{case_id}", detail={"step": step, "for": actor})
    waits = ", ".join("|".join(sorted(need)) for need in outcome.waits_for)
    click.echo(f"ok: {outcome.state}" + (f"; {step} waits for {waits}" if waits else ""))


def json_object(file: Path) -> dict[str, Any]:
    """Read a JSON object from a file."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(f"{file.name} is no JSON in UTF-8") from error
    if not isinstance(found, dict):
        raise Refused(f"{file.name} is no JSON object")
    return found
