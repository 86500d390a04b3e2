"""Under which URIs an endpoint is known: below the issuer, and below the mTLS address (RFC 8705 §5) where there is one."""

from flask import request

from config.settings import settings


def endpoint_uris(path: str | None = None) -> tuple[str, ...]:
    """Return the URIs of an endpoint by its path, of the one that is called if none is given."""
    rules = settings()
    bases = (rules.issuer, rules.mtls_base_url)
    return tuple(base + (path or request.path) for base in bases if base is not None)
