"""What ends tokens and sessions: a lock of the teacher, a withdrawn consent, a disabled business account.

Receivers run in the sender's transaction.
"""

from datetime import UTC, date, datetime

from flask import g
from sqlalchemy import select, update

from config.audit import record
from config.database import db
from consent.signals import consent_withdrawn
from idp.accounts.signals import business_account_disabled, effects_ahead, service_locked, service_state_changed
from idp.logout import fan_out
from idp.sessions import BrowserSession
from idp.sign_ins import SignIn
from scopes.roc import taipei_midnight

_CHUNK = 500
"""Values per IN list; SQLite takes so many parameters in every version."""


def init_revocation() -> None:
    """Listen; connecting twice is connecting once."""
    effects_ahead.connect(_look_ahead)
    service_state_changed.connect(_on_change)
    service_locked.connect(_on_lock)
    consent_withdrawn.connect(_on_withdrawal)
    business_account_disabled.connect(_on_disabling)


def _look_ahead(account_ids: frozenset[int], **_: object) -> None:
    """Find out by few statements who of many has no sign-in at all, so that nothing of hers need be looked for.

    The rows of the accounts are locked, so no sign-in is written before this transaction ends.
    """
    g.without_sign_ins = frozenset()
    if len(account_ids) > 1:
        ids, found = sorted(account_ids), set()
        for start in range(0, len(ids), _CHUNK):
            query = select(SignIn.account_id).where(SignIn.account_id.in_(ids[start : start + _CHUNK])).distinct()
            found |= set(db.session.scalars(query))
        g.without_sign_ins = account_ids - found


def _never_signed_in(account_id: int) -> bool:
    return account_id in g.get("without_sign_ins", ())


def _on_change(account_id: int, *, now: datetime, **_: object) -> None:
    """D-25: revoke her unexpired tokens: at a lock, and at the restoration after a lock that came by its date."""
    if _never_signed_in(account_id):
        return
    revoked = db.session.execute(
        update(SignIn)
        .where(SignIn.account_id == account_id, SignIn.revoked_at.is_(None), SignIn.expires_at > now)
        .values(revoked_at=now)
        .returning(SignIn.id)
    ).scalars()
    for ident in revoked.all():
        record("token.revoked_by_lock", actor="system", subject=f"account:{account_id}", detail={"sign_in": ident})


def _on_lock(account_id: int, *, since: date, now: datetime, **_: object) -> None:
    """D-27: tell the partners. D-29: list the sign-ins that a late entry makes wrong in hindsight."""
    if _never_signed_in(account_id):
        return
    fan_out.teacher_locked(account_id, now=now)
    late = select(SignIn.id, SignIn.client_id, SignIn.issued_at).where(
        SignIn.account_id == account_id, SignIn.issued_at >= taipei_midnight(since), SignIn.issued_at < now
    )
    for ident, client_id, at in db.session.execute(late):
        detail = {"sign_in": ident, "issued_at": at.astimezone(UTC).isoformat(), "since": since.isoformat()}
        subject = f"account:{account_id}"
        record("roaming.after_the_fact", actor="system", subject=subject, client_id=client_id, detail=detail)


def _on_withdrawal(account_id: int, *, client_id: str, **_: object) -> None:
    """D-54: tokens under a consent end with it, and the partner is told."""
    now = datetime.now(UTC)
    fan_out.consent_over(account_id, client_id, now=now)
    db.session.execute(
        update(SignIn)
        .where(SignIn.account_id == account_id, SignIn.client_id == client_id, SignIn.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _on_disabling(account_id: int, *, now: datetime, **_: object) -> None:
    """DOMAIN §1.3: only ``active`` may be logged in. A business account never roamed, so no partner is to be told."""
    open_ones = BrowserSession.account_id == account_id, BrowserSession.ended_at.is_(None)
    ended = db.session.execute(
        update(BrowserSession).where(*open_ones).values(ended_at=now).returning(BrowserSession.id)
    )
    for ident in ended.scalars().all():
        record("session.ended", actor="system", subject=f"account:{account_id}", detail={"session": ident})
