"""``idp logout``: the worker of back-channel logout, and who could not be told."""

from datetime import UTC, datetime

import click

from idp.running import is_orphan, running, stop_signal, watchable


@click.group("logout")
def logout_group() -> None:
    """Back-channel logout of partners."""


@logout_group.command()
@watchable
def deliver(*, watch: bool, parent: int | None) -> None:
    """Send the logout tokens that are due."""
    from idp.logout.courier import Courier

    with running() as app:
        courier = Courier(app)
        if watch:
            courier.watch(stop_signal(), lambda: is_orphan(parent))
        else:
            courier.run_once()
            click.echo(f"ok: {courier.sent} sent, {courier.failed} failed")


@logout_group.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
def report(days: int) -> None:
    """Print which partners could not be told that a session is over."""
    from idp.logout.report import not_told

    with running():
        lines = list(not_told(datetime.now(UTC), days))
    for line in lines:
        click.echo(line)
    click.echo(f"ok: {len(lines)} not told in {days} days")
