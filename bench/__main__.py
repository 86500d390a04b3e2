"""`make bench`: a returning teacher's whole sign-in (authorize, token, userinfo) and the import of a feed (``feed``).

Both on SQLite and on PostgreSQL; `python -m bench feed` measures the import alone.

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

from joserfc.jwk import ECKey

from bench.feed import measure_feed
from bench.machine_client import Strict
from bench.partner import Partner
from bench.server import Meter, running
from bench.statements import statements_of
from tests.support.postgres import Cluster, free_port

ROUNDS = 1000
PLAIN = frozenset({"authorize", "token", "userinfo", "discovery", "jwks"})
Operations = dict[str, Callable[[int], Any]]
WARM_UP = 200


def main() -> None:
    """Measure and print."""
    print(f"Python {platform.python_version()}, {platform.machine()}; {ROUNDS} sign-ins each, one worker")
    signs_in = "feed" not in sys.argv[1:]
    if signs_in:
        with tempfile.TemporaryDirectory() as folder:
            measure("SQLite", f"sqlite:///{folder}/bench.sqlite", Path(folder), None)
    with tempfile.TemporaryDirectory() as folder:
        measure_feed("SQLite", f"sqlite:///{folder}/bench.sqlite", Path(folder))
    try:
        cluster = Cluster.start()
    except FileNotFoundError as error:
        print(f"PostgreSQL: not measured, {error} is missing", file=sys.stderr)
        return
    try:
        if signs_in:
            cluster.create_database("bench")
            with tempfile.TemporaryDirectory() as folder:
                measure("PostgreSQL", cluster.url("bench"), Path(folder), cluster)
        cluster.create_database("feed")
        with tempfile.TemporaryDirectory() as folder:
            measure_feed("PostgreSQL", cluster.url("feed"), Path(folder))
    finally:
        cluster.stop()


def measure(name: str, url: str, folder: Path, cluster: Cluster | None) -> None:
    """Measure one database."""
    with ExitStack() as stack:
        port, key = free_port(), ECKey.generate_key("P-256")
        pid, demo = stack.enter_context(running(url, folder, port, key))
        clients = {client["client_id"]: client for client in demo["clients"]}
        partner, keeper = (_signed_in(port, clients[one], demo) for one in ("dream-n", "bench-refresh"))
        strict = Strict(Partner("127.0.0.1", port, clients["bench-fapi"], partner.cookies), demo["issuer"], key)
        strict.begin()
        for _ in range(WARM_UP):
            partner.userinfo(partner.token(partner.authorize()))
        server, database = Meter(pid), Meter(cluster.pid) if cluster else None
        statements = statements_of(url, folder, demo, partner.cookies)
        print(f"\n{name:18}{'server ms':>11}{'database ms':>13}{'together':>10}   statements (reads + writes)")
        operations = _sign_in(partner) | _documents(partner)
        operations |= _tokens(keeper) | _strict(strict)
        rows = _measure(operations, server, database)
        for operation, (ours, theirs) in rows.items():
            print(f"{operation:18}{ours:11.2f}{theirs:13.2f}{ours + theirs:10.2f}   {statements.get(operation, '')}")
        ours, theirs = (sum(row[column] for row in list(rows.values())[:3]) for column in (0, 1))
        print(f"{'sign-in':18}{ours:11.2f}{theirs:13.2f}{ours + theirs:10.2f}")
        print(f"memory of the worker: {server.memory():.0f} MB")


def _signed_in(port: int, client: dict[str, Any], demo: dict[str, Any]) -> Partner:
    partner = Partner("127.0.0.1", port, client)
    person = demo["teachers"][0]
    partner.log_in(person["account"], person["password"])
    return partner


def _sign_in(partner: Partner) -> Operations:
    codes: list[str] = []
    tokens: list[str] = []
    return {
        "authorize": lambda _: codes.append(partner.authorize()),
        "token": lambda number: tokens.append(partner.token(codes[number])),
        "userinfo": lambda number: partner.userinfo(tokens[number]),
    }


def _documents(partner: Partner) -> Operations:
    return {
        "discovery": lambda _: partner.call("GET", "/.well-known/openid-configuration"),
        "jwks": lambda _: partner.call("GET", "/oidc/jwks"),
    }


def _tokens(keeper: Partner) -> Operations:
    """Refresh with rotation, and introspection of what it gave."""
    token = keeper.tokens(keeper.authorize())
    return {
        "refresh": lambda _: token.update(keeper.refresh(token["refresh_token"])),
        "introspection": lambda _: keeper.introspect(token["access_token"]),
    }


def _strict(strict: Strict) -> Operations:
    """FAPI 2.0: push with an assertion, use it, redeem and call with a DPoP proof."""
    uris: list[str] = []
    codes: list[str] = []
    tokens: list[str] = []
    return {
        "PAR": lambda _: uris.append(strict.push()),
        "authorize (PAR)": lambda number: codes.append(strict.authorize(uris[number])),
        "token (DPoP)": lambda number: tokens.append(strict.token(codes[number])),
        "userinfo (DPoP)": lambda number: strict.userinfo(tokens[number]),
    }


def _measure(operations: Operations, server: Meter, database: Meter | None) -> dict[str, tuple[float, float]]:
    """Run each operation in a batch of its own; return CPU milliseconds of server and database per operation."""
    found = {}
    for name, run in operations.items():
        # Pushed requests and codes live a minute or two: the strict batches are short.
        rounds = ROUNDS if name in PLAIN else ROUNDS // 4
        before = server.seconds(), database.seconds() if database else 0.0
        for number in range(rounds):
            run(number)
        after = server.seconds(), database.seconds() if database else 0.0
        found[name] = ((after[0] - before[0]) * 1000 / rounds, (after[1] - before[1]) * 1000 / rounds)
    return found


if __name__ == "__main__":
    main()
