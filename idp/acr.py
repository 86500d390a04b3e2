"""Authentication contexts: what a log-in may honestly be called (OIDC Core §2 ``acr``; RFC 8176 ``amr``). Pure."""

from collections.abc import Collection

PASSWORD = "urn:inservice:acr:pwd"  # noqa: S105  # a name, no password
"""The person typed the account's password."""
SUPPORTED = (PASSWORD,)


def acr_of(amr: Collection[str]) -> str:
    """Return the context class of a log-in by its methods; every log-in has the password so far."""
    if "pwd" not in amr:
        message = f"a log-in by {sorted(amr)} has no context class"
        raise ValueError(message)
    return PASSWORD


def can_be_met(wanted: Collection[str]) -> bool:
    """Whether any of the wanted classes can be reached by logging in."""
    return bool(frozenset(wanted) & frozenset(SUPPORTED))
