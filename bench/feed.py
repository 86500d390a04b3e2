"""The import of a feed: 250,000 teachers with 1 % faulty rows, the same again, and the annual peak, each in a process.

Seconds, CPU seconds and peak memory are those of the whole command, with start-up, without the database server. The teachers' rows lie in no order of names.
"""

import csv
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from config.database import close_connections
from config.settings import load_settings
from idp import keys
from idp.app import create_app
from idp.demo import loader, people
from idp.schema import upgrade_schema

TEACHERS, ENDED, FAULTY_EVERY = 250_000, 30_000, 100
_HEADER = (
    *("account", "name", "email", "external_id", "school_code", "title_code", "kind", "start_date"),
    *("end_date", "end_reason", "confirmed"),
)
_STEP = 7_919  # prime to the number of teachers, so that every teacher comes once
_POLL = 0.05


def measure_feed(name: str, url: str, folder: Path) -> None:
    """Load the demo data, import, and print."""
    rules = load_settings(env="development", issuer="http://127.0.0.1:8000", database_url=url, var_dir=folder)
    app = create_app(rules)
    with app.app_context():
        upgrade_schema()
        keys.ensure()
        loader.load(datetime.now(UTC), "http://127.0.0.1:8001")
        close_connections()
    environment = os.environ | {
        "ROAMING_ENV": "development",
        "ROAMING_ISSUER": rules.issuer,
        "ROAMING_DATABASE_URL": url,
        "VAR_DIR": str(folder),
    }
    feed, peak = folder / "feed.csv", folder / "peak.csv"
    _write(feed, _teachers())
    _write(peak, _ended())
    print(f"\n{name + ', import':24}{'rows':>9}{'seconds':>9}{'CPU':>7}{'rows/s':>8}{'peak MB':>9}   outcome")
    for title, file, rows in (
        ("first", feed, TEACHERS),
        ("again", feed, TEACHERS),
        ("7/31: services end", peak, ENDED),
    ):
        seconds, cpu, memory, outcome = _run(file, environment)
        print(f"{title:24}{rows:9}{seconds:9.1f}{cpu:7.1f}{rows / seconds:8.0f}{memory:9.0f}   {outcome}")


def _write(path: Path, rows: Iterator[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([_HEADER, *rows])


def _teachers() -> Iterator[Sequence[str]]:
    for place in range(TEACHERS):
        number = place * _STEP % TEACHERS
        row = _row(number, "", "")
        yield (*row[:4], "000000", *row[5:]) if number % FAULTY_EVERY == 0 else row


def _ended() -> Iterator[Sequence[str]]:
    """Services that ended on 7/31 last year, entered late: every one of these teachers is locked at once."""
    year = datetime.now(UTC).year - 1
    good = (number for number in range(TEACHERS) if number % FAULTY_EVERY)
    for number in islice(good, ENDED):
        yield _row(number, date(year, 7, 31).isoformat(), "介聘")


def _row(number: int, end: str, reason: str) -> Sequence[str]:
    school = people.SCHOOLS[number % (len(people.SCHOOLS) - 1)][0]  # the last one is closed
    person = (f"bench{number:06}", f"教師{number}", f"{number}@school.example", f"B{number}")
    return (*person, school, "J40", "主聘", "109/08/01", end, reason, "是")


def _run(file: Path, environment: dict[str, str]) -> tuple[float, float, float, str]:
    """Return seconds, CPU seconds of the command, its peak resident megabytes, and the line that it prints."""
    command = [sys.executable, "-m", "idp.cli", "teachers", "import", str(file)]
    start, before, peak = time.monotonic(), _children_cpu(), 0.0
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603  # our own command
        while process.poll() is None:
            peak = max(peak, _high_water(process.pid))
            time.sleep(_POLL)
        seconds = time.monotonic() - start
        assert process.stdout is not None
        said = process.stdout.read().decode().strip()
    return seconds, _children_cpu() - before, peak, said


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _high_water(pid: int) -> float:
    """The kernel's own mark; rusage of a child would count what the parent had before it became another program."""
    try:
        found = re.search(r"VmHWM:\s+([0-9]+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return 0.0
    return int(found[1]) * 1024 / 1e6 if found else 0.0
