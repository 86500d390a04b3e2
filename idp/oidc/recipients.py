"""Who gets the outcome of an authorization: a partner by redirect, or a device that waits (RFC 8628)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from flask import redirect, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from clients.registry import RegisteredClient
from config.database import hot
from idp.oidc import device_grants
from idp.oidc.responses import Addressee
from idp.oidc.sealed_code import SealedCode

DEVICE = "_device"
"""Stands in the parameters of a continuation that a device waits for; never taken from a request."""


class Recipient(Protocol):
    """Takes the outcome and answers the browser."""

    def refuse(self, error: str, description: str | None = None) -> Response:
        """Tell that there will be no code."""

    def deliver(self, code: SealedCode, connection: Connection) -> Response:
        """Hand the code over."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner, by the browser."""

    to: Addressee

    def refuse(self, error: str, description: str | None = None) -> Response:
        """Answer with an OAuth error."""
        return self.to.refuse(error, description)

    def deliver(self, code: SealedCode, connection: Connection) -> Response:  # noqa: ARG002  # nothing is stored
        """Answer with the code."""
        return self.to.send({"code": code.seal()})


@dataclass(frozen=True, slots=True)
class Device:
    """A device that polls; the browser is the teacher's own and stays here. If it does not wait any more, she is told."""

    id: int

    def refuse(self, error: str, description: str | None = None) -> Response:  # noqa: ARG002  # one answer for all
        """Let the next poll end in ``access_denied``."""
        with hot() as connection:
            was_waiting = device_grants.deny(connection, self.id, datetime.now(UTC))
        return self._tell("denied" if was_waiting else "over")

    def deliver(self, code: SealedCode, connection: Connection) -> Response:
        """Lay the code down for the next poll."""
        was_waiting = device_grants.approve(connection, self.id, code.seal(), datetime.now(UTC))
        return self._tell("done" if was_waiting else "over")

    @staticmethod
    def _tell(what: str) -> Response:
        return redirect(url_for("device.outcome", what=what), 303)


def recipient_of(client: RegisteredClient, parameters: Mapping[str, str]) -> Recipient:
    """Return who asked."""
    if DEVICE in parameters:
        return Device(int(parameters[DEVICE]))
    return Partner(Addressee.of(client, parameters))
