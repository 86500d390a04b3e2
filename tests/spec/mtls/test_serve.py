"""``idp serve --mtls-port``: the listener before the provider's own port, over TLS or not."""

from pathlib import Path

import psutil
import pytest

from tests.spec.mtls.provider import serving
from tests.support.demo import run_idp
from tests.support.postgres import free_port
from tests.support.tls import Authority, Issued, dn, self_signed

pytestmark = pytest.mark.no_database


@pytest.mark.spec("RFC 8705", "5")
@pytest.mark.parametrize("options", [(), ("--plain-http",)])
def test_it_serves_both_ports(tmp_path: Path, authority: Authority, own: Issued, options: tuple[str, ...]) -> None:
    """Discovery names the other port, which answers with and without a certificate; nothing stays behind."""
    environment = {"PORT": str(free_port()), "VAR_DIR": str(tmp_path), "ROAMING_ENV": "development"}
    environment |= {"ROAMING_MTLS_BASE_URL": "https://127.0.0.1:8443"}
    assert run_idp(environment, "db", "upgrade").returncode == 0
    with serving(tmp_path, authority, own, environment, *options) as (front, process):
        for shown in (None, self_signed(dn(CN="x"))):
            answer = front.get("/.well-known/openid-configuration", shown)
            aliases = answer.json()["mtls_endpoint_aliases"]
            assert aliases["token_endpoint"] == "https://127.0.0.1:8443/oidc/token"
            assert answer.headers["connection"] == "close"
        assert front.get("/oidc/userinfo").status_code == 401
        started = psutil.Process(process.pid).children(recursive=True)
        assert any("idp.mtls_listener" in one.cmdline() for one in started)
        process.popen.terminate()
        assert process.popen.wait(30) == 0
        assert not [one for one in started if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        assert "Traceback" not in process.output()
