"""Authentication contexts: what a log-in may honestly be called (OIDC Core §2 ``acr``; RFC 8176 ``amr``). Pure."""

from collections.abc import Collection

PASSWORD = "urn:inservice:acr:pwd"  # noqa: S105  # a name, no password
"""The person typed the account's password."""
MFA = "urn:inservice:acr:mfa"
"""Two factors: the password and a one-time code, or a passkey that verified its user."""
SUPPORTED = (MFA, PASSWORD)


def acr_of(amr: Collection[str]) -> str:
    """Return the context class of a log-in by its methods."""
    if "mfa" in amr:
        return MFA
    if "pwd" not in amr:
        message = f"a log-in by {sorted(amr)} has no context class"
        raise ValueError(message)
    return PASSWORD


def can_be_met(wanted: Collection[str]) -> bool:
    """Whether any of the wanted classes can be reached by logging in."""
    return bool(frozenset(wanted) & frozenset(SUPPORTED))


def is_met(wanted: Collection[str], amr: Collection[str]) -> bool:
    """Whether a log-in is of a wanted class; one by two factors is good for whoever wants a password too."""
    return acr_of(amr) in wanted or (PASSWORD in wanted and "mfa" in amr)
