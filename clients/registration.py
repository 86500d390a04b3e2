"""Registration of clients by their partners (RFC 7591) and its management (RFC 7592), closed: commands, one transaction each.

An initial access token is bound to an approved case and an environment and works once; what it registers never exceeds
the case (`clients.registration_rules`). The client that it makes has a management token of its own. Whoever presents
anything else learns only that it does not work. A client that was disabled stays, so that its identifier is never
given to another (D-05).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clients.client_metadata import ClientMetadata
from clients.client_secrets import live_secrets, put_secrets
from clients.development import DEVELOPMENT, development_case, waiver
from clients.initial_tokens import client_of, is_development_token, note, use_initial_token
from clients.lifecycle import CaseState, ClientEnvironment, CooperationItem
from clients.models import Case, Client
from clients.partners import sector_of
from clients.registration_rules import MAY_REGISTER, Bounds, MetadataRefused, checked_metadata
from clients.registry import secret_digest
from config.database import db, locking
from config.snapshot import bump
from scopes.items import DataItem

OURS_ALONE = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")
"""Members of our answers that an update must not send back (RFC 7592 §2.2)."""


class Refusal(Enum):
    """Why: the token does not work, the case admits nothing now, the metadata or a redirection URI of it is wrong."""

    TOKEN = auto()
    CASE = auto()
    METADATA = auto()
    REDIRECT_URI = auto()


class RegistrationRefused(Exception):
    """The request is refused; ``detail`` is ASCII and for the partner."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(f"{refusal.name}: {detail}")
        self.refusal, self.detail = refusal, detail


@dataclass(frozen=True, slots=True)
class Registration:
    """A registered client as its partner is told of it. ``secret`` is there only when it was just made."""

    client_id: str
    issued_at: datetime
    site_name: str
    scope: str
    subject_type: str
    meta: ClientMetadata
    management_token: str
    secret: str | None


def register(token: str, body: Mapping[str, Any], now: datetime) -> Registration:
    """Register the client of a case (RFC 7591 §3); metadata that is refused does not use the token up."""
    with db.session.begin():
        case, environment, bounds, meta = _admitted(token, body, now)
        management = f"rpm_{secrets.token_urlsafe(32)}"
        client = Client(
            client_id=f"rp_{secrets.token_urlsafe(15)}",
            case_id=case.id,
            environment=environment,
            sector=sector_of(case, environment),
            meta=meta.model_dump(mode="json", exclude_defaults=True),
            pkce_waived_until=waiver(meta, now) if bounds.is_development else None,
            registration_token_digest=secret_digest(management),
            created_at=now,
        )
        secret = put_secrets(client, meta, now)
        db.session.add(client)
        try:
            db.session.flush()
        except IntegrityError as error:
            raise _has_client(environment) from error
        note(case, "client_registered", f"client:{client.client_id}", now, {"client_id": client.client_id})
        bump()
        return _registration(client, bounds, meta, management, secret)


def _admitted(
    token: str, body: Mapping[str, Any], now: datetime
) -> tuple[Case, ClientEnvironment, Bounds, ClientMetadata]:
    """Return for which case the token registers what, and use it up."""
    if is_development_token(token, now):
        meta = _metadata(body, DEVELOPMENT)
        return development_case(meta, body.get("client_name"), now), DEVELOPMENT.environment, DEVELOPMENT, meta
    if (used := use_initial_token(token, now)) is None:
        raise RegistrationRefused(Refusal.TOKEN)
    case, environment = used
    bounds = _bounds(case, environment)
    if client_of(case.id, environment) is not None:
        raise _has_client(environment)
    return case, environment, bounds, _metadata(body, bounds)


def read(client_id: str, token: str) -> Registration:
    """Return what is registered (RFC 7592 §2.1); secrets are kept as digests, so none is told again."""
    with db.session.begin():
        client = _managed(client_id, token, lock=False)
        bounds = _case_bounds(client.case, ClientEnvironment(client.environment))
        return _registration(client, bounds, ClientMetadata.model_validate(client.meta), token, None)


