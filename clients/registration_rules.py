"""What a client may register for itself (RFC 7591 §2): its own metadata, within what its case approved. Pure.

URIs belong to the hosts of the case (DOMAIN §3.6, D-41); scopes and resources to its approved items. The name of the
site is that of the case, whatever was sent. A public client needs a reviewer's note (D-41), so none registers itself;
a waiver of PKCE cannot be registered at all. Members that we do not know are ignored, null counts as left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from clients.client_metadata import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN, ClientMetadata
from clients.lifecycle import TEST_CLIENT_OPEN, CaseState, ClientEnvironment, CooperationItem
from clients.metadata import LOOPBACK, redirect_uri_fault
from clients.resources import MACHINE_SCOPES, RESOURCES
from scopes.items import ITEM_BY_SCOPE, DataItem, scope_string

MAY_REGISTER = {
    ClientEnvironment.TEST: TEST_CLIENT_OPEN,
    ClientEnvironment.PRODUCTION: frozenset({CaseState.GO_LIVE_AGREED, CaseState.LIVE}),
}
"""In which states of its case a client may be registered or changed (DOMAIN §3.3, X10, D-42)."""

_URIS = (
    *("redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri", "frontchannel_logout_uri", "jwks_uri"),
    *("initiate_login_uri", "client_uri", "logo_uri", "policy_uri", "tos_uri"),
)
_SIGN_IN_GRANTS = frozenset({AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE})
# Browsers read a backslash in an authority as a slash, so a host is letters, digits and hyphens and nothing else.
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*|[0-9a-f:]+")
_SCOPES = frozenset({*ITEM_BY_SCOPE, *MACHINE_SCOPES})
"""Names outside our vocabulary are ignored, as in a request; the answer says what is registered (RFC 7591 §3.2.1)."""
_UNFIT = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")
_SAID_MAX = 600


class MetadataRefused(Exception):
    """The metadata is wrong; the text names the members, in ASCII, without values that may be secret."""

    def __init__(self, text: str, *, is_redirect_uri: bool = False) -> None:
        super().__init__(_UNFIT.sub("?", text.replace("…", "..."))[:_SAID_MAX])
        self.is_redirect_uri = is_redirect_uri


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a case approved for its client of an environment."""

    environment: ClientEnvironment
    site_url: str
    test_url: str | None
    items: frozenset[DataItem]
    cooperation: frozenset[CooperationItem]
    is_development: bool = False
    """The case was opened by this very registration: every host and a public client are fine."""

    @property
    def subject_type(self) -> str:
        """D-49: the user identifier was approved, so ``sub`` is pairwise; else it is ephemeral."""
        return "pairwise" if DataItem.USER_ID in self.items else "ephemeral"

    def scope(self, resources: tuple[str, ...]) -> str:
        """Return every scope that a client with these resources may ask for."""
        machines = [scope for name in resources if name in RESOURCES for scope in RESOURCES[name].scopes]
        return " ".join([scope_string(self.items), *machines])

    def has_host(self, uri: str) -> bool:
        """Whether a URI is of the site or a sub-domain; of the test site or this machine too, for the test client."""
        if self.is_development:
            return True
        host = urlsplit(uri).hostname or ""
        is_test = self.environment is ClientEnvironment.TEST
        sites = [_host(url) for url in (self.site_url, self.test_url if is_test else None) if url]
        if is_test and host in LOOPBACK:
            return True
        return _HOST.fullmatch(host) is not None and any(
            host == site or host.endswith(f".{site}") for site in sites if site
        )


def _host(url: str) -> str:
    """Return the host of a URL as redirect URIs spell it; an applicant may have written it in Chinese."""
    host = urlsplit(url).hostname or ""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def checked_metadata(body: Mapping[str, Any], bounds: Bounds) -> ClientMetadata:
    """Return what is registered, or raise `MetadataRefused` with every fault."""
    known = {name: value for name, value in body.items() if name in ClientMetadata.model_fields and value is not None}
    try:
        meta = ClientMetadata.model_validate(known)
    except ValidationError as error:
        _refuse([_fault(one) for one in error.errors(include_url=False)])
        raise
    faults = [*_foreign_uris(meta, bounds), *_beyond(meta, bounds)]
    if (scope := body.get("scope")) is not None:
        faults += _scope_faults(scope, meta, bounds)
    _refuse(faults)
    return meta.model_copy(update={"subject_type": None})  # the case decides it, now and later


Fault = tuple[str, str]
"""The member that is wrong, empty where several do not fit together, and what is wrong."""


def _refuse(faults: list[Fault]) -> None:
    """RFC 7591 §3.2.2: a wrong redirection URI has an error code of its own."""
    if faults:
        text = "; ".join(f"{member}: {said}" if member else said for member, said in faults)
        is_redirect_uri = any(
            "redirect_uris" in (member or said).partition(":")[0].split(".")[:1] for member, said in faults
        )
        raise MetadataRefused(text, is_redirect_uri=is_redirect_uri)


def _fault(error: Mapping[str, Any]) -> Fault:
    """Take the member and the rule from an error of pydantic, and leave out the value."""
    said = str(error["msg"]).removeprefix("Value error, ").removeprefix(f"{error['input']}: ")
    return ".".join(str(part) for part in error["loc"]), said


def _foreign_uris(meta: ClientMetadata, bounds: Bounds) -> Iterator[Fault]:
    for member in _URIS:
        given = getattr(meta, member)
        for uri in (given,) if isinstance(given, str) else given or ():
            if fault := redirect_uri_fault(uri):
                yield member, fault
            elif not bounds.has_host(uri):
                yield member, "a host outside the approved case"


def _beyond(meta: ClientMetadata, bounds: Bounds) -> Iterator[Fault]:
    if meta.token_endpoint_auth_method == "none" and not bounds.is_development:  # noqa: S105  # a method's name
        yield "token_endpoint_auth_method", "a public client needs a note of the reviewer (D-41)"
    if CooperationItem.ROAMING not in bounds.cooperation and _SIGN_IN_GRANTS & set(meta.grant_types):
        yield "grant_types", "the case has no sign-ins"
    if not set(meta.resources) <= bounds.cooperation:
        yield "resources", "not among the cooperation items of the case"
    if meta.subject_type not in {None, bounds.subject_type}:
        yield "subject_type", f"must be {bounds.subject_type} (D-49)"


def _scope_faults(scope: object, meta: ClientMetadata, bounds: Bounds) -> Iterator[Fault]:
    if not isinstance(scope, str):
        yield "scope", "must be text"
    elif not set(scope.split()) & _SCOPES <= set(bounds.scope(meta.resources).split()):
        yield "scope", "more than the approved items of the case"
