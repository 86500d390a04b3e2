"""One delivery of a logout token: take it, send it, note what came of it (Back-Channel Logout §2.5, D-27)."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from clients import diagnoses, registry
from clients.diagnoses import Call, Kind
from clients.diagnosis_facts import Ours
from config.audit import record
from config.database import db, hot
from config.outbound import OutboundError, post_form
from config.settings import settings
from idp import keys
from idp.logout.fan_out import NO_ADDRESS, record_failure
from idp.logout.models import LogoutDelivery
from idp.tokens import LogoutToken

LEASE = timedelta(seconds=60)
"""How long a delivery belongs to whoever took it: longer than any call, so that nobody else sends it meanwhile."""
GIVE_UP_AFTER = timedelta(hours=24)
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(hours=3)
WELCOME = frozenset({200, 204})
_D = LogoutDelivery


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that is ours until ``lease``."""

    id: int
    client_id: str
    account_id: int
    sid: str
    subject: str | None
    reason: str
    queued_at: datetime
    attempts: int
    lease: datetime


_COLUMNS = (_D.id, _D.client_id, _D.account_id, _D.sid, _D.subject, _D.reason, _D.queued_at, _D.attempts, _D.due_at)


def next_due(now: datetime, busy: Collection[str], limit: int) -> list[tuple[int, str, datetime]]:
    """Return what is due, longest due first, but for clients that are busy: (id, client_id, due_at)."""
    query = select(_D.id, _D.client_id, _D.due_at).where(_D.due_at <= now, _D.client_id.not_in(busy))
    with hot() as connection:
        rows = connection.execute(query.order_by(_D.due_at).limit(limit)).all()
    return [(ident, client_id, due_at) for ident, client_id, due_at in rows if due_at is not None]


def take(ident: int, due_at: datetime, now: datetime) -> Taken | None:
    """Take a delivery by one conditional UPDATE: of two workers that saw it due, one gets it."""
    mine = update(_D).where(_D.id == ident, _D.due_at == due_at)
    values = {"due_at": now + LEASE, "attempts": _D.attempts + 1}
    with hot() as connection:
        row = connection.execute(mine.values(values).returning(*_COLUMNS)).first()
    return Taken(*row) if row is not None else None


def send(taken: Taken, now: datetime) -> bool:
    """Sign, post, and note the result; return whether the partner has accepted."""
    client = registry.find(taken.client_id)
    uri = client.meta.backchannel_logout_uri if client else None
    if client is None or uri is None:
        _note_failure(taken, (NO_ADDRESS, None), None, now)
        return False
    try:
        status = post_form(uri, {"logout_token": signed(taken, client.id_token_alg, now)})
        fault = None if status in WELCOME else f"status {status}"
    except (OutboundError, LookupError) as error:
        fault = str(error)
    if fault is None:
        _note_success(taken, now)
    else:
        _note_failure(taken, (fault, uri), next_try(taken.queued_at, taken.attempts, now), now)
    return fault is None


def signed(taken: Taken, alg: str, now: datetime) -> str:
    """Return the logout token, signed like the client's ID tokens and typed so that it can stand for nothing else."""
    facts = LogoutToken(
        issuer=settings().issuer,
        client_id=taken.client_id,
        sid=taken.sid,
        subject=taken.subject,
        token_id=secrets.token_urlsafe(16),
        issued_at=int(now.timestamp()),
    )
    return keys.sign(facts.payload(), alg, now, {"typ": "logout+jwt"})


def next_try(queued_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """Return when to try again: after 5 s, then each time three times as long, up to 3 h; after 24 h never."""
    delay = min(FIRST_DELAY * 3 ** min(attempts - 1, 10), LONGEST_DELAY)
    return now + delay if now + delay <= queued_at + GIVE_UP_AFTER else None


def _note_success(taken: Taken, now: datetime) -> None:
    with db.session.begin():
        _note(taken, delivered_at=now, due_at=None, last_error=None)
        record(
            "logout.backchannel.sent",
            actor="system",
            subject=f"account:{taken.account_id}",
            client_id=taken.client_id,
            detail={"reason": taken.reason, "attempt": taken.attempts},
        )


def _note_failure(taken: Taken, failed: tuple[str, str | None], again: datetime | None, now: datetime) -> None:
    """Note it for us, and for the partner's engineer: what went wrong where, not why she was logged out (D-18)."""
    fault, uri = failed
    with db.session.begin():
        _note(taken, due_at=again, last_error=fault[:200], given_up_at=None if again else now)
        detail = {"reason": taken.reason, "attempt": taken.attempts, "error": fault, "given_up": again is None}
        record_failure(taken.account_id, taken.client_id, detail)
    facts = {"received": Ours(fault), "expected": uri}
    diagnoses.note(taken.client_id, Call.LOGOUT, Kind.CALL, facts, now)


def _note(taken: Taken, **values: object) -> None:
    """Write what came of it, unless the event happened anew meanwhile and the row waits for its next sending."""
    db.session.execute(update(_D).where(_D.id == taken.id, _D.due_at == taken.lease).values(**values))
