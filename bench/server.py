"""The server under measurement: `idp serve` with one worker on a database with the demo data."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from joserfc.jwk import ECKey

from bench import machine_client
from config.database import close_connections
from config.settings import load_settings
from idp import keys
from idp.app import create_app
from idp.demo import loader, report
from idp.schema import upgrade_schema


class Meter:
    """CPU seconds of process trees, which are fixed at the start."""

    def __init__(self, *roots: int) -> None:
        self.processes = [child for root in roots for child in _tree(root)]

    def seconds(self) -> float:
        """User and system time so far."""
        total = 0.0
        for process in self.processes:
            times = process.cpu_times()
            total += times.user + times.system
        return total

    def memory(self) -> float:
        """Resident megabytes of the largest process: the worker."""
        return max(float(process.memory_info().rss) for process in self.processes) / 1e6


def _tree(root: int) -> list[psutil.Process]:
    process = psutil.Process(root)
    return [process, *process.children(recursive=True)]


@contextmanager
def running(url: str, folder: Path, port: int, key: ECKey) -> Iterator[tuple[int, dict[str, Any]]]:
    """Load the demo data, serve, and yield the process id and what the demo tells."""
    rules = load_settings(
        env="development", issuer=f"http://127.0.0.1:{port}", database_url=url, var_dir=folder, PORT=port
    )
    app = create_app(rules)
    with app.app_context():
        upgrade_schema()
        keys.ensure()
        made = loader.load(datetime.now(UTC), "http://127.0.0.1:8001")
        further = machine_client.register(key)
        close_connections()
    environment = os.environ | {
        "ROAMING_ENV": "development",
        "ROAMING_ISSUER": rules.issuer,
        "ROAMING_DATABASE_URL": url,
        "VAR_DIR": str(folder),
        "PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "idp.cli", "serve"], env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(f"{rules.issuer}/healthz", process)
        facts = report.facts(rules, made, {})
        yield process.pid, facts | {"clients": facts["clients"] + further}
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310  # our own server
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
    raise RuntimeError("the server does not start")
