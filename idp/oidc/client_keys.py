"""The public keys of a client: from its registration, or from its ``jwks_uri`` by the guarded client, cached.

A ``kid`` that the cached set does not have asks again, at most once a minute, so that a rotation breaks no sign-in.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from time import time
from typing import Any

from clients.jwks import jwks_fault
from clients.registry import RegisteredClient
from config.outbound import OutboundError, fetch_json

log = logging.getLogger(__name__)
FRESH_SECONDS = 600
AGAIN_SECONDS = 60
Keys = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Fetched:
    at: float
    keys: Keys


_cache: dict[str, _Fetched] = {}
_lock = Lock()


def keys_of(client: RegisteredClient, kid: object = None) -> Keys:
    """Return the client's keys; with ``kid``, ask its ``jwks_uri`` again if the key is not among them."""
    if client.meta.jwks_uri is None:
        return (client.meta.jwks or {"keys": []})["keys"]  # type: ignore[no-any-return]  # validated at registration
    uri, now = client.meta.jwks_uri, time()
    found = _cache.get(uri)
    is_missing = found is not None and kid is not None and all(key.get("kid") != kid for key in found.keys)
    patience = AGAIN_SECONDS if is_missing else FRESH_SECONDS
    if found is None or now - found.at > patience:
        found = _fetch(uri, now, found)
    return found.keys


def _fetch(uri: str, now: float, old: _Fetched | None) -> _Fetched:
    """Ask the client; where it does not answer well, its last known keys count on, and it is left alone for a minute."""
    try:
        data = fetch_json(uri)
        fault = jwks_fault(data)
    except OutboundError as error:
        data, fault = None, str(error)
    if fault is not None:
        log.info("jwks_uri gives no keys", extra={"fields": {"jwks_uri": uri, "why": fault}})
        fetched = _Fetched(now - FRESH_SECONDS + AGAIN_SECONDS, old.keys if old else ())
    else:
        fetched = _Fetched(now, data["keys"])
    with _lock:
        if len(_cache) > 1000:
            _cache.clear()
        _cache[uri] = fetched
    return fetched


def forget() -> None:
    """Forget what was fetched."""
    with _lock:
        _cache.clear()
