"""How often a diagnosis is written: in memory, per process. A flood costs one statement a second, not one a request."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock
from typing import NamedTuple


class Key(NamedTuple):
    """What is counted together: one fault of one client in one hour, told apart by what came."""

    client_id: str
    hour: datetime
    code: str
    detail: str


@dataclass(slots=True)
class _Kept:
    written_at: datetime
    waiting: int = 0


@dataclass(slots=True)
class Ledger:
    """What this process wrote in the running hour, and which clients have used their rows of the day up."""

    hour: datetime | None = None
    kept: dict[Key, _Kept] = field(default_factory=dict)
    full: dict[str, date] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def due(self, key: Key, now: datetime, spacing: timedelta) -> int:
        """Count one more, and return how many are to be written now: 0 within ``spacing`` of the last writing.

        What comes within the last second of a flood is added by the next one of its hour, or not at all.
        """
        with self.lock:
            if key.hour != self.hour:
                self.kept.clear()
                self.hour = key.hour
            kept = self.kept.get(key)
            if kept is None:
                self.kept[key] = _Kept(now)
                return 1
            kept.waiting += 1
            if now - kept.written_at < spacing:
                return 0
            count, kept.waiting, kept.written_at = kept.waiting, 0, now
            return count

    def is_full(self, client_id: str, day: date) -> bool:
        """Whether the client's day has no room for more details."""
        return self.full.get(client_id) == day

    def fill(self, client_id: str, day: date) -> None:
        """Note that it has none."""
        self.full[client_id] = day
