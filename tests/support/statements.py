"""What a piece of work asks of the database: counted on both engines, the one of the hot path too."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from config.database import db


@contextmanager
def statements(app: Flask, *, whole: bool = False, transactions: bool = False) -> Iterator[list[str]]:
    """List the first word of every statement, upper case, or the whole of it; if asked, BEGIN, COMMIT and ROLLBACK too."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement if whole else statement.split(maxsplit=1)[0].upper())

    with app.app_context():
        engines = [db.engine, app.extensions["hot_engine"]]
    listeners = [(engine, "before_cursor_execute", note) for engine in engines]
    if transactions:
        blocks = ("begin", "commit", "rollback")
        listeners += [(engines[0], name, lambda *_, name=name: seen.append(name.upper())) for name in blocks]
    for listener in listeners:
        event.listen(*listener)
    try:
        yield seen
    finally:
        for listener in listeners:
            event.remove(*listener)
