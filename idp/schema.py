"""The schema: brought up to date by migrations only."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade

from config.database import db


def upgrade_schema() -> None:
    """Run every migration that is missing. Needs an application context."""
    upgrade()


def is_current() -> bool:
    """Whether the database has the newest migration."""
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == scripts.get_current_head()
