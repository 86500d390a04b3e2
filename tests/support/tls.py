"""Throw-away certificates: an authority, what it issues, and certificates that vouch for themselves."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Extensions = Sequence[tuple[x509.ExtensionType, bool]]
DAY = timedelta(days=1)


def new_key(kind: str = "EC") -> PrivateKey:
    """Make a key."""
    match kind:
        case "RSA":
            return rsa.generate_private_key(65537, 2048)
        case "EC":
            return ec.generate_private_key(ec.SECP256R1())
        case "P-384":
            return ec.generate_private_key(ec.SECP384R1())
        case _:
            return ed25519.Ed25519PrivateKey.generate()


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def der(self) -> bytes:
        """The certificate as bytes."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as text."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def header(self) -> str:
        """The certificate as ``Client-Cert`` has it."""
        return f":{base64.b64encode(self.der).decode()}:"

    def files(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write certificate and key, and return where."""
        paths = folder / f"{name}.pem", folder / f"{name}.key"
        paths[0].write_bytes(self.pem)
        paths[1].write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        paths[1].chmod(0o600)
        return paths

    def jwk(self) -> dict[str, str]:
        """Return the public key as a JWK, worked out here and not by the product."""
        public = self.key.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            numbers = public.public_numbers()
            return {"kty": "RSA", "n": _b64(_big(numbers.n, 256)), "e": _b64(_big(numbers.e, 3))}
        if isinstance(public, ec.EllipticCurvePublicKey):
            size = public.key_size // 8
            point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
            return {"kty": "EC", "crv": f"P-{public.key_size}", "x": _b64(point[:size]), "y": _b64(point[size:])}
        return {"kty": "OKP", "crv": "Ed25519", "x": _b64(public.public_bytes_raw())}


def dn(**parts: str) -> x509.Name:
    """Make a name in the order of the arguments, the most general first."""
    types = {"C": NameOID.COUNTRY_NAME, "O": NameOID.ORGANIZATION_NAME, "CN": NameOID.COMMON_NAME}
    return x509.Name([x509.NameAttribute(types[name], value) for name, value in parts.items()])


def san(**names: str) -> tuple[x509.ExtensionType, bool]:
    """Make a subject alternative name of dns, uri, ip or email."""
    made: dict[str, Callable[[str], x509.GeneralName]] = {
        "dns": x509.DNSName,
        "uri": x509.UniformResourceIdentifier,
        "email": x509.RFC822Name,
        "ip": lambda text: x509.IPAddress(ip_address(text)),
    }
    return x509.SubjectAlternativeName([made[kind](value) for kind, value in names.items()]), False


CLIENT: Extensions = ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),)
SERVER: Extensions = ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),)
_AUTHORITY: Extensions = (
    (x509.BasicConstraints(ca=True, path_length=None), True),
    (x509.KeyUsage(False, False, False, False, False, True, True, False, False), True),
)


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority."""

    own: Issued

    @classmethod
    def new(cls, name: str = "Test CA", above: "Authority | None" = None) -> "Authority":
        """Make a root, or an authority below another."""
        key = new_key()
        return cls(_sign(dn(C="TW", O="Test", CN=name), key, above.own if above else None, _AUTHORITY))

    def issue(
        self,
        subject: x509.Name,
        *extensions: tuple[x509.ExtensionType, bool],
        key: PrivateKey | None = None,
        now: datetime | None = None,
    ) -> Issued:
        """Issue a certificate for two days around ``now``."""
        return _sign(subject, key or new_key(), self.own, extensions, now)


def self_signed(
    subject: x509.Name, *extensions: tuple[x509.ExtensionType, bool], key: PrivateKey | None = None
) -> Issued:
    """Make a certificate that vouches for itself."""
    return _sign(subject, key or new_key(), None, extensions)


def server_certificate(authority: Authority) -> Issued:
    """Issue the certificate of a server on the loopback address."""
    return authority.issue(dn(CN="127.0.0.1"), san(ip="127.0.0.1"), *SERVER)


def _sign(
    subject: x509.Name, key: PrivateKey, issuer: Issued | None, extensions: Extensions, now: datetime | None = None
) -> Issued:
    signer, now = issuer.key if issuer else key, now or datetime.now(UTC)
    name = issuer.certificate.subject if issuer else subject
    builder = x509.CertificateBuilder(
        name, subject, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY
    )
    for extension, is_critical in (
        *extensions,
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False),
    ):
        builder = builder.add_extension(extension, is_critical)
    return Issued(builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else SHA256()), key)


def environ(proof: str, **headers: str) -> dict[str, str]:
    """Return a request's environment with the headers of a proxy."""
    return {"HTTP_X_MTLS_PROXY": proof} | {f"HTTP_{name.upper()}": value for name, value in headers.items()}


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _big(number: int, size: int) -> bytes:
    return number.to_bytes(size)
