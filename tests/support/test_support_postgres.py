"""A throw-away cluster really is one."""

import os
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from tests.support.postgres import MINIMUM, Cluster

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.no_database]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of this file's own."""
    made = Cluster.start()
    yield made
    made.stop()


def ask(cluster: Cluster, database: str, statement: str) -> str:
    """Run a statement and give the first value."""
    with psycopg.connect(cluster.url(database).replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
    return str(row[0]) if row else ""


def test_it_answers(cluster: Cluster) -> None:
    """A supported version, UTF-8, and no waiting for disks."""
    version = ask(cluster, "postgres", "SELECT version()")
    assert int(version.split()[1].split(".")[0]) >= MINIMUM
    assert ask(cluster, "postgres", "SHOW server_encoding") == "UTF8"
    assert ask(cluster, "postgres", "SHOW fsync") == "off"


def test_it_listens_on_loopback_only(cluster: Cluster) -> None:
    """Nobody outside this machine reaches it."""
    assert ask(cluster, "postgres", "SHOW listen_addresses") == "127.0.0.1"


def test_it_does_not_run_as_root(cluster: Cluster) -> None:
    """Whoever runs the tests, the server is an unprivileged process."""
    assert psutil.Process(cluster.pid).uids().effective != 0


def test_a_copy_has_what_its_template_has(cluster: Cluster) -> None:
    """A database made from a template has the tables; a change to it stays its own."""
    cluster.create_database("template")
    with psycopg.connect(cluster.url("template").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE word AS SELECT 'first' AS text")
    cluster.create_database("copy", template="template")
    assert ask(cluster, "copy", "UPDATE word SET text = 'second' RETURNING text") == "second"
    assert ask(cluster, "template", "SELECT text FROM word") == "first"


def test_a_database_in_use_can_be_dropped(cluster: Cluster) -> None:
    """A forgotten connection does not keep a database; dropping twice is no error."""
    cluster.create_database("busy")
    with psycopg.connect(cluster.url("busy").replace("+psycopg", "")) as held:
        cluster.drop_database("busy")
        cluster.drop_database("busy")
        with pytest.raises(psycopg.OperationalError):
            held.execute("SELECT 1")


def test_stop_leaves_nothing() -> None:
    """Process and folder are gone."""
    made = Cluster.start()
    pid, folder = made.pid, made.folder
    assert psutil.pid_exists(pid)
    made.stop()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert not os.path.lexists(folder)
