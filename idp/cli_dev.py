"""``idp dev``: for development only, partners and teachers without the paper procedure."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from clients.initial_tokens import issue_development_token
from clients.partners import PartnerRefused, parse_partner, put_partner
from config.database import db
from idp.accounts.service import ServiceRefused
from idp.running import Refused, checked_settings, running
from scopes.service import EndReason


@click.group("dev")
def dev() -> None:
    """For development only: partners and teachers without the paper procedure."""
    # Beside a demo, and where nothing at all is configured, the demo is meant.
    configured = {"ROAMING_ENV", "ROAMING_ISSUER", "ROAMING_DATABASE_URL", "ROAMING_DATABASE_URL_FILE"} & set(
        os.environ
    )
    var_dir = Path(os.environ.get("VAR_DIR", "var"))
    if not configured and (var_dir / "demo-secrets.json").exists():
        os.environ["ROAMING_ENV"] = "development"
    if "ROAMING_SMTP_HOST" not in os.environ and (var_dir / "demo.json").exists():
        _mail_like_the_demo(json.loads((var_dir / "demo.json").read_text(encoding="utf-8")))


def _mail_like_the_demo(facts: dict[str, Any]) -> None:
    """Let mail that a command causes come into the running demo's mailbox."""
    smtp = facts.get("smtp") or {}
    os.environ |= {
        "ROAMING_MAIL_FROM": str(smtp.get("from", "")),
        "ROAMING_SMTP_HOST": str(smtp.get("host", "")),
        "ROAMING_SMTP_PORT": str(smtp.get("port", 587)),
        "ROAMING_SMTP_SECURITY": "none",
    }


@contextmanager
def _development() -> Iterator[None]:
    """Enter the application, in development only; judged before the database is touched."""
    if checked_settings().is_production:
        raise Refused("idp dev works only with ROAMING_ENV=development")
    with running():
        yield


@dev.command("partner")
@click.argument("file", type=click.File(encoding="utf-8"))
def add_partner(file: Any) -> None:  # noqa: ANN401  # click gives a text stream
    """Add or replace live partners from FILE (JSON: one partner or a list; - is standard input)."""
    with _development():
        try:
            data = json.load(file)
            specs = [parse_partner(one) for one in (data if isinstance(data, list) else [data])]
            with db.session.begin():
                for spec in specs:
                    put_partner(spec, actor="cli", now=datetime.now(UTC))
        except (ValueError, PartnerRefused) as error:
            raise Refused(str(error)) from error
        except RecursionError as error:
            raise Refused("the JSON is nested too deeply") from error
    for spec in specs:
        click.echo(f"ok: {spec.client_id} ({spec.environment})")


@dev.command("initial-token")
def development_token() -> None:
    """Print a token that registers any number of clients, each under a case of its own, within seven days."""
    with _development():
        click.echo(issue_development_token(datetime.now(UTC)))


@dev.command("lock")
@click.argument("account")
@click.option("--reason", type=click.Choice([reason.value for reason in EndReason]), default=EndReason.DEPARTED.value)
def lock(account: str, reason: str) -> None:
    """End a teacher's service as of yesterday."""
    from idp.demo.service import end_service

    _on_service(account, lambda: end_service(account, EndReason(reason), datetime.now(UTC)))


@dev.command("unlock")
@click.argument("account")
def unlock(account: str) -> None:
    """Give a teacher a confirmed assignment again."""
    from idp.demo.service import restore_service

    _on_service(account, lambda: restore_service(account, datetime.now(UTC)))


def _on_service(account: str, change: Any) -> None:  # noqa: ANN401  # a command without arguments
    with _development():
        try:
            state = change()
        except (ServiceRefused, LookupError) as error:
            raise Refused(str(error)) from error
    click.echo(f"ok: {account} is {state.state}" + (f" ({state.reason})" if state.reason else ""))
