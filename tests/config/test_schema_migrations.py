"""Migrations make exactly the tables of the models, and can be taken back (ARCHITECTURE §9)."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import CheckConstraint, inspect

from config.database import Model, close_connections, db
from idp.schema import is_current, upgrade_schema


def differences(app: Flask) -> list[Any]:
    """Compare the database with the models."""
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Model.metadata))


def test_migrations_equal_the_models(app: Flask) -> None:
    """Tables, columns, types, keys and indexes: nothing is left to migrate."""
    assert differences(app) == []
    with app.app_context():
        assert is_current()


def test_the_checks_are_there(app: Flask) -> None:
    """CHECK constraints, which Alembic does not compare: by name, table by table."""
    with app.app_context():
        inspector = inspect(db.engine)
        for table in Model.metadata.sorted_tables:
            wanted = {str(rule.name) for rule in table.constraints if isinstance(rule, CheckConstraint)}
            found = {str(rule["name"]) for rule in inspector.get_check_constraints(table.name)}
            assert found == wanted, table.name


def test_down_and_up_again(app: Flask) -> None:
    """Every migration can be taken back: nothing is left; and up again: everything is as the models say."""
    with app.app_context():
        downgrade(revision="base")
        assert not is_current()
        left = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
        assert left == set()
        upgrade_schema()
        assert is_current()
        close_connections()
    assert differences(app) == []
