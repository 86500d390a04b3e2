"""Days on the command line."""

from datetime import date

import click

from scopes.roc import parse_day


class Day(click.ParamType[date]):
    """A day as people write it, ROC or ISO."""

    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it."""
        try:
            return value if isinstance(value, date) else parse_day(value)
        except ValueError:
            self.fail("a day such as 115/06/23 or 2026-06-23 is needed", param, ctx)
