"""Write docs/errors.md from the table of faults; ``make spec-table`` calls it."""

from collections.abc import Mapping

from idp.oidc.faults import FAULTS, Rule
from tests.spec.table import ROOT

TARGET = ROOT / "docs" / "errors.md"


def render(faults: Mapping[str, Rule]) -> str:
    """Return the page."""
    lines = [
        "# Errors of the protocol",
        "",
        "Every `error_description` ends with a code in brackets; the log has the same code with what was received, what was",
        "expected and what to do, and so has the log that the partner's engineer sees. Failed client authentication shows no code",
        "to the caller, nor does a page of ours (REQ-16, OUT-…). Written by `make spec-table`.",
        "",
        "| code | error | what is wrong | what to do |",
        "|---|---|---|---|",
    ]
    lines += [f"| {code} | `{rule.error}` | {rule.description} | {rule.todo} |" for code, rule in faults.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(FAULTS), encoding="utf-8")
