"""A site behind Apache with mod_auth_openidc: a configuration of one's own, on a free port, gone after the test."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.installed import APACHE_MODULES, find_apache
from tests.support.server import run_process

MODULES = ("mpm_event", "authn_core", "authz_core", "authz_user", "alias", "env", "headers", "auth_openidc")
PAGE = "the protected page"
CONFIGURATION = """
ServerRoot "{folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile "{folder}/apache.pid"
DefaultRuntimeDir "{folder}"
ErrorLog /dev/stderr
LogLevel warn
DocumentRoot "{folder}/site"
StartServers 1
ThreadsPerChild 8
MinSpareThreads 1
MaxSpareThreads 8
MaxRequestWorkers 8

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI {url}/protected/callback
OIDCCryptoPassphrase {passphrase}
OIDCResponseType code
OIDCPKCEMethod S256
OIDCScope "openid profile inservice_school_code"
OIDCSessionType server-cache
OIDCRemoteUserClaim sub

<Directory "{folder}/site">
  Require all granted
</Directory>
<Location /protected>
  AuthType openid-connect
  Require valid-user
  Header set X-Sub "%{{OIDC_CLAIM_sub}}e"
  Header set X-Name "%{{OIDC_CLAIM_name}}e"
  Header set X-School-Code "%{{OIDC_CLAIM_inservice_school_code}}e"
</Location>
"""


def callback(port: int) -> str:
    """Where the provider sends the browser back to."""
    return f"http://127.0.0.1:{port}/protected/callback"


@contextlib.contextmanager
def apache(issuer: str, client: dict[str, Any], port: int) -> Iterator[str]:
    """Run the site and give its address; started by root, it serves as the lesser user that Debian has for that."""
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="idp-tests-apache-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # for the lesser user
        for path, text in {"site/index.html": "the open page", "site/protected/index.html": PAGE}.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        lines = [f"LoadModule {module}_module {APACHE_MODULES}/mod_{module}.so" for module in MODULES]
        lines += ["User www-data", "Group www-data"] if os.geteuid() == 0 else []
        facts = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
        facts |= {"folder": name, "port": str(port), "issuer": issuer, "url": url}
        text = CONFIGURATION.format(passphrase=secrets.token_hex(16), **facts)
        configuration = folder / "apache.conf"
        configuration.write_text("\n".join(lines) + text, encoding="utf-8")
        configuration.chmod(0o600)  # it has the client's secret
        command = [str(find_apache()), "-d", name, "-f", str(configuration), "-DFOREGROUND"]
        with run_process(command, {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"}, f"{url}/index.html"):
            yield url
