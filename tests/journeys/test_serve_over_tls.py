"""``idp serve`` in production shape: TLS, two workers, cookies and headers as https asks for."""

import contextlib
import http.client
import json
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.demo import IDP, ROOT, run_idp
from tests.support.postgres import free_port
from tests.support.server import run_process

pytestmark = pytest.mark.no_database
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate of its own for 127.0.0.1, and its key."""
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(
        NAME, NAME, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    certificate = builder.add_extension(names, critical=False).sign(key, SHA256())
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert_file, key_file


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[http.client.HTTPSConnection, str]]:
    """A connection to a provider that serves over TLS, verified by its certificate, and its issuer."""
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    issuer = f"https://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ["PATH"],
        "ROAMING_ENV": "development",
        "ROAMING_ISSUER": issuer,
        "PORT": str(port),
        "VAR_DIR": str(folder),
    } | {"ROAMING_DATABASE_URL": f"sqlite:///{folder / 'roaming.sqlite'}"}
    assert run_idp(environment, "db", "upgrade").returncode == 0
    cert_file, key_file = make_certificate(folder)
    command = [*IDP, "serve", "--workers", "2", "--certfile", str(cert_file), "--keyfile", str(key_file)]
    with run_process(command, environment, f"{issuer}/.well-known/openid-configuration", cwd=ROOT):
        trusted = ssl.create_default_context(cafile=str(cert_file))
        with contextlib.closing(
            http.client.HTTPSConnection("127.0.0.1", port, context=trusted, timeout=20)
        ) as connection:
            yield connection, issuer


def get(
    served: tuple[http.client.HTTPSConnection, str], path: str, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    """Send a GET and read the answer."""
    connection, _ = served
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer, answer.read()


def test_discovery_names_the_issuer(served: tuple[http.client.HTTPSConnection, str]) -> None:
    """The issuer is the setting, whatever Host and forwarding headers say."""
    _, issuer = served
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    answer, body = get(served, "/.well-known/openid-configuration", **headers)
    document = json.loads(body)
    assert (answer.status, document["issuer"]) == (200, issuer)
    assert all(url.startswith(f"{issuer}/") for name, url in document.items() if name.endswith(("_endpoint", "_uri")))


def test_cookies_and_headers_of_https(served: tuple[http.client.HTTPSConnection, str]) -> None:
    """__Host- cookies, Secure, HttpOnly; Strict-Transport-Security; nothing is stored."""
    answer, _ = get(served, "/login")
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
    assert "max-age=" in (answer.headers["Strict-Transport-Security"] or "")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_wrong_certificate_authority_is_noticed(served: tuple[http.client.HTTPSConnection, str]) -> None:
    """The check of these tests can fail: a client that trusts only the system's authorities refuses."""
    connection, _ = served
    stranger = http.client.HTTPSConnection(connection.host, connection.port, context=ssl.create_default_context())
    with contextlib.closing(stranger), pytest.raises(ssl.SSLCertVerificationError):
        stranger.request("GET", "/")
