"""``idp jobs``: what a timer runs every day at 00:05 in Taipei (DOMAIN §2.4)."""

from datetime import UTC, datetime

import click

from config.audit import record
from config.database import db
from idp.running import running


@click.group("jobs")
def jobs_group() -> None:
    """Daily work, for cron or a timer."""


@jobs_group.command("run")
def run_jobs() -> None:
    """Tell what came by date, send reminders, delete what has expired; safe to run twice and on several machines."""
    from clients.duties import expiries
    from clients.procedure import steps
    from idp.accounts.daily import remind_all, settle_all
    from idp.sweeping import sweep

    now = datetime.now(UTC)
    with running():
        seen = 0

        def progress(count: int) -> None:
            nonlocal seen
            seen += count
            click.echo(f"{seen} accounts", err=True)

        counts = dict(settle_all(now, progress)) | {"reminded": remind_all(now), "cases live": steps.settle_all(now)}
        counts["partners reminded"] = expiries.remind_all(now)
        gone = sweep(now)
        with db.session.begin():
            record("jobs.finished", actor="system", detail=counts)
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to tell"
    click.echo(f"ok: {told}; {sum(gone.values())} expired rows deleted")
