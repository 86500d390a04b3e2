"""Token revocation (RFC 7009): a client ends its own tokens; with any one of them ends the authorization it came of."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Response
from sqlalchemy.engine import Connection

from clients.registry import RegisteredClient
from idp import families, sign_ins
from idp.oidc import machine
from idp.oidc.client_auth import authenticate
from idp.oidc.faults import ProtocolFault
from idp.oidc.responses import no_store
from idp.oidc.sealed_code import RefreshToken
from idp.sessions import digest_of


def revoke(connection: Connection, body: Mapping[str, str]) -> Response:
    """Revoke, and answer 200 also where there was nothing to revoke (§2.2): others' tokens are nothing to this client."""
    client = authenticate(connection, body).registered
    if "token" not in body:
        raise ProtocolFault("TOK-01")
    now = datetime.now(UTC)
    family = _family(connection, client, body["token"])
    if family is not None:
        families.revoke_family(connection, family, now)
    else:
        claims = machine.find(connection, body["token"], now)
        if claims is not None and claims["client_id"] == client.client_id:
            machine.revoke(connection, claims)
    return no_store(Response(status=200))


def _family(connection: Connection, client: RegisteredClient, token: str) -> str | None:
    """Return the family of a token of this client, whatever ``token_type_hint`` says."""
    if (refresh := RefreshToken.open(token)) is not None:
        return refresh.family_id if refresh.client_id == client.client_id else None
    found = sign_ins.find_token(connection, digest_of(token))
    return found.family_id if found is not None and found.client_id == client.client_id else None
