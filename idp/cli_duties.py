"""``idp confirmations`` and ``idp cases contact|calendar``: the duties of live partners (DOMAIN §3.8)."""

from datetime import date

import click

from clients.duties import confirmations, contacts, expiries
from clients.procedure.transitions import Party
from config.database import db
from idp.case_actors import acting, actor_option, deciding
from idp.cli_cases import CASE, cases_group
from idp.cli_days import Day
from scopes.roc import format_roc, taipei_day


@click.group("confirmations")
def confirmations_group() -> None:
    """Periodic confirmation of items and contacts (D-43)."""


@confirmations_group.command("list")
@click.option("--all", "everyone", is_flag=True, help="Also those with nothing to do.")
def show_due(*, everyone: bool) -> None:
    """List the partners whose letter is due or whose reply is late."""
    with deciding() as now, db.session.begin():
        found = confirmations.all_due(taipei_day(now))
        for one in found if everyone else confirmations.to_do(found):
            held = one.standing
            warns = "  WARNING: may be suspended (X16)" if held.warns else ""
            click.echo(f"{one.case_id}  {held.state}  {held.due_on or held.next_on}  {one.site_name}{warns}")


@confirmations_group.command("letter")
@click.argument("case_id", type=CASE)
@click.option("--letter-no", required=True)
@click.option("--sent-on", type=Day(), required=True)
@actor_option
def letter(case_id: int, letter_no: str, sent_on: date, actor: str) -> None:
    """Record the letter that asks a partner to confirm."""
    with deciding() as now:
        person = acting(actor, case_id, frozenset({Party.ADMIN}))
        due = confirmations.send_letter(case_id, person, letter_no, sent_on, now)
    click.echo(f"ok: reply due on {due} ({format_roc(due)})")


@confirmations_group.command("reply")
@click.argument("case_id", type=CASE)
@click.option("--letter-no", required=True)
@click.option("--replied-on", type=Day(), required=True)
@actor_option
def reply(case_id: int, letter_no: str, replied_on: date, actor: str) -> None:
    """Record the partner's letter of reply."""
    with deciding() as now:
        person = acting(actor, case_id, frozenset({Party.ADMIN}))
        confirmations.record_reply(case_id, person, letter_no, replied_on, now)
    click.echo("ok: confirmed")


@cases_group.command("contact")
@click.argument("case_id", type=CASE)
@click.option("--name", "officer_name", required=True)
@click.option("--phone", "officer_phone", required=True)
@click.option("--email", "officer_email", required=True)
@click.option("--from", "effective_on", type=Day(), required=True)
@actor_option
def contact(case_id: int, effective_on: date, actor: str, **given: str) -> None:
    """Record another contact of a partner, as told by letter or phone (A1-5(3)); it counts from its day on."""
    with deciding() as now:
        person = acting(actor, case_id, frozenset({Party.ADMIN}))
        contacts.change(case_id, person, given, effective_on, now)
    click.echo(f"ok: {given['officer_name']} from {effective_on}")


@cases_group.command("calendar")
@click.option("--days", type=click.IntRange(0, 3660), default=60, show_default=True)
def calendar(days: int) -> None:
    """List what ends within so many days: scan reports, waivers, secrets, confirmations."""
    with deciding() as now, db.session.begin():
        for case, expiry in expiries.calendar(now):
            if (left := expiry.days_left(taipei_day(now))) <= days:
                what = f"{expiry.ending} {expiry.of}".strip()
                click.echo(f"{expiry.ends_on}  {left:4} days  case {case.id}  {what}  {case.site_name}")
