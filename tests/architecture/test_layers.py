"""Imports go downwards only."""

import pytest

from tests.architecture.layers import faults, imports_of
from tests.architecture.sources import PRODUCT, product_sources

pytestmark = pytest.mark.no_database

FORBIDDEN = [
    ("scopes/items.py", "import config", "above"),
    ("config/audit.py", "from clients import models", "above"),
    ("clients/cases.py", "def f():\n    from consent.models import Consent", "above"),
    ("consent/pages.py", "import idp.sessions", "above"),
    ("scopes/items.py", "import flask", "standard library alone"),
    ("scopes/items.py", "from sqlalchemy import select", "standard library alone"),
    ("scopes/items.py", "import pydantic", "standard library alone"),
    ("idp/keys.py", "from joserfc import jwk", "stays in idp/oidc/"),
    ("clients/registry.py", "import authlib.jose", "stays in idp/oidc/"),
    ("idp/tokens.py", "import jwt", "stays in idp/keys.py"),
    ("idp/oidc/bearer.py", "from jwt.algorithms import RSAAlgorithm", "stays in idp/keys.py"),
    ("idp/accounts/service.py", "from consent import ledger", "config and scopes only"),
    ("idp/accounts/service.py", "from idp import sessions", "config and scopes only"),
    ("idp/sessions.py", "from idp import pages", "above idp.sessions"),
    ("idp/sessions.py", "from . import oidc", "above idp.sessions"),
    ("idp/sign_ins.py", "from idp.logout.fan_out import notify", "above idp.sign_ins"),
    ("idp/logout/fan_out.py", "from ..oidc import server", "above idp.logout"),
    ("idp/errors.py", "from idp.pages.links import local_path", "above idp.errors"),
    ("idp/oidc/server.py", "from idp.pages import login", "do not know each other"),
    ("idp/pages/login.py", "from idp.oidc import parameters", "do not know each other"),
    ("idp/oidc/server.py", "from idp.app import create_app", "above idp.oidc"),
    ("idp/pages/login.py", "from idp.unheard_of import thing", "above idp.pages"),
    ("idp/app.py", "import requests", "does not need requests"),
    ("idp/demo/run.py", "from examples.dream_n import app", "does not need examples"),
    ("config/settings.py", "import importlib\nimportlib.import_module('idp.app')", "above"),
]
ALLOWED = [
    ("scopes/items.py", "from scopes.roc import taipei_day\nfrom datetime import UTC"),
    ("consent/ledger.py", "import flask\nfrom clients.registry import registry\nfrom config.database import db"),
    ("idp/oidc/code_flow.py", "import authlib\nfrom idp import keys, sign_ins\nfrom idp.logout import fan_out"),
    ("idp/keys.py", "import jwt"),
    ("idp/accounts/service.py", "from idp.accounts import directory\nfrom .models import Account\nimport scopes"),
    (
        "idp/sign_ins.py",
        "from idp.sessions import find\nfrom idp.accounts.models import Account\nimport consent.models",
    ),
    ("idp/app.py", "from idp.oidc import server\nfrom idp.pages import login\nfrom idp import cli"),
]


def test_the_product_imports_downwards() -> None:
    """No module of the product goes against ARCHITECTURE §2."""
    assert faults(product_sources()) == []


def test_every_package_is_looked_at() -> None:
    """The check reads all five packages."""
    assert {path.split("/")[0] for path in product_sources()} == set(PRODUCT)


@pytest.mark.parametrize(("path", "source", "why"), FORBIDDEN)
def test_a_forbidden_import_is_found(path: str, source: str, why: str) -> None:
    """The check can fail, once for each rule."""
    assert why in " ".join(faults({path: source}))


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_an_allowed_import_passes(path: str, source: str) -> None:
    """The check does not forbid what the architecture allows."""
    assert faults({path: source}) == []


def test_relative_imports_are_resolved() -> None:
    """A leading dot is the module's own package, each further one its parent."""
    source = "from . import a\nfrom .b import c\nfrom .. import d\nfrom ..e.f import g"
    assert list(imports_of("idp/oidc/server.py", source)) == ["idp.oidc.a", "idp.oidc.b.c", "idp.d", "idp.e.f.g"]
