"""What the documentation promises is there, and what is there is documented."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from clients.partners import parse_partner
from clients.procedure.transitions import TRANSITIONS
from config.settings import Settings
from idp.cli import main
from idp.demo import people
from idp.joint_tests.site import SiteDescription
from idp.releases import Obstacle
from scopes.items import ORDER
from scopes.service import EndReason, Reason

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.no_database


def read(name: str) -> str:
    """Return a document's text."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_setting_is_documented() -> None:
    """docs/operation.md names every setting; a new one needs a row."""
    text = read("docs/operation.md")
    ports_of_the_demo = {"demo_mail_port", "demo_site_port"}
    missing = [
        name for name in Settings.model_fields if f"`{name.upper()}`" not in text and name not in ports_of_the_demo
    ]
    assert missing == []


def _commands(group: click.Group, path: str = "idp") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def test_every_command_is_documented() -> None:
    """docs/ and README name every command of `idp`."""
    text = read("docs/operation.md") + read("docs/integration.md") + read("README.md")
    missing = [name for name in _commands(main) if name not in text and not name.startswith("idp dev")]
    assert missing == []
    assert {name for name in _commands(main) if name.startswith("idp dev")} == {
        "idp dev initial-token",
        "idp dev partner",
        "idp dev lock",
        "idp dev unlock",
    }


def test_every_dependency_has_its_reason() -> None:
    """DECISIONS.md says why each runtime dependency is there."""
    text = read("DECISIONS.md").lower()
    project = tomllib.loads(read("pyproject.toml"))["project"]
    names = [re.split(r"[\[<>=]", line)[0].lower() for line in project["dependencies"]]
    assert [name for name in names if name not in text] == []


def test_items_and_codes_are_documented() -> None:
    """The partner's guide has every item with scope and claim; the rules have every refusal."""
    guide, rules = read("docs/integration.md"), read("docs/rules.md")
    for item in ORDER:
        assert f"| {item.label_zh} | `{item.scope}` | `{item.claim}`" in guide
        assert item.label_zh in rules
    for reason in Reason:
        assert f"{reason.value} {reason.label_zh}" in rules
    assert len(Obstacle) == 10, "a new obstacle needs its text in idp/pages/refusal.py and docs/rules.md"


def test_the_example_partner_is_valid() -> None:
    """The JSON of the partner's guide is accepted by `idp dev partner`, and by the robot of the joint tests."""
    blocks = [json.loads(one) for one in re.findall(r"```json\n(.*?)```", read("docs/integration.md"), re.DOTALL)]
    partners = [one for one in blocks if "client_id" in one]
    sites = [one for one in blocks if "signed_in" in one]
    assert [parse_partner(one).client_id for one in partners][:1] == ["rp-1"]
    assert [SiteDescription.model_validate(one).signed_in for one in sites] == ["#member"]
    assert len(partners) + len(sites) == len(blocks)


def test_documents_name_existing_files() -> None:
    """Every path of ours that a document names exists."""
    named = re.compile(r"`((?:idp|clients|consent|scopes|config|tests|examples|docs|bench)/[\w./]+)`")
    for name in ("docs/architecture.md", "docs/rules.md", "docs/integration.md", "DECISIONS.md", "README.md"):
        missing = [path for path in named.findall(read(name)) if not (ROOT / path).exists()]
        assert missing == [], name


def test_discovered_endpoints_are_routes(app: Flask) -> None:
    """Every announced endpoint is a route of the application."""
    known = {rule.rule for rule in app.url_map.iter_rules()}
    data = app.test_client().get("/.well-known/openid-configuration").get_json()
    announced = {
        value.removeprefix(data["issuer"]) for name, value in data.items() if name.endswith(("_endpoint", "_uri"))
    }
    assert announced <= known


def test_demo_teachers_have_reasons() -> None:
    """Everybody of the demo who is refused has a reason that the rules know."""
    known = {reason.value for reason in Reason} | {"unlocked_unverified"}
    for teacher in people.TEACHERS:
        assert (teacher.reason in known) == (teacher.roam == "refused"), teacher.key
        assert all(service.reason is None or service.reason in EndReason for service in teacher.services)


def test_the_procedure_is_printed_as_it_runs() -> None:
    """docs/procedure.md has each row of the table: its states, who agrees, what it demands."""
    rows = [line for line in read("docs/procedure.md").splitlines() if line.startswith("| X")]
    assert rows == [
        f"| {one.id} | {'/'.join(sorted(one.sources)) or '–'} | {one.target or 'same'} | "
        f"{' + '.join(' or '.join(sorted(need)) for need in one.needs)} | {one.demands} |"
        for one in TRANSITIONS
    ]
