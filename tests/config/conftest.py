"""The ``idp`` command in this process, on the test's own database."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask_migrate import downgrade

import idp.app
from config.database import close_connections
from idp.cli import main
from tests.conftest import ISSUER, Template

Idp = Callable[..., Result]


@pytest.fixture
def environment(app: Flask, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of a development machine, and none that this machine may have."""
    for name in ("ROAMING_ENV", "ROAMING_SECRET_KEYS_FILE", "ROAMING_DATABASE_URL_FILE", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return {
        "ROAMING_ENV": "development",
        "ROAMING_ISSUER": ISSUER,
        "ROAMING_DATABASE_URL": app.extensions["settings"].database_url,
        "ROAMING_SECRET_KEYS": template.secret_key,
        "VAR_DIR": str(tmp_path),
    }


@pytest.fixture
def no_tables(app: Flask) -> None:
    """Take every table away again."""
    with app.app_context():
        downgrade(revision="base")
        close_connections()


@pytest.fixture
def idp_command(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Idp]:
    """Run ``idp …``; the connections of the applications that it makes are closed at the end."""
    made, create_app = [], idp.app.create_app

    def create(*arguments: Any) -> Flask:  # passed on
        made.append(create_app(*arguments))
        return made[-1]

    def run(*arguments: str, text: str | None = None, **variables: str) -> Result:
        return CliRunner().invoke(main, arguments, input=text, env=environment | variables)

    monkeypatch.setattr(idp.app, "create_app", create)
    yield run
    for app in made:
        with app.app_context():
            close_connections()
