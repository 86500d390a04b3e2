"""``idp logout``: the worker of back-channel logout, and who could not be told."""

import os
import signal
from datetime import UTC, datetime
from threading import Event

import click

from idp.running import running


@click.group("logout")
def logout_group() -> None:
    """Back-channel logout of partners."""


@logout_group.command()
@click.option("--watch", is_flag=True, help="Go on until stopped.")
@click.option("--parent", type=int, hidden=True, help="End when this process is no longer the parent.")
def deliver(*, watch: bool, parent: int | None) -> None:
    """Send the logout tokens that are due."""
    from idp.logout.courier import Courier

    stop = Event()
    if watch:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
    with running() as app:
        courier = Courier(app)
        if watch:
            courier.watch(stop, lambda: parent is not None and os.getppid() != parent)
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
