"""Epoch-versioned in-process snapshots of what changes rarely: clients, schools, titles, keys.

Every transaction that changes one of them bumps the epoch (`bump`). The epoch rides in the SELECT that a request makes
anyway; `sync` reloads when it moved, before the decision that would suffer from stale facts. Snapshots are immutable
objects, swapped by one assignment, so readers need no lock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import time
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Integer, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, db, hot

Loader = Callable[[Connection], Any]


class SnapshotEpoch(Model):
    """One row; its value counts the changes."""

    __tablename__ = "snapshot_epoch"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


EPOCH_ROW = 1
READ_EPOCH = select(SnapshotEpoch.value).where(SnapshotEpoch.id == EPOCH_ROW)


@dataclass(frozen=True, slots=True)
class _Loaded:
    epoch: int
    values: Mapping[str, Any]


@dataclass(slots=True)
class Snapshots:
    """The snapshots of one application."""

    loaders: dict[str, Loader] = field(default_factory=dict)
    loaded: _Loaded = field(default_factory=lambda: _Loaded(-1, {}))
    lock: Lock = field(default_factory=Lock)
    refreshed: float = 0.0

    def sync(self, epoch: int) -> None:
        """Reload everything if ``epoch`` is newer than what is loaded; one thread reloads, the others wait for it."""
        if epoch <= self.loaded.epoch:
            return
        with self.lock:
            if epoch > self.loaded.epoch:
                self._reload()

    def refresh(self) -> None:
        """Ask the database for the epoch and reload if it moved: for look-ups that missed."""
        self.refreshed = time()
        with hot() as connection:
            epoch = connection.execute(READ_EPOCH).scalar_one()
        self.sync(epoch)

    def refresh_after(self, seconds: int) -> None:
        """Refresh unless that happened within so many seconds: for answers that read nothing else."""
        if time() - self.refreshed > seconds:
            self.refresh()

    def _reload(self) -> None:
        """Read the epoch before the data: what changes in between is seen by the next `sync`."""
        with hot() as connection:
            epoch = connection.execute(READ_EPOCH).scalar_one()
            self.loaded = _Loaded(epoch, {name: load(connection) for name, load in self.loaders.items()})

    def get(self, name: str) -> Any:  # noqa: ANN401  # each snapshot has its own type; its module gives it back typed
        """Return a snapshot; the first call of a process loads them."""
        if self.loaded.epoch < 0:
            self.refresh()
        return self.loaded.values[name]


def init_snapshots(app: Flask, loaders: Mapping[str, Loader]) -> None:
    """Give the application its snapshots."""
    app.extensions["snapshots"] = Snapshots(loaders=dict(loaders))


def snapshots() -> Snapshots:
    """Return the snapshots of the running application."""
    found: Snapshots = current_app.extensions["snapshots"]
    return found


def bump() -> None:
    """Move the epoch within the transaction that changes a snapshot's data."""
    db.session.execute(update(SnapshotEpoch).where(SnapshotEpoch.id == EPOCH_ROW).values(value=SnapshotEpoch.value + 1))