def change(client_id: str, token: str, body: Mapping[str, Any], now: datetime) -> Registration:
    """Replace the metadata as a whole (RFC 7592 §2.2); a new secret only where the new method needs one."""
    with db.session.begin():
        client = _managed(client_id, token)
        bounds = _bounds(client.case, ClientEnvironment(client.environment))
        _check_identity(client, body, now)
        meta = _metadata(body, bounds)
        before, client.meta = client.meta, meta.model_dump(mode="json", exclude_defaults=True)
        secret = put_secrets(client, meta, now)
        members = sorted(name for name in {*before, *client.meta} if before.get(name) != client.meta.get(name))
        facts = {"client_id": client_id, "members": members}
        note(client.case, "client_changed", f"client:{client_id}", now, facts)
        bump()
        return _registration(client, bounds, meta, token, secret)


def disable(client_id: str, token: str, now: datetime) -> None:
    """End a client (RFC 7592 §2.3): its secrets go, it admits no sign-in, and its tokens count no more."""
    with db.session.begin():
        client = _managed(client_id, token)
        client.disabled_at, client.registration_token_digest, client.secrets[:] = now, None, []
        note(client.case, "client_disabled", f"client:{client_id}", now, {"client_id": client_id})
        bump()


def _managed(client_id: str, token: str, *, lock: bool = True) -> Client:
    """Return the client that the management token is bound to; every other pair is the same refusal (RFC 7592 §2)."""
    mine = (Client.client_id == client_id, Client.registration_token_digest == secret_digest(token))
    query = select(Client).where(*mine)
    client = db.session.scalars(locking(query) if lock else query).one_or_none()
    if client is None or client.disabled_at is not None or client.case.state == CaseState.TERMINATED:
        raise RegistrationRefused(Refusal.TOKEN)
    return client


def _has_client(environment: ClientEnvironment) -> RegistrationRefused:
    return RegistrationRefused(Refusal.CASE, f"it has a {environment} client already")


def _bounds(case: Case, environment: ClientEnvironment) -> Bounds:
    """Return what may be registered now."""
    if case.state not in MAY_REGISTER[environment]:
        raise RegistrationRefused(Refusal.CASE, f"no {environment} client while it is {case.state}")
    return _case_bounds(case, environment)


def _case_bounds(case: Case, environment: ClientEnvironment) -> Bounds:
    return Bounds(
        environment=environment,
        site_url=case.site_url,
        test_url=case.test_url,
        items=frozenset(DataItem(row.item) for row in case.held),
        cooperation=frozenset(CooperationItem(row.item) for row in case.items),
    )


def _metadata(body: Mapping[str, Any], bounds: Bounds) -> ClientMetadata:
    try:
        return checked_metadata(body, bounds)
    except MetadataRefused as error:
        reason = Refusal.REDIRECT_URI if error.is_redirect_uri else Refusal.METADATA
        raise RegistrationRefused(reason, str(error)) from error


def _check_identity(client: Client, body: Mapping[str, Any], now: datetime) -> None:
    """An update names its client, may repeat a secret that counts, and sends nothing that is ours alone to say."""
    if body.get("client_id") != client.client_id:
        raise RegistrationRefused(Refusal.METADATA, "client_id: must be the registered one")
    if sent := [name for name in OURS_ALONE if body.get(name) is not None]:
        raise RegistrationRefused(Refusal.METADATA, f"{', '.join(sent)}: must not be sent (RFC 7592 section 2.2)")
    secret = body.get("client_secret")
    live = {known.digest for known in live_secrets(client, now)}
    if secret is not None and not (isinstance(secret, str) and secret_digest(secret) in live):
        raise RegistrationRefused(Refusal.METADATA, "client_secret: must be the one that was issued")


def _registration(
    client: Client, bounds: Bounds, meta: ClientMetadata, management_token: str, secret: str | None
) -> Registration:
    return Registration(
        client_id=client.client_id,
        issued_at=client.created_at,
        site_name=client.case.site_name,
        scope=bounds.scope(meta.resources),
        subject_type=bounds.subject_type,
        meta=meta,
        management_token=management_token,
        secret=secret,
    )
