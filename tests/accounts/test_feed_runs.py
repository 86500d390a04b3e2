"""Runs of an import: each batch whole or not at all, broken off and gone on with, two at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from config.database import close_connections, db
from idp.accounts import feed_store, imports
from idp.accounts.effects import Change
from idp.accounts.feed_plan import Plan
from idp.accounts.imports import Run
from idp.accounts.models import Account, ImportRun
from tests.conftest import ISSUER, Template
from tests.support.feed import SERVED, Feeder, feed, teachers
from tests.support.office import MakeApp, Office

ROOT = Path(__file__).resolve().parents[2]


class Broken(Exception):
    """The machine failed."""


@pytest.fixture
def whole(template: Template, tmp_path: Path) -> Iterator[Any]:
    """Return the state after an uninterrupted import of a file, in a database of its own."""
    from idp.app import create_app
    from tests.conftest import make_settings

    url = template.copy()
    app = create_app(make_settings(url, tmp_path, template.secret_key))

    def run(data: bytes, **order: Any) -> tuple[Any, Any]:  # any part of an order
        fed = Feeder(app).take(data, **order)
        return fed, Feeder(app).state()

    yield run
    with app.app_context():
        close_connections()
    template.drop(url)


def runs(office: Office) -> list[ImportRun]:
    """Return what is known of runs."""
    return office.rows(select(ImportRun))


def fail_in(monkeypatch: pytest.MonkeyPatch, batch: int, after: bool) -> None:  # noqa: FBT001  # a switch of the test
    """Let a batch fail, before or after everything of it is written."""
    count, write = [0], feed_store.write

    def failing(plans: Sequence[Plan], change: Change) -> None:
        count[0] += 1
        if count[0] == batch and not after:
            raise Broken
        write(plans, change)
        if count[0] == batch:
            raise Broken

    monkeypatch.setattr(imports, "write", failing)


@pytest.mark.parametrize("after", [True, False], ids=["after writing", "before writing"])
def test_a_batch_is_whole_or_not_at_all(after: bool, feeder: Feeder, office: Office, whole: Any) -> None:  # noqa: FBT001
    """What was done before the failure stays, nothing of the failed batch does; the next run ends as one run would."""
    data = teachers(50, faulty_every=10)
    with pytest.MonkeyPatch.context() as patch:
        fail_in(patch, 3, after)
        with pytest.raises(Broken):
            feeder.take(data, batch=10)
    assert [(run.rows_done, run.finished_at) for run in runs(office)] == [(20, None)]
    assert office.rows(select(func.count(Account.id)).where(Account.login_name.like("mass%"))) == [18]
    again, (uninterrupted, state) = feeder.take(data, batch=10), whole(data, batch=10)
    assert feeder.state() == state
    assert again.result == uninterrupted.result
    assert again.errors == uninterrupted.errors
    assert again.outcomes.count("earlier") == 18
    assert runs(office)[0].finished_at is not None


def test_it_goes_on_where_it_was_broken_off(feeder: Feeder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batches that were done are not written again."""
    data = teachers(50)
    with pytest.MonkeyPatch.context() as patch:
        fail_in(patch, 4, after=False)
        with pytest.raises(Broken):
            feeder.take(data, batch=10)
    written: list[int] = []
    monkeypatch.setattr(imports, "write", lambda plans, _change: written.append(len(plans)))
    feeder.take(data, batch=10)
    assert written == [10, 10]


def test_another_file_or_actor_is_another_run(feeder: Feeder, office: Office) -> None:
    """Progress belongs to the file together with who imports it and why; a dry run keeps none."""
    feeder.take(feed(SERVED))
    feeder.take(feed(SERVED), actor="authority")
    feeder.take(feed(SERVED), reason="another")
    feeder.take(feed(SERVED | {"name": "新名"}), is_dry=True)
    assert len(runs(office)) == 3


def test_a_finished_run_begins_anew(feeder: Feeder, office: Office) -> None:
    """The file is judged from its first row: what somebody changed since is set right."""
    data = teachers(30)
    feeder.take(data, batch=10)
    started = runs(office)[0].started_at
    row = {"account": "mass000005", "name": "改名"}
    feeder.take(feed(row))
    fed = feeder.take(data, batch=10)
    assert (fed.outcomes.count("changed"), fed.outcomes.count("unchanged")) == (1, 28)
    assert next(run for run in runs(office) if run.rows_done == 30).started_at > started


def test_an_empty_feed(feeder: Feeder, office: Office) -> None:
    """A header alone is no fault."""
    fed = feeder.take(b"account,name\n")
    assert (fed.result.rows, fed.lines) == (0, [])
    assert runs(office)[0].finished_at is not None


