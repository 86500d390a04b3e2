"""The ``idp`` command. Exit codes: 0 done, 1 refused or failed with a one-line reason, 2 wrong usage."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from config import audit
from config.database import close_connections
from config.settings import SettingsError, settings
from idp import keys as signing_keys
from idp.cli_accounts import accounts_group
from idp.cli_cases import cases_group
from idp.cli_clients import clients_group
from idp.cli_dev import dev
from idp.cli_duties import confirmations_group
from idp.cli_jobs import jobs_group
from idp.cli_joint_tests import run_tests  # noqa: F401  # joins the group of cases
from idp.cli_logout import logout_group
from idp.cli_mail import mail_group
from idp.cli_mtls import check_mtls, mtls_place
from idp.cli_review import message  # noqa: F401  # as do its neighbours
from idp.cli_service import service_group
from idp.cli_teachers import teachers_group
from idp.mtls.beside import listening
from idp.running import Refused, application, checked_settings, running, wrong_settings
from idp.serving import is_free
from idp.serving import serve as run_server


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Account-roaming identity provider (帳號漫遊)."""


main.add_command(accounts_group)
main.add_command(logout_group)
main.add_command(mail_group)
main.add_command(cases_group)
main.add_command(confirmations_group)
main.add_command(clients_group)
main.add_command(jobs_group)
main.add_command(dev)
main.add_command(teachers_group)
main.add_command(service_group)


@main.command()
@click.option("--reset", is_flag=True, help="Start over with fresh data.")
def demo(*, reset: bool) -> None:
    """Run the provider and the demo partner site with fictional data."""
    from idp.demo.run import run

    try:
        sys.exit(run(reset=reset))
    except SettingsError as error:
        raise wrong_settings(error) from error


@main.command()
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Threads of a worker.")
@click.option("--certfile", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--keyfile", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mtls-port", type=click.IntRange(1, 65535), help="Ask for client certificates on this port.")
@click.option("--plain-http", is_flag=True, help="PORT speaks http; the certificate is for --mtls-port alone.")
def serve(workers: int, threads: int, *, mtls_port: int | None, plain_http: bool, **tls: Path | None) -> None:
    """Serve on HOST:PORT; with --certfile and --keyfile over TLS."""
    place = mtls_place(mtls_port, tls["certfile"], tls["keyfile"], is_plain=plain_http)
    with running():
        signing_keys.ensure()
        rules = settings()
        close_connections()
    if not is_free(rules.host, rules.port):
        raise Refused(f"port {rules.port} of {rules.host} is taken or not ours; choose another by PORT")
    if place is not None:
        check_mtls(rules, place)
    with listening(rules, place):
        run_server(rules, workers=workers, threads=threads, **({} if plain_http else tls))


@main.group("settings")
def settings_group() -> None:
    """Settings."""


@settings_group.command("check")
def check_settings() -> None:
    """Validate all settings together and name every fault."""
    rules = checked_settings()
    click.echo(f"ok: {rules.env}, issuer {rules.issuer}")


@main.group("db")
def db_group() -> None:
    """Database."""


@db_group.command("upgrade")
def upgrade_database() -> None:
    """Bring the schema up to date."""
    from idp.schema import upgrade_schema

    with application().app_context():
        upgrade_schema()
        signing_keys.ensure()
    click.echo("ok: schema is up to date")


@main.command()
def sweep() -> None:
    """Delete what has expired; for a timer, safe to run twice and on several machines."""
    from idp.sweeping import sweep as run

    with running():
        click.echo("ok: " + ", ".join(f"{count} {kind}" for kind, count in run(datetime.now(UTC)).items()))


@main.group("keys")
def keys_group() -> None:
    """Signing keys."""


@keys_group.command("list")
def list_keys() -> None:
    """List the keys with what they do now."""
    with running():
        now = datetime.now(UTC)
        for key in signing_keys.ring():
            click.echo(f"{key.kid}  {key.alg}  {key.state(now):8}  from {key.activates_at:%Y-%m-%d %H:%M}Z")


@keys_group.command("rotate")
@click.option("--alg", type=click.Choice(signing_keys.ALGS), multiple=True, default=signing_keys.ALGS)
def rotate_keys(alg: tuple[str, ...]) -> None:
    """Publish the next key of each algorithm now; it signs after the publication lead."""
    with running():
        try:
            for name in alg:
                kid, when = signing_keys.rotate(datetime.now(UTC), name)
                click.echo(f"ok: {name} {kid} published, signs from {when:%Y-%m-%d %H:%M}Z")
        except ValueError as error:
            raise Refused(str(error)) from error


@main.group("audit")
def audit_group() -> None:
    """Audit log."""


@audit_group.command("chain")
def chain_audit() -> None:
    """Chain the events that are not yet chained."""
    with running():
        total = 0
        while done := audit.chain():
            total += done
        click.echo(f"ok: {total} events chained")


@audit_group.command("verify")
def verify_audit() -> None:
    """Recompute the hash chain."""
    with running():
        count, broken = audit.verify()
        if broken is not None:
            raise Refused(f"the chain breaks at event {broken} after {count} good ones")
        click.echo(f"ok: {count} chained events hold, {audit.unchained_count()} wait for the chain")


if __name__ == "__main__":
    main()
