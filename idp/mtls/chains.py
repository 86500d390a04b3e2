"""Whether an authority that we trust issued a certificate for a client (RFC 5280, RFC 8705 §2.1). Pure.

The bundle holds roots and intermediates alike: a client's certificate comes alone, so whoever issued it must be there.
The rules for authorities are those of the web, except that one need not name the uses of its key; a client's
certificate needs no alternative name, as RFC 8705 also knows it by its subject. Revocation is not asked for: a certificate is ended by changing the registration or the bundle.
"""

from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

_FOR_CLIENTS = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


def is_trusted(certificate: x509.Certificate, ca_pem: bytes, now: datetime) -> bool:
    """Whether a chain leads from the certificate to the bundle, every part of it valid now."""
    builder = PolicyBuilder().store(_store(ca_pem)).time(now)
    try:
        builder.extension_policies(ca_policy=_AUTHORITY, ee_policy=_CLIENT).build_client_verifier().verify(
            certificate, []
        )
    except VerificationError:
        return False
    return True


@lru_cache(maxsize=8)
def _store(ca_pem: bytes) -> Store:
    """Read a bundle once; `ValueError` if it has no certificate."""
    return Store(x509.load_pem_x509_certificates(ca_pem))


def _is_for_clients(_policy: Policy, _certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    """RFC 5280 §4.2.1.12: a certificate that names its purposes must name this one."""
    if usage is not None and not _FOR_CLIENTS & set(usage):
        raise ValueError("not for clients")


def _may_sign(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    """RFC 5280 §4.2.1.3: the key signs the handshake."""
    if usage is not None and not usage.digital_signature:
        raise ValueError("not for signatures")


def _may_issue(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    """RFC 5280 §4.2.1.3: the key of an authority signs certificates; home-made authorities often do not say so."""
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("not for certificates")


def _is_no_authority(_policy: Policy, _certificate: x509.Certificate, basic: x509.BasicConstraints | None) -> None:
    """RFC 5280 §4.2.1.9: an authority is no client."""
    if basic is not None and basic.ca:
        raise ValueError("an authority")


_AUTHORITY = ExtensionPolicy.webpki_defaults_ca().may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_issue)
_CLIENT = (
    ExtensionPolicy.permit_all()
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _is_for_clients)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
    .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_no_authority)
)
