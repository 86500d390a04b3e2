"""Changes facts by the commands that a school or the national centre uses, and reads what was recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import Select, select

from clients.models import Case, CaseDataItem, CaseItem, Client
from clients.partners import PartnerSpec, put_partner
from config.audit import AuditEvent
from config.database import db
from config.snapshot import bump
from idp.accounts import service
from idp.accounts.models import Account, AssignmentSource, Message, ServiceAssignment
from idp.accounts.service import Change
from scopes.service import AssignmentKind, EndReason, ServiceState
from tests.rp import RelyingParty

People = Mapping[str, dict[str, Any]]
Partner = Callable[[str], RelyingParty]
Staff = Callable[[str], dict[str, str]]
MakeApp = Callable[..., Flask]


def change() -> Change:
    """Return who changes service data: a school, now."""
    return Change("account:school", datetime.now(UTC), "測試")


@dataclass(frozen=True)
class Office:
    """Service data and records of one application."""

    app: Flask

    def id_of(self, person: Mapping[str, Any]) -> int:
        """Return the account id of a person of the demo."""
        with self.app.app_context():
            found = db.session.scalar(select(Account.id).where(Account.login_name == person["account"]))
        assert found is not None
        return found

    def account(self, login_name: str) -> Account:
        """Return an account."""
        (found,) = self.rows(select(Account).where(Account.login_name == login_name))
        assert isinstance(found, Account)
        return found

    def services(self, person: Mapping[str, Any]) -> list[ServiceAssignment]:
        """Return her assignments, oldest first."""
        with self.app.app_context():
            return service.assignments_of(self.id_of(person))

    def state(self, person: Mapping[str, Any], day: date) -> ServiceState:
        """Return her state on a day as the product sees it."""
        ident = self.id_of(person)
        with self.app.app_context():
            return service.service_state(ident, day)

    def add(  # the facts of an assignment
        self,
        person: Mapping[str, Any],
        school: str,
        start: date,
        *,
        title: str = "J40",
        kind: AssignmentKind = AssignmentKind.PRIMARY,
        confirmed: bool = True,
    ) -> int:
        """Add an assignment and return its id."""
        by, ident = change(), self.id_of(person)
        new = ServiceAssignment(
            account_id=ident,
            school_code=school,
            title_code=title,
            kind=kind,
            start_date=start,
            confirmed_at=by.now if confirmed else None,
            confirmed_by=by.actor if confirmed else None,
            source=AssignmentSource.SCHOOL if confirmed else AssignmentSource.SELF_DECLARED,
        )
        with self.app.app_context():
            return service.create(new, by).id

    def end(self, person: Mapping[str, Any], last_day: date, reason: EndReason = EndReason.DEPARTED) -> None:
        """End her newest assignment."""
        ident = self.services(person)[-1].id
        with self.app.app_context():
            service.end(ident, last_day, reason, change())

    def suspend(self, person: Mapping[str, Any], first_day: date, last_day: date | None = None) -> None:
        """Suspend her from her newest assignment."""
        ident = self.services(person)[-1].id
        with self.app.app_context():
            service.suspend(ident, first_day, last_day, change())

    def confirm(self, person: Mapping[str, Any]) -> None:
        """Confirm her newest assignment."""
        ident = self.services(person)[-1].id
        with self.app.app_context():
            service.confirm(ident, change())

    def refuse(self, person: Mapping[str, Any]) -> None:
        """Refuse her newest assignment."""
        ident = self.services(person)[-1].id
        with self.app.app_context():
            service.refuse(ident, change())

    def events(self, action: str, person: Mapping[str, Any] | None = None) -> list[AuditEvent]:
        """Return the audit events of an action, about one person or anybody."""
        query = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
        if person is not None:
            query = query.where(AuditEvent.subject == f"account:{self.id_of(person)}")
        return self.rows(query)

    def messages(self, person: Mapping[str, Any]) -> list[Message]:
        """Return the messages in her box, oldest first."""
        return self.rows(select(Message).where(Message.account_id == self.id_of(person)).order_by(Message.id))

    def rows(self, query: Select[Any]) -> list[Any]:
        """Return what a query finds."""
        with self.app.app_context():
            return list(db.session.scalars(query))


@dataclass(frozen=True)
class Desk:
    """Cooperation cases and clients of one application; cases are moved by hand, as the review will do."""

    app: Flask

    def put(self, **members: Any) -> RelyingParty:  # any client metadata
        """Register or replace a partner and return it as a relying party."""
        given = {
            "client_id": "rp-1",
            "client_secret": "a-secret-of-the-tests",
            "client_name": "測試合作網站",
            "redirect_uris": ["https://rp.test/cb"],
            "items": ["name", "school_code", "school_name", "title_code", "title_name", "user_id"],
        } | members
        spec = PartnerSpec.model_validate(given)
        with self.app.app_context(), db.session.begin():
            put_partner(spec, actor="tests", now=datetime.now(UTC))
        scopes = ["openid", *(item.scope for item in spec.items if item.scope != "openid")]
        return RelyingParty(
            self.app, {"token_endpoint_auth_method": spec.token_endpoint_auth_method, "scopes": scopes} | given
        )

    def set_case(self, client_id: str, **facts: Any) -> None:  # columns
        """Set columns of a client's case."""
        with self.app.app_context(), db.session.begin():
            case = _case(client_id)
            for name, value in facts.items():
                setattr(case, name, value)
            bump()

    def set_client(self, client_id: str, **facts: Any) -> None:  # columns
        """Set columns of a client."""
        with self.app.app_context(), db.session.begin():
            client = db.session.scalars(select(Client).where(Client.client_id == client_id)).one()
            for name, value in facts.items():
                setattr(client, name, value)
            bump()

    def set_item(self, client_id: str, item: str, **facts: Any) -> None:  # columns
        """Set columns of one approved data item, for example its purpose."""
        with self.app.app_context(), db.session.begin():
            query = select(CaseDataItem).where(CaseDataItem.case_id == _case(client_id).id, CaseDataItem.item == item)
            row = db.session.scalars(query).one()
            for name, value in facts.items():
                setattr(row, name, value)
            bump()

    def set_go_live(self, client_id: str, item: str, day: date | None) -> None:
        """Agree the day on which a cooperation item goes live."""
        with self.app.app_context(), db.session.begin():
            query = select(CaseItem).where(CaseItem.case_id == _case(client_id).id, CaseItem.item == item)
            db.session.scalars(query).one().go_live_on = day
            bump()

    def case_id(self, client_id: str) -> int:
        """Return the case of a client."""
        with self.app.app_context():
            return _case(client_id).id


def _case(client_id: str) -> Case:
    return db.session.scalars(select(Client).where(Client.client_id == client_id)).one().case
