"""Initial access tokens (RFC 7591 §3): one lets the partner of an approved case register one client, within seven days."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from clients.cases import CaseRefused, log_event
from clients.lifecycle import ClientEnvironment
from clients.models import Case, Client, InitialAccessToken
from clients.registration_rules import MAY_REGISTER
from clients.registry import secret_digest
from config.audit import record
from config.database import db
from config.settings import settings

LIFE = timedelta(days=7)
_T = InitialAccessToken


def issue_initial_token(
    case_id: int, environment: ClientEnvironment, *, actor: str, now: datetime
) -> tuple[str, datetime]:
    """Return a token for the partner of a case and when it ends; an earlier one that was not used ends now."""
    with db.session.begin():
        case = db.session.get(Case, case_id)
        if case is None:
            raise CaseRefused(f"there is no case {case_id}")
        if case.state not in MAY_REGISTER[environment]:
            raise CaseRefused(f"case {case_id} is {case.state}: no {environment} client may be registered")
        if (client_id := client_of(case_id, environment)) is not None:
            raise CaseRefused(f"case {case_id} has the {environment} client {client_id}")
        of_case = (_T.case_id == case_id, _T.environment == environment)
        running = (_T.used_at.is_(None), _T.expires_at > now)
        db.session.execute(update(_T).where(*of_case, *running).values(expires_at=now))
        token, ends = f"rpi_{secrets.token_urlsafe(32)}", now + LIFE
        facts = {"case_id": case_id, "environment": environment, "created_at": now, "expires_at": ends}
        db.session.add(_T(digest=secret_digest(token), **facts))
        note(case, "initial_token_issued", actor, now, {"environment": environment.value})
    return token, ends


def issue_development_token(now: datetime) -> str:
    """Return a token that registers any number of clients, each under a case of its own; for development only."""
    token = f"rpi_{secrets.token_urlsafe(32)}"
    environment = ClientEnvironment.PRODUCTION
    with db.session.begin():
        db.session.add(_T(digest=secret_digest(token), environment=environment, created_at=now, expires_at=now + LIFE))
        record("client.development_token_issued", actor="cli")
    return token


def is_development_token(token: str, now: datetime) -> bool:
    """Whether it is one, still counts, and we are not in production."""
    good = (_T.digest == secret_digest(token), _T.case_id.is_(None), _T.expires_at > now)
    return not settings().is_production and db.session.scalars(select(_T.id).where(*good)).one_or_none() is not None


def use_initial_token(token: str, now: datetime) -> tuple[Case, ClientEnvironment] | None:
    """Use the token of a case up in the caller's transaction, by one conditional write: of many at once one wins."""
    good = (_T.digest == secret_digest(token), _T.case_id.is_not(None), _T.used_at.is_(None), _T.expires_at > now)
    used = update(_T).where(*good).values(used_at=now).returning(_T.case_id, _T.environment)
    row = db.session.execute(used).one_or_none()
    return None if row is None else (db.session.get_one(Case, row.case_id), ClientEnvironment(row.environment))


def client_of(case_id: int, environment: ClientEnvironment) -> str | None:
    """Return the client that a case has in an environment, disabled or not."""
    query = select(Client.client_id).where(Client.case_id == case_id, Client.environment == environment)
    return db.session.scalars(query).one_or_none()


def note(case: Case, event: str, actor: str, now: datetime, facts: Mapping[str, Any]) -> None:
    """Write what happened into the history of the case and into the audit log; ``facts`` hold no secret."""
    log_event(case, event, case.state, actor=actor, now=now, evidence=dict(facts))
    client_id: str | None = facts.get("client_id")
    record(f"case.{event}", actor=actor, subject=f"case:{case.id}", client_id=client_id, detail=facts)
