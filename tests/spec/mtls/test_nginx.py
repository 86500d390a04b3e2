"""nginx as the proxy that asks for certificates, configured as the documentation says."""

import pytest
from cryptography import x509

from idp.certificates import ClientCertificate
from tests.spec.mtls.proxies import Echo, Front
from tests.support.tls import Authority, dn, new_key, self_signed

pytestmark = [pytest.mark.no_database, pytest.mark.needs("nginx")]


@pytest.mark.spec("RFC 8705", "2")
@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_any_certificate_reaches_the_application(nginx_front: Front, authority: Authority, kind: str) -> None:
    """Of an authority, of itself, of a stranger: ``optional_no_ca`` leaves the judgement to the application."""
    for shown in (
        self_signed(dn(C="TW", O="某縣+1", CN="x"), key=new_key(kind)),
        authority.issue(dn(CN="x"), key=new_key(kind)),
        Authority.new("Stranger").issue(dn(CN="x"), key=new_key(kind)),
    ):
        told = nginx_front.get(shown=shown).json()
        assert told["thumbprint"] == ClientCertificate.of(shown.der).thumbprint


def test_forged_headers_change_nothing(nginx_front: Front, behind_nginx: Echo) -> None:
    """What nginx sets replaces what came; ``Client-Cert``, of which it knows nothing, passes and is not believed."""
    victim, mine = self_signed(dn(CN="victim")), self_signed(dn(CN="mine"))
    forged = {"Client_Cert": victim.header, "X_SSL_Client_Cert": "x", "X_Mtls_Proxy": "x"}
    told = nginx_front.get("/", None, **forged).json()
    assert told["headers"]["HTTP_CLIENT_CERT"] == victim.header  # the danger is real
    assert told["headers"]["HTTP_X_MTLS_PROXY"] == behind_nginx.secret
    assert told["thumbprint"] is None
    told = nginx_front.get(shown=mine, **forged).json()
    assert told["thumbprint"] == ClientCertificate.of(mine.der).thumbprint


def test_names_with_underscores_do_not_pass(nginx_front: Front) -> None:
    """To WSGI they are the names with hyphens; nginx drops them unless told otherwise."""
    victim = "".join(f"%{byte:02X}" for byte in self_signed(dn(CN="victim")).pem)
    answer = nginx_front.raw(
        f"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX_SSL_Client_Cert: {victim}\r\n\r\n".encode()
    )
    assert b'"thumbprint": null' in answer
    assert b"SSL_CLIENT_CERT" not in answer


def test_a_big_certificate_passes(nginx_front: Front) -> None:
    """Eight kilobytes of certificate are twelve of header."""
    names = x509.SubjectAlternativeName([x509.DNSName(f"host-{number:03}.partner.test") for number in range(350)])
    big = self_signed(dn(CN="x"), (names, False))
    assert len(big.der) > 8000
    told = nginx_front.get(shown=big).json()
    assert told["thumbprint"] == ClientCertificate.of(big.der).thumbprint
