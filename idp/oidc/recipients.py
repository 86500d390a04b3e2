"""Who gets the outcome of an authorization: a partner by redirect, or a device that waits (RFC 8628)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from clients.registry import RegisteredClient
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


def recipient_of(client: RegisteredClient, parameters: Mapping[str, str]) -> Recipient:
    """Return who asked."""
    return Partner(Addressee.of(client, parameters))
