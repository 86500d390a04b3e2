"""The UserInfo endpoint (OIDC Core §5.3).

A token is as good as its sign-in, session, consent, client and service are now.
"""

import logging
from datetime import UTC, datetime

from flask import Response, jsonify, request

from clients import registry
from config.audit import record
from config.database import hot
from idp import tokens
from idp.oidc.responses import no_store
from idp.releases import assess
from idp.sessions import digest_of
from idp.sign_ins import Token, find_token
from scopes.items import DataItem, parse_scope
from scopes.release import claims_of

log = logging.getLogger(__name__)


class BearerRefused(Exception):
    """No valid token came. ``error`` is that of RFC 6750 §3.1, None where no token was sent at all."""

    def __init__(self, error: str | None, status: int) -> None:
        super().__init__(error)
        self.error, self.status = error, status


def userinfo() -> Response:
    """Answer a UserInfo request."""
    try:
        body = _answer(_bearer())
    except BearerRefused as refusal:
        return _refuse(refusal)
    return no_store(jsonify(body))


def _bearer() -> str:
    """Return the token from the header or from the body, not both (RFC 6750 §2)."""
    if "access_token" in request.args:
        raise BearerRefused("invalid_request", 400)
    header = request.headers.get("Authorization")
    posted = request.form.getlist("access_token") if request.method == "POST" else []
    if len(posted) > 1 or (posted and header is not None):
        raise BearerRefused("invalid_request", 400)
    if posted:
        return posted[0]
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise BearerRefused(None, 401)
    return token.strip()


def _answer(token: str) -> dict[str, str]:
    now = datetime.now(UTC)
    with hot() as connection:
        found = find_token(connection, digest_of(token))
        if found is None or found.revoked_at is not None or now >= found.expires_at:
            raise BearerRefused("invalid_token", 401)
        client = registry.everyone()[found.client_id]
        prospect = assess(found.context, client, parse_scope(found.scope).items, now)
        if prospect.obstacle is not None or prospect.release is None:
            log.info("token refused", extra={"fields": {"client_id": found.client_id, "why": str(prospect.obstacle)}})
            raise BearerRefused("invalid_token", 401)
        items = prospect.release.items
        if items != frozenset(found.released):
            detail = {"sign_in": found.id, "items": sorted(items)}
            record(
                "release.changed",
                actor=f"client:{found.client_id}",
                client_id=found.client_id,
                detail=detail,
                on=connection,
            )
    return tokens.userinfo(found.subject, claims_of(_asked(found, items), prospect.values))


def _asked(found: Token, items: frozenset[DataItem]) -> frozenset[DataItem]:
    """Return the released items that the granted scope covers."""
    return items & parse_scope(found.scope).items


def _refuse(refusal: BearerRefused) -> Response:
    """RFC 6750 §3: a request without a token learns no error code."""
    response = jsonify(error=refusal.error) if refusal.error else Response()
    response.status_code = refusal.status
    error = f', error="{refusal.error}"' if refusal.error else ""
    response.headers["WWW-Authenticate"] = f'Bearer realm="userinfo"{error}'
    return no_store(response)
