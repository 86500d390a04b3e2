"""What the integration page says to paste works when it is pasted."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from clients import registry
from idp.integration.facts import integration_of
from idp.pages.integration import snippet
from scopes.roc import taipei_day
from tests.support.demo import Demo
from tests.support.walker import Walker

pytestmark = pytest.mark.xdist_group("relying-parties")
CALLBACK = "http://127.0.0.1:9/back"


def pasted(demo: Demo, name: str, client_id: str, **metadata: object) -> tuple[str, dict[str, Any]]:
    """Return the settings of a new partner, and its registration."""
    client = demo.add_partner(client_id, CALLBACK, **metadata)
    app = demo.application()
    with app.app_context():
        found = registry.find(client_id)
        assert found is not None
        assert found.is_open(taipei_day(datetime.now(UTC)))
        return snippet(name, integration_of(found, demo.issuer)), client


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_python_signs_in(demo: Demo, walker: Walker, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """The pasted program signs a teacher in with nothing but the secret in the environment."""
    text, client = pasted(demo, "python", f"pasted-{method}", token_endpoint_auth_method=method)
    monkeypatch.setenv("SECRET_KEY", "a secret of the test")
    monkeypatch.setenv("OIDC_CLIENT_SECRET", client["client_secret"])
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    program: dict[str, Any] = {"__name__": "pasted"}
    exec(compile(text, "pasted.py", "exec"), program)  # noqa: S102  # that is what pasting is
    app: Flask = program["app"]
    site = app.test_client()
    start = site.get("/login")
    back = urlsplit(walker.browse(demo.teacher("T03"), CALLBACK)(start.headers["Location"]))
    assert site.get(f"{back.path}?{back.query}").status_code == 302
    with site.session_transaction() as session:
        assert session["user"]["name"] == "陳柏睿"
        assert session["user"]["aud"] == client["client_id"]


@pytest.mark.needs("node")
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_node_is_a_module(demo: Demo, tmp_path: Path, method: str) -> None:
    """Node reads it, whatever way the client authenticates."""
    keys = {"jwks_uri": "https://rp.example/keys"} if method == "private_key_jwt" else {}
    text, _ = pasted(demo, "node", f"pasted-node-{method}", token_endpoint_auth_method=method, **keys)
    module = tmp_path / "pasted.mjs"
    module.write_text(text)
    subprocess.run(["node", "--check", str(module)], check=True, capture_output=True)  # noqa: S607
    assert ("ClientSecretPost" in text) == (method == "client_secret_post")
    assert ("OIDC_CLIENT_SECRET" in text) == (method != "private_key_jwt")
