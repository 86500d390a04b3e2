"""``idp mail``: the worker that sends mail."""

import os
import signal
from threading import Event

import click

from config.settings import settings
from idp.running import Refused, running


@click.group("mail")
def mail_group() -> None:
    """Mail to people."""


@mail_group.command()
@click.option("--watch", is_flag=True, help="Go on until stopped.")
@click.option("--parent", type=int, hidden=True, help="End when this process is no longer the parent.")
def deliver(*, watch: bool, parent: int | None) -> None:
    """Send the mail that is due."""
    from idp.mail import deliver as delivery

    stop = Event()
    if watch:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
    with running() as app:
        if not settings().smtp_host:
            raise Refused("no mail can be sent: ROAMING_SMTP_HOST is not set")
        if watch:
            delivery.watch(app, stop, lambda: parent is not None and os.getppid() != parent)
        else:
            sent, failed = delivery.run_once(app)
            click.echo(f"ok: {sent} sent, {failed} failed")
