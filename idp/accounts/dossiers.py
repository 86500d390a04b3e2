"""Business accounts as those read them who decide on them, and as the applicant reads her own (DOMAIN §1.3, D-08)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.engine import Row
from sqlalchemy.orm import aliased

from config.audit import AuditEvent
from config.database import db
from config.guard import Principal
from idp.accounts.actors import login_names
from idp.accounts.models import Account, BusinessDetail, BusinessKind, BusinessState
from idp.accounts.regions import Unit, active_centres
from scopes.permissions import Role
from scopes.roc import taipei_day

PAGE = 50
WAITING = (BusinessState.PENDING_FAX, BusinessState.PENDING_REVIEW)


@dataclass(frozen=True, slots=True)
class Dossier:
    """A business account and where its application stands. ``centre`` is the regional centre that decides, if any."""

    account_id: int
    login_name: str
    contact: str
    email: str | None
    applied_at: datetime
    kind: BusinessKind
    unit: str
    school_code: str | None
    county: str | None
    counties: Sequence[str]
    state: BusinessState
    fax_received_on: date | None
    fax_note: str | None
    fax_scan_id: int | None
    decided_at: datetime | None
    reason: str | None
    centre_id: int | None
    centre: str | None

    @property
    def responsible(self) -> Unit:
        """What says who decides."""
        return Unit(self.kind, self.centre_id)

    @property
    def is_returned(self) -> bool:
        """Whether she was asked to correct and has not sent another fax yet (D-07)."""
        return self.state is BusinessState.PENDING_FAX and self.reason is not None

    @property
    def since(self) -> date:
        """The day on which the present state began."""
        if self.state is BusinessState.PENDING_REVIEW and self.fax_received_on is not None:
            return self.fax_received_on
        return taipei_day(self.decided_at or self.applied_at)


_A, _B, _C = Account, BusinessDetail, aliased(BusinessDetail)
_CENTRE = and_(
    _C.account_id == _B.regional_centre_id,
    _C.account_id.in_(active_centres()),
    _B.kind != BusinessKind.REGIONAL_CENTRE,
)
_DOSSIER: Select[*tuple[Any, ...]] = (
    select(
        *(_A.id, _A.login_name, _A.name, _A.email, _A.created_at),
        *(_B.kind, _B.unit, _B.school_code, _B.county, _B.counties, _B.state),
        *(_B.fax_received_on, _B.fax_note, _B.fax_scan_id, _B.decided_at, _B.decision_reason, _C.account_id, _C.unit),
    )
    .join_from(_A, _B, _B.account_id == _A.id)
    .outerjoin(_C, _CENTRE)
    .where(_A.closed_at.is_(None))
)


def of_applicant(account_id: int) -> Dossier | None:
    """Return the applicant's own, whatever its state."""
    return _one(_A.id == account_id)


def find(person: Principal, account_id: int) -> Dossier | None:
    """Return one that this person may see."""
    return _one(_A.id == account_id, _seen_by(person))


def listed(person: Principal, state: BusinessState, search: str, page: int) -> tuple[list[Dossier], bool]:
    """Return a page of what this person may see, and whether there is another: who waits longest comes first."""
    found = _DOSSIER.where(_seen_by(person), _B.state == state, _matches(search))
    order = _A.id if state in WAITING else _B.decided_at.desc().nulls_last()
    with db.session.begin():
        rows = db.session.execute(found.order_by(order, _A.id).offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return [_read(row) for row in rows[:PAGE]], len(rows) > PAGE


def counts(person: Principal, search: str) -> Mapping[BusinessState, int]:
    """Return how many there are in each state."""
    query = select(_B.state, func.count()).join_from(_A, _B, _B.account_id == _A.id)
    query = query.where(_A.closed_at.is_(None), _seen_by(person), _matches(search)).group_by(_B.state)
    with db.session.begin():
        found = {BusinessState(state): number for state, number in db.session.execute(query)}
    return {state: found.get(state, 0) for state in BusinessState}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an account's history. ``actor`` is an account name, ``applicant`` or ``system``."""

    at: datetime
    action: str
    actor: str
    detail: Mapping[str, Any]


def history(account_id: int) -> list[Entry]:
    """Return what happened to the account itself, newest first; log-ins are not the approvers' business."""
    query = (
        select(AuditEvent.at, AuditEvent.action, AuditEvent.actor, AuditEvent.detail)
        .where(AuditEvent.subject == f"account:{account_id}")
        .where(or_(AuditEvent.action.startswith("business."), AuditEvent.action == "account.opened"))
        .where(AuditEvent.action != "business.viewed")
        .order_by(AuditEvent.id.desc())
    )
    with db.session.begin():
        rows = db.session.execute(query).all()
        names = login_names({row.actor for row in rows})
    return [Entry(row.at, row.action, names.get(row.actor, row.actor), row.detail) for row in rows]


def _seen_by(person: Principal) -> ColumnElement[bool]:
    """D-08: a regional centre sees its own units, the national centre everybody."""
    if person.role is Role.IDP_ADMIN:
        return true()
    if person.role is Role.REGIONAL_APPROVER:
        return _B.regional_centre_id == person.account_id
    return false()


def _matches(search: str) -> ColumnElement[bool]:
    if not search:
        return true()
    columns = (_A.login_name, _B.unit, _A.name, _B.county)
    return or_(*(func.lower(column).contains(search.lower(), autoescape=True) for column in columns))


def _one(*which: ColumnElement[bool]) -> Dossier | None:
    with db.session.begin():
        row = db.session.execute(_DOSSIER.where(*which)).first()
    return _read(row) if row else None


def _read(row: Row[*tuple[Any, ...]]) -> Dossier:
    facts = dict(zip(Dossier.__slots__, row, strict=True))
    facts |= {"kind": BusinessKind(facts["kind"]), "state": BusinessState(facts["state"])}
    return Dossier(**facts)
