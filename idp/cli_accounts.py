"""``idp accounts``: the first staff of a new installation."""

from datetime import UTC, datetime

import click

from idp.running import Refused, running


@click.group("accounts")
def accounts_group() -> None:
    """Accounts."""


@accounts_group.command()
@click.argument("account")
@click.argument("name")
@click.option("--unit", required=True, help="The unit, as pages show it.")
@click.option("--role", type=click.Choice(["idp_admin", "reviewer", "auditor"]), required=True)
def appoint(account: str, name: str, unit: str, role: str) -> None:
    """Open an account of the national centre and print its initial password, to be changed at the first log-in."""
    from idp.accounts.accounts import AccountRefused
    from idp.accounts.staffing import appoint as run
    from scopes.permissions import Role

    with running():
        try:
            password = run(account, name, unit, Role(role), now=datetime.now(UTC))
        except AccountRefused as error:
            raise Refused(str(error)) from error
    click.echo(password)
