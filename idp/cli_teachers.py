"""``idp teachers``: the import of a feed of teachers and their services."""

import csv
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from idp.accounts.feed_file import COLUMNS, FeedRefused
from idp.accounts.feed_spool import Outcome, Spool
from idp.accounts.imports import Order, Result, import_feed
from idp.running import Refused, running

EXAMPLE = (
    *("chen1234", "陳小明", "chen@school.example", "", "994501", "J40", "primary", "114/08/01", "", "", "", ""),
    *("yes", "", ""),
)
SHOWN_ERRORS = 20
STEPS = 10
_ACTOR_MAX, _REASON_MAX = 64, 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@click.group("teachers")
def teachers_group() -> None:
    """Teachers and their services."""


@teachers_group.command("template")
def template() -> None:
    """Print the header of a feed and an example row."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, EXAMPLE])
    click.echo(text.getvalue(), nl=False)


def _actor(_context: click.Context, _parameter: click.Parameter, actor: str) -> str:
    """Refuse the name under which the product itself acts: the log must not take a feed for the calendar."""
    if not 0 < len(actor) <= _ACTOR_MAX or actor == "system":
        raise click.BadParameter(f"1 to {_ACTOR_MAX} signs, and not 'system'")
    return actor


@teachers_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Judge every row, write nothing.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="CSV with the outcome of every row.")
@click.option("--actor", default="feed", show_default=True, callback=_actor, help="Who the log says did it.")
@click.option("--reason", help="Why; by default the name of the file.")
def import_teachers(file: Path, report: Path | None, actor: str, reason: str | None, *, dry_run: bool) -> None:
    """Import FILE (CSV, UTF-8 or Big5; see `idp teachers template`).

    Exit code 0 if no row was refused. With refused rows it is 1, and the others are imported all the same.
    """
    with running(), closing(Spool()) as spool, file.open("rb") as source:
        with _progress() as advanced:
            text = (reason or file.name)[:_REASON_MAX]
            order = Order(actor, text, lambda: datetime.now(UTC), is_dry=dry_run, advanced=advanced)
            try:
                result = import_feed(source, spool, order)
            except FeedRefused as error:
                raise Refused(f"nothing was imported: {error}") from error
            except DBAPIError as error:
                what = type(error.orig).__name__
                raise Refused(f"the database failed ({what}); run the same command again, it goes on there") from error
        if report is not None:
            write_report(report, spool)
        _tell(result, spool, dry_run=dry_run)


def write_report(path: Path, spool: Spool) -> None:
    """Write the report for its owner only: it tells of persons. A spreadsheet reads it as UTF-8 by the mark."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("row", "account", "outcome", "column", "value", "rule"))
        for row, account, outcome, column, value, rule in spool.report():
            writer.writerow((row, _inert(account), outcome, column, _inert(value), rule))


def _inert(text: str) -> str:
    """Keep a spreadsheet from taking a feed's cell for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _tell(result: Result, spool: Spool, *, dry_run: bool) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in result.counts.items())
    what = "would be: " if dry_run else ""
    click.echo(f"ok: {result.rows} rows, {what}{counts}; {result.accounts} new accounts")
    refused = result.counts[Outcome.REFUSED]
    if not refused:
        return
    for row, column, value, rule in spool.first_errors(SHOWN_ERRORS):
        click.echo(f"row {row}: {column or 'row'} {value!r}: {rule}", err=True)
    if refused > SHOWN_ERRORS:
        click.echo("… --report FILE names them all", err=True)
    raise Refused(f"refused: {refused} of {result.rows} rows; the others were {'judged' if dry_run else 'imported'}")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, else a line for every tenth."""
    if not sys.stderr.isatty():
        yield _Tenths().advanced
        return
    with click.progressbar(length=1, label="rows", file=sys.stderr, show_pos=True) as bar:

        def advanced(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield advanced


@dataclass(slots=True)
class _Tenths:
    """Lines for a log."""

    told: int = 0

    def advanced(self, done: int, of: int) -> None:
        """Print a line if another tenth is done."""
        if (tenth := done * STEPS // of) > self.told:
            self.told = tenth
            click.echo(f"{done} of {of} rows ({100 * done // of} %)", err=True)
