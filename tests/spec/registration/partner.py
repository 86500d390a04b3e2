"""A partner that registers its client itself, and the case that lets it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from clients.initial_tokens import issue_initial_token
from clients.lifecycle import CaseState, ClientEnvironment, CooperationItem
from clients.models import Case, CaseDataItem, CaseEvent, CaseItem
from config.database import db
from scopes.items import DataItem
from tests.protocol.wire import DESCRIPTION
from tests.rp import RelyingParty

ENDPOINT = "/oidc/register"
ITEMS = (DataItem.NAME, DataItem.SCHOOL_CODE, DataItem.USER_ID)
GOOD: dict[str, Any] = {
    "redirect_uris": ["https://rp.example/cb"],
    "token_endpoint_auth_method": "client_secret_basic",
}


def new_case(app: Flask, state: str = "live", *, items: tuple[DataItem, ...] = ITEMS, **facts: Any) -> int:
    """Write a case as the paper procedure leaves it, without clients, and return its id."""
    given = {
        "site_name": "研習站",
        "site_url": "https://rp.example/",
        "test_url": "https://test.rp-lab.example/",
    } | facts
    given = {"applicant_unit": "單位", "operating_unit": "單位"} | given
    cooperation = given.pop("cooperation", (CooperationItem.ROAMING,))
    now = datetime.now(UTC)
    with app.app_context(), db.session.begin():
        case = Case(state=CaseState(state), created_at=now, **given)
        case.items = [CaseItem(item=item) for item in cooperation]
        case.data_items = [CaseDataItem(item=item, purpose="用途", approved_at=now) for item in items]
        db.session.add(case)
        db.session.flush()
        return case.id


@dataclass(frozen=True)
class Partner:
    """Calls the registration endpoint."""

    app: Flask

    def token(self, case_id: int, environment: str = "production") -> str:
        """Return an initial access token, as ``idp clients initial-token`` prints it."""
        with self.app.app_context():
            return issue_initial_token(case_id, ClientEnvironment(environment), actor="test", now=datetime.now(UTC))[0]

    def call(self, method: str, path: str, token: str | None, **options: Any) -> TestResponse:
        """Call an endpoint with a bearer token."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        issuer = self.app.extensions["settings"].issuer
        client = self.app.test_client(use_cookies=False)
        return client.open(path, method=method, headers=headers, base_url=issuer, **options)

    def register(self, token: str | None, body: Any = GOOD, **changes: Any) -> TestResponse:
        """Register; changes replace members of the body."""
        return self.call("POST", ENDPOINT, token, json=body | changes if changes else body)

    def registered(self, case_id: int, environment: str = "production", **changes: Any) -> dict[str, Any]:
        """Register a client of a case and return what came."""
        answer = self.register(self.token(case_id, environment), **changes)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found

    def manage(self, method: str, known: dict[str, Any], body: Any = None, token: str | None = None) -> TestResponse:
        """Call the client configuration endpoint of a registered client."""
        path = known["registration_client_uri"].removeprefix(self.app.extensions["settings"].issuer)
        options = {} if body is None else {"json": body}
        return self.call(method, path, token or known["registration_access_token"], **options)

    def relying_party(self, known: dict[str, Any]) -> RelyingParty:
        """Return the registered client as a relying party."""
        return RelyingParty(self.app, known | {"scopes": known["scope"].split()})

    def events(self, case_id: int) -> list[tuple[str, str, dict[str, Any]]]:
        """Return event, actor and evidence of a case, oldest first."""
        with self.app.app_context(), db.session.begin():
            rows = db.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id))
            return [(row.event, row.actor, row.evidence) for row in rows]


def update_of(known: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return what an update sends: all that was told, less what is the provider's alone (RFC 7592 §2.2); None leaves out."""
    ours = {"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}
    sent = {name: value for name, value in known.items() if name not in ours}
    return {name: value for name, value in (sent | changes).items() if value is not None}


def refused(answer: TestResponse, error: str, status: int = 400) -> str:
    """Check an error of RFC 7591 §3.2.2 and return its description."""
    body = answer.get_json()
    assert (answer.status_code, body["error"]) == (status, error), body
    assert set(body) == {"error", "error_description"}
    assert DESCRIPTION.fullmatch(body["error_description"])
    assert answer.headers["Cache-Control"] == "no-store"
    challenge = answer.headers.get("WWW-Authenticate")
    assert challenge == (f'Bearer realm="registration", error="{error}"' if status in {401, 403} else None)
    return str(body["error_description"])
