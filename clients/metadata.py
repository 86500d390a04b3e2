"""Rules for the URIs of client metadata (DOMAIN §3.6). Pure."""

from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
URI_MAX = 500


def redirect_uri_fault(uri: str) -> str | None:
    """Say what is wrong with a redirect or logout URI, or None.

    Absolute, ASCII, https (http only to loopback), no fragment (RFC 6749 §3.1.2), no user part, no wildcard. The match
    at the endpoints is exact string comparison (RFC 9700 §2.1).
    """
    if len(uri) > URI_MAX or not uri.isascii() or not uri.isprintable() or " " in uri:
        return f"at most {URI_MAX} printable ASCII characters without blanks"
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "not a URL"
    if not host or parts.scheme not in {"https", "http"}:
        return "an absolute https URL is needed"
    if parts.scheme == "http" and host not in LOOPBACK:
        return "https is needed (http only for loopback addresses)"
    if parts.fragment or "#" in uri:
        return "a fragment is not allowed (RFC 6749 section 3.1.2)"
    if parts.username is not None or "*" in host:
        return "no user part and no wildcard"
    return None


def outbound_uri_fault(uri: str) -> str | None:
    """Say what is wrong with a URI that we call ourselves (``jwks_uri``, ``backchannel_logout_uri``), or None.

    The guarded client decides at the call which hosts it really reaches; here only the form is judged.
    """
    return redirect_uri_fault(uri)


def uri_difference(received: str, registered: str) -> str:
    """Say in which part two URIs differ first, for developers: scheme, host, port, path or query."""
    try:
        one, other = urlsplit(received), urlsplit(registered)
        parts = (
            ("scheme", one.scheme, other.scheme),
            ("host", one.hostname, other.hostname),
            ("port", one.port, other.port),
            ("path", one.path, other.path),
            ("query", one.query, other.query),
        )
    except ValueError:
        return "not a URL"
    for name, given, wanted in parts:
        if given != wanted:
            return f"{name}: {given!r} ≠ {wanted!r}"
    return "spelling"
