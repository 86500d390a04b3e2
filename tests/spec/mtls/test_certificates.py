"""What a certificate says, and whose key it has (RFC 8705 §2, §3.1)."""

import base64
import hashlib
import subprocess

import pytest
from cryptography import x509

from idp.certificates import BadCertificate, ClientCertificate
from tests.support.tls import Issued, dn, new_key, san, self_signed

pytestmark = pytest.mark.no_database
ONE = self_signed(
    dn(C="TW", O="某  縣", CN="client"),
    san(dns="Api.Partner.test", uri="https://partner.test/a", ip="2001:db8::1", email="Ops@Partner.test"),
)


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


def test_a_certificate_that_hides_its_names_cannot_be_read() -> None:
    """An extension that is broken is found when the certificate is read, not when it is judged."""
    broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x30\x03\x82\x01")
    with pytest.raises(BadCertificate):
        read(self_signed(dn(CN="x"), (broken, False)))
