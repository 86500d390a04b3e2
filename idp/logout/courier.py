"""Deliver what is due: several at once, few per partner, so that a slow one holds up nobody else."""

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from threading import Event

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from config.snapshot import snapshots
from idp.logout.deliveries import Taken, next_due, send, take

log = logging.getLogger(__name__)
AT_ONCE, AT_ONCE_PER_CLIENT = 16, 2
POLL_SECONDS = 0.5
TROUBLE_SECONDS = 5


class Courier:
    """Takes due deliveries and sends them in threads; ``sent`` and ``failed`` count the attempts."""

    def __init__(self, app: Flask) -> None:
        self.app, self.pool = app, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="logout")
        self.under_way: dict[Future[bool], str] = {}
        self.sent = self.failed = 0

    def run_once(self) -> None:
        """Deliver until nothing is due; what fails is due later."""
        while self.start_due() or self.under_way:
            self.settle(None)

    def watch(self, stop: Event, is_over: Callable[[], bool]) -> None:
        """Deliver until told to stop or all is over; a database that is away for a while is waited for."""
        while not stop.is_set() and not is_over():
            try:
                self.start_due()
                self.settle(POLL_SECONDS)
                pause = POLL_SECONDS if not self.under_way else 0
            except SQLAlchemyError:
                log.exception("deliveries wait for the database")
                pause = TROUBLE_SECONDS
            stop.wait(pause)
        self.pool.shutdown()
        self.settle(0)

    def start_due(self) -> int:
        """Take and start what is due and has room; return how many."""
        started, now = 0, datetime.now(UTC)
        room, load = AT_ONCE - len(self.under_way), Counter(self.under_way.values())
        busy = [client_id for client_id, count in load.items() if count >= AT_ONCE_PER_CLIENT]
        with self.app.app_context():
            due = next_due(now, busy, room) if room else []
            if due:
                snapshots().refresh()
            for ident, client_id, due_at in due:
                if load[client_id] < AT_ONCE_PER_CLIENT and (taken := take(ident, due_at, now)):
                    self.under_way[self.pool.submit(self._send, taken)] = client_id
                    load[client_id] += 1
                    started += 1
        return started

    def settle(self, seconds: float | None) -> None:
        """Wait for something to be done, at most so long."""
        done, _ = wait(self.under_way, seconds, FIRST_COMPLETED)
        for future in done:
            del self.under_way[future]
            if (error := future.exception()) is not None:  # it is due again when its lease is over
                log.error("a delivery broke off", exc_info=error)
            if error is None and future.result():
                self.sent += 1
            else:
                self.failed += 1

    def _send(self, taken: Taken) -> bool:
        with self.app.app_context():
            return send(taken, datetime.now(UTC))