def test_two_at_once(  # fixtures
    make_app: MakeApp, app: Flask, office: Office, whole: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines with the same file take turns: every batch is written once, and both know the whole result."""
    data = teachers(60, faulty_every=20)
    machines, both_here, join = [Feeder(app), Feeder(make_app())], Barrier(2), Run.join

    def meet(digest: str, now: datetime) -> Run:
        run = join(digest, now)
        both_here.wait(30)
        return run

    monkeypatch.setattr(Run, "join", meet)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda one: one.take(data, batch=5), machines))
    monkeypatch.undo()
    uninterrupted, state = whole(data, batch=5)
    assert Feeder(app).state() == state
    assert [fed.errors for fed in both] == [uninterrupted.errors] * 2
    (run,) = runs(office)
    assert (run.rows_done, run.counts["created"], run.counts["refused"]) == (60, 57, 3)
    assert sum(fed.outcomes.count("created") for fed in both) == 57
    assert max(fed.result.counts["created"] for fed in both) == 57


def test_a_follower_of_a_finished_run_writes_nothing(feeder: Feeder, office: Office) -> None:
    """Another process finished the run and a third began anew: the first one must not mix in."""
    data = teachers(20)
    order: list[int] = []

    def finish_and_restart(done: int, _of: int) -> None:
        if not order:
            order.append(done)
            feeder.take(data, batch=10)  # goes on with the run and finishes it
            with office.app.app_context(), db.session.begin():
                run = db.session.scalars(select(ImportRun)).one()
                run.rows_done, run.started_at, run.finished_at = 0, datetime.now(UTC), None

    fed = feeder.take(data, batch=10, advanced=finish_and_restart)
    assert fed.outcomes.count("earlier") == 10
    assert runs(office)[0].rows_done == 0


def test_a_name_taken_in_this_moment(feeder: Feeder, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody applies for the name between the look and the INSERT: the batch is judged once more."""
    look = feed_store.known_accounts
    tried: list[bool] = []

    def stale(names: Sequence[str], *, lock: bool) -> Any:
        tried.append(lock)
        return {} if len(tried) == 1 else look(names, lock=lock)

    feeder.take(feed(SERVED))
    monkeypatch.setattr(imports, "known_accounts", stale)
    assert feeder.take(feed(SERVED | {"name": "新名"}, SERVED | {"account": "another2"})).outcomes == [
        *("changed", "created")
    ]
    assert tried == [True, True]
    assert len(office.events("account.opened", {"account": "newbie01"})) == 1


def test_a_database_that_keeps_refusing(feeder: Feeder, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three attempts the error comes out."""
    feeder.take(feed(SERVED))
    monkeypatch.setattr(imports, "known_accounts", lambda _names, **_: {})
    with pytest.raises(IntegrityError):
        feeder.take(feed(SERVED | {"name": "新名"}))


def test_killed_in_the_middle(  # fixtures
    app: Flask, template: Template, feeder: Feeder, office: Office, whole: Any, tmp_path: Path
) -> None:
    """SIGKILL between the first batch and the last, and the same command again: the state of an uninterrupted run."""
    file, data = tmp_path / "feed.csv", teachers(5000)
    file.write_bytes(data)
    environment = os.environ | {
        "ROAMING_ENV": "development",
        "ROAMING_ISSUER": ISSUER,
        "ROAMING_DATABASE_URL": app.extensions["settings"].database_url,
        "ROAMING_SECRET_KEYS": template.secret_key,
        "VAR_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "idp.cli", "teachers", "import", str(file)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while process.poll() is None and not any(run.rows_done for run in runs(office)):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    (broken,) = runs(office)
    assert 0 < broken.rows_done < 5000
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stdout == ("ok: 5000 rows, 4950 created, 0 changed, 0 unchanged, 50 refused; 4950 new accounts\n"), (
        second.stderr
    )
    assert "Error: refused: 50 of 5000 rows" in second.stderr
    assert feeder.state() == whole(data)[1]


def test_identical_rows_of_two_databases(feeder: Feeder, whole: Any) -> None:
    """The comparison of these tests sees a difference where there is one."""
    feeder.take(feed(SERVED))
    assert feeder.state() == whole(feed(SERVED))[1]
    with feeder.app.app_context(), db.session.begin():
        db.session.scalars(select(Account).where(Account.login_name == "newbie01")).one().email = "x@y.example"
    assert feeder.state() != whole(feed(SERVED))[1]
