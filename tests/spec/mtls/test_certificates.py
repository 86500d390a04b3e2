"""What a certificate says, whose key it has, and who may tell the application of one (RFC 8705, RFC 9440)."""

import base64
import hashlib
import os
import subprocess
from collections.abc import Callable
from urllib.parse import quote

import pytest
from cryptography import x509
from flask import Flask

from idp.certificates import BadCertificate, ClientCertificate, certificate_in, certificate_of
from tests.support.tls import Issued, dn, environ, new_key, san, self_signed

pytestmark = pytest.mark.no_database
SECRET = "s" * 40
ONE = self_signed(
    dn(C="TW", O="某  縣", CN="client"),
    san(dns="Api.Partner.test", uri="https://partner.test/a", ip="2001:db8::1", email="Ops@Partner.test"),
)
PEM = quote(ONE.pem.decode(), safe="")


def read(issued: Issued) -> ClientCertificate:
    """Read a certificate."""
    return ClientCertificate.of(issued.der)


@pytest.mark.spec("RFC 8705", "3.1")
@pytest.mark.parametrize("kind", ["RSA", "EC", "P-384", "Ed25519"])
def test_the_thumbprint_is_the_digest_of_the_der(kind: str) -> None:
    """SHA-256 in base64url without padding, whatever the key."""
    issued = self_signed(dn(CN="x"), key=new_key(kind))
    expected = base64.urlsafe_b64encode(hashlib.sha256(issued.der).digest()).decode().rstrip("=")
    assert read(issued).thumbprint == expected
    assert len(expected) == 43
    assert read(issued).public_key == issued.key.public_key()


def test_the_thumbprint_is_openssls() -> None:
    """Another implementation computes the same."""
    command = ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]
    said = subprocess.run(command, input=ONE.pem, capture_output=True, check=True).stdout.decode()
    digest = bytes.fromhex(said.partition("=")[2].strip().replace(":", ""))
    assert base64.urlsafe_b64decode(read(ONE).thumbprint + "=") == digest


def test_names_are_read() -> None:
    """The subject in the order of RFC 4514, the alternative names by their kind."""
    one = read(ONE)
    assert one.subject_dn == "CN=client,O=某  縣,C=TW"
    assert (one.san_dns, one.san_uri) == (("Api.Partner.test",), ("https://partner.test/a",))
    assert (one.san_ip, one.san_email) == (("2001:db8::1",), ("Ops@Partner.test",))
    assert read(self_signed(dn(CN="x"))).san_dns == ()


@pytest.mark.spec("RFC 8705", "2.1.2")
@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("subject_dn", "CN=client,O=某  縣,C=TW", "C=TW,O=某  縣,CN=client"),
        ("subject_dn", "cn=CLIENT,o=某 縣,2.5.4.6=tw", "CN=client,O=某縣,C=TW"),
        ("subject_dn", "CN=clien\\74,O=某 縣,C=TW", "CN=client,O=某 縣"),
        ("subject_dn", "CN=client,O=某 縣,C=TW", "CN=client+O=某 縣,C=TW"),
        ("subject_dn", "CN=client,O=某 縣,C=TW", ""),
        ("subject_dn", "CN=client,O=某 縣,C=TW", "nonsense"),
        ("subject_dn", "CN=client,O=某 縣,C=TW", "CN=#ff"),
        ("san_dns", "api.partner.TEST", "partner.test"),
        ("san_dns", "Api.Partner.test", "*.partner.test"),
        ("san_uri", "https://partner.test/a", "https://partner.test/A"),
        ("san_ip", "2001:DB8:0::1", "2001:db8::2"),
        ("san_ip", "2001:db8::1", "none"),
        ("san_email", "Ops@partner.TEST", "ops@partner.test"),
    ],
)
def test_the_registered_name_is_compared(kind: str, right: str, wrong: str) -> None:
    """Case counts where the rules of the name say so; order counts in a subject."""
    assert read(ONE).matches({f"tls_client_auth_{kind}": right})
    assert not read(ONE).matches({f"tls_client_auth_{kind}": wrong})


