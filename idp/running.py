"""What every command needs: checked settings, the application on a current database, a one-line refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from config.settings import Settings, SettingsError, load_settings


class Refused(click.ClickException):
    """Failed, with one line that says why; exit code 1."""


def wrong_settings(error: SettingsError) -> Refused:
    """Return the refusal that names every wrong setting."""
    return Refused("wrong settings:\n" + "\n".join(f"  {fault}" for fault in error.faults))


def checked_settings() -> Settings:
    """Load the settings, or stop with every wrong one named."""
    try:
        return load_settings()
    except SettingsError as error:
        raise wrong_settings(error) from error


def application() -> Flask:
    """Make the application."""
    from idp.app import create_app

    return create_app(checked_settings())


@contextmanager
def running() -> Iterator[Flask]:
    """Enter the application, on a database that has its tables."""
    from idp.schema import is_current

    app = application()
    with app.app_context():
        if not is_current():
            raise Refused("the database schema is not up to date; run: idp db upgrade")
        yield app
