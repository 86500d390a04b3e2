"""Whom the request means: ``id_token_hint``, a ``sub`` in the claims parameter, and the ``sub`` that is given."""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749.errors import OAuth2Error
from sqlalchemy.engine import Connection

from clients.registry import RegisteredClient
from idp import keys
from idp.acr import can_be_met, is_met
from idp.families import account_of_subject
from idp.oidc.claims_parameter import ClaimsRequest
from idp.oidc.end_session import ID_TOKEN_CLAIMS
from idp.oidc.faults import ProtocolFault

if TYPE_CHECKING:
    from idp.oidc.authorize import Asked


def check(client: RegisteredClient, parameters: Mapping[str, str], claims: ClaimsRequest) -> None:
    """Refuse a hint that is no ID token of ours for this client, and an essential ``acr`` that nobody can reach."""
    if claims.acr is not None and not can_be_met(claims.acr):
        raise ProtocolFault("CLAIM-02", received=" ".join(sorted(claims.acr)))
    if "id_token_hint" in parameters:
        hint = keys.decode(parameters["id_token_hint"], audience=client.client_id)
        if hint is None or not hint.keys() >= ID_TOKEN_CLAIMS:
            raise ProtocolFault("REQ-09")


def means_another(asked: "Asked", connection: Connection) -> bool:
    """Whether the request means another person than the one who is signed in (OIDC Core §3.1.2.1, §5.5.1).

    A ``sub`` that is demanded and is not hers ends in ``login_required`` at once (R-CLM-6); a hint only after she logged
    in for this very request, so that the person meant can log in first.
    """
    session, account = asked.context.session, asked.context.account
    if session is None or account is None:
        return False
    if asked.claims.subjects and not any(_is_hers(asked, sub, connection) for sub in asked.claims.subjects):
        raise OAuth2Error(error="login_required")
    if "id_token_hint" not in asked.parameters:
        return False
    hint = keys.decode(asked.parameters["id_token_hint"]) or {}
    if _is_hers(asked, str(hint.get("sub")), connection):
        return False
    if session.auth_time.timestamp() >= asked.first_seen:
        raise OAuth2Error(error="login_required")
    return True


def wants_more(asked: "Asked") -> bool:
    """Whether an essential ``acr`` is not met by this log-in (OIDC Core §5.5.1.1); ``acr_values`` are voluntary."""
    session, wanted = asked.context.session, asked.claims.acr
    return session is not None and wanted is not None and not is_met(wanted, session.amr)


def _is_hers(asked: "Asked", subject: str, connection: Connection) -> bool:
    """Whether this client knows her by the identifier, pairwise or from an earlier sign-in."""
    account = asked.context.account
    if account is None:
        return False
    if asked.client.is_pairwise:
        return subject == asked.context.subject
    return account_of_subject(connection, asked.client.client_id, subject) == account.id


def subject_for(asked: "Asked") -> str:
    """Return the ``sub`` of a sign-in (D-49): pairwise, or ephemeral and new."""
    subject = asked.context.subject if asked.client.is_pairwise else str(uuid.uuid4())
    if subject is None:
        raise AssertionError
    return subject