@pytest.mark.spec("RFC 8705", "2.1.2")
def test_exactly_one_name_is_registered() -> None:
    """None or two of them match nothing, though each alone would."""
    two = {"tls_client_auth_san_dns": "api.partner.test", "tls_client_auth_san_ip": "2001:db8::1"}
    assert not read(ONE).matches({})
    assert not read(ONE).matches(two)
    assert read(ONE).matches(two | {"tls_client_auth_san_ip": None})
    assert not read(ONE).matches({"tls_client_auth_san_dns": ["api.partner.test"]})


def test_names_of_absent_kinds_match_nothing() -> None:
    """A certificate without alternative names has none of them, and a wildcard names nobody."""
    bare, wild = read(self_signed(dn(CN="x"))), read(self_signed(dn(CN="x"), san(dns="*.partner.test")))
    for kind in ("san_dns", "san_uri", "san_ip", "san_email"):
        assert not bare.matches({f"tls_client_auth_{kind}": "x"})
    assert not bare.matches({"tls_client_auth_san_ip": "x"})
    assert not wild.matches({"tls_client_auth_san_dns": "*.partner.test"})


def test_subjects_with_the_names_of_openssl_are_understood() -> None:
    """E-mail addresses and serial numbers have no short name in RFC 4514, but in what ``openssl`` prints."""
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, "a@partner.test"),
            x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, "12"),
        ]
    )
    one = read(self_signed(subject))
    for text in ("serialNumber=12,emailAddress=a@partner.test", "SERIALNUMBER=12,EMAILADDRESS=a@partner.test"):
        assert one.matches({"tls_client_auth_subject_dn": text})
    assert one.matches({"tls_client_auth_subject_dn": one.subject_dn})


@pytest.mark.spec("RFC 8705", "2.2")
@pytest.mark.parametrize("kind", ["RSA", "EC", "P-384", "Ed25519"])
def test_the_key_is_one_of_the_registered_ones(kind: str) -> None:
    """Any key of the set will do; another key of the same kind will not."""
    mine, other = (self_signed(dn(CN="x"), key=new_key(kind)) for _ in range(2))
    assert read(mine).has_key_of({"keys": [other.jwk(), mine.jwk()]})
    assert read(mine).has_key_of({"keys": [mine.jwk() | {"use": "sig", "kid": "1"}]})
    assert not read(mine).has_key_of({"keys": [other.jwk()]})
    assert not read(mine).has_key_of({"keys": [mine.jwk() | {"use": "enc"}]})
    assert not read(mine).has_key_of({"keys": []})


@pytest.mark.spec("RFC 8705", "2.2.2")
def test_a_registered_certificate_is_the_only_one() -> None:
    """A key with ``x5c`` stands for that certificate: a newer one for the same key has to be registered."""
    key = new_key()
    old, new = self_signed(dn(CN="x"), key=key), self_signed(dn(CN="x"), key=key)
    jwk = old.jwk() | {"x5c": [base64.b64encode(old.der).decode()]}
    assert read(old).has_key_of({"keys": [jwk]})
    assert not read(new).has_key_of({"keys": [jwk]})
    assert not read(old).has_key_of({"keys": [self_signed(dn(CN="y")).jwk() | {"x5c": jwk["x5c"]}]})
    for nonsense in ([], None, "x", [1], ["!"]):
        assert not read(old).has_key_of({"keys": [jwk | {"x5c": nonsense}]})


@pytest.mark.parametrize(
    "jwk", [{}, {"kty": "RSA"}, {"kty": "EC", "x": 1}, {"kty": "RSA", "n": "!", "e": "AQAB"}, {"kty": "oct", "k": "x"}]
)
def test_a_key_that_is_none_matches_nothing(jwk: dict[str, object]) -> None:
    """What a client's address answers may be anything."""
    assert not read(ONE).has_key_of({"keys": [jwk]})


@pytest.mark.spec("RFC 8705", "2.2")
def test_the_same_coordinates_on_another_curve_are_another_key() -> None:
    """The curve is part of the key."""
    assert not read(ONE).has_key_of({"keys": [ONE.jwk() | {"crv": "P-384"}]})


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


def test_a_certificate_that_hides_its_names_cannot_be_read() -> None:
    """An extension that is broken is found when the certificate is read, not when it is judged."""
    broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x30\x03\x82\x01")
    with pytest.raises(BadCertificate):
        read(self_signed(dn(CN="x"), (broken, False)))


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
