"""The robot of the joint tests walks real sites: a good one passes, a careless one fails exactly where it is careless."""

import base64
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from clients import registry
from clients.client_secrets import rotate_secret
from clients.models import Client
from clients.procedure.models import JointTest
from config.database import db
from idp import probes
from idp.accounts.models import Account
from idp.probes import Flaw, ProbeRefused
from scopes.roc import taipei_day
from tests.support.browser import find_chromium
from tests.support.cases import ADMIN, APPROVED, Procedure
from tests.support.demo import Demo, run_idp
from tests.support.postgres import free_port
from tests.support.server import run_process

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("joint-tests")]
GOOD = Path(__file__).resolve().parents[2] / "examples" / "dream_n" / "app.py"
CARELESS = Path(__file__).resolve().parents[1] / "support" / "careless_site.py"
PEOPLE = ("lin0202", "rtest001")
VERIFIER = "a-verifier-of-forty-three-characters-or-more-in-length"


@dataclass(frozen=True)
class Site:
    """A partner's site in testing."""

    demo: Demo
    case: int
    url: str
    client_id: str
    environment: dict[str, str]

    @contextmanager
    def running(self, program: Path) -> Iterator[None]:
        """Run the site."""
        with run_process([sys.executable, program], os.environ | self.environment, f"{self.url}/"):
            yield

    def robot(self, folder: Path, log_out: str, *options: str) -> dict[str, str]:
        """Run the robot; return what it found by test."""
        site = {"start": f"{self.url}/login", "home": f"{self.url}/", "signed_in": "#signed-in", "log_out": log_out}
        people = {
            role: {name: self.demo.teacher(key)[name] for name in ("account", "password")}
            for role, key in (("teacher", "T22"), ("locked", "T23"))
        }
        for name, content in (("site", site), ("accounts", people)):
            (folder / f"{name}.json").write_text(json.dumps(content))
        files = ("--site", str(folder / "site.json"), "--accounts", str(folder / "accounts.json"))
        chromium = find_chromium() or ""
        done = run_idp(
            {**self.demo.environment, "CHROMIUM": chromium},
            *("cases", "run-tests", str(self.case), *files, "--actor", ADMIN, *options),
        )
        assert done.returncode == 0, done.stderr
        return {line.split()[0]: line.split("  ")[1] for line in done.stdout.splitlines()}

    def recorded(self) -> dict[str, bool]:
        """Return what is recorded by test."""
        with self.demo.database():
            rows = db.session.scalars(select(JointTest).where(JointTest.case_id == self.case).order_by(JointTest.id))
            return {row.test: row.passed for row in rows}


@pytest.fixture
def make_site(demo: Demo) -> Callable[..., Site]:
    """Take a case to its test client, whose site is on this machine."""

    def make(**more: str) -> Site:
        procedure, url = Procedure(demo.application()), f"http://127.0.0.1:{demo.environment['OTHER_SITE_PORT']}"
        case = procedure.approved(APPROVED, site_name=f"測試站{free_port()}")
        today = taipei_day(datetime.now(UTC)).isoformat()
        procedure.step(case, "X9", ADMIN, {"version": "1.0", "recipient": "陳承辦", "provided_on": today})
        metadata: dict[str, object] = {
            "redirect_uris": [f"{url}/callback"],
            "post_logout_redirect_uris": [f"{url}/signed-out"],
        }
        metadata |= {member: f"{url}{path}" for member, path in more.items()}
        procedure.step(case, "X10", ADMIN, {"metadata": metadata, "support_contact": "02-12345678"})
        with procedure.app.app_context():
            with db.session.begin():
                client_id = db.session.scalars(select(Client.client_id).where(Client.case_id == case)).one()
            secret = rotate_secret(client_id, actor="test", now=datetime.now(UTC))
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        environment = {
            "OIDC_ISSUER": demo.issuer,
            "OIDC_CLIENT_ID": client_id,
            "OIDC_CLIENT_SECRET": secret,
            "OIDC_SCOPE": "openid profile inservice_school_code inservice_school_name",
            "SITE_URL": url,
            "SECRET_KEY": "a key of the test",
            "CHALLENGE": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        }
        return Site(demo, case, url, client_id, environment)

    return make


def test_a_good_site_passes(make_site: Callable[..., Site], tmp_path: Path) -> None:
    """The demo's partner site: seven tests by the robot; the support channel, a phone number, is for a person."""
    site = make_site()
    with site.running(GOOD):
        found = site.robot(tmp_path, "#logout-button")
    assert found == {f"TC-{number}": "passed" for number in range(1, 8)} | {"TC-8": "ask a person"}
    assert site.recorded() == {f"TC-{number}": True for number in range(1, 8)}


@pytest.mark.parametrize(("path", "said"), [("/backchannel-logout", "passed"), ("/signed-out", "FAILED")])
def test_the_back_channel_is_tried(make_site: Callable[..., Site], tmp_path: Path, path: str, said: str) -> None:
    """TC-7: where one is registered, signing out at ours must end the partner's session too."""
    site = make_site(backchannel_logout_uri=path)
    with site.running(GOOD):
        assert site.robot(tmp_path, "#logout-button", "--test", "TC-7") == {"TC-7": said}


def test_a_careless_site_fails_where_it_is_careless(make_site: Callable[..., Site], tmp_path: Path) -> None:
    """It signs in and does without an item; errors crash it, every wrong token is good enough, log-out is half."""
    site = make_site()
    with site.running(CARELESS):
        found = site.robot(tmp_path, "#out", "--dry-run")
    failed = {name for name, said in found.items() if said == "FAILED"}
    assert failed == {"TC-3", "TC-4", "TC-6", "TC-7"}, found
    assert site.recorded() == {}


def test_a_site_that_asks_for_less(make_site: Callable[..., Site], tmp_path: Path) -> None:
    """TC-1 wants exactly the approved items; one that is never asked for should not have been applied for."""
    site = make_site()
    site.environment["OIDC_SCOPE"] = "openid profile"
    with site.running(GOOD):
        assert site.robot(tmp_path, "#logout-button", "--test", "TC-1") == {"TC-1": "FAILED"}
    assert site.recorded() == {"TC-1": False}


def test_no_probe_for_production_or_real_people(demo: Demo, make_site: Callable[..., Site]) -> None:
    """A wrong token is impossible where it could harm."""
    site, app, now = make_site(), demo.application(), datetime.now(UTC)
    with app.app_context():
        with db.session.begin():
            rows = db.session.execute(select(Account.login_name, Account.id).where(Account.login_name.in_(PEOPLE)))
            ids = {row.login_name: row.id for row in rows}
        production, at_test = registry.find("dream-n"), registry.find(site.client_id)
        assert production is not None
        assert at_test is not None
        for client, account in ((production, ids["rtest001"]), (at_test, ids["lin0202"])):
            with pytest.raises(ProbeRefused):
                probes.open_probe(client, account, Flaw.NONCE, actor="test", now=now)
