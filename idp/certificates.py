"""The client certificate of a request (RFC 8705): who may tell us of one, what it says, and what it is worth.

TLS ends before the application, in our own listener (`idp.mtls_listener`) or in a proxy. Whoever ended it proves
itself by the secret in ``X-Mtls-Proxy`` and hands the certificate on in one header: ``Client-Cert`` (RFC 9440), or
``X-SSL-Client-Cert`` from software that can only write PEM, such as nginx. Which of the two is a setting: of the other
a proxy knows nothing, so it might come from outside. Without the secret both are ignored, like any unknown header.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from config.settings import settings
from idp.mtls.chains import is_trusted
from idp.mtls.keys import is_key_of
from idp.mtls.names import email, same_dn

PROOF = "HTTP_X_MTLS_PROXY"
_HEADERS = {"Client-Cert": "HTTP_CLIENT_CERT", "X-SSL-Client-Cert": "HTTP_X_SSL_CLIENT_CERT"}
_BYTES = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
_KINDS = ("subject_dn", "san_dns", "san_uri", "san_ip", "san_email")


class BadCertificate(Exception):
    """What a trusted proxy handed on is no certificate that can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate whose key the client proved to have, in the TLS handshake; nothing else of it is proven yet."""

    der: bytes
    parsed: x509.Certificate = field(repr=False, compare=False)
    san: x509.SubjectAlternativeName = field(repr=False, compare=False)

    @classmethod
    def of(cls, der: bytes) -> Self:
        """Read a certificate wholly, so that nothing later fails on it."""
        try:
            parsed = x509.load_der_x509_certificate(der)
            parsed.public_key()
            return cls(der, parsed, _san(parsed))
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.UnsupportedGeneralNameType) as error:
            raise BadCertificate(f"no certificate that can be read: {error}") from error

    @property
    def thumbprint(self) -> str:
        """``x5t#S256``: base64url of the SHA-256 of the DER, without padding (RFC 8705 §3.1)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.der).digest()).rstrip(b"=").decode()

    @property
    def public_key(self) -> CertificatePublicKeyTypes:
        """The key that the certificate is for."""
        return self.parsed.public_key()

    @property
    def subject_dn(self) -> str:
        """The subject as RFC 4514 writes it: the most specific part first."""
        return self.parsed.subject.rfc4514_string()

    @property
    def san_dns(self) -> tuple[str, ...]:
        """The dNSName entries of the subject alternative name."""
        return tuple(self.san.get_values_for_type(x509.DNSName))

    @property
    def san_uri(self) -> tuple[str, ...]:
        """The uniformResourceIdentifier entries."""
        return tuple(self.san.get_values_for_type(x509.UniformResourceIdentifier))

    @property
    def san_ip(self) -> tuple[str, ...]:
        """The iPAddress entries, as text."""
        return tuple(str(address) for address in self.san.get_values_for_type(x509.IPAddress))

    @property
    def san_email(self) -> tuple[str, ...]:
        """The rfc822Name entries."""
        return tuple(self.san.get_values_for_type(x509.RFC822Name))

    def is_trusted(self, ca_pem: bytes, now: datetime) -> bool:
        """Whether an authority of the bundle issued it for clients, and it is valid now."""
        return is_trusted(self.parsed, ca_pem, now)

    def matches(self, metadata: Mapping[str, Any]) -> bool:
        """RFC 8705 §2.1.2: exactly one ``tls_client_auth_…`` member is registered, and the certificate has that name."""
        asked = [(kind, value) for kind in _KINDS if (value := metadata.get(f"tls_client_auth_{kind}")) is not None]
        return len(asked) == 1 and isinstance(asked[0][1], str) and self._has(*asked[0])

    def _has(self, kind: str, value: str) -> bool:
        """Names of hosts know no case, and a name with a wildcard names nobody (RFC 8705 gives it no meaning)."""
        match kind:
            case "subject_dn":
                return same_dn(self.parsed.subject, value)
            case "san_dns":
                return value.lower() in {name.lower() for name in self.san_dns if "*" not in name}
            case "san_uri":
                return value in self.san_uri
            case "san_ip":
                return _address(value) in self.san_ip
            case _:
                return email(value) in {email(name) for name in self.san_email}

    def has_key_of(self, jwks: Mapping[str, Any]) -> bool:
        """RFC 8705 §2.2: whether it is a certificate or has a key of the client's JWK set."""
        return any(is_key_of(jwk, self.public_key, self.der) for jwk in jwks.get("keys", ()))


def certificate_of(environ: Mapping[str, Any]) -> ClientCertificate | None:
    """Return the certificate of a request, None if nobody who may has handed one on; `BadCertificate` if it is none."""
    if PROOF not in environ:
        return None
    rules = settings()
    if rules.mtls_proxy_secret is None:
        return None
    return certificate_in(environ, rules.mtls_proxy_secret.get_secret_value(), rules.mtls_proxy_header)


def certificate_in(environ: Mapping[str, Any], secret: str, header: str = "Client-Cert") -> ClientCertificate | None:
    """Return the certificate that whoever knows the secret handed on in that header."""
    proof = str(environ.get(PROOF, "")).encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(proof, secret.encode()):
        return None
    value = environ.get(_HEADERS[header])
    if not value:
        return None
    return ClientCertificate.of(_from_bytes(value) if header == "Client-Cert" else _from_pem(value))


def _from_bytes(value: str) -> bytes:
    """Read a byte sequence of structured fields (RFC 9440 §2.1, RFC 8941 §3.3.5): one, without parameters."""
    found = _BYTES.fullmatch(value.strip(" "))
    if found is None:
        raise BadCertificate("Client-Cert is no byte sequence")
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error as error:
        raise BadCertificate("Client-Cert is not base64") from error


def _from_pem(value: str) -> bytes:
    """Read one percent-encoded PEM certificate, as nginx's ``$ssl_client_escaped_cert`` gives it."""
    try:
        (found,) = x509.load_pem_x509_certificates(unquote(value, encoding="ascii", errors="strict").encode("ascii"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadCertificate("X-SSL-Client-Cert is not one certificate in PEM") from error
    return found.public_bytes(Encoding.DER)


def _san(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    """Return the subject alternative name, an empty one where there is none."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return x509.SubjectAlternativeName([])


def _address(value: str) -> str | None:
    """Return an IP address in its canonical text."""
    try:
        return str(ip_address(value.strip()))
    except ValueError:
        return None
