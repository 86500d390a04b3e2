"""Lists of hosts and ports in settings. Pure."""

from urllib.parse import urlsplit


def targets(listed: str) -> frozenset[tuple[str, int]]:
    """Return the (host, port) pairs of ``host:port,…``; ``ValueError`` when it is no such list."""
    found = set()
    for one in filter(None, map(str.strip, listed.split(","))):
        try:
            parts = urlsplit(f"//{one}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or not port or parts.netloc != one or "@" in one:
            message = "host:port,… is needed, such as 127.0.0.1:8001"
            raise ValueError(message)
        found.add((host, port))
    return frozenset(found)
