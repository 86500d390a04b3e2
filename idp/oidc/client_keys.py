"""The public keys of a client: from its registration, or from its ``jwks_uri`` by the guarded client, cached.

A set counts for ten minutes. A ``kid`` that it lacks asks again, at most once a minute, however short ago the set came:
so a client may publish a key and sign with it at once. Of many threads one asks and the others wait for its answer.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from time import time
from typing import Any

from clients import diagnoses
from clients.diagnoses import Call, Kind
from clients.diagnosis_facts import Ours
from clients.jwks import PRIVATE_MEMBERS, jwks_fault
from clients.registry import RegisteredClient
from config.outbound import OutboundError, fetch_json

log = logging.getLogger(__name__)
FRESH_SECONDS = 600
AGAIN_SECONDS = 60
SOURCES_MAX = 1000
Keys = Sequence[Mapping[str, Any]]
_KNOWN = frozenset({"RSA", "EC", "OKP"})


@dataclass(slots=True)
class _Source:
    """A ``jwks_uri`` and what it gave; ``due_at`` is when it is asked anyhow, ``again_at`` when for a missing ``kid``."""

    keys: Keys = ()
    due_at: float = 0.0
    again_at: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def lacks(self, kid: object) -> bool:
        """Whether nobody can sign with what we have: no key at all, or none of that ``kid``."""
        return not self.keys or (kid is not None and all(key.get("kid") != kid for key in self.keys))

    def is_due(self, kid: object, now: float) -> bool:
        """Whether to ask: the set is old, or a key is missing and we have not just asked for one."""
        return now >= self.due_at or (self.lacks(kid) and now >= self.again_at)


_sources: dict[str, _Source] = {}


def keys_of(client: RegisteredClient, kid: object = None) -> Keys:
    """Return the client's keys; with ``kid``, ask its ``jwks_uri`` again if the key is not among them."""
    if client.meta.jwks_uri is None:
        return (client.meta.jwks or {"keys": []})["keys"]  # type: ignore[no-any-return]  # validated at registration
    source = _source(client.meta.jwks_uri)
    # Who finds the key in an old set does not wait for somebody else's question.
    if source.is_due(kid, time()) and source.lock.acquire(blocking=source.lacks(kid)):
        try:
            if source.is_due(kid, time()):
                _ask(client, source)
        finally:
            source.lock.release()
    return source.keys


def doubt(client: RegisteredClient) -> bool:
    """A proof without ``kid`` did not fit: ask the ``jwks_uri`` again if we may, and say whether it gave another set."""
    if client.meta.jwks_uri is None:
        return False
    source = _source(client.meta.jwks_uri)
    before = source.keys
    with source.lock:
        if source.keys is before and time() >= source.again_at:
            _ask(client, source)
    return source.keys != before


def _source(uri: str) -> _Source:
    """Return what is known of a URI; who floods us with URIs makes us forget, never run out of memory."""
    if uri not in _sources and len(_sources) >= SOURCES_MAX:
        _sources.clear()
    return _sources.setdefault(uri, _Source())


def _ask(client: RegisteredClient, source: _Source) -> None:
    """Ask; where no good set comes, the last one counts on, and the client is left alone for a minute."""
    for_a_key = time() < source.due_at
    try:
        found, fault = _usable(fetch_json(str(client.meta.jwks_uri)))
    except OutboundError as error:
        found, fault = (), str(error)
    now = time()
    if fault is not None:
        facts = {"received": Ours(fault), "expected": client.meta.jwks_uri}
        log.info("jwks_uri gives no keys", extra={"fields": {"jwks_uri": client.meta.jwks_uri, "why": fault}})
        diagnoses.note(client.client_id, Call.JWKS, Kind.CALL, facts, datetime.now(UTC))
        source.due_at = source.again_at = now + AGAIN_SECONDS
        return
    source.keys, source.due_at = found, now + FRESH_SECONDS
    if for_a_key:
        source.again_at = now + AGAIN_SECONDS


def _usable(jwks: Any) -> tuple[Keys, str | None]:  # noqa: ANN401  # any JSON
    """Return the keys and what is wrong with the set. Public keys of kinds that we do not know are left out (RFC 7517 §5)."""
    if isinstance(jwks, Mapping) and isinstance(jwks.get("keys"), list):
        jwks = {"keys": [key for key in jwks["keys"] if not _is_foreign(key)]}
    fault = jwks_fault(jwks)
    return (jwks["keys"], None) if fault is None else ((), fault)


def _is_foreign(key: object) -> bool:
    if not isinstance(key, Mapping) or not isinstance(key.get("kty"), str):
        return False
    return key["kty"] not in _KNOWN and not PRIVATE_MEMBERS & key.keys()


def forget() -> None:
    """Forget what was fetched."""
    _sources.clear()
