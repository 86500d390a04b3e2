"""The import of a feed: batch by batch, each one transaction; broken off it goes on, repeated it changes nothing.

How far it has come stands in ``import_run``, under the digest of the file together with actor and reason, and moves in
the transaction of each batch. Whoever runs a file that another process runs as well takes turns with it: a batch is
written by the one that first locks the row while the batch is still to be done, and the other one passes over it.

What a batch passes over is judged all the same, without being written, so that errors are named again.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import BinaryIO, Self

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from config.database import db, locking, upsert
from config.snapshot import snapshots
from idp.accounts.directory import directory
from idp.accounts.effects import Change
from idp.accounts.feed_file import FeedRefused, header_of, look, records
from idp.accounts.feed_plan import Ground, Plan, plan
from idp.accounts.feed_rows import Codes, RowError
from idp.accounts.feed_spool import Batch, Outcome, Spool
from idp.accounts.feed_store import external_holders, known_accounts, write
from idp.accounts.feed_teachers import Reading, Refusal, Teacher, gather
from idp.accounts.models import ImportRun

BATCH = 1000
"""Teachers per transaction: as many as make the statements cheap and still keep others waiting for less than a second."""
ATTEMPTS = 3
ANOTHER_ROW = "refused with the other rows of this account: row {row} is faulty"
_COUNTED = (Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REFUSED)
_ACCOUNTS = "accounts"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Order:
    """Who imports, under which reason, and whether it is only tried. ``advanced`` hears how many rows came further."""

    actor: str
    reason: str
    clock: Clock
    is_dry: bool = False
    advanced: Callable[[int, int], None] = lambda _rows, _of: None
    batch: int = BATCH


@dataclass(frozen=True, slots=True)
class Result:
    """The whole file: rows by outcome, and accounts that were made, over all processes that worked on this run."""

    rows: int
    counts: dict[str, int]
    accounts: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is to be done with a batch."""

    plans: tuple[Plan, ...]
    refusals: tuple[Refusal, ...]

    def counts(self) -> dict[str, int]:
        """Count rows by outcome, and new accounts."""
        found = dict.fromkeys((*map(str, _COUNTED), _ACCOUNTS), 0)
        for one in self.plans:
            found[_ACCOUNTS] += one.known is None
            for _, outcome in one.fates:
                found[outcome] += 1
        found[Outcome.REFUSED] += sum(len(refusal.rows) for refusal in self.refusals)
        return found


def import_feed(file: BinaryIO, spool: Spool, order: Order) -> Result:
    """Import a file; what became of each row is in the spool afterwards."""
    looked = look(file, f"{order.actor}\0{order.reason}")
    with closing(records(file, looked.encoding)) as rows:
        first = next(rows, None)
        if first is None:
            raise FeedRefused("the file is empty")
        header = header_of(first[1])
        spool.fill(header, rows)
    snapshots().refresh()
    feed = _Feed(spool, header, spool.shared_ids(), order)
    run = None if order.is_dry else Run.join(looked.digest, order.clock())
    totals = dict.fromkeys((*map(str, _COUNTED), _ACCOUNTS), 0)
    for batch in spool.batches(order.batch):
        totals = _added(totals, feed.take(batch, run))
        order.advanced(batch.end, spool.size)
    if run is not None:
        totals |= run.finish(spool.size, order.clock())
    return Result(spool.size, {name: totals[name] for name in _COUNTED}, totals[_ACCOUNTS])


