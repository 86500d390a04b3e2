"""The token answer of a teacher's authorization, whatever grant it came by: one INSERT, then what it gives.

The INSERT of the sign-in consumes the code or refresh token (invariant 5); every answer goes through here.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from clients.registry import RegisteredClient
from config.settings import settings
from idp import families, keys, probes, tokens
from idp.acr import acr_of
from idp.oidc.encryption import encrypt
from idp.oidc.sealed_code import Authorization, RefreshToken, wanted
from idp.oidc.sender import token_type
from idp.releases import Prospect
from idp.sessions import digest_of, sid_for
from idp.sign_ins import Context
from scopes.items import DataItem
from scopes.release import claims_of

_HALF = {"RS256": hashlib.sha256, "PS256": hashlib.sha256, "ES256": hashlib.sha256, "EdDSA": hashlib.sha512}
REFRESH_LIFETIME = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Issue:
    """What is to be issued: an authorization that was judged again just now.

    ``consumed``: the id that the INSERT uses up. ``cnf``: what the access token is bound to. ``refresh``: the refresh
    token that goes with it, if any.
    """

    client: RegisteredClient
    context: Context
    prospect: Prospect
    authorization: Authorization
    family_id: str
    consumed: str
    cnf: str | None
    nonce: str | None
    now: datetime
    scope: str


def issue(connection: Connection, given: Issue, refresh_token: str | None) -> dict[str, Any]:
    """Consume, and return the answer (RFC 6749 §5.1). `families.CodeReplayed` if another request was faster."""
    access_token = secrets.token_urlsafe(32)
    insert(connection, given, digest_of(access_token), revoked=False)
    answer: dict[str, Any] = {
        "token_type": token_type(given.cnf),
        "access_token": access_token,
        "expires_in": settings().access_token_ttl,
        "scope": given.scope,
        "id_token": encrypt(_id_token(connection, given, access_token), given.client, "id_token"),
    }
    if refresh_token is not None:
        answer["refresh_token"] = refresh_token
    return answer


def insert(connection: Connection, given: Issue, token_digest: str, *, revoked: bool) -> None:
    """Write the sign-in; one that is born revoked burns its code (D-28)."""
    account, release, now = given.context.account, given.prospect.release, given.now
    if account is None:
        raise AssertionError
    authorization = given.authorization
    values = {
        "code_id": given.consumed,
        "family_id": given.family_id,
        "token_digest": token_digest,
        "session_id": authorization.session_id,
        "account_id": account.id,
        "client_id": authorization.client_id,
        "subject": authorization.subject,
        "subject_type": "pairwise" if given.client.is_pairwise else "ephemeral",
        "scope": given.scope,
        "asked": dict(authorization.asked),
        "cnf": given.cnf,
        "released": [] if revoked or release is None else sorted(release.items),
        "issued_at": now,
        "expires_at": datetime.fromtimestamp(now.timestamp() + settings().access_token_ttl, UTC),
        "revoked_at": now if revoked else None,
    }
    families.redeem(connection, values)


def first_refresh_token(given: Issue, bound_to: str | None) -> str | None:
    """Return the first refresh token of a family, if the client has them (D-26): eight hours, whatever happens."""
    if not given.client.meta.has_refresh_tokens:
        return None
    return next_refresh_token(given, bound_to, (given.now + REFRESH_LIFETIME).timestamp())


def next_refresh_token(given: Issue, bound_to: str | None, expires_at: float) -> str:
    """Return a refresh token of the same family and end."""
    old = given.authorization
    return RefreshToken(
        id=secrets.token_hex(16),
        client_id=old.client_id,
        session_id=old.session_id,
        scope=old.scope,
        subject=old.subject,
        issued_at=given.now.timestamp(),
        lock_generation=old.lock_generation,
        consent_generation=old.consent_generation,
        auth_time=old.auth_time,
        amr=old.amr,
        asked=old.asked,
        cnf=bound_to,
        family_id=given.family_id,
        expires_at=expires_at,
    ).seal()


def same_generation(authorization: Authorization, context: Context) -> bool:
    """D-25, D-54: what is from before a lock or a withdrawal stays void, even if all is well again."""
    account, consent = context.account, context.consent
    return (
        account is not None
        and consent is not None
        and account.lock_generation == authorization.lock_generation
        and consent.generation == authorization.consent_generation
    )


def _id_token(connection: Connection, given: Issue, access_token: str) -> str:
    """Sign the ID token (OIDC Core §3.1.3.3, §12.2): ``auth_time`` is that of the log-in, refreshed or not."""
    client, authorization, session = given.client, given.authorization, given.context.session
    if session is None:
        raise AssertionError
    rules = settings()
    facts = tokens.IDToken(
        issuer=rules.issuer,
        client_id=authorization.client_id,
        subject=authorization.subject,
        sid=sid_for(session.sid_key, authorization.client_id),
        issued_at=int(given.now.timestamp()),
        lifetime=rules.id_token_ttl,
        auth_time=authorization.auth_time,
        nonce=given.nonce,
        at_hash=half_hash(access_token, client.id_token_alg),
        claims=released_claims(given, "id_token") if client.claims_in_id_token or authorization.asked else {},
        amr=authorization.amr,
        acr=acr_of(authorization.amr),
    )
    return _signed(connection, given, facts.payload())


def _signed(connection: Connection, given: Issue, payload: dict[str, Any]) -> str:
    """Sign; for the next token of a joint test that was asked for so, wrongly (TC-6, test clients alone)."""
    client, account = given.client, given.context.account
    flaw = probes.take_probe(connection, client, account.id, given.now) if client.is_test and account else None
    if flaw is not None:
        payload = probes.spoiled(payload, flaw)
    token = keys.sign(payload, client.id_token_alg, given.now)
    return probes.with_other_signature(token) if flaw is probes.Flaw.SIGNATURE else token


def released_claims(given: Issue, target: str) -> Mapping[str, str]:
    """Return the claims for a target: what is released now and was asked for there.

    A client that wants no claims in its ID token gets only those that the claims parameter asks for there.
    """
    scope = given.scope if given.client.claims_in_id_token or target != "id_token" else ""
    items = wanted(scope, given.authorization.asked, target)
    released: frozenset[DataItem] = given.prospect.release.items if given.prospect.release else frozenset()
    return claims_of(released & items, given.prospect.values)


def half_hash(token: str, alg: str) -> str:
    """Return the left half of the token's hash, the hash being that of the signature (OIDC Core §3.1.3.6)."""
    digest = _HALF[alg](token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
