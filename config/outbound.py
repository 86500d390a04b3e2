"""The one door for calls to partners' servers: their key sets, their logout addresses. Their URIs are not to be trusted.

https only, no redirect, no proxy. The host is resolved once, every address that it has must be public, and the connection
goes to a checked address itself, so that a second answer of the name server cannot lead elsewhere (DNS rebinding). Calls
are short and answers small; what was answered is never logged.
"""

import json
import logging
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any

import httpx

from config.settings import settings
from config.targets import targets

BODY_MAX = 64 * 1024
STEP_SECONDS = 5
"""How long connecting, sending or one wait for data may take."""
TOTAL_SECONDS = 8
"""How long the whole call may take, looking the name up included."""
_LAST_PORT = 65535
_NAT64 = IPv6Network("64:ff9b::/96")
# A call that is over its time is given up by its caller; its thread ends within one step more. So many may be under way.
_CALLS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="outbound")
logging.getLogger("httpx").setLevel(logging.WARNING)  # who calls says what is worth a line


class OutboundError(Exception):
    """A call that brought nothing; the text says why, for logs."""


class OutboundRefused(OutboundError):
    """We do not call this URL."""


class OutboundFailed(OutboundError):
    """We called, and it went wrong."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the other side answered."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about calls."""

    allowed: frozenset[tuple[str, int]]
    ca_file: Path | None


def fetch_json(url: str, *, limit: int = BODY_MAX) -> Any:  # noqa: ANN401  # any JSON
    """GET a JSON document of at most ``limit`` bytes."""
    reply = request("GET", url, limit=limit)
    if reply.status != httpx.codes.OK:
        message = f"status {reply.status}"
        raise OutboundFailed(message)
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise OutboundFailed("not JSON") from error


def post_form(url: str, fields: Mapping[str, str]) -> int:
    """POST a form and return the status; what else is answered does not matter and is not read."""
    return request("POST", url, fields=fields, limit=0).status


def request(method: str, url: str, *, fields: Mapping[str, str] | None = None, limit: int = BODY_MAX) -> Reply:
    """Call, within the time limits; `OutboundError` says what went wrong."""
    found = settings()
    rules = Rules(targets(found.outbound_allow), found.outbound_ca)
    client = httpx.Client(verify=_trust(rules.ca_file), trust_env=False, follow_redirects=False, timeout=STEP_SECONDS)
    call = _CALLS.submit(_call, client, rules, (method, url, fields, limit))
    try:
        return call.result(TOTAL_SECONDS)
    except TimeoutError as error:
        call.cancel()
        message = f"no answer within {TOTAL_SECONDS} s"
        raise OutboundFailed(message) from error
    except httpx.HTTPError as error:
        raise OutboundFailed(_reason(error)) from error
    finally:
        client.close()


def _call(client: httpx.Client, rules: Rules, asked: tuple[str, str, Mapping[str, str] | None, int]) -> Reply:
    method, url, fields, limit = asked
    to, headers, extensions = _aim(url, rules)
    made = client.build_request(method, to, headers=headers, data=fields, extensions=extensions)
    answer = client.send(made, stream=True)
    try:
        return Reply(answer.status_code, _body(answer, limit) if limit else b"")
    finally:
        answer.close()


def _body(answer: httpx.Response, limit: int) -> bytes:
    """Read at most ``limit`` bytes; a compressed body, which we did not ask for, could be larger than it looks."""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise OutboundFailed("the body is compressed")
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > limit:
            message = f"the body is longer than {limit} bytes"
            raise OutboundFailed(message)
    return bytes(body)


def _aim(url: str, rules: Rules) -> tuple[httpx.URL, dict[str, str], dict[str, Any]]:
    """Check a URL; return it with a checked address in place of the host, and what carries the host's name."""
    try:
        asked = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise OutboundRefused("not a URL") from error
    host, port = asked.host, asked.port or (443 if asked.scheme == "https" else 80)
    if port > _LAST_PORT:
        raise OutboundRefused("not a URL")
    is_allowed = (host, port) in rules.allowed
    if asked.scheme != "https" and not (is_allowed and asked.scheme == "http"):
        raise OutboundRefused("https is needed")
    if not host or asked.userinfo:
        raise OutboundRefused("a host and no user is needed")
    name = asked.raw_host.decode("ascii")
    addresses = _addresses(name, port)
    if not is_allowed and not all(map(is_public, addresses)):
        raise OutboundRefused("the host is not public")
    headers = {"Host": asked.netloc.decode("ascii"), "Accept-Encoding": "identity", "User-Agent": "account-roaming-idp"}
    return asked.copy_with(host=addresses[0]), headers, {"sni_hostname": name}


def _addresses(host: str, port: int) -> list[str]:
    """Look a host up, once."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundFailed("the host has no address") from error
    return [str(address[0]) for *_, address in found]


def is_public(text: str) -> bool:
    """Whether an address belongs to the public internet.

    An IPv6 address that stands for an IPv4 one (mapped, or NAT64, RFC 6052) is judged by it; the relays 6to4 and Teredo
    are out.
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped or address in _NAT64:
            return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
        if address.sixtofour or address.teredo or address.is_site_local:
            return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not is_special


@lru_cache(maxsize=4)
def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Trust what the system trusts, and in development the authorities of a file as well; TLS 1.2 or later."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _reason(error: httpx.HTTPError) -> str:
    """Name a failure without what the other side said."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return "the certificate is not trusted" if cause else type(error).__name__
