"""The sign-in log and the statements of the hot path, in SQLAlchemy Core (ARCHITECTURE §7).

A sign-in is born when its code is redeemed; afterwards only ``revoked_at`` may change. The row is also the release log:
who got which items when, and no values (AC-82).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, Select, String, and_, bindparam, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import Mapped, mapped_column

from clients.models import Client
from config.database import Model, UTCDateTime, db
from config.snapshot import EPOCH_ROW, SnapshotEpoch, snapshots
from consent.models import Consent, Subject
from idp.accounts.models import Account, AccountType, ServiceAssignment
from idp.sessions import BrowserSession
from scopes.service import Assignment, AssignmentKind


class SignIn(Model):
    """One redeemed code or refresh token. ``code_id`` is unique: of many redemptions at once one wins (invariant 5).

    ``family_id`` is the ``code_id`` of the first: all that came of one authorization. ``asked`` holds the items that the
    ``claims`` parameter asked for, per target. ``cnf`` is the key that the token is bound to: ``jkt:…`` or ``x5t:…``.
    """

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_client_id_issued_at", "client_id", "issued_at"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    code_id: Mapped[str] = mapped_column(String(32), unique=True)
    family_id: Mapped[str] = mapped_column(String(32), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("browser_session.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    subject: Mapped[str] = mapped_column(String(36), index=True)
    subject_type: Mapped[str] = mapped_column(String(16))
    scope: Mapped[str] = mapped_column(String(200))
    asked: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    cnf: Mapped[str | None] = mapped_column(String(64))
    released: Mapped[list[str]] = mapped_column(JSON)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """The browser session of a context."""

    id: int
    sid_key: str
    auth_time: datetime
    seen_at: datetime
    expires_at: datetime
    amr: list[str]


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The account of a context."""

    id: int
    is_teacher: bool
    name: str
    is_test_account: bool
    agreement_version: int
    lock_generation: int


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """The running consent of a context; a withdrawn one is none."""

    decisions: dict[str, Any]
    assignment_choice: int | None
    shown: dict[str, str]
    generation: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Context:
    """Everything about a person and a client that one SELECT brings."""

    session: SessionFacts | None
    account: AccountFacts | None
    consent: ConsentFacts | None
    subject: str | None
    assignments: tuple[Assignment, ...]


_S, _A, _K, _V = BrowserSession, Account, Consent, ServiceAssignment
_SESSION = (_S.id, _S.sid_key, _S.auth_time, _S.seen_at, _S.expires_at, _S.amr)
_ACCOUNT = (_A.id, _A.type, _A.name, _A.is_test_account, _A.agreement_version, _A.lock_generation)
_CONSENT = (_K.decisions, _K.assignment_choice, _K.shown, _K.generation, _K.decided_at)
_SERVICE = (
    *(_V.id, _V.school_code, _V.title_code, _V.kind, _V.start_date, _V.end_date),
    *(_V.suspended_from, _V.suspended_until, _V.confirmed_at),
)
_AT_ACCOUNT = 1 + len(_SESSION)
_AT_CONSENT = _AT_ACCOUNT + len(_ACCOUNT)
_AT_SUBJECT = _AT_CONSENT + len(_CONSENT)
_AT_SERVICE = _AT_SUBJECT + 1
_AT_SIGN_IN = _AT_SERVICE + len(_SERVICE)


def _context(session_is: Any, client_is: Any, *more: Any, sign_in: bool = False) -> Select[*tuple[Any, ...]]:  # noqa: ANN401  # SQL
    """Build the SELECT: one row per assignment, at least one row, so the epoch always arrives."""
    query = select(SnapshotEpoch.value, *_SESSION, *_ACCOUNT, *_CONSENT, Subject.value, *_SERVICE, *more)
    query = query.select_from(SnapshotEpoch)
    if sign_in:
        query = query.outerjoin(SignIn, SignIn.token_digest == bindparam("token_digest"))
    return (
        query.outerjoin(_S, and_(session_is, _S.ended_at.is_(None)))
        .outerjoin(_A, and_(_A.id == _S.account_id, _A.closed_at.is_(None)))
        .outerjoin(Client, client_is)
        .outerjoin(_K, and_(_K.account_id == _A.id, _K.client_id == Client.client_id, _K.withdrawn_at.is_(None)))
        .outerjoin(Subject, and_(Subject.account_id == _A.id, Subject.sector == Client.sector))
        .outerjoin(_V, and_(_V.account_id == _A.id, _V.refused_at.is_(None)))
        .where(SnapshotEpoch.id == EPOCH_ROW)
    )


