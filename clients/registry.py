"""The registry: every client as one frozen value, kept in a snapshot (no statement per request)."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, joinedload, selectinload

from clients.client_metadata import ClientMetadata
from clients.lifecycle import CaseState, ClientEnvironment, CooperationItem, admits_sign_in, state_on
from clients.models import Case, Client
from clients.profiles import Profile
from config.snapshot import snapshots
from scopes.items import DataItem

SNAPSHOT = "clients"
SECRET_PURPOSE = "client-secret"  # noqa: S105  # what is sealed, no secret


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a partner needs an item for (用途說明); the version moves when the text does."""

    text: str
    version: int


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client and what its case lets it have. ``approved`` holds now, ``dropped`` once was.

    The identifier is essential whatever the technical sheet says: without it nobody is signed in (D-51).
    """

    client_id: str
    environment: ClientEnvironment
    sector: str
    case_id: int
    case_state: CaseState
    go_live_on: date | None
    site_name: str
    site_url: str
    operating_unit: str
    site_purpose: str
    support_contact: str
    approved: frozenset[DataItem]
    dropped: frozenset[DataItem]
    essential: frozenset[DataItem]
    purposes: Mapping[DataItem, Purpose]
    meta: ClientMetadata
    secrets: tuple["LiveSecret", ...]
    redirect_uris: tuple[str, ...]
    auth_method: str
    id_token_alg: str
    claims_in_id_token: bool
    pkce_waived_until: date | None
    disabled: bool

    @property
    def rules(self) -> Profile:
        """The rules of the client's profile."""
        return self.meta.rules

    def is_open(self, day: date) -> bool:
        """Whether sign-ins are admitted on the day (P1-R3, D-39, D-42)."""
        state = state_on(self.case_state, self.go_live_on, day)
        return not self.disabled and admits_sign_in(self.environment, state)

    @property
    def is_test(self) -> bool:
        """Whether this is a test client, which admits test accounts only (D-42)."""
        return self.environment is ClientEnvironment.TEST

    @property
    def is_pairwise(self) -> bool:
        """D-49: the user identifier was approved, so ``sub`` is pairwise; else it is ephemeral."""
        return DataItem.USER_ID in self.approved

    def needs_pkce(self, day: date) -> bool:
        """D-41: everyone, but for the holder of a waiver until its last day, where the profile admits one."""
        return not self.rules.may_waive_pkce or self.pkce_waived_until is None or day > self.pkce_waived_until

    def known_secret(self, secret: str) -> "LiveSecret | None":
        """Return what is known of a secret, over or not; 256 random bits need one SHA-256, no password hash."""
        digest = secret_digest(secret)
        same = [known for known in self.secrets if hmac.compare_digest(digest, known.digest)]
        return same[-1] if same else None

    def live_secrets(self, now: datetime) -> tuple["LiveSecret", ...]:
        """Return the secrets that count now: two while one is being rotated."""
        return tuple(known for known in self.secrets if known.is_live(now))


@dataclass(frozen=True, slots=True)
class LiveSecret:
    """A client secret: its digest, and sealed the secret itself where ``client_secret_jwt`` needs it."""

    digest: str
    expires_at: datetime | None
    sealed: str | None

    def is_live(self, now: datetime) -> bool:
        """Whether it counts now."""
        return self.expires_at is None or now < self.expires_at


def secret_digest(secret: str) -> str:
    """Return the SHA-256 of a client secret in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def find(client_id: str) -> RegisteredClient | None:
    """Return a client; a miss asks the database whether the snapshot is stale before it is believed."""
    found = _clients().get(client_id)
    if found is None:
        snapshots().refresh()
        found = _clients().get(client_id)
    return found


def everyone() -> Mapping[str, RegisteredClient]:
    """Return all clients by ``client_id``."""
    return _clients()


def _clients() -> Mapping[str, RegisteredClient]:
    clients: Mapping[str, RegisteredClient] = snapshots().get(SNAPSHOT)
    return clients


def load(connection: Connection) -> Mapping[str, RegisteredClient]:
    """Read all clients with their cases, items and secrets: four statements, whatever their number."""
    related = (
        joinedload(Client.case).options(selectinload(Case.items), selectinload(Case.data_items)),
        selectinload(Client.secrets),
    )
    with Session(connection) as session:
        clients = session.scalars(select(Client).options(*related)).all()
        return {client.client_id: _registered(client) for client in clients}


def _registered(client: Client) -> RegisteredClient:
    case, meta = client.case, ClientMetadata.model_validate(client.meta)
    roaming = [item.go_live_on for item in case.items if item.item == CooperationItem.ROAMING]
    approved = [item for item in case.data_items if item.approved_at is not None]
    return RegisteredClient(
        client_id=client.client_id,
        environment=ClientEnvironment(client.environment),
        sector=client.sector,
        case_id=case.id,
        case_state=CaseState(case.state),
        go_live_on=roaming[0] if roaming else None,
        site_name=case.site_name,
        site_url=case.site_url,
        operating_unit=case.operating_unit,
        site_purpose=case.site_purpose,
        support_contact=case.support_contact,
        approved=frozenset(DataItem(item.item) for item in approved if item.dropped_at is None),
        dropped=frozenset(DataItem(item.item) for item in approved if item.dropped_at is not None),
        essential=frozenset(
            DataItem(item.item) for item in approved if item.essential or item.item == DataItem.USER_ID
        ),
        purposes={DataItem(item.item): Purpose(item.purpose, item.purpose_version) for item in approved},
        meta=meta,
        secrets=tuple(LiveSecret(secret.digest, secret.expires_at, secret.sealed) for secret in client.secrets),
        redirect_uris=meta.redirect_uris,
        auth_method=meta.token_endpoint_auth_method,
        id_token_alg=meta.id_token_signed_response_alg,
        claims_in_id_token=client.claims_in_id_token,
        pkce_waived_until=client.pkce_waived_until,
        disabled=client.disabled_at is not None,
    )
