"""Run migrations with the application's own engine."""

from typing import Literal

from alembic import context

from config.database import Model, UTCDateTime, db


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our types as the plain ones beneath them: a migration stands on its own."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def run() -> None:
    """Run in one transaction; SQLite changes tables by copying them (batch mode)."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
