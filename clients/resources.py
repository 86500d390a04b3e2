"""Machine interfaces that clients call for themselves, each a resource of RFC 8707 with scopes of its own. Pure data.

The interfaces themselves (SCIM, reporting) come with their own packages; here stands only who may get a token for what.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """An interface: its path below the issuer is its resource indicator (RFC 8707 §2) and the ``aud`` of its tokens."""

    id: str
    path: str
    scopes: tuple[str, ...]

    def uri(self, issuer: str) -> str:
        """Return the resource indicator."""
        return f"{issuer}{self.path}"


RESOURCES = {
    "scim": Resource("scim", "/scim/v2", ("scim.read", "scim.write")),
    "reporting": Resource("reporting", "/reporting/v1", ("reporting.read", "reporting.write")),
}
MACHINE_SCOPES = tuple(scope for resource in RESOURCES.values() for scope in resource.scopes)


def by_uri(uri: str, issuer: str) -> Resource | None:
    """Return the resource of an indicator."""
    return next((found for found in RESOURCES.values() if found.uri(issuer) == uri), None)
