"""Which certificates count as issued by an authority that we trust (RFC 5280, RFC 8705 §2.1)."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from idp.certificates import ClientCertificate
from tests.support.tls import CLIENT, DAY, SERVER, Authority, Issued, dn, new_key, san, self_signed

pytestmark = [pytest.mark.no_database, pytest.mark.spec("RFC 8705", "2.1")]
NOW = datetime.now(UTC)
ROOT = Authority.new()
BELOW = Authority.new("Below", ROOT)
BUNDLE = ROOT.own.pem


def is_trusted(issued: Issued, bundle: bytes = BUNDLE, now: datetime = NOW) -> bool:
    """Judge a certificate."""
    return ClientCertificate.of(issued.der).is_trusted(bundle, now)


@pytest.mark.parametrize("kind", ["RSA", "EC", "P-384"])
def test_what_the_authority_issued_is_trusted(kind: str) -> None:
    """With and without alternative names, as RFC 8705 knows clients by their subject too."""
    for extensions in ((), CLIENT, (san(dns="api.partner.test"), *CLIENT)):
        assert is_trusted(ROOT.issue(dn(CN="x"), *extensions, key=new_key(kind)))


def test_what_others_issued_is_not() -> None:
    """Another authority of the same name, and certificates that vouch for themselves."""
    assert not is_trusted(Authority.new().issue(dn(CN="x"), *CLIENT))
    assert not is_trusted(self_signed(dn(CN="x"), *CLIENT))
    assert not is_trusted(self_signed(ROOT.own.certificate.subject, *CLIENT))


@pytest.mark.spec("RFC 5280", "4.1.2.5")
def test_it_counts_within_its_time_only() -> None:
    """Neither before nor after; nor after the end of the authority."""
    one = ROOT.issue(dn(CN="x"), now=NOW)
    late = ROOT.issue(dn(CN="x"), now=NOW + 3 * DAY)
    assert is_trusted(one)
    assert not is_trusted(one, now=NOW + 2 * DAY)
    assert not is_trusted(one, now=NOW - 2 * DAY)
    assert not is_trusted(late, now=NOW + 3 * DAY)


def test_authorities_between_are_in_the_bundle() -> None:
    """A client's certificate comes alone; whoever issued it has to be known."""
    one = BELOW.issue(dn(CN="x"), *CLIENT)
    assert not is_trusted(one)
    assert is_trusted(one, BUNDLE + BELOW.own.pem)


def test_a_client_issues_nothing() -> None:
    """RFC 5280 §4.2.1.9: what a mere client signed is worth nothing, though its own certificate is good."""
    client = ROOT.issue(dn(CN="client"), *CLIENT)
    forged = Authority(client).issue(dn(CN="x"), *CLIENT)
    assert is_trusted(client)
    assert not is_trusted(forged, BUNDLE + client.pem)


@pytest.mark.spec("RFC 5280", "4.2.1.3")
def test_the_key_of_an_authority_is_for_certificates() -> None:
    """Home-made authorities do not name the uses of their keys; one that does must name this one."""
    ca = (x509.BasicConstraints(ca=True, path_length=None), True)
    signs_nothing = x509.KeyUsage(True, False, False, False, False, False, True, False, False)
    for extensions, counts in (((ca,), True), ((ca, (signs_nothing, True)), False)):
        made = Authority(ROOT.issue(dn(CN="Home-made"), *extensions))
        assert is_trusted(made.issue(dn(CN="x"), *CLIENT), BUNDLE + made.own.pem) == counts


def test_an_authority_is_no_client() -> None:
    """Its own certificate is for issuing."""
    assert not is_trusted(ROOT.own)
    assert not is_trusted(BELOW.own)
    assert not is_trusted(ROOT.issue(dn(CN="x"), (x509.BasicConstraints(ca=True, path_length=None), True), *CLIENT))


@pytest.mark.spec("RFC 5280", "4.2.1.12")
def test_a_certificate_for_another_purpose_is_none_for_clients() -> None:
    """Where purposes are named, this one must be among them."""
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    assert not is_trusted(ROOT.issue(dn(CN="x"), *SERVER))
    assert is_trusted(ROOT.issue(dn(CN="x"), (both, False)))


@pytest.mark.spec("RFC 5280", "4.2.1.3")
def test_the_key_is_for_signatures() -> None:
    """Where uses of the key are named, signing is one of them."""
    for signs in (True, False):
        usage = x509.KeyUsage(signs, False, True, False, False, False, False, False, False)
        assert is_trusted(ROOT.issue(dn(CN="x"), (usage, True))) == signs


def test_an_unknown_critical_extension_is_refused() -> None:
    """RFC 5280 §4.2: who does not understand it must not accept it."""
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0")
    assert is_trusted(ROOT.issue(dn(CN="x"), (unknown, False)))
    assert not is_trusted(ROOT.issue(dn(CN="x"), (unknown, True)))
