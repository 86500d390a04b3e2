"""What can be found out at once about a technical sheet by calling the partner (DOMAIN §3.6): its keys, its addresses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clients.jwks import jwks_fault
from config.outbound import OutboundError, fetch_json, post_form, request


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen at an address; ``said`` is ASCII, for people who know the protocol."""

    field: str
    is_good: bool
    said: str


def findings(answers: Mapping[str, str]) -> list[Finding]:
    """Call what the sheet names; nothing that is found out changes anything."""
    return [
        *_jwks(answers.get("jwks_uri", "")),
        *_back_channel(answers.get("backchannel_logout_uri", "")),
        *_support(answers),
    ]


def _jwks(uri: str) -> Iterator[Finding]:
    if not uri:
        return
    try:
        keys = fetch_json(uri)
        fault = jwks_fault(keys) if isinstance(keys, dict) else "no JWK Set"
        said = fault or f"{len(keys['keys'])} keys"
        yield Finding("jwks_uri", fault is None, said)
    except OutboundError as error:
        yield Finding("jwks_uri", is_good=False, said=str(error))


def _back_channel(uri: str) -> Iterator[Finding]:
    """OIDC Back-Channel §2.8: a logout token that is none is answered with 400, and not with 2xx."""
    if not uri:
        return
    try:
        status = post_form(uri, {"logout_token": "not.a.token"})
    except OutboundError as error:
        yield Finding("backchannel_logout_uri", is_good=False, said=str(error))
        return
    yield Finding(
        "backchannel_logout_uri", is_good=status == 400, said=f"an invalid logout token was answered by {status}"
    )


def _support(answers: Mapping[str, str]) -> Iterator[Finding]:
    """TC-8 in advance: an address that is a web page answers."""
    contact = answers.get("support_contact", "").strip()
    if not contact.startswith("https://"):
        return
    try:
        status = request("GET", contact).status
    except OutboundError as error:
        yield Finding("support_contact", is_good=False, said=str(error))
        return
    yield Finding("support_contact", is_good=status < 400, said=f"answered by {status}")
