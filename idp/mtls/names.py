"""Names in certificates, compared as RFC 5280 wants it: case and runs of spaces are no difference. Pure."""

import unicodedata

from cryptography.x509 import Name, NameAttribute, ObjectIdentifier

from clients.distinguished_names import distinguished_name

Comparable = tuple[frozenset[tuple[ObjectIdentifier, str | bytes]], ...]


def same_dn(subject: Name, text: str) -> bool:
    """Whether a subject is the one that a text in the form of RFC 4514 names; a text that cannot be read names nobody."""
    try:
        registered = distinguished_name(text)
    except ValueError:
        return False
    return _comparable(subject) == _comparable(registered)


def _comparable(name: Name) -> Comparable:
    """RFC 5280 §7.1: the parts in their order, the attributes of a part in any order."""
    return tuple(frozenset((one.oid, _folded(one)) for one in part) for part in name.rdns)


def _folded(attribute: NameAttribute[str | bytes]) -> str | bytes:
    """Prepare a value for comparison as RFC 4518 does: compatibility forms, case, and spaces at the ends and in rows."""
    value = attribute.value
    if isinstance(value, bytes):
        return value
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def email(address: str) -> str:
    """RFC 5280 §7.5: the host of an address knows no case, the mailbox does."""
    mailbox, _, host = address.rpartition("@")
    return f"{mailbox}@{host.lower()}"
