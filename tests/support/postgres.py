"""A throw-away PostgreSQL cluster: made with initdb, run by an unprivileged user, gone afterwards."""

import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

MINIMUM = 15
FAST = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=300",
    "listen_addresses=127.0.0.1",
)


def find_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server binaries, or None if there are none of version 15 or later."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which("initdb")
    for folder in [*debian, *([Path(found).parent] if found else [])]:
        if (folder / "initdb").exists() and _version(folder) >= MINIMUM:
            return folder
    return None


def _version(folder: Path) -> int:
    text = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+", text)
    return int(found[0]) if found else 0


def _user() -> str | None:
    """PostgreSQL refuses to run as root: take the package's own user, or nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@dataclass
class Cluster:
    """A running cluster."""

    folder: Path
    port: int
    binaries: Path
    user: str | None
    databases: list[str] = field(default_factory=list)

    @classmethod
    def start(cls) -> "Cluster":
        """Make and start one; `FileNotFoundError` where PostgreSQL is not installed."""
        binaries = find_binaries()
        if binaries is None:
            raise FileNotFoundError("PostgreSQL 15 or later (on Debian: apt-get install postgresql)")
        cluster = cls(Path(tempfile.mkdtemp(prefix="pg-")), free_port(), binaries, _user())
        if cluster.user:
            shutil.chown(cluster.folder, cluster.user)
        data = str(cluster.folder / "data")
        cluster._run(
            "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"
        )
        options = " ".join(f"-c {option}" for option in FAST)
        options += f" -p {cluster.port} -k {cluster.folder}"
        cluster._run("pg_ctl", "-D", data, "-w", "-t", "60", "-l", str(cluster.folder / "log"), "-o", options, "start")
        return cluster

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [str(self.binaries / program), *arguments]
        done = subprocess.run(
            command, user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')}")

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    def url(self, database: str) -> str:
        """Return the URL of a database for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database, empty or as a copy."""
        source = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + source)

    def drop_database(self, name: str) -> None:
        """Drop a database with whoever is connected."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stop it and delete everything."""
        try:
            self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def facts(self) -> dict[str, Any]:
        """Return what another process needs to use this cluster."""
        return {"folder": str(self.folder), "port": self.port, "binaries": str(self.binaries), "user": self.user}


def free_port() -> int:
    """Return a loopback port that nobody listens on now, each once.

    It lies below those that systems give to outgoing connections (from 32768 on), one of which could take it meanwhile.
    """
    while True:
        port = secrets.choice(range(15_000, 32_000))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _GIVEN:
                _GIVEN.add(port)
                return port


_GIVEN: set[int] = set()


CLUSTER = pytest.StashKey[Cluster]()


def shared_cluster(config: pytest.Config) -> Cluster:
    """Return the cluster of this test run; under xdist the controller owns it and tells the workers."""
    if CLUSTER not in config.stash:
        given = getattr(config, "workerinput", {}).get("cluster")
        config.stash[CLUSTER] = (
            Cluster(Path(given["folder"]), given["port"], Path(given["binaries"]), given["user"])
            if given
            else Cluster.start()
        )
    return config.stash[CLUSTER]
