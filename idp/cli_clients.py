"""``idp clients``: tokens with which partners register, new secrets, and who is registered."""

from datetime import UTC, date, datetime, timedelta

import click

from clients import registry
from clients.cases import CaseRefused
from clients.client_secrets import OVERLAP, rotate_secret
from clients.initial_tokens import issue_initial_token
from clients.lifecycle import ClientEnvironment
from clients.waivers import waive_pkce
from idp.cli_days import Day
from idp.running import Refused, running
from scopes.roc import taipei_day

ENVIRONMENTS = click.Choice([environment.value for environment in ClientEnvironment])


@click.group("clients")
def clients_group() -> None:
    """Clients of cooperation cases."""


@clients_group.command("initial-token")
@click.argument("case_id", type=click.IntRange(1))
@click.option("--environment", type=ENVIRONMENTS, required=True)
def initial_token(case_id: int, environment: str) -> None:
    """Print a token with which the partner of a case registers its client, once and within seven days."""
    with running():
        try:
            token, ends = issue_initial_token(
                case_id, ClientEnvironment(environment), actor="cli", now=datetime.now(UTC)
            )
        except CaseRefused as error:
            raise Refused(str(error)) from error
    click.echo(token)
    click.echo(f"ok: registers the {environment} client of case {case_id} until {ends:%Y-%m-%d %H:%M}Z", err=True)


@clients_group.command("rotate-secret")
@click.argument("client_id")
@click.option(
    "--overlap-hours", type=click.IntRange(0, 24 * 90), default=OVERLAP // timedelta(hours=1), show_default=True
)
def rotate(client_id: str, overlap_hours: int) -> None:
    """Print a new secret, this once; the old one counts until the overlap is over, with 0 it ends now."""
    overlap, now = timedelta(hours=overlap_hours), datetime.now(UTC)
    with running():
        try:
            secret = rotate_secret(client_id, overlap=overlap, actor="cli", now=now)
        except CaseRefused as error:
            raise Refused(str(error)) from error
    click.echo(secret)
    click.echo(f"ok: the old secret of {client_id} counts until {now + overlap:%Y-%m-%d %H:%M}Z", err=True)


@clients_group.command("waive-pkce")
@click.argument("client_id")
@click.option("--until", type=Day(), help="The last day; left out, the waiver ends now.")
@click.option("--note", default="", help="Why the software of the partner cannot do it.")
def waive(client_id: str, until: date | None, note: str) -> None:
    """Let a client of old software do without PKCE for a time (D-41)."""
    with running():
        try:
            waive_pkce(client_id, until, note, actor="cli", now=datetime.now(UTC))
        except CaseRefused as error:
            raise Refused(str(error)) from error
    click.echo(f"ok: {client_id} {'needs PKCE' if until is None else f'may do without PKCE until {until}'}")


@clients_group.command("list")
def show() -> None:
    """List every client with its case and how it authenticates."""
    with running():
        now = datetime.now(UTC)
        for client in sorted(registry.everyone().values(), key=lambda one: (one.case_id, one.environment)):
            state = "disabled" if client.disabled else "open" if client.is_open(taipei_day(now)) else "closed"
            count = len(client.live_secrets(now))
            facts = f"case {client.case_id} ({client.case_state})  {client.auth_method}  {client.meta.profile}"
            click.echo(
                f"{client.client_id}  {client.environment}  {state}  {facts}  {count} secrets  {client.site_name}"
            )
