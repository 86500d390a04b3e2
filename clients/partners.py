"""Register a whole partner from one description: for the demo and for ``idp dev partner`` (development only).

The paper procedure (Appendix 1, letters, tests) will lead to the same rows; nothing else makes clients.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from sqlalchemy import select

from clients.cases import log_event
from clients.client_metadata import AUTHORIZATION_CODE, REFRESH_TOKEN, ClientMetadata, needs_secret
from clients.lifecycle import CaseState, ClientEnvironment, CooperationItem
from clients.models import Case, CaseDataItem, CaseItem, Client, ClientSecret
from clients.registry import SECRET_PURPOSE, secret_digest
from config.audit import record
from config.database import db
from config.seal import seal_bytes
from config.snapshot import bump
from scopes.items import DataItem

SECRET_MIN = 16


class PartnerRefused(Exception):
    """The description is wrong; the text names every fault."""


class PartnerSpec(ClientMetadata):
    """A partner as client metadata plus the items its case approves; unknown members are errors."""

    client_id: str = Field(pattern=r"^[A-Za-z0-9._~-]{1,100}$")
    client_secret: SecretStr | None = None
    client_name: str = Field(min_length=1, max_length=100)
    environment: ClientEnvironment = ClientEnvironment.PRODUCTION
    items: tuple[DataItem, ...] = ()
    essential: tuple[DataItem, ...] = (DataItem.USER_ID,)
    pkce_waived_until: date | None = None
    refresh_tokens: bool = False
    claims_in_id_token: bool = True

    @model_validator(mode="before")
    @classmethod
    def _refresh_tokens(cls, given: Any) -> Any:  # noqa: ANN401  # whatever came
        """D-26: the switch stands for the grant."""
        if not isinstance(given, dict) or given.get("refresh_tokens") is not True:
            return given
        return given | {
            "grant_types": [*dict.fromkeys([*given.get("grant_types", [AUTHORIZATION_CODE]), REFRESH_TOKEN])]
        }

    @field_validator("client_secret")
    @classmethod
    def _secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < SECRET_MIN:
            message = f"at least {SECRET_MIN} characters"
            raise ValueError(message)
        return secret

    @model_validator(mode="after")
    def _secret_goes_with_method(self) -> Self:
        """A client has a secret exactly where its method needs one; another is ignored, so that it cannot be used."""
        if needs_secret(self) and self.client_secret is None:
            message = f"client_secret: {self.token_endpoint_auth_method} needs one"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _waiver_is_possible(self) -> Self:
        if self.pkce_waived_until is not None and not self.may_waive_pkce:
            message = "pkce_waived_until: no waiver for a public client or a FAPI profile (D-41)"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _essential_is_approved(self) -> Self:
        """Only what is approved can be essential; the user identifier may be named by habit where it is not."""
        if not set(self.essential) <= {*self.items, DataItem.USER_ID}:
            message = "essential: every essential item must be among the items"
            raise ValueError(message)
        return self

    def metadata(self) -> dict[str, Any]:
        """Return the client metadata as it is stored."""
        return self.model_dump(mode="json", include=set(ClientMetadata.model_fields), exclude_defaults=True)


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
    case = client.case if client else open_case(spec.client_name, spec.redirect_uris, actor=actor, now=now)
    case.site_name = spec.client_name
    case.state = CaseState.LIVE if spec.environment is ClientEnvironment.PRODUCTION else CaseState.TESTING
    approve_items(case, spec.items, spec.essential, now)
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


def open_case(name: str, redirect_uris: Sequence[str], *, actor: str, now: datetime) -> Case:
    """Return a running case for sign-ins, without the paper: for development and its commands."""
    site = urlsplit(redirect_uris[0] if redirect_uris else "https://machine.invalid")
    case = Case(
        state=CaseState.LIVE,
        applicant_unit=name,
        operating_unit=name,
        site_name=name,
        site_url=f"{site.scheme}://{site.netloc}/",
        site_purpose=name,
        support_contact=f"{site.scheme}://{site.netloc}/",
        created_at=now,
    )
    db.session.add(case)
    db.session.flush()
    db.session.add(CaseItem(case_id=case.id, item=CooperationItem.ROAMING, go_live_on=None))
    log_event(case, "registered", None, actor=actor, now=now, evidence={"development": True})
    return case


def approve_items(case: Case, items: Collection[DataItem], essential: Collection[DataItem], now: datetime) -> None:
    """Approve exactly these items, drop what was approved beside them."""
    known = {DataItem(row.item): row for row in case.data_items}
    for item in items:
        row = known.get(item)
        if row is None:
            row = CaseDataItem(item=item, purpose=item.label_zh, purpose_version=1, approved_at=now)
            case.data_items.append(row)
        if row.dropped_at is not None:  # approved anew: what teachers decided before is void (R-CLM-5)
            row.purpose_version, row.approved_at = row.purpose_version + 1, now
        row.approved_at, row.dropped_at = row.approved_at or now, None
        row.essential = item in essential
    for item, row in known.items():
        if item not in items and row.dropped_at is None:
            row.dropped_at = now


def _put_metadata(client: Client, spec: PartnerSpec, now: datetime) -> None:
    client.meta = spec.metadata()
    client.claims_in_id_token = spec.claims_in_id_token
    client.pkce_waived_until = spec.pkce_waived_until
    client.disabled_at = None
    client.secrets[:] = []
    if spec.client_secret is not None and needs_secret(spec):
        client.secrets[:] = [new_secret(spec, spec.client_secret.get_secret_value(), now)]


def new_secret(meta: ClientMetadata, secret: str, now: datetime) -> ClientSecret:
    """Return a secret as it is kept: its digest, and sealed where ``client_secret_jwt`` needs the secret itself."""
    is_key = meta.token_endpoint_auth_method == "client_secret_jwt"  # noqa: S105  # a method's name
    sealed = seal_bytes(SECRET_PURPOSE, secret.encode()) if is_key else None
    return ClientSecret(digest=secret_digest(secret), sealed=sealed, created_at=now)