_BY_COOKIE = _context(_S.digest == bindparam("digest"), Client.client_id == bindparam("client"))
_BY_SESSION = _context(_S.id == bindparam("session"), Client.client_id == bindparam("client"))
_SIGN_IN = (
    *(SignIn.id, SignIn.client_id, SignIn.subject, SignIn.scope, SignIn.asked, SignIn.cnf),
    *(SignIn.released, SignIn.issued_at, SignIn.expires_at, SignIn.revoked_at, SignIn.family_id),
)
_BY_TOKEN = _context(_S.id == SignIn.session_id, Client.client_id == SignIn.client_id, *_SIGN_IN, sign_in=True)


def context_by_cookie(connection: Connection, digest: str | None, client_id: str) -> Context:
    """Read the context of an authorization request; without a cookie it is empty."""
    return _read(connection, _BY_COOKIE, {"digest": digest or "", "client": client_id})[0]


def context_by_session(connection: Connection, session_id: int, client_id: str) -> Context:
    """Read the context of a code exchange."""
    return _read(connection, _BY_SESSION, {"session": session_id, "client": client_id})[0]


@dataclass(frozen=True, slots=True)
class Token:
    """An access token that was found, with the context of now."""

    context: Context
    id: int
    client_id: str
    subject: str
    scope: str
    asked: dict[str, list[str]]
    cnf: str | None
    released: list[str]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    family_id: str


def find_token(connection: Connection, digest: str) -> Token | None:
    """Read an access token and its context."""
    context, row = _read(connection, _BY_TOKEN, {"token_digest": digest})
    facts: tuple[Any, ...] = tuple(row)[_AT_SIGN_IN:]
    return Token(context, *facts) if facts[0] is not None else None


def _read(connection: Connection, query: Select[*tuple[Any, ...]], values: dict[str, Any]) -> tuple[Context, Row[Any]]:
    """Run a context SELECT; stale snapshots are reloaded before anything is decided."""
    rows = connection.execute(query, values).all()
    first = rows[0]
    snapshots().sync(first[0])
    account = first[_AT_ACCOUNT:_AT_CONSENT]
    consent = first[_AT_CONSENT:_AT_SUBJECT]
    facts = Context(
        session=SessionFacts(*first[1:_AT_ACCOUNT]) if first[1] is not None else None,
        account=AccountFacts(account[0], account[1] == AccountType.TEACHER, *account[2:]) if account[0] else None,
        consent=ConsentFacts(*consent) if consent[3] is not None else None,
        subject=first[_AT_SUBJECT],
        assignments=_assignments(rows),
    )
    return facts, first


def _assignments(rows: Sequence[Row[Any]]) -> tuple[Assignment, ...]:
    found = []
    for row in rows:
        ident, school, title, kind, start, end, since, until, confirmed = row[_AT_SERVICE:_AT_SIGN_IN]
        if ident is not None:
            found.append(
                Assignment(
                    ident, school, title, AssignmentKind(kind), start, end, None, since, until, confirmed is not None
                )
            )
    return tuple(found)


def recent_sign_ins(account_id: int, limit: int = 50) -> list[tuple[str, datetime, list[str]]]:
    """Return a teacher's last sign-ins, newest first: client_id, when, and the names of the items given."""
    query = (
        select(SignIn.client_id, SignIn.issued_at, SignIn.released)
        .where(SignIn.account_id == account_id)
        .order_by(SignIn.issued_at.desc())
        .limit(limit)
    )
    with db.session.begin():
        return [(client_id, at, released) for client_id, at, released in db.session.execute(query)]
