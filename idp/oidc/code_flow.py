"""The authorization code grant: Authlib's hooks, one job each.

Codes are sealed; nothing is stored for them until they are redeemed.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oidc.core import OpenIDCode
from authlib.oidc.core.util import create_half_hash
from sqlalchemy.engine import Connection

from clients import registry
from clients.registry import RegisteredClient
from config.settings import settings
from idp import keys, sign_ins, tokens
from idp.oidc.client import OAuthClient
from idp.oidc.sealed_code import SealedCode
from idp.releases import Prospect, assess
from idp.sessions import digest_of, sid_for
from scopes.items import DataItem, parse_scope, scope_string
from scopes.release import claims_of


@dataclass(frozen=True, slots=True)
class Permit:
    """What the authorization endpoint found: a code may be given for these items."""

    context: sign_ins.Context
    subject: str
    items: frozenset[DataItem]
    now: datetime


@dataclass(slots=True)
class Exchange:
    """What the exchange of a code found out, for the hooks that follow."""

    code: SealedCode
    client: RegisteredClient
    context: sign_ins.Context
    prospect: Prospect
    now: datetime


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib's base is untyped
    """Authorization code grant with sealed codes."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def generate_authorization_code(self) -> str:
        """Seal a code for the `Permit`; the granted scope is what is released, no more (R-CLM-2)."""
        permit: Permit = self.request.user
        session, account, consent = permit.context.session, permit.context.account, permit.context.consent
        if session is None or account is None or consent is None:
            raise AssertionError
        data = self.request.payload.data
        return SealedCode(
            id=secrets.token_hex(16),
            client_id=data["client_id"],
            session_id=session.id,
            redirect_uri=data["redirect_uri"],
            scope=scope_string(permit.items),
            subject=permit.subject,
            issued_at=permit.now.timestamp(),
            lock_generation=account.lock_generation,
            consent_generation=consent.generation,
            nonce=data.get("nonce"),
            code_challenge=data.get("code_challenge"),
        ).seal()

    def query_authorization_code(self, code: str, client: OAuthClient) -> SealedCode | None:
        """Open a code of this client; one that comes again after its time kills what it gave."""
        opened = SealedCode.open(code)
        if opened is None or opened.client_id != client.get_client_id():
            return None
        now = datetime.now(UTC)
        if opened.is_expired(now):
            sign_ins.revoke_code(self.request.connection, opened.id, now)
            return None
        return opened

    def authenticate_user(self, code: SealedCode) -> Exchange | None:
        """Judge everything again (D-28). A refusal burns the code: its row is inserted already revoked."""
        now = datetime.now(UTC)
        connection: Connection = self.request.connection
        context = sign_ins.context_by_session(connection, code.session_id, code.client_id)
        # The context brought the snapshots up to date: the client is looked up again, as it is now.
        client = registry.everyone()[code.client_id]
        prospect = assess(context, client, parse_scope(code.scope).items, now)
        exchange = Exchange(code, client, context, prospect, now)
        if prospect.obstacle is None and _same_generation(code, context):
            return exchange
        if context.account is not None:
            _insert(connection, exchange, digest_of(secrets.token_urlsafe()), code.scope, revoked=True)
        return None

    def save_token(self, token: dict[str, Any]) -> None:
        """Consume the code by the one INSERT of a sign-in."""
        digest = digest_of(token["access_token"])
        _insert(self.request.connection, self.request.user, digest, token["scope"], revoked=False)

    def delete_authorization_code(self, authorization_code: SealedCode) -> None:
        """Nothing: the INSERT consumed it."""

    def save_authorization_code(self, code: str, request: object) -> None:
        """Nothing: the code carries itself."""


def _same_generation(code: SealedCode, context: sign_ins.Context) -> bool:
    """D-25, D-54: a code from before a lock or a withdrawal stays void, even if all is well again."""
    account, consent = context.account, context.consent
    return (
        account is not None
        and consent is not None
        and account.lock_generation == code.lock_generation
        and consent.generation == code.consent_generation
    )


def _insert(connection: Connection, exchange: Exchange, token_digest: str, scope: str, *, revoked: bool) -> None:
    code, now, release = exchange.code, exchange.now, exchange.prospect.release
    if exchange.context.account is None:
        raise AssertionError
    values = {
        "code_id": code.id,
        "token_digest": token_digest,
        "session_id": code.session_id,
        "account_id": exchange.context.account.id,
        "client_id": code.client_id,
        "subject": code.subject,
        "subject_type": "pairwise" if exchange.client.is_pairwise else "ephemeral",
        "scope": scope,
        "released": [] if revoked or release is None else sorted(release.items),
        "issued_at": now,
        "expires_at": datetime.fromtimestamp(now.timestamp() + settings().access_token_ttl, UTC),
        "revoked_at": now if revoked else None,
    }
    try:
        sign_ins.redeem(connection, values)
    except sign_ins.CodeReplayed as error:
        raise InvalidGrantError("The code was used before") from error


class CodeFlowIDToken(OpenIDCode):  # type: ignore[misc]  # Authlib's base is untyped
    """The ID token of the code flow, signed by ``idp.keys``."""

    def __call__(self, grant: CodeGrant) -> None:
        """Only the token hook: prompts are judged in ``authorize``, and the nonce protects the client, not us."""
        grant.register_hook("after_create_token_response", self.process_token)

    def encode_id_token(self, token: dict[str, Any], request: Any) -> str:  # noqa: ANN401  # Authlib's request
        """Sign the ID token of an exchange (OIDC Core §3.1.3.3)."""
        exchange: Exchange = request.user
        client, code, session = exchange.client, exchange.code, exchange.context.session
        release = exchange.prospect.release
        if session is None or release is None:
            raise AssertionError
        claims = claims_of(release.items, exchange.prospect.values) if client.claims_in_id_token else {}
        rules = settings()
        facts = tokens.IDToken(
            issuer=rules.issuer,
            client_id=code.client_id,
            subject=code.subject,
            sid=sid_for(session.sid_key, code.client_id),
            issued_at=int(exchange.now.timestamp()),
            lifetime=rules.id_token_ttl,
            auth_time=int(session.auth_time.timestamp()),
            nonce=code.nonce,
            at_hash=create_half_hash(token["access_token"], client.id_token_alg).decode(),
            claims=claims,
        )
        return keys.sign(facts.payload(), client.id_token_alg, exchange.now)
