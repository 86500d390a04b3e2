"""What every command needs: checked settings, the application on a current database, a one-line refusal."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

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


def stop_signal() -> Event:
    """Return an event that SIGTERM and SIGINT set, for commands that go on until they are told to stop."""
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    return stop


def is_orphan(parent: int | None) -> bool:
    """Whether the process that started a helper (``--parent``) is gone, so that the helper must end too."""
    return parent is not None and os.getppid() != parent


def watchable(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that delivers the options ``--watch`` and ``--parent``."""
    watch = click.option("--watch", is_flag=True, help="Go on until stopped.")
    parent = click.option("--parent", type=int, hidden=True, help="End when this process is no longer the parent.")
    return watch(parent(command))
