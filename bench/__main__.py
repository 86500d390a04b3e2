"""`make bench`: a returning teacher's whole sign-in (authorize, token, userinfo), on SQLite and PostgreSQL.

One server process, one partner, requests one after the other. What is printed is CPU time of the server (all its
processes and threads) and of the database's processes, in milliseconds per operation; the client's own is not in it.
"""

import platform
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.partner import Partner
from bench.server import Meter, running
from bench.statements import statements_of
from tests.support.postgres import Cluster, free_port

ROUNDS = 1000
WARM_UP = 200


def main() -> None:
    """Measure and print."""
    print(f"Python {platform.python_version()}, {platform.machine()}; {ROUNDS} sign-ins each, one worker")
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{folder}/bench.sqlite", Path(folder), None)
    try:
        cluster = Cluster.start()
    except FileNotFoundError as error:
        print(f"PostgreSQL: not measured, {error} is missing", file=sys.stderr)
        return
    try:
        cluster.create_database("bench")
        with tempfile.TemporaryDirectory() as folder:
            measure("PostgreSQL", cluster.url("bench"), Path(folder), cluster)
    finally:
        cluster.stop()


def measure(name: str, url: str, folder: Path, cluster: Cluster | None) -> None:
    """Measure one database."""
    with ExitStack() as stack:
        port = free_port()
        pid, demo = stack.enter_context(running(url, folder, port))
        partner = Partner("127.0.0.1", port, demo["clients"][0])
        partner.log_in(demo["teachers"][0]["account"], demo["teachers"][0]["password"])
        for _ in range(WARM_UP):
            partner.userinfo(partner.token(partner.authorize()))
        server, database = Meter(pid), Meter(cluster.pid) if cluster else None
        statements = statements_of(url, folder, demo, partner.cookies)
        print(f"\n{name:12}{'server ms':>11}{'database ms':>13}{'together':>10}   statements (reads + writes)")
        rows = _operations(partner, server, database)
        for operation, (ours, theirs) in rows.items():
            print(f"{operation:12}{ours:11.2f}{theirs:13.2f}{ours + theirs:10.2f}   {statements[operation]}")
        ours, theirs = (sum(row[column] for row in list(rows.values())[:3]) for column in (0, 1))
        print(f"{'sign-in':12}{ours:11.2f}{theirs:13.2f}{ours + theirs:10.2f}")
        print(f"memory of the worker: {server.memory():.0f} MB")


def _operations(partner: Partner, server: Meter, database: Meter | None) -> dict[str, tuple[float, float]]:
    """Run each operation in a batch of its own; return CPU milliseconds of server and database per operation."""
    codes: list[str] = []
    tokens: list[str] = []
    operations: dict[str, Callable[[int], Any]] = {
        "authorize": lambda _: codes.append(partner.authorize()),
        "token": lambda number: tokens.append(partner.token(codes[number])),
        "userinfo": lambda number: partner.userinfo(tokens[number]),
        "discovery": lambda _: partner.call("GET", "/.well-known/openid-configuration"),
        "jwks": lambda _: partner.call("GET", "/oidc/jwks"),
    }
    found = {}
    for name, run in operations.items():
        before = server.seconds(), database.seconds() if database else 0.0
        for number in range(ROUNDS):
            run(number)
        after = server.seconds(), database.seconds() if database else 0.0
        found[name] = ((after[0] - before[0]) * 1000 / ROUNDS, (after[1] - before[1]) * 1000 / ROUNDS)
    return found


if __name__ == "__main__":
    main()
