"""``idp cases message|policy|sheet|print|files|file``: what is written beside the steps of a case."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import click

from clients.lifecycle import ClientEnvironment
from clients.models import Case
from clients.paper import of_case
from clients.procedure import messages, policies, sheets
from clients.procedure.attachments import all_files, taken_out
from clients.procedure.policies import Point
from clients.procedure.transitions import Party
from config.database import db
from idp.case_actors import acting, actor_option, deciding
from idp.cli_cases import CASE, FILE, cases_group, json_object
from idp.running import Refused

ANYBODY = frozenset({Party.ADMIN, Party.APPLICANT, Party.OFFICER})
ENVIRONMENTS = click.Choice([one.value for one in ClientEnvironment])
POINTS = click.Choice([one.value for one in Point])
PAPERS: Mapping[str, Callable[[int, datetime], bytes | None]] = {
    "form": of_case.form_of,
    "tests": of_case.record_of,
    "letter": of_case.letter_of,
}


@cases_group.command("message")
@click.argument("case_id", type=CASE)
@click.argument("text")
@click.option("--field", help="The field of the form that it is about.")
@actor_option
def message(case_id: int, text: str, field: str | None, actor: str) -> None:
    """Write to the people of a case, or answer them."""
    with deciding() as now:
        messages.write(case_id, acting(actor, case_id, ANYBODY), text, field, now)
    click.echo("ok: sent")


@cases_group.command("policy")
@click.argument("case_id", type=CASE)
@click.option("--has", "found", type=POINTS, multiple=True, help="A point that the privacy policy has.")
@click.option("--note", default="")
@actor_option
def policy(case_id: int, found: tuple[str, ...], note: str, actor: str) -> None:
    """Keep what the privacy policy of a case says (D-72)."""
    with deciding() as now:
        person = acting(actor, case_id, frozenset({Party.ADMIN}))
        policies.check(case_id, person, [Point(name) for name in found], note, now)
    missing = sorted(set(Point) - set(found))
    click.echo(f"ok: kept; missing: {', '.join(missing) or 'nothing'}")


@cases_group.command("sheet")
@click.argument("case_id", type=CASE)
@click.argument("environment", type=ENVIRONMENTS)
@click.argument("file", type=FILE)
@actor_option
def sheet(case_id: int, environment: str, file: Path, actor: str) -> None:
    """Keep the technical sheet of a client, from a JSON object of texts, and say what is wrong with it."""
    answers, wanted = json_object(file), ClientEnvironment(environment)
    if not all(isinstance(typed, str) for typed in answers.values()):
        raise Refused("every field needs a text")
    with deciding() as now:
        sheets.save(case_id, wanted, acting(actor, case_id, ANYBODY), answers, now)
        with db.session.begin():
            fault = sheets.fault(db.session.get_one(Case, case_id), wanted, answers)
    click.echo(f"ok: kept; {fault or 'a client can be made of it'}")


@cases_group.command("print")
@click.argument("case_id", type=CASE)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--paper", type=click.Choice(list(PAPERS)), default="form", show_default=True)
@actor_option
def print_(case_id: int, file: Path, paper: str, actor: str) -> None:
    """Write a paper of a case as PDF: the form to be stamped, the record of the tests, the letter of confirmation."""
    with deciding() as now:
        acting(actor, case_id, ANYBODY if paper != "letter" else frozenset({Party.ADMIN}))
        content = PAPERS[paper](case_id, now)
        if content is None:
            raise Refused(f"case {case_id} has nothing to confirm yet")
        file.write_bytes(content)
    click.echo(f"ok: {file}")


@cases_group.command("files")
@click.argument("case_id", type=CASE)
@actor_option
def files(case_id: int, actor: str) -> None:
    """List the files of a case, the newest first."""
    with deciding():
        acting(actor, case_id, ANYBODY)
        with db.session.begin():
            for one in all_files(case_id):
                click.echo(f"{one.id}  {one.kind}  {one.added_at:%Y-%m-%d %H:%M}Z  {one.media_type}  {one.name}")


@cases_group.command("file")
@click.argument("case_id", type=CASE)
@click.argument("number", type=CASE)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@actor_option
def file(case_id: int, number: int, file: Path, actor: str) -> None:
    """Write a file of a case to this machine; who took it is recorded."""
    with deciding():
        person = acting(actor, case_id, ANYBODY)
        with db.session.begin():
            found = taken_out(case_id, number, person.actor)
            if found is None:
                raise Refused(f"case {case_id} has no file {number}")
            file.write_bytes(found.content)
    click.echo(f"ok: {file}")
