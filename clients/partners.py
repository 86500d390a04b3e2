"""Register a whole partner from one description: for the demo and for ``idp dev partner`` (development only).

The paper procedure (Appendix 1, letters, tests) will lead to the same rows; nothing else makes clients.
"""

from datetime import date, datetime
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from sqlalchemy import select

from clients.cases import log_event
from clients.lifecycle import CaseState, ClientEnvironment, CooperationItem
from clients.metadata import redirect_uri_fault
from clients.models import Case, CaseDataItem, CaseItem, Client, ClientSecret
from clients.registry import secret_digest
from config.audit import record
from config.database import db
from config.snapshot import bump
from scopes.items import DataItem

SECRET_MIN = 16


class PartnerRefused(Exception):
    """The description is wrong; the text names every fault."""


class PartnerSpec(BaseModel):
    """A partner as RFC 7591 metadata plus the items its case approves; unknown members are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(pattern=r"^[A-Za-z0-9._~-]{1,100}$")
    client_secret: SecretStr
    client_name: str = Field(min_length=1, max_length=100)
    environment: ClientEnvironment = ClientEnvironment.PRODUCTION
    redirect_uris: tuple[str, ...] = Field(min_length=1)
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    frontchannel_logout_uri: None = None
    token_endpoint_auth_method: str = Field("client_secret_basic", pattern="^client_secret_(basic|post)$")
    jwks: None = None
    jwks_uri: None = None
    id_token_signed_response_alg: str = Field("RS256", pattern="^RS256$")
    items: tuple[DataItem, ...] = ()
    essential: tuple[DataItem, ...] = (DataItem.USER_ID,)
    pkce_waived_until: date | None = None
    refresh_tokens: bool = False
    claims_in_id_token: bool = True
    profile: str = Field("default", pattern="^(default|legacy)$")

    @field_validator("redirect_uris", "post_logout_redirect_uris")
    @classmethod
    def _uris(cls, uris: tuple[str, ...]) -> tuple[str, ...]:
        faults = [f"{uri}: {fault}" for uri in uris if (fault := redirect_uri_fault(uri))]
        if faults:
            raise ValueError("; ".join(faults))
        return uris

    @field_validator("client_secret")
    @classmethod
    def _secret(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < SECRET_MIN:
            message = f"at least {SECRET_MIN} characters"
            raise ValueError(message)
        return secret

    @field_validator("refresh_tokens")
    @classmethod
    def _no_refresh(cls, wanted: bool) -> bool:  # noqa: FBT001  # pydantic calls it
        if wanted:
            message = "this version issues no refresh tokens (D-26)"
            raise ValueError(message)
        return wanted

    @model_validator(mode="after")
    def _essential_is_approved(self) -> Self:
        """Only what is approved can be essential; the user identifier may be named by habit where it is not."""
        if not set(self.essential) <= {*self.items, DataItem.USER_ID}:
            message = "essential: every essential item must be among the items"
            raise ValueError(message)
        return self


def parse_partner(data: object) -> PartnerSpec:
    """Validate a description; `PartnerRefused` names every fault, never a value that may be secret."""
    try:
        return PartnerSpec.model_validate(data)
    except ValidationError as error:
        faults = (
            f"{'.'.join(str(part) for part in fault['loc']) or 'partner'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise PartnerRefused("; ".join(faults)) from error


def put_partner(spec: PartnerSpec, *, actor: str, now: datetime) -> Client:
    """Add or replace a partner as a running case with one client, in the caller's transaction.

    Replacing narrows or widens the approval like the procedure would: an item left out is dropped from now on, a new
    purpose text would be a new version.
    """
    client = db.session.scalars(select(Client).where(Client.client_id == spec.client_id)).one_or_none()
    case = client.case if client else _new_case(spec, actor=actor, now=now)
    case.site_name = spec.client_name
    case.state = CaseState.LIVE if spec.environment is ClientEnvironment.PRODUCTION else CaseState.TESTING
    _put_items(case, spec, now)
    if client is None:
        client = Client(client_id=spec.client_id, case_id=case.id, environment=spec.environment, created_at=now)
        client.sector = sector_of(case, spec.environment)
        db.session.add(client)
    elif client.environment != spec.environment:
        message = f"{spec.client_id}: the environment of a client never changes"
        raise PartnerRefused(message)
    _put_metadata(client, spec, now)
    record("client.registered", actor=actor, subject=f"case:{case.id}", client_id=spec.client_id)
    bump()
    return client


def sector_of(case: Case, environment: ClientEnvironment) -> str:
    """D-49: the sector is the case, whatever its redirect hosts; the test client is a sector of its own."""
    return f"case-{case.id}" if environment is ClientEnvironment.PRODUCTION else f"case-{case.id}-test"


def _new_case(spec: PartnerSpec, *, actor: str, now: datetime) -> Case:
    site = urlsplit(spec.redirect_uris[0])
    case = Case(
        state=CaseState.LIVE,
        applicant_unit=spec.client_name,
        operating_unit=spec.client_name,
        site_name=spec.client_name,
        site_url=f"{site.scheme}://{site.netloc}/",
        site_purpose=spec.client_name,
        support_contact=f"{site.scheme}://{site.netloc}/",
        created_at=now,
    )
    db.session.add(case)
    db.session.flush()
    db.session.add(CaseItem(case_id=case.id, item=CooperationItem.ROAMING, go_live_on=None))
    log_event(case, "registered", None, actor=actor, now=now, evidence={"development": True})
    return case


def _put_items(case: Case, spec: PartnerSpec, now: datetime) -> None:
    """Approve what the description lists, drop what it no longer lists."""
    known = {DataItem(row.item): row for row in case.data_items}
    for item in spec.items:
        row = known.get(item)
        if row is None:
            row = CaseDataItem(item=item, purpose=item.label_zh, purpose_version=1, approved_at=now)
            case.data_items.append(row)
        if row.dropped_at is not None:  # approved anew: what teachers decided before is void (R-CLM-5)
            row.purpose_version, row.approved_at = row.purpose_version + 1, now
        row.approved_at, row.dropped_at = row.approved_at or now, None
        row.essential = item in spec.essential
    for item, row in known.items():
        if item not in spec.items and row.dropped_at is None:
            row.dropped_at = now


def _put_metadata(client: Client, spec: PartnerSpec, now: datetime) -> None:
    client.token_endpoint_auth_method = spec.token_endpoint_auth_method
    client.redirect_uris = list(spec.redirect_uris)
    client.post_logout_redirect_uris = list(spec.post_logout_redirect_uris)
    client.backchannel_logout_uri = spec.backchannel_logout_uri
    client.id_token_signed_response_alg = spec.id_token_signed_response_alg
    client.claims_in_id_token = spec.claims_in_id_token
    client.pkce_waived_until = spec.pkce_waived_until
    client.disabled_at = None
    client.secrets[:] = [ClientSecret(digest=secret_digest(spec.client_secret.get_secret_value()), created_at=now)]
