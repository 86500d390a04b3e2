"""What our test runs need of pytest: the database to run on, markers, one cluster per run, and an honest last word."""

import shutil
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.relying_parties.node import stock
from tests.support.browser import find_chromium
from tests.support.installed import find_apache, find_nginx
from tests.support.postgres import CLUSTER, find_binaries, shared_cluster

MARKERS = (
    "rule(*ids): acceptance lines (AC-nn), decisions (D-nn) or rules that the test covers",
    "spec(document, section): part of a specification that the test covers",
    "needs(*names): what must be installed: postgresql, chromium, node, node-packages (npm ci), apache, nginx, pdftoppm",
    "no_database: says nothing about the database, so it runs once, not per database",
)
INSTALLED: dict[str, Callable[[], object]] = {
    "postgresql": find_binaries,
    "chromium": find_chromium,
    "pdftoppm": lambda: shutil.which("pdftoppm"),
    "node": lambda: shutil.which("node") and shutil.which("npm"),
    "node-packages": stock.installed,
    "apache": find_apache,
    "nginx": find_nginx,
}
SKIPPED, RULES = pytest.StashKey[dict[str, int]](), pytest.StashKey[set[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="where the tests run")
    parser.addoption("--require-everything", action="store_true", help="what is not installed is a failure")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers; the controlling process gets its own part."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    config.stash[SKIPPED], config.stash[RULES] = {}, set()
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Controller(config), "controller")


@cache
def is_installed(name: str) -> bool:
    """Whether something that tests need is there."""
    return bool(INSTALLED[name]())


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or with --require-everything fail, what this machine cannot run."""
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if not is_installed(name):
                if item.config.getoption("--require-everything"):
                    pytest.fail(f"needs {name}, which is not installed")
                pytest.skip(f"needs {name}, which is not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report carry the rules that the test covers."""
    report = yield
    rules = [rule for marker in item.iter_markers("rule") for rule in marker.args]
    specs = [" ".join(map(str, marker.args)) for marker in item.iter_markers("spec")]
    report.user_properties.append(("rules", [*rules, *specs]))
    return report


class Controller:
    """What only the controlling process does: own the cluster, collect what the workers report."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_sessionstart(self) -> None:
        """Start the cluster once for all workers."""
        if self.config.getoption("--database") == "postgresql":
            shared_cluster(self.config)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # xdist's worker controller
        """Tell a worker where the cluster is."""
        if CLUSTER in self.config.stash:
            node.workerinput["cluster"] = self.config.stash[CLUSTER].facts()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect skips and covered rules."""
        if report.skipped:
            reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
            skipped = self.config.stash[SKIPPED]
            skipped[reason] = skipped.get(reason, 0) + 1
        if report.when == "call" and report.passed:
            for name, rules in report.user_properties:
                if name == "rules" and isinstance(rules, list):
                    self.config.stash[RULES].update(map(str, rules))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name every skipped group and why: nothing is skipped silently."""
        covered = self.config.stash[RULES]
        rules = sorted(covered)
        if rules:
            folder = Path(str(self.config.rootpath)) / "artefacts"
            folder.mkdir(exist_ok=True)
            database = self.config.getoption("--database")
            (folder / f"rules-{database}.txt").write_text("\n".join(rules) + "\n", encoding="utf-8")
            terminalreporter.write_line(f"covered: {' '.join(rule for rule in rules if rule.startswith('AC-'))}")
        for reason, count in sorted(self.config.stash[SKIPPED].items()):
            terminalreporter.write_line(f"NOT RUN: {count} tests: {reason.removeprefix('Skipped: ')}")
        if not self.config.stash[SKIPPED]:
            terminalreporter.write_line("nothing was skipped")

    def pytest_unconfigure(self) -> None:
        """Stop the cluster, whatever happened."""
        if CLUSTER in self.config.stash:
            self.config.stash[CLUSTER].stop()
