"""The database handle: naming convention, UTC times, and the AUTOCOMMIT connection of the hot path."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVarTuple

from flask import Flask, current_app, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, Select, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

Columns = TypeVarTuple("Columns")
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Model, disable_autonaming=True, session_options={"expire_on_commit": False})


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; naive values are refused, so no local time can slip in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite keeps it naive."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "an aware datetime is needed"
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # signature of SQLAlchemy
        """Return an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def engine_options(url: str) -> dict[str, Any]:
    """Pool options: no ping per checkout (a round trip), connections are recycled instead; errors hide the values."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 30}}
    return {"hide_parameters": True, "pool_recycle": 900, "pool_size": 5, "max_overflow": 5, "pool_use_lifo": True}


def init_database(app: Flask) -> None:
    """Attach ``db`` and make the AUTOCOMMIT engine of the hot path.

    It has a pool of its own: switching a shared connection between the two modes would cost a round trip each time.
    """
    db.init_app(app)
    options = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    with app.app_context():
        hot_engine = create_engine(db.engine.url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options)
        for engine in (db.engine, hot_engine):
            if engine.dialect.name == "sqlite":
                event.listen(engine, "connect", _sqlite_pragmas)
    app.extensions["hot_engine"] = hot_engine


def close_connections() -> None:
    """Close the pooled connections of both engines, before a fork or at the end."""
    db.engine.dispose()
    current_app.extensions["hot_engine"].dispose()


def _sqlite_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401  # a DBAPI connection
    """WAL lets readers and one writer work at once; foreign keys are off in SQLite unless asked for."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def hot() -> Iterator[Connection]:
    """Yield an AUTOCOMMIT connection: no BEGIN or COMMIT round trips (ARCHITECTURE §7).

    A request writes through `hot` or through ``db.session``, never both. Within itself it yields the same connection:
    threads that hold one and wait for another would starve each other.
    """
    if "hot_connection" in g:
        yield g.hot_connection
        return
    engine: Engine = current_app.extensions["hot_engine"]
    with engine.connect() as connection:
        g.hot_connection = connection
        try:
            yield connection
        finally:
            del g.hot_connection


def locking(query: Select[*Columns]) -> Select[*Columns]:
    """Lock the rows until the transaction of ``db.session`` ends.

    SQLite knows no row locks and begins a transaction at the first write only: there its one write lock is taken.
    """
    connection = db.session.connection()
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    return query.with_for_update()


def upsert(model: type[Model]) -> sqlite.Insert | postgresql.Insert:
    """Return the INSERT of the running dialect, which knows ON CONFLICT (the two spell it alike)."""
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    return insert(model)
