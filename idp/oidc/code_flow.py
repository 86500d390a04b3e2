"""The authorization code grant: Authlib's hooks, one job each.

Codes are sealed; nothing is stored for them until they are redeemed.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from sqlalchemy.engine import Connection

from clients import registry
from config.settings import settings
from idp import families, sign_ins
from idp.oidc.client import OAuthClient
from idp.oidc.faults import ProtocolFault
from idp.oidc.issue import Issue, first_refresh_token, insert, issue, same_generation
from idp.oidc.sealed_code import SealedCode
from idp.releases import assess
from idp.sessions import digest_of
from scopes.items import DataItem, parse_scope, scope_string


@dataclass(frozen=True, slots=True)
class Permit:
    """What the authorization endpoint found: a code may be given for these items.

    ``asked``: the items of the ``claims`` parameter per target. ``cnf``: the key that the client named beforehand.
    """

    context: sign_ins.Context
    subject: str
    items: frozenset[DataItem]
    asked: Mapping[str, list[str]]
    cnf: str | None
    now: datetime

    def code(self, client_id: str, parameters: Mapping[str, str]) -> SealedCode:
        """Return the code; the granted scope is what is released, no more (R-CLM-2)."""
        session, account, consent = self.context.session, self.context.account, self.context.consent
        if session is None or account is None or consent is None:
            raise AssertionError
        return SealedCode(
            id=secrets.token_hex(16),
            client_id=client_id,
            session_id=session.id,
            redirect_uri=parameters.get("redirect_uri", ""),
            scope=scope_string(self.items & parse_scope(parameters.get("scope")).items),
            subject=self.subject,
            issued_at=self.now.timestamp(),
            lock_generation=account.lock_generation,
            consent_generation=consent.generation,
            auth_time=int(session.auth_time.timestamp()),
            amr=list(session.amr),
            asked=self.asked,
            cnf=self.cnf,
            nonce=parameters.get("nonce"),
            code_challenge=parameters.get("code_challenge"),
        )


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib's base is untyped
    """Authorization code grant with sealed codes."""

    def generate_authorization_code(self) -> str:
        """Seal a code for the `Permit`."""
        permit: Permit = self.request.user
        data = self.request.payload.data
        return permit.code(data["client_id"], data).seal()

    def query_authorization_code(self, code: str, client: OAuthClient) -> SealedCode | None:
        """Open a code of this client; one that comes again after its time kills what it gave."""
        opened = SealedCode.open(code)
        if opened is None or opened.client_id != client.get_client_id():
            raise ProtocolFault("CODE-01", received="a code that is not of this client")
        now = datetime.now(UTC)
        if opened.is_expired(now):
            families.revoke_code(self.request.connection, opened.id, now)
            raise ProtocolFault("CODE-01", received=f"a code older than {settings().code_ttl} s")
        if self.request.payload.data.get("redirect_uri") != opened.redirect_uri:
            received = self.request.payload.data.get("redirect_uri", "none")
            raise ProtocolFault("CODE-02", received=received, expected=opened.redirect_uri)
        return opened

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Judge again and answer."""
        return 200, redeem(self.request.connection, self.request.authorization_code, self.request.cnf), []

    def save_authorization_code(self, code: str, request: object) -> None:
        """Nothing: the code carries itself."""

    def delete_authorization_code(self, authorization_code: SealedCode) -> None:
        """Nothing: the INSERT consumes it."""

    def authenticate_user(self, authorization_code: SealedCode) -> None:
        """Nothing: `redeem` judges the person again."""


def redeem(connection: Connection, code: SealedCode, cnf: str | None) -> dict[str, Any]:
    """Judge everything again (D-28) and turn a code into tokens. A refusal burns it: its row is born revoked."""
    now = datetime.now(UTC)
    if code.cnf is not None and code.cnf != cnf:
        raise ProtocolFault("CODE-04")
    context = sign_ins.context_by_session(connection, code.session_id, code.client_id)
    # The context brought the snapshots up to date: the client is looked up again, as it is now.
    client = registry.everyone()[code.client_id]
    prospect = assess(context, client, code.everything, now)
    given = Issue(client, context, prospect, code, code.family_id, code.id, cnf, code.nonce, now, code.scope)
    try:
        if prospect.obstacle is not None or not same_generation(code, context):
            if context.account is not None:
                insert(connection, given, digest_of(secrets.token_urlsafe()), revoked=True)
            raise ProtocolFault("CODE-01", received="a void code", why=prospect.obstacle)
        bound_to = cnf if client.auth_method == "none" else None
        return issue(connection, given, first_refresh_token(given, bound_to))
    except families.CodeReplayed as error:
        raise ProtocolFault("CODE-03") from error
