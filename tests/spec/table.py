"""Write docs/conformance.md: which tests cover which section. ``python -m tests.spec.table``; ``make spec-table`` calls it."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.spec.required import REQUIRED

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "conformance.md"
Section = tuple[str, str]


class Collector:
    """Collects the ``spec`` markers without running anything."""

    def __init__(self) -> None:
        self.found: dict[Section, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note every test under its sections."""
        for item in items:
            for marker in item.iter_markers("spec"):
                document, *sections = marker.args
                for section in sections:
                    self.found[document, str(section)].add(item.nodeid.partition("[")[0])


def collect() -> Mapping[Section, set[str]]:
    """Return the tests of each section."""
    collector = Collector()
    arguments = ["--collect-only", "-p", "no:cacheprovider", "-p", "no:terminal", str(ROOT / "tests")]
    if (code := pytest.main(arguments, plugins=[collector])) != pytest.ExitCode.OK:
        message = f"the tests cannot be collected ({code!r}): run pytest --collect-only"
        raise RuntimeError(message)
    return collector.found


def holes(found: Mapping[Section, set[str]]) -> list[str]:
    """Name what must be covered and is not."""
    return [
        f"{document} {section}: {what}" for document, section, what in REQUIRED if not found.get((document, section))
    ]


def render(found: Mapping[Section, set[str]]) -> str:
    """Return the table."""
    lines = [
        "# Conformance",
        "",
        "Which tests prove which part of the specifications; written by `make spec-table`, compared by the tests.",
        "",
        "| specification | section | what | tests |",
        "|---|---|---|---|",
    ]
    lines += [_row(document, section, what, found.get((document, section), ())) for document, section, what in REQUIRED]
    named = {(document, section) for document, section, _ in REQUIRED}
    further = sorted(section for section in found if section not in named)
    lines += ["", "## Further sections with tests", "", "| specification | section | tests |", "|---|---|---|"]
    lines += [f"| {document} | {section} | {_files(found[document, section])} |" for document, section in further]
    return "\n".join(lines) + "\n"


def _row(document: str, section: str, what: str, tests: Iterable[str]) -> str:
    return f"| {document} | {section} | {what} | {_files(tests) or '**none**'} |"


def _files(tests: Iterable[str]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for test in tests:
        counts[test.partition("::")[0].removeprefix("tests/")] += 1
    return ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    covered = collect()
    TARGET.write_text(render(covered), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(REQUIRED)} required sections, {len(holes(covered))} holes")  # noqa: T201
    print("\n".join(holes(covered)))  # noqa: T201
    sys.exit(bool(holes(covered)))
