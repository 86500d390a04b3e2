"""Distinguished names as a client registers them (RFC 4514, RFC 8705 §2.1.2). Pure."""

from cryptography.x509 import Name
from cryptography.x509.oid import NameOID

_TYPES = {
    "CN": NameOID.COMMON_NAME,
    "L": NameOID.LOCALITY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "C": NameOID.COUNTRY_NAME,
    "STREET": NameOID.STREET_ADDRESS,
    "DC": NameOID.DOMAIN_COMPONENT,
    "UID": NameOID.USER_ID,
    "SN": NameOID.SURNAME,
    "GN": NameOID.GIVEN_NAME,
    "title": NameOID.TITLE,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
}
"""The types of RFC 4514 §3, and those that OpenSSL and certificates of organisations have besides."""
_SPELLINGS = {spelt: oid for name, oid in _TYPES.items() for spelt in (name, name.upper(), name.lower())}


def distinguished_name(text: str) -> Name:
    """Return the name that a text stands for; ``ValueError`` if it is none."""
    if not text.strip():
        raise ValueError("an empty name")
    return Name.from_rfc4514_string(text, _SPELLINGS)
