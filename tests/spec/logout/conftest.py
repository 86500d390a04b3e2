"""Partners that want to hear of logouts, and the worker that tells them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clients.models import Client
from config.database import db
from config.snapshot import bump
from idp.logout.courier import Courier
from idp.logout.models import LogoutDelivery
from tests.spec.logout.receiver import Receiver, listening, verified


@dataclass(frozen=True, slots=True)
class Back:
    """The back channel of an application: partners' server, worker, queue."""

    app: Flask
    receiver: Receiver

    def amend(self, client_id: str, **meta: Any) -> None:  # any client metadata
        """Change metadata of a client."""
        with self.app.app_context(), db.session.begin():
            client = db.session.scalars(select(Client).where(Client.client_id == client_id)).one()
            client.meta = client.meta | meta
            bump()

    def hears(self, *client_ids: str) -> None:
        """Give clients a logout address at the receiver, each under its own name."""
        for client_id in client_ids:
            self.amend(client_id, backchannel_logout_uri=self.receiver.uri(f"/{client_id}"))

    def deaf(self, *client_ids: str) -> None:
        """Take the logout addresses of clients away; the demo gives its own site one."""
        for client_id in client_ids:
            self.amend(client_id, backchannel_logout_uri=None)

    def deliver(self) -> tuple[int, int]:
        """Run the worker until nothing is due; return how many it sent and how many failed."""
        courier = Courier(self.app)
        courier.run_once()
        courier.pool.shutdown()
        return courier.sent, courier.failed

    def rows(self) -> list[LogoutDelivery]:
        """Read the queue."""
        with self.app.app_context(), db.session.begin():
            return list(db.session.scalars(select(LogoutDelivery).order_by(LogoutDelivery.id)))

    def claims(self, client_id: str) -> list[dict[str, Any]]:
        """Verify every token that came for a client, by the published keys, and return the claims."""
        return [verified(self.app, one.token, client_id) for one in self.receiver.posted if one.path == f"/{client_id}"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The partners' server."""
    with listening() as found:
        yield found


@pytest.fixture
def app(make_app: Callable[..., Flask], receiver: Receiver) -> Flask:
    """The application, which may call the partners' server."""
    return make_app(outbound_allow=f"127.0.0.1:{receiver.port}")


@pytest.fixture
def back(app: Flask, receiver: Receiver) -> Back:
    """The back channel."""
    return Back(app, receiver)
