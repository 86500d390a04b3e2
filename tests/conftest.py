"""The application under test: real migrations, the demo data, and a database of its own for every test."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config.database import close_connections
from config.settings import Settings, load_settings
from idp import keys
from idp.app import create_app
from idp.demo import loader, report
from idp.schema import upgrade_schema
from scopes.roc import taipei_day
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.mail import Mailbox, mail_server
from tests.support.office import Desk, Office

ISSUER = "http://127.0.0.1:8000"
SITE = "http://127.0.0.1:8001"


@dataclass(frozen=True)
class Template:
    """A database with the demo data, to be copied."""

    url: str
    copy: Callable[[], str]
    drop: Callable[[str], None]
    secret_key: str
    people: dict[str, dict[str, Any]]
    staff: dict[str, str]
    totp_secrets: dict[str, str]
    clients: dict[str, dict[str, Any]]
    loaded_at: datetime


def make_settings(url: str, var_dir: Path, secret_key: str, **changes: Any) -> Settings:  # any setting
    """Return development settings for tests."""
    given = {"env": "development", "issuer": ISSUER, "database_url": url, "var_dir": var_dir, "secret_keys": secret_key}
    return load_settings(**(given | changes))


@pytest.fixture(scope="session")
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Make the template database once per worker."""
    folder, secret_key = tmp_path_factory.mktemp("template"), secrets.token_urlsafe(48)
    if request.config.getoption("--database") == "postgresql":
        url, copy, drop = _postgresql(request.config)
    else:
        url, copy, drop = _sqlite(folder)
    rules = make_settings(url, folder, secret_key)
    app, now = create_app(rules), datetime.now(UTC)
    with app.app_context():
        upgrade_schema()
        keys.ensure()
        made = loader.load(now, SITE)
        close_connections()
    data = report.facts(rules, made, {})
    return Template(
        url,
        copy,
        drop,
        secret_key,
        {teacher["key"]: teacher for teacher in data["teachers"]},
        made.passwords,
        made.totp_secrets,
        {client["client_id"]: client for client in data["clients"]},
        now,
    )


def _sqlite(folder: Path) -> tuple[str, Callable[[], str], Callable[[str], None]]:
    def copy() -> str:
        target = folder / f"{secrets.token_hex(6)}.sqlite"
        shutil.copyfile(folder / "template.sqlite", target)
        return f"sqlite:///{target}"

    def drop(url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)

    return f"sqlite:///{folder / 'template.sqlite'}", copy, drop


def _postgresql(config: pytest.Config) -> tuple[str, Callable[[], str], Callable[[str], None]]:
    from tests.support.postgres import shared_cluster

    cluster = shared_cluster(config)
    name = f"template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    cluster.create_database(name)

    def copy() -> str:
        database = f"t_{secrets.token_hex(6)}"
        cluster.create_database(database, template=name)
        return cluster.url(database)

    def drop(url: str) -> None:
        cluster.drop_database(url.rsplit("/", 1)[1])

    return cluster.url(name), copy, drop


@pytest.fixture
def make_app(template: Template, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make applications on a fresh copy of the demo data; all calls of a test share that copy."""
    url, made = template.copy(), []

    def make(**changes: Any) -> Flask:  # any setting
        app = create_app(make_settings(url, tmp_path, template.secret_key, **changes))
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            close_connections()
    template.drop(url)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application with default settings."""
    return make_app()


@pytest.fixture
def people(template: Template) -> dict[str, dict[str, Any]]:
    """The teachers by key (T01 …), with account and password."""
    return template.people


@pytest.fixture
def staff(template: Template) -> Callable[[str], dict[str, str]]:
    """Business accounts by account name, with password and, where they need one, the secret of one-time codes."""
    secrets_of = template.totp_secrets
    return lambda account: {
        "account": account,
        "password": template.staff[account],
        **({"totp_secret": secrets_of[account]} if account in secrets_of else {}),
    }


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser without cookies."""
    return Browser(app)


@pytest.fixture
def partner(app: Flask, template: Template) -> Callable[[str], RelyingParty]:
    """Relying parties by client_id."""
    return lambda client_id: RelyingParty(app, template.clients[client_id])


@pytest.fixture
def dream_n(partner: Callable[[str], RelyingParty]) -> RelyingParty:
    """The partner of most tests: everything but the title code, pairwise."""
    return partner("dream-n")


@pytest.fixture
def office(app: Flask) -> Office:
    """Service data, changed by the school's commands."""
    return Office(app)


@pytest.fixture
def desk(app: Flask) -> Desk:
    """Cooperation cases and clients."""
    return Desk(app)


@pytest.fixture
def loaded_on(template: Template) -> date:
    """The day L of the demo data, in Taipei."""
    return taipei_day(template.loaded_at)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server."""
    with mail_server() as box:
        yield box


@pytest.fixture
def mailing(make_app: Callable[..., Flask], mailbox: Mailbox) -> Flask:
    """The application that sends its mail to ``mailbox``, when `run_once` is called."""
    return make_app(**mailbox.settings)