@dataclass(frozen=True, slots=True)
class _Feed:
    spool: Spool
    header: tuple[str, ...]
    shared_ids: frozenset[str]
    order: Order

    def take(self, batch: Batch, run: "Run | None") -> dict[str, int]:
        """Do one batch, in one transaction. Somebody may have taken a name in this very moment: then once more."""
        snapshots().refresh()
        for attempt in range(ATTEMPTS):
            change = Change(self.order.actor, self.order.clock(), self.order.reason)
            try:
                with db.session.begin():
                    is_ours = run is not None and run.is_next(batch)
                    judged = self._judge(batch, change, lock=is_ours)
                    if run is not None and is_ours:
                        write(judged.plans, change)
                        run.advance(batch, judged.counts())
                break
            except IntegrityError:
                if attempt == ATTEMPTS - 1:
                    raise
        self._note(judged, earlier=run is not None and not is_ours)
        return judged.counts()

    def _judge(self, batch: Batch, change: Change, *, lock: bool) -> _Judged:
        reading = Reading(self.header, Codes(directory().schools, directory().titles), self.shared_ids)
        gathered = [gather(account, found, reading) for account, found in batch.teachers]
        teachers = [one for one in gathered if isinstance(one, Teacher)]
        refusals = [one for one in gathered if isinstance(one, Refusal)]
        known = known_accounts([one.account for one in teachers], lock=lock)
        holders = external_holders([one.external_id for one in teachers if one.external_id])
        ground, plans = Ground(frozenset(self.header), change, holders), []
        for teacher in teachers:
            made = plan(teacher, known.get(teacher.account), ground)
            if isinstance(made, Plan):
                plans.append(made)
            else:
                refusals.append(Refusal(teacher.account, tuple(row.number for row in teacher.rows), tuple(made)))
        return _Judged(tuple(plans), tuple(refusals))

    def _note(self, judged: _Judged, *, earlier: bool) -> None:
        for one in judged.plans:
            fates = [(number, Outcome.EARLIER if earlier else outcome) for number, outcome in one.fates]
            self.spool.note(one.teacher.account, fates)
        for refusal in judged.refusals:
            faulty = {error.row for error in refusal.errors}
            rule = ANOTHER_ROW.format(row=min(faulty))
            beside = (RowError(number, "", "", rule) for number in refusal.rows if number not in faulty)
            fates = [(number, Outcome.REFUSED) for number in refusal.rows]
            self.spool.note(refusal.account, fates, chain(refusal.errors, beside))


@dataclass(frozen=True, slots=True)
class Run:
    """One run over a file, as the database knows it; several processes may share it. ``started_at`` tells runs apart."""

    digest: str
    started_at: datetime

    @classmethod
    def join(cls, digest: str, now: datetime) -> Self:
        """Begin a run, go on with one that was broken off, or begin anew after a finished one."""
        fresh = {"rows_done": 0, "counts": {}, "started_at": now, "finished_at": None}
        add = upsert(ImportRun).values(file_digest=digest, **fresh)
        restart = update(ImportRun).where(ImportRun.file_digest == digest, ImportRun.finished_at.is_not(None))
        with db.session.begin():
            db.session.execute(add.on_conflict_do_nothing(index_elements=["file_digest"]))
            db.session.execute(restart.values(fresh))
            started = select(ImportRun.started_at).where(ImportRun.file_digest == digest)
            return cls(digest, db.session.execute(started).scalar_one())

    def is_next(self, batch: Batch) -> bool:
        """Whether this batch is still to be done; locks the run until the end of the transaction."""
        query = select(ImportRun.rows_done, ImportRun.started_at).where(ImportRun.file_digest == self.digest)
        done, started_at = db.session.execute(locking(query)).one()
        # Another start: ours was finished by somebody else, and then begun anew.
        return bool(started_at == self.started_at and done < batch.end)

    def advance(self, batch: Batch, counts: dict[str, int]) -> None:
        """Move on, in the batch's transaction."""
        mine = ImportRun.file_digest == self.digest
        before = db.session.execute(select(ImportRun.counts).where(mine)).scalar_one()
        db.session.execute(update(ImportRun).where(mine).values(rows_done=batch.end, counts=_added(before, counts)))

    def finish(self, rows: int, now: datetime) -> dict[str, int]:
        """Note the end, and return the counts of the whole run."""
        mine = (ImportRun.file_digest == self.digest, ImportRun.started_at == self.started_at)
        over = update(ImportRun).where(*mine, ImportRun.rows_done == rows, ImportRun.finished_at.is_(None))
        with db.session.begin():
            db.session.execute(over.values(finished_at=now))
            return dict(db.session.execute(select(ImportRun.counts).where(*mine)).scalar_one_or_none() or {})


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in one | other}
