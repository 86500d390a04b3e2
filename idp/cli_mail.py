"""``idp mail``: the worker that sends mail."""

import click

from config.settings import settings
from idp.running import Refused, is_orphan, running, stop_signal, watchable


@click.group("mail")
def mail_group() -> None:
    """Mail to people."""


@mail_group.command()
@watchable
def deliver(*, watch: bool, parent: int | None) -> None:
    """Send the mail that is due."""
    from idp.mail import deliver as delivery

    with running() as app:
        if not settings().smtp_host:
            raise Refused("no mail can be sent: ROAMING_SMTP_HOST is not set")
        if watch:
            delivery.watch(app, stop_signal(), lambda: is_orphan(parent))
        else:
            sent, failed = delivery.run_once(app)
            click.echo(f"ok: {sent} sent, {failed} failed")
