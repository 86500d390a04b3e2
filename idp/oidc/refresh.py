"""Refresh tokens (RFC 6749 §6, RFC 9700 §4.14, D-26): rotation, reuse detection, eight hours, every use judged again."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from clients import registry
from idp import families, sign_ins
from idp.oidc.faults import ProtocolFault
from idp.oidc.issue import Issue, issue, next_refresh_token, same_generation
from idp.oidc.parameters import ProtocolRequest, check_resource
from idp.oidc.sealed_code import RefreshToken
from idp.releases import assess
from scopes.items import parse_scope, scope_string


def refresh(request: ProtocolRequest) -> dict[str, Any]:
    """Answer ``grant_type=refresh_token``.

    The INSERT consumes a token that rotates, so of many uses at once one wins; any further one ends the family. A token
    of a profile that keeps it (FAPI 2.0 §5.3.2.1) is used again.
    """
    connection, now = request.connection, datetime.now(UTC)
    check_resource(request.payload.data)
    token = opened(request.payload.data, request.client.get_client_id(), now)
    if token.cnf is not None and token.cnf != request.cnf:
        raise ProtocolFault("REF-03")
    scope = scope_string(_scope(request.payload.data.get("scope"), token))
    context = sign_ins.context_by_session(connection, token.session_id, token.client_id)
    client = registry.everyone()[token.client_id]
    # What is not asked for this time is not released, and the release log must not say so (AC-82).
    prospect = assess(context, client, replace(token, scope=scope).everything, now)
    if prospect.obstacle is not None or not same_generation(token, context):
        families.revoke_family(connection, token.family_id, now)
        raise ProtocolFault("REF-01", received="a void refresh token", why=prospect.obstacle)
    keeps = client.rules.keeps_refresh_token
    consumed = secrets.token_hex(16) if keeps else token.id
    given = Issue(client, context, prospect, token, token.family_id, consumed, request.cnf, None, now, scope)
    following = (
        request.payload.data["refresh_token"] if keeps else next_refresh_token(given, token.cnf, token.expires_at)
    )
    try:
        answer = issue(connection, given, following)
    except families.CodeReplayed as error:
        raise ProtocolFault("REF-02") from error
    # A revocation between the judgement and the INSERT did not see the new row: look once more, and end it too.
    if families.is_family_revoked(connection, token.family_id):
        families.revoke_family(connection, token.family_id, now)
        raise ProtocolFault("REF-01", received="a revoked refresh token")
    return answer


def opened(body: Any, client_id: str, now: datetime) -> RefreshToken:  # noqa: ANN401  # a mapping of parameters
    """Return the refresh token of the request, which must be this client's and not past its end."""
    if "refresh_token" not in body:
        raise ProtocolFault("REQ-14", expected="refresh_token")
    token = RefreshToken.open(body["refresh_token"])
    if token is None or token.client_id != client_id:
        raise ProtocolFault("REF-01", received="a refresh token that is not of this client")
    if now.timestamp() >= token.expires_at:
        raise ProtocolFault("REF-01", received="a refresh token past its end")
    return token


def _scope(asked: str | None, token: RefreshToken) -> frozenset[Any]:
    """RFC 6749 §6: the same scope or less, never more."""
    granted = parse_scope(token.scope).items
    if asked is None:
        return granted
    found = parse_scope(asked)
    if not found.items <= granted or found.unknown:
        raise ProtocolFault("SCOPE-03", received=asked, expected=token.scope)
    return found.items
