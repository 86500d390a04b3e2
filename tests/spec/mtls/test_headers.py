"""Who may tell the application of a certificate, and in which words (RFC 8705, RFC 9440)."""

import base64
import os
from collections.abc import Callable
from urllib.parse import quote

import pytest
from cryptography import x509
from flask import Flask

from idp.certificates import BadCertificate, certificate_in, certificate_of
from tests.support.tls import dn, environ, self_signed

pytestmark = pytest.mark.no_database
SECRET = "s" * 40
ONE = self_signed(dn(CN="client"))
PEM = quote(ONE.pem.decode(), safe="")


@pytest.mark.spec("RFC 9440", "2.1")
def test_a_proxy_with_the_secret_is_believed() -> None:
    """Both ways to hand a certificate on, each where it is configured."""
    for headers, name in (
        ({"client_cert": ONE.header}, "Client-Cert"),
        ({"x_ssl_client_cert": PEM}, "X-SSL-Client-Cert"),
    ):
        found = certificate_in(environ(SECRET, **headers), SECRET, name)
        assert found is not None
        assert found.der == ONE.der


def test_nobody_else_is_believed() -> None:
    """Without the secret, or with a wrong one, the headers are as good as absent, even malformed ones."""
    for proof in ("", SECRET[:-1], SECRET + "s", f"{SECRET},{SECRET}", "é", "\udce9", SECRET.upper()):
        for value in (ONE.header, "malformed"):
            assert certificate_in(environ(proof, client_cert=value), SECRET) is None
    assert certificate_in({"HTTP_CLIENT_CERT": ONE.header}, SECRET) is None


def test_the_header_that_the_proxy_does_not_set_is_ignored() -> None:
    """It could only come from outside: a proxy passes on what it does not know."""
    forged = environ(SECRET, client_cert=ONE.header, x_ssl_client_cert=PEM)
    other = self_signed(dn(CN="other"))
    assert certificate_in(environ(SECRET, client_cert=ONE.header), SECRET, "X-SSL-Client-Cert") is None
    assert certificate_in(environ(SECRET, x_ssl_client_cert=PEM), SECRET, "Client-Cert") is None
    found = certificate_in(forged | {"HTTP_CLIENT_CERT": other.header}, SECRET, "X-SSL-Client-Cert")
    assert found is not None
    assert found.der == ONE.der


def test_a_connection_without_certificate_has_none() -> None:
    """A proxy leaves the header out, or empty."""
    assert certificate_in(environ(SECRET), SECRET) is None
    assert certificate_in(environ(SECRET, client_cert=""), SECRET) is None


@pytest.mark.spec("RFC 9440", "2.1")
@pytest.mark.parametrize(
    "value",
    [
        "x",
        "::",
        ONE.header[1:],
        ONE.header + ";a=1",
        f"{ONE.header}, {ONE.header}",
        f":{base64.urlsafe_b64encode(bytes(range(240, 256)) * 9).decode()}:",
        f":{base64.b64encode(ONE.der[:-1]).decode()}:",
        f":{base64.b64encode(ONE.der + b'x').decode()}:",
        f":{base64.b64encode(os.urandom(600)).decode()}:",
        ":A:",
    ],
)
def test_a_malformed_certificate_is_said_to_be_one(value: str) -> None:
    """From whom it should be right, nonsense is no absence."""
    with pytest.raises(BadCertificate):
        certificate_in(environ(SECRET, client_cert=value), SECRET)


@pytest.mark.parametrize(
    "value", ["x", "%FF", "é", PEM + PEM, PEM[:-40], PEM.replace("CERTIFICATE", "PUBLIC%20KEY"), ONE.header]
)
def test_malformed_pem_is_said_to_be_it(value: str) -> None:
    """One certificate, percent-encoded, and nothing else."""
    with pytest.raises(BadCertificate):
        certificate_in(environ(SECRET, x_ssl_client_cert=value), SECRET, "X-SSL-Client-Cert")


@pytest.mark.parametrize("count", [200, 600])
def test_big_certificates_are_read(count: int) -> None:
    """Hundreds of names are no obstacle here; the limit is that of all headers."""
    names = x509.SubjectAlternativeName([x509.DNSName(f"host-{number}.partner.test") for number in range(count)])
    big = self_signed(dn(CN="x"), (names, False))
    found = certificate_in(environ(SECRET, client_cert=big.header), SECRET)
    assert found is not None
    assert len(found.san_dns) == count


def test_the_settings_say_whom_to_believe(make_app: Callable[..., Flask]) -> None:
    """Without a secret nobody is believed; with one, whoever has it."""
    with make_app().app_context():
        assert certificate_of(environ("", client_cert=ONE.header)) is None
        assert certificate_of({}) is None
    for name, headers in (
        ("Client-Cert", {"client_cert": ONE.header}),
        ("X-SSL-Client-Cert", {"x_ssl_client_cert": PEM}),
    ):
        with make_app(mtls_proxy_secret=SECRET, mtls_proxy_header=name).app_context():
            found = certificate_of(environ(SECRET, **headers))
            assert found is not None
            assert found.der == ONE.der
            assert certificate_of(environ("x", **headers)) is None
            assert certificate_of(headers) is None
