"""Run migrations with the application's own engine."""

from typing import Literal

from alembic import context

from config.database import Model, UTCDateTime, db


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our types as the plain ones beneath them: a migration stands on its own."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def run() -> None:
    """Run in one transaction; SQLite changes tables by copying them (batch mode), which foreign keys would forbid."""
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:  # without effect within a transaction, so it comes before
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()
        if is_sqlite:
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                message = f"the migration broke foreign keys: {broken[:5]}"
                raise RuntimeError(message)
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
