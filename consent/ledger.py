"""Commands and questions of consent. Each command is one transaction."""

import hashlib
import hmac
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clients import registry
from clients.registry import RegisteredClient
from config.audit import record
from config.database import db, locking, upsert
from config.seal import mac_key, mac_keys
from consent.decisions import decision
from consent.models import Consent, ConsentEvent, Subject
from consent.signals import consent_withdrawn
from scopes.items import DataItem, ordered

_SHOWN = "shown-values"


class NothingToWithdraw(Exception):
    """There is no such consent, or it has ended already."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a teacher answered: every item she was shown with its purpose version, and which of them she gives."""

    shown: Mapping[DataItem, int]
    given: frozenset[DataItem]
    assignment_choice: int | None
    values: Mapping[DataItem, str]


def record_decision(account_id: int, client: RegisteredClient, answer: Answer, *, now: datetime) -> None:
    """Remember each shown item as given or declined (D-52), and make the pairwise subject if there is none yet."""
    decided = {
        item.value: decision(given=item in answer.given, purpose=version, now=now)
        for item, version in answer.shown.items()
    }
    with db.session.begin():
        consent = _locked(account_id, client.client_id, now)
        if consent.withdrawn_at is not None:
            consent.generation, consent.withdrawn_at = consent.generation + 1, None
        consent.decisions = {**consent.decisions, **decided}
        consent.assignment_choice = answer.assignment_choice
        consent.shown = {**consent.shown, **digests(answer.values, answer.given)}
        consent.decided_at = now
        if client.is_pairwise:
            ensure_subject(account_id, client.sector, now)
        _log(account_id, client.client_id, "decided", now, {"decisions": decided})


def acknowledge(account_id: int, client_id: str, values: Mapping[DataItem, str]) -> None:
    """D-56: remember that she has seen the changed values; no new consent."""
    with db.session.begin():
        consent = _find(account_id, client_id)
        if consent is not None:
            consent.shown = {**consent.shown, **digests(values, values.keys())}


def digests(values: Mapping[DataItem, str], items: Collection[DataItem]) -> dict[str, str]:
    """Return a keyed hash per item: it tells later that a value changed (D-56) without keeping the value."""
    key = mac_key(_SHOWN)
    return {item.value: _digest(key, item, values[item]) for item in ordered(items) if item in values}


def _digest(key: bytes, item: DataItem, value: str) -> str:
    return hmac.new(key, f"{item}={value}".encode(), hashlib.sha256).hexdigest()[:32]


def changed_items(
    shown: Mapping[str, str], values: Mapping[DataItem, str], items: Collection[DataItem]
) -> frozenset[DataItem]:
    """Return the items whose value is another than the one she last saw (D-56)."""
    keys = mac_keys(_SHOWN)
    seen = {item: shown[item] for item in items if item in values and item in shown}
    return frozenset(
        item for item, digest in seen.items() if digest not in [_digest(key, item, values[item]) for key in keys]
    )


def record_refusal(account_id: int, client_id: str, *, now: datetime) -> None:
    """She chose 不同意: logged; no item is marked, so she is asked again next time."""
    with db.session.begin():
        _log(account_id, client_id, "refused", now, {})


def withdraw(account_id: int, client_id: str, *, now: datetime) -> None:
    """D-54: end the consent and, by the signal, every token under it. Possible while locked too."""
    with db.session.begin():
        consent = _find(account_id, client_id)
        if consent is None or consent.withdrawn_at is not None:
            raise NothingToWithdraw
        consent.withdrawn_at, consent.decisions, consent.assignment_choice = now, {}, None
        _log(account_id, client_id, "withdrawn", now, {})
        consent_withdrawn.send(account_id, client_id=client_id)


def decline_item(account_id: int, client: RegisteredClient, item: DataItem, *, now: datetime) -> None:
    """Stop giving one optional item; the rest of the consent stays. An essential item ends only with the whole."""
    with db.session.begin():
        consent = _find(account_id, client.client_id)
        if consent is None or consent.withdrawn_at is not None or item in client.essential:
            raise NothingToWithdraw
        if not consent.decisions.get(item.value, {}).get("given"):
            raise NothingToWithdraw
        stopped = decision(given=False, purpose=client.purposes[item].version, now=now)
        consent.decisions = {**consent.decisions, item.value: stopped}
        _log(account_id, client.client_id, "item_stopped", now, {"decisions": {item.value: stopped}})


def current(account_id: int, client_id: str) -> Consent | None:
    """Return her running consent to a client; a withdrawn one is none."""
    with db.session.begin():
        return db.session.scalars(
            select(Consent).where(
                Consent.account_id == account_id, Consent.client_id == client_id, Consent.withdrawn_at.is_(None)
            )
        ).one_or_none()


def consents_of(account_id: int) -> list[tuple[Consent, RegisteredClient]]:
    """Return her consents, running ones first, with their partners."""
    rows = db.session.scalars(
        select(Consent).where(Consent.account_id == account_id).order_by(Consent.decided_at.desc())
    )
    found = [(row, registry.find(row.client_id)) for row in rows]
    known = [(row, client) for row, client in found if client is not None]
    return sorted(known, key=lambda pair: pair[0].withdrawn_at is not None)


def ensure_subject(account_id: int, sector: str, now: datetime) -> None:
    """D-49: make the pairwise identifier once; of two simultaneous attempts the first stands."""
    values = {"account_id": account_id, "sector": sector, "value": str(uuid.uuid4()), "created_at": now}
    db.session.execute(upsert(Subject).values(values).on_conflict_do_nothing(index_elements=["account_id", "sector"]))


def _find(account_id: int, client_id: str) -> Consent | None:
    return db.session.scalars(
        locking(select(Consent).where(Consent.account_id == account_id, Consent.client_id == client_id))
    ).one_or_none()


def _locked(account_id: int, client_id: str, now: datetime) -> Consent:
    """Return the row of this teacher and client, made if need be, locked until the transaction ends."""
    new = {
        "account_id": account_id,
        "client_id": client_id,
        "decisions": {},
        "shown": {},
        "generation": 1,
        "decided_at": now,
    }
    db.session.execute(upsert(Consent).values(new).on_conflict_do_nothing(index_elements=["account_id", "client_id"]))
    found = _find(account_id, client_id)
    if found is None:
        raise AssertionError
    return found


def _log(account_id: int, client_id: str, event: str, now: datetime, detail: dict[str, object]) -> None:
    db.session.add(ConsentEvent(account_id=account_id, client_id=client_id, at=now, event=event, detail=detail))
    record(f"consent.{event}", actor=f"account:{account_id}", subject=f"account:{account_id}", client_id=client_id)
